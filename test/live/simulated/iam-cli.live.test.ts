/** IAM by the AWS CLI, a client of another make: what it writes, reads, pages and waits for. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeAwsCli } from "../support/aws-cli.ts";
import { exec, type LiveEngine, startLiveEngine } from "../support/live-engine.ts";

const document = (statement: object): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
const trust = document({
  Principal: { Service: "ecs-tasks.amazonaws.com" },
  Action: "sts:AssumeRole",
});
const reading = document({ Action: "s3:Get*", Resource: "*" });

await describeAwsCli("IAM by the AWS CLI", () => {
  let engine: LiveEngine;
  let env: Record<string, string>;

  beforeAll(async () => {
    engine = await startLiveEngine({ args: ["--runtime", "simulated"] });
    env = await engine.environment();
  });
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]();
  });

  const run = (...args: string[]) => exec.run("aws", ["iam", ...args, "--output", "json"], { env });
  /** Must succeed; nothing is an answer, too. */
  async function iam(...args: string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await run(...args);
    expect(code, `${args.join(" ")}: ${stderr}`).toBe(0);
    return stdout.trim() === "" ? {} : JSON.parse(stdout);
  }

  it("a role: made, waited for, its documents as JSON, policies attached and inline", async () => {
    const name = ["--role-name", "task"];
    await iam("create-role", ...name, "--assume-role-policy-document", trust);
    await iam("wait", "role-exists", ...name);
    const arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    await iam("attach-role-policy", ...name, "--policy-arn", arn);
    const inline = [...name, "--policy-name", "read"];
    await iam("put-role-policy", ...inline, "--policy-document", reading);
    expect(await iam("get-role", ...name)).toMatchObject({
      Role: { AssumeRolePolicyDocument: JSON.parse(trust), MaxSessionDuration: 3600 },
    });
    expect(await iam("get-role-policy", ...inline)).toMatchObject({
      PolicyDocument: JSON.parse(reading),
    });
    expect(await iam("list-attached-role-policies", ...name)).toEqual({
      AttachedPolicies: [{ PolicyName: "AmazonECSTaskExecutionRolePolicy", PolicyArn: arn }],
    });
    const conflict = await run("delete-role", ...name);
    expect(conflict.stderr).toContain(
      "An error occurred (DeleteConflict) when calling the DeleteRole operation: Cannot delete " +
        "entity, must detach all policies first.",
    );
  });

  it("a user with a key: the key says who calls, and not when it is inactive", async () => {
    const name = ["--user-name", "ann"];
    await iam("create-user", ...name, "--tags", "Key=team,Value=blue");
    await iam("wait", "user-exists", ...name);
    const { AccessKey } = (await iam("create-access-key", ...name)) as {
      AccessKey: { AccessKeyId: string; SecretAccessKey: string };
    };
    const { AccessKeyId: id, SecretAccessKey: secret } = AccessKey;
    const asUser = { ...env, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
    const whoami = () =>
      exec.run("aws", ["sts", "get-caller-identity", "--output", "json"], { env: asUser });
    expect(JSON.parse((await whoami()).stdout)).toMatchObject({
      Arn: "arn:aws:iam::000000000000:user/ann",
    });
    await iam("update-access-key", ...name, "--access-key-id", id, "--status", "Inactive");
    expect((await whoami()).stderr).toContain("InvalidClientTokenId");
    await iam("delete-access-key", ...name, "--access-key-id", id);
    await iam("delete-user", ...name);
  });

  it("all policies, page by page: more than a thousand, and the paginator ends", async () => {
    const { Policies } = (await iam("list-policies", "--page-size", "400")) as {
      Policies: { Arn: string; PolicyName: string }[];
    };
    expect(Policies.length).toBeGreaterThan(1000);
    expect(new Set(Policies.map(({ Arn }) => Arn)).size).toBe(Policies.length);
  });

  it("an instance profile, a service's role and a simulation: as the CLI expects them", async () => {
    const profile = ["--instance-profile-name", "nodes"];
    await iam("create-instance-profile", ...profile);
    await iam("add-role-to-instance-profile", ...profile, "--role-name", "task");
    await iam("wait", "instance-profile-exists", ...profile);
    expect(await iam("get-instance-profile", ...profile)).toMatchObject({
      InstanceProfile: { Roles: [{ RoleName: "task" }] },
    });
    await iam("create-service-linked-role", "--aws-service-name", "ecs.amazonaws.com");
    const { DeletionTaskId } = await iam(
      "delete-service-linked-role",
      "--role-name",
      "AWSServiceRoleForECS",
    );
    const task = ["--deletion-task-id", String(DeletionTaskId)];
    expect(await iam("get-service-linked-role-deletion-status", ...task)).toEqual({
      Status: "SUCCEEDED",
    });
    const source = ["--policy-source-arn", "arn:aws:iam::000000000000:role/task"];
    const actions = ["--action-names", "s3:GetObject", "s3:PutObject"];
    expect(await iam("simulate-principal-policy", ...source, ...actions)).toMatchObject({
      EvaluationResults: [{ EvalDecision: "allowed" }, { EvalDecision: "implicitDeny" }],
    });
  });

  it("an account's details: with the documents as JSON", async () => {
    expect(await iam("get-account-authorization-details", "--filter", "Role")).toMatchObject({
      RoleDetailList: [
        {
          RoleName: "task",
          AssumeRolePolicyDocument: JSON.parse(trust),
          RolePolicyList: [{ PolicyName: "read", PolicyDocument: JSON.parse(reading) }],
        },
      ],
    });
    expect(await iam("get-account-summary")).toMatchObject({ SummaryMap: { Roles: 1 } });
  });
});
