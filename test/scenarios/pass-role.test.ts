/** Roles handed over to tasks: whoever does it must be allowed to pass them. */

import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
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

  it("a role's session: its trust in tasks does not let it pass roles", async () => {
    await using cloud = await openAccount();
    const trust = trusting({ AWS: account });
    const arn = await cloud.role("deploy", trust, allowing({ Action: "ecs:*" }));
    const { keys } = await cloud.assume(arn);
    const call = cloud.client(ECSClient, {}, keys).send(definition);
    expect(await refusal(call)).toMatchObject({ code: "AccessDeniedException" });
  });
});
