/**
 * Identity through the AWS CLI, a second reader of everything signed and answered: a role is assumed and
 * used, outlives a kill of the engine, and is what callers are taken for with `--as-role`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type EngineProcess, startEngineProcess } from "../../../src/cli/engine-process.ts";
import { describeAwsCli } from "../support/aws-cli.ts";
import { exec, region, runOk } from "../support/live-engine.ts";

const account = "000000000000";
const roleArn = `arn:aws:iam::${account}:role/deploy`;

type Keys = { AccessKeyId: string; SecretAccessKey: string; SessionToken?: string };
const unknown: Keys = { AccessKeyId: "test", SecretAccessKey: "test" };

let home = "";
let engine: EngineProcess;
let endpoint = "";

async function start(...more: string[]): Promise<void> {
  const args = ["--state-dir", home, "--port", "0", "--region", region, "--runtime", "simulated"];
  engine = startEngineProcess([...args, ...more], path.join(home, "engine.log"));
  endpoint = await engine.ready;
}

async function stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
  process.kill(engine.pid, signal);
  await engine.finished;
}

const environmentOf = (keys: Keys): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: keys.AccessKeyId,
  AWS_SECRET_ACCESS_KEY: keys.SecretAccessKey,
  AWS_SESSION_TOKEN: keys.SessionToken ?? "",
  AWS_DEFAULT_REGION: region,
  AWS_CONFIG_FILE: path.join(home, "aws-config"),
  AWS_MAX_ATTEMPTS: "1",
});

async function aws(keys: Keys, ...args: string[]): Promise<Record<string, unknown>> {
  const text = await runOk("aws", [...args, "--output", "json"], { env: environmentOf(keys) });
  return text.trim() === "" ? {} : JSON.parse(text);
}

/** What the CLI says when it is refused. */
async function refused(keys: Keys, ...args: string[]): Promise<string> {
  const { code, stderr } = await exec.run("aws", args, { env: environmentOf(keys) });
  expect(code).not.toBe(0);
  return stderr;
}

const document = (...statements: object[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map((one) => ({ Effect: "Allow", ...one })),
  });

await describeAwsCli("the AWS CLI", () => {
  beforeAll(async () => {
    home = mkdtempSync(path.join(tmpdir(), "ng-live-"));
    await start();
  });
  afterAll(async () => {
    await stop();
    rmSync(home, { recursive: true, force: true });
  });

  let user: Keys;
  let session: Keys;

  it("iam create-user and create-access-key: the key signs for the user", async () => {
    await aws(unknown, "iam", "create-user", "--user-name", "alice");
    const created = await aws(unknown, "iam", "create-access-key", "--user-name", "alice");
    user = created["AccessKey"] as Keys;
    expect(await aws(user, "sts", "get-caller-identity")).toMatchObject({
      Account: account,
      Arn: `arn:aws:iam::${account}:user/alice`,
    });
  });

  it("commands of each protocol without permission: AWS's codes and words", async () => {
    const because = "because no identity-based policy allows the";
    expect(await refused(user, "ec2", "describe-vpcs")).toContain(
      "(UnauthorizedOperation) when calling the DescribeVpcs operation: You are not authorized to " +
        `perform this operation. User: arn:aws:iam::${account}:user/alice is not authorized to ` +
        `perform: ec2:DescribeVpcs on resource: * ${because} ec2:DescribeVpcs action`,
    );
    expect(await refused(user, "ecs", "list-clusters")).toContain(
      "(AccessDeniedException) when calling the ListClusters operation",
    );
    expect(await refused(user, "iam", "list-users")).toContain(
      "(AccessDenied) when calling the ListUsers operation",
    );
    expect(await refused(user, "elbv2", "describe-load-balancers")).toContain("(AccessDenied)");
    expect(await refused(user, "logs", "describe-log-groups")).toContain("(AccessDeniedException)");
    expect(await refused(user, "ecr", "describe-repositories")).toContain(
      "(AccessDeniedException)",
    );
  });

  it("another secret: the signature does not match", async () => {
    const wrong = { ...user, SecretAccessKey: "wrong" };
    expect(await refused(wrong, "sts", "get-caller-identity")).toContain("(SignatureDoesNotMatch)");
    expect(await refused(wrong, "ecs", "list-clusters")).toContain("(InvalidSignatureException)");
    expect(await refused(wrong, "ec2", "describe-vpcs")).toContain("(AuthFailure)");
  });

  it("sts assume-role: its credentials may do what the role may", async () => {
    const trust = document({ Action: "sts:AssumeRole", Principal: { AWS: account } });
    const allowed = document({ Action: ["ecs:*"], Resource: "*" });
    const role = ["--role-name", "deploy"];
    await aws(unknown, "iam", "create-role", ...role, "--assume-role-policy-document", trust);
    const policy = ["--policy-name", "ecs", "--policy-document", allowed];
    await aws(unknown, "iam", "put-role-policy", ...role, ...policy);
    const assume = ["sts", "assume-role", "--role-arn", roleArn, "--role-session-name", "run-1"];
    expect(await refused(user, ...assume)).toContain(
      "is not authorized to perform: sts:AssumeRole",
    );
    const { Credentials } = await aws(unknown, ...assume);
    session = Credentials as Keys;
    expect(await aws(session, "sts", "get-caller-identity")).toMatchObject({
      Arn: `arn:aws:sts::${account}:assumed-role/deploy/run-1`,
    });
    await aws(session, "ecs", "create-cluster", "--cluster-name", "web");
    expect(await refused(session, "ec2", "describe-vpcs")).toContain("(UnauthorizedOperation)");
  });

  it("a profile with role_arn: the CLI assumes it by itself", async () => {
    const profile = `[profile deploy]\nrole_arn = ${roleArn}\ncredential_source = Environment\n`;
    writeFileSync(path.join(home, "aws-config"), profile);
    const env = environmentOf(unknown);
    const { AWS_SESSION_TOKEN: _, ...plain } = env;
    const text = await runOk(
      "aws",
      ["ecs", "list-clusters", "--profile", "deploy", "--output", "json"],
      // The CLI keeps what it assumed below HOME; another engine's credentials must not be met there.
      { env: { ...plain, HOME: home } },
    );
    expect(JSON.parse(text).clusterArns).toHaveLength(1);
  });

  it("the engine is killed and started again: the session goes on", async () => {
    await stop("SIGKILL");
    await start();
    await aws(session, "ecs", "list-clusters");
  });

  it("--strict-auth: issued keys come in, others do not", async () => {
    await stop();
    await start("--strict-auth");
    expect(await refused(unknown, "sts", "get-caller-identity")).toContain(
      "(InvalidClientTokenId)",
    );
    expect(await refused(unknown, "ecs", "list-clusters")).toContain(
      "(UnrecognizedClientException)",
    );
    await aws(session, "ecs", "list-clusters");
  });

  it("--as-role: callers with other keys are the role; a role that is not there: no start", async () => {
    await stop();
    await start("--as-role", roleArn);
    expect(await aws(unknown, "sts", "get-caller-identity")).toMatchObject({
      Arn: `arn:aws:sts::${account}:assumed-role/deploy/neargate`,
    });
    await aws(unknown, "ecs", "list-clusters");
    expect(await refused(unknown, "ec2", "describe-vpcs")).toContain("(UnauthorizedOperation)");
    await stop();
    const missing = `${roleArn}-2`;
    await expect(start("--as-role", missing)).rejects.toThrow(`there is no role ${missing}`);
    await start();
  });
});
