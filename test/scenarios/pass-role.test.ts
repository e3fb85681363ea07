/** Roles handed over to tasks: whoever does it must be allowed to pass them. */

import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { account, allowing, openAccount, refusal, trusting } from "./support/account.ts";

const taskRole = `arn:aws:iam::${account}:role/task`;
const executionRole = `arn:aws:iam::${account}:role/execution`;
const alice = `arn:aws:iam::${account}:user/alice`;

const definition = new RegisterTaskDefinitionCommand({
  family: "web",
  requiresCompatibilities: ["FARGATE"],
  networkMode: "awsvpc",
  cpu: "256",
  memory: "512",
  taskRoleArn: "task",
  executionRoleArn: executionRole,
  containerDefinitions: [{ name: "app", image: "nginx" }],
});

const passing = (Resource: string, service = "ecs-tasks.amazonaws.com") => ({
  Action: "iam:PassRole",
  Resource,
  Condition: { StringEquals: { "iam:PassedToService": service } },
});

describe("RegisterTaskDefinition", () => {
  it.each([
    ["no permission to pass", [], taskRole],
    ["permission for the other role only", [passing(executionRole)], taskRole],
    ["permission to pass to another service", [passing("*", "ec2.amazonaws.com")], taskRole],
    ["permission for the task role only", [passing(taskRole)], executionRole],
  ])("%s: denied, and nothing is registered", async (_, more, denied) => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({ Action: "ecs:*" }, ...more));
    const { code, message } = await refusal(cloud.client(ECSClient, {}, keys).send(definition));
    expect(code).toBe("AccessDeniedException");
    expect(message).toBe(
      `User: ${alice} is not authorized to perform: iam:PassRole on resource: ${denied} because ` +
        "no identity-based policy allows the iam:PassRole action",
    );
    const { taskDefinition } = await cloud.client(ECSClient).send(definition);
    expect(taskDefinition?.revision).toBe(1);
  });

  it("permission for both roles: registered", async () => {
    await using cloud = await openAccount();
    const passBoth = passing(`arn:aws:iam::${account}:role/*`);
    const keys = await cloud.user("alice", allowing({ Action: "ecs:*" }, passBoth));
    await cloud.client(ECSClient, {}, keys).send(definition);
  });
});

describe("CreateService", () => {
  it("a role of the caller's choice: denied where it may not be passed, and Fargate takes none", async () => {
    await using cloud = await openAccount();
    const root = cloud.client(ECSClient);
    await root.send(new CreateClusterCommand({ clusterName: "web" }));
    await root.send(definition);
    const create = (ecs: ECSClient) =>
      refusal(
        ecs.send(
          new CreateServiceCommand({
            cluster: "web",
            serviceName: "web",
            taskDefinition: "web",
            launchType: "FARGATE",
            role: "balancing",
          }),
        ),
      );
    const byTasks = passing(`arn:aws:iam::${account}:role/balancing`);
    const keys = await cloud.user("alice", allowing({ Action: "ecs:*" }, byTasks));
    expect(await create(cloud.client(ECSClient, {}, keys))).toMatchObject({
      code: "AccessDeniedException",
      message: expect.stringContaining(
        `iam:PassRole on resource: arn:aws:iam::${account}:role/balancing`,
      ),
    });
    expect(await create(root)).toMatchObject({
      code: "InvalidParameterException",
      message: "You cannot specify an IAM role for services that require a service linked role.",
    });
  });
});

describe("RunTask", () => {
  it("an override with a role that may not be passed: denied; with one that may: run", async () => {
    await using cloud = await openAccount();
    const root = cloud.client(ECSClient);
    const trust = trusting({ Service: "ecs-tasks.amazonaws.com" });
    for (const name of ["task", "execution"]) await cloud.role(name, trust);
    await root.send(new CreateClusterCommand({ clusterName: "web" }));
    await root.send(definition);
    const { Subnets } = await cloud.client(EC2Client).send(new DescribeSubnetsCommand({}));
    const keys = await cloud.user(
      "alice",
      allowing({ Action: "ecs:*" }, passing(taskRole), passing(executionRole)),
    );
    const ecs = cloud.client(ECSClient, {}, keys);
    const run = (taskRoleArn: string) =>
      ecs.send(
        new RunTaskCommand({
          cluster: "web",
          taskDefinition: "web",
          launchType: "FARGATE",
          networkConfiguration: {
            awsvpcConfiguration: { subnets: [Subnets?.[0]?.SubnetId ?? ""] },
          },
          overrides: { taskRoleArn },
        }),
      );
    const other = await refusal(run(`arn:aws:iam::${account}:role/admin`));
    expect(other).toMatchObject({
      code: "AccessDeniedException",
      message: expect.stringContaining("iam:PassRole on resource"),
    });
    const { tasks } = await run(taskRole);
    expect(tasks).toHaveLength(1);
  });

  it("a condition on the cluster: another is denied", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user(
      "alice",
      allowing({
        Action: "ecs:RunTask",
        Condition: {
          ArnEquals: { "ecs:cluster": `arn:aws:ecs:*:${account}:cluster/web` },
        },
      }),
    );
    const ecs = cloud.client(ECSClient, {}, keys);
    const run = (cluster: string) =>
      refusal(ecs.send(new RunTaskCommand({ cluster, taskDefinition: "web" })));
    expect(await run("jobs")).toMatchObject({ code: "AccessDeniedException" });
    expect(await run("web")).toMatchObject({ code: "ClusterNotFoundException" });
  });

  it("conditions on what is launched: only so, by RunTask and by services", async () => {
    await using cloud = await openAccount();
    const root = cloud.client(ECSClient);
    const capacityProviders = ["FARGATE", "FARGATE_SPOT"];
    await root.send(new CreateClusterCommand({ clusterName: "web", capacityProviders }));
    const { taskDefinition } = await root.send(
      new RegisterTaskDefinitionCommand({
        ...definition.input,
        taskRoleArn: undefined,
        executionRoleArn: undefined,
      }),
    );
    const { Subnets = [] } = await cloud.client(EC2Client).send(new DescribeSubnetsCommand({}));
    const [first = "", second = ""] = Subnets.map(({ SubnetId = "" }) => SubnetId);
    const keys = await cloud.user(
      "alice",
      allowing({
        Action: ["ecs:RunTask", "ecs:CreateService", "ecs:UpdateService"],
        Condition: {
          ArnEquals: { "ecs:task-definition": taskDefinition?.taskDefinitionArn },
          StringEquals: { "ecs:enable-execute-command": "false" },
          "ForAllValues:StringEquals": { "ecs:subnet": first },
          "ForAllValues:ArnEquals": {
            "ecs:capacity-provider": `arn:aws:ecs:*:${account}:capacity-provider/FARGATE_SPOT`,
          },
          Bool: { "ecs:auto-assign-public-ip": "false" },
        },
      }),
    );
    const ecs = cloud.client(ECSClient, {}, keys);
    const launch = (subnet: string, assignPublicIp: "ENABLED" | "DISABLED" = "DISABLED") => ({
      cluster: "web",
      taskDefinition: "web",
      networkConfiguration: { awsvpcConfiguration: { subnets: [subnet], assignPublicIp } },
    });
    const spot = [{ capacityProvider: "FARGATE_SPOT", weight: 1 }];
    const fargate = { launchType: "FARGATE" as const };
    await ecs.send(new RunTaskCommand({ ...launch(first), capacityProviderStrategy: spot }));
    await ecs.send(
      new CreateServiceCommand({ ...launch(first), ...fargate, serviceName: "s", desiredCount: 0 }),
    );
    const exec = { enableExecuteCommand: true };
    for (const denied of [
      new RunTaskCommand({ ...launch(second), ...fargate }),
      new RunTaskCommand({ ...launch(first, "ENABLED"), ...fargate }),
      new RunTaskCommand({ ...launch(first), ...fargate, ...exec }),
      new RunTaskCommand({
        ...launch(first),
        capacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1 }],
      }),
    ]) {
      expect(await refusal(ecs.send(denied))).toMatchObject({ code: "AccessDeniedException" });
    }
    const wider = new CreateServiceCommand({ ...launch(second), ...fargate, serviceName: "t" });
    expect(await refusal(ecs.send(wider))).toMatchObject({ code: "AccessDeniedException" });
    const opened = new UpdateServiceCommand({ ...launch(first), ...exec, service: "s" });
    expect(await refusal(ecs.send(opened))).toMatchObject({ code: "AccessDeniedException" });
  });

  it("a role's session: its trust in tasks does not let it pass roles", async () => {
    await using cloud = await openAccount();
    const trust = trusting({ AWS: account });
    const arn = await cloud.role("deploy", trust, allowing({ Action: "ecs:*" }));
    const { keys } = await cloud.assume(arn);
    const call = cloud.client(ECSClient, {}, keys).send(definition);
    expect(await refusal(call)).toMatchObject({ code: "AccessDeniedException" });
  });
});
