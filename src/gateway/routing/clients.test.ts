/** Clients of every make, told where AWS is by their own means: each request lands at its service, in its region. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateClusterCommand, ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startAllServices } from "../../../test/builders/all-services.ts";
import { processExec } from "../../seams/exec.ts";
import type { TestGateway } from "../testing.ts";

const exec = processExec();
const has = async (script: string): Promise<boolean> =>
  (await exec.run("sh", ["-c", script])).code === 0;
const hasCli = await has("aws --version");
const hasBoto3 = await has('python3 -c "import boto3"');

const nowhere = "http://127.0.0.1:9";
const credentials = { accessKeyId: "222222222222", secretAccessKey: "test" };
const region = "eu-west-1";

let general: TestGateway;
let special: TestGateway;
let home: string;
beforeAll(async () => {
  [general, special] = [await startAllServices(), await startAllServices()];
  home = mkdtempSync(path.join(tmpdir(), "ng-clients-"));
});
afterAll(async () => {
  await general.close();
  await special.close();
  rmSync(home, { recursive: true, force: true });
});

/** The environment of a client: `general` for all services but ECS, which `special` has. */
const environment = (): Record<string, string> => ({
  AWS_ENDPOINT_URL: general.url,
  AWS_ENDPOINT_URL_ECS: special.url,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  HOME: home,
  PATH: process.env["PATH"] ?? "",
  ...(process.env["PYENV_ROOT"] && { PYENV_ROOT: process.env["PYENV_ROOT"] }),
});

const clusters = async (gateway: TestGateway): Promise<string[]> => {
  const ecs = gateway.client(ECSClient, { account: credentials.accessKeyId, region });
  return (await ecs.send(new ListClustersCommand({}))).clusterArns ?? [];
};

const clusterArn = (name: string): string => `arn:aws:ecs:${region}:222222222222:cluster/${name}`;

describe("the AWS SDK for JavaScript", () => {
  it("AWS_ENDPOINT_URL and one of a service: each service where it is said to be", async () => {
    for (const [name, value] of Object.entries(environment())) vi.stubEnv(name, value);
    try {
      const [ecs, sts] = [new ECSClient({}), new STSClient({})];
      await ecs.send(new CreateClusterCommand({ clusterName: "js" }));
      const { Account } = await sts.send(new GetCallerIdentityCommand({}));
      expect(Account).toBe("222222222222");
      expect(await clusters(special)).toContain(clusterArn("js"));
      expect(await clusters(general)).not.toContain(clusterArn("js"));
      ecs.destroy();
      sts.destroy();
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("an endpoint with a path behind it: found all the same", async () => {
    const endpoint = `${general.url}/`;
    const ec2 = new EC2Client({ endpoint, region, credentials });
    expect((await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.length).toBe(1);
    ec2.destroy();
  });
});

describe.skipIf(!hasCli)("the AWS CLI", () => {
  const aws = async (env: Record<string, string>, ...args: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await exec.run("aws", [...args, "--output", "json"], { env });
    expect(code, stderr).toBe(0);
    return stdout.trim() === "" ? {} : JSON.parse(stdout);
  };

  it("AWS_ENDPOINT_URL and one of a service: each service where it is said to be", async () => {
    const env = environment();
    await aws(env, "ecs", "create-cluster", "--cluster-name", "cli");
    expect(await clusters(special)).toContain(clusterArn("cli"));
    expect(await aws(env, "sts", "get-caller-identity")).toMatchObject({ Account: "222222222222" });
    for (const command of [
      ["ec2", "describe-vpcs"],
      ["elbv2", "describe-load-balancers"],
      ["iam", "list-roles"],
      ["logs", "describe-log-groups"],
      ["ecr", "describe-repositories"],
    ]) {
      await aws(env, ...command);
    }
  }, 180_000);

  it("--endpoint-url: before what the environment says", async () => {
    const env = { ...environment(), AWS_ENDPOINT_URL: nowhere, AWS_ENDPOINT_URL_ECS: nowhere };
    const answer = await aws(env, "ecs", "list-clusters", "--endpoint-url", general.url);
    expect(answer).toEqual({ clusterArns: [] });
  }, 180_000);
});

describe.skipIf(!hasBoto3)("boto3", () => {
  it("every service by the environment, and URLs signed beforehand", async () => {
    const script = `
import boto3, json
boto3.client("ecs").create_cluster(clusterName="boto3")
said = {name: getattr(boto3.client(name), call)()["ResponseMetadata"]["HTTPStatusCode"] for name, call in {
  "ec2": "describe_vpcs", "elbv2": "describe_load_balancers", "iam": "list_roles", "logs": "describe_log_groups",
  "ecr": "describe_repositories", "kms": "list_keys", "secretsmanager": "list_secrets", "ssm": "describe_parameters"}.items()}
said["sts"] = boto3.client("sts").generate_presigned_url("get_caller_identity")
said["vpcs"] = boto3.client("ec2").generate_presigned_url("describe_vpcs")
print(json.dumps(said))
`;

    // Every service and every client is loaded, which takes long on a busy machine.
    vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
    const { code, stdout, stderr } = await exec.run("python3", ["-c", script], {
      env: environment(),
    });
    expect(code, stderr).toBe(0);
    const { sts, vpcs, ...statuses } = JSON.parse(stdout) as Record<string, string | number>;
    expect(new Set(Object.values(statuses))).toEqual(new Set([200]));
    expect(await clusters(special)).toContain(clusterArn("boto3"));
    const identity = await fetch(String(sts));
    expect(await identity.text()).toContain("<Account>222222222222</Account>");
    expect(await (await fetch(String(vpcs))).text()).toContain("<DescribeVpcsResponse");
  }, 180_000);
});

describe("names of AWS's endpoints", () => {
  type Ask = { host: string; target?: string; form?: string; scope?: string; url?: string };
  async function ask({
    host,
    target,
    form,
    scope,
    url = "/",
  }: Ask): Promise<{ status: number; body: string }> {
    const credential = `Credential=222222222222/20260101/${scope}/aws4_request`;
    const answer = await general.handle({
      method: form === undefined && target === undefined ? "GET" : "POST",
      url,
      headers: {
        host,
        ...(target !== undefined && {
          "x-amz-target": target,
          "content-type": "application/x-amz-json-1.1",
        }),
        ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
        ...(scope !== undefined && {
          authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`,
        }),
      },
      body: Buffer.from(form ?? (target === undefined ? "" : "{}")),
    });
    return { status: answer.status, body: String(answer.body) };
  }
  const listClusters = "AmazonEC2ContainerServiceV20141113.ListClusters";

  it.each<[string, Ask, string]>([
    [
      "JSON by its target, unsigned",
      { host: "ecs.eu-west-1.amazonaws.com", target: listClusters },
      "clusterArns",
    ],
    [
      "JSON by its target, at a loopback name",
      { host: "127.0.0.1:4566", target: listClusters },
      "clusterArns",
    ],
    [
      "ECR's own host name",
      {
        host: "api.ecr.eu-west-1.amazonaws.com",
        target: "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories",
      },
      "repositories",
    ],
    [
      "a query by its version, unsigned",
      { host: "localhost", form: "Action=ListRoles&Version=2010-05-08" },
      "<ListRolesResponse",
    ],
    [
      "a query by the host, unsigned",
      { host: "iam.amazonaws.com", form: "Action=ListRoles" },
      "<ListRolesResponse",
    ],
    [
      "a query by the name of the endpoint with FIPS, in any case",
      { host: "IAM-FIPS.amazonaws.com", form: "Action=ListRoles" },
      "<ListRolesResponse",
    ],
    [
      "a query by the region's endpoint with FIPS",
      { host: "sts-fips.us-west-2.amazonaws.com", form: "Action=GetCallerIdentity" },
      "<GetCallerIdentityResponse",
    ],
    [
      "a query in the URL by the host",
      { host: "ec2.eu-west-1.amazonaws.com", url: "/?Action=DescribeVpcs&Version=2016-11-15" },
      "<DescribeVpcsResponse",
    ],
    [
      "the scope before the host",
      {
        host: "iam.amazonaws.com",
        scope: "eu-west-1/sts",
        form: "Action=GetCallerIdentity&Version=2011-06-15",
      },
      "<GetCallerIdentityResponse",
    ],
    [
      "the scope where there is no version",
      { host: "localhost", scope: "eu-west-1/ec2", form: "Action=DescribeVpcs" },
      "<DescribeVpcsResponse",
    ],
    [
      "the target before the scope",
      { host: "localhost", scope: "eu-west-1/sts", target: listClusters },
      "clusterArns",
    ],
    ["a dual-stack name", { host: "ecs.eu-west-1.api.aws", target: listClusters }, "clusterArns"],
  ])("%s: found", async (_, asked, expected) => {
    const { status, body } = await ask(asked);
    expect(status, body).toBe(200);
    expect(body).toContain(expected);
  });

  it("an unsigned request at a region's name: that region's state", async () => {
    const here = await ask({
      host: "ec2.us-west-2.amazonaws.com",
      form: "Action=DescribeAvailabilityZones&Version=2016-11-15",
    });
    expect(here.body).toContain("<zoneName>us-west-2a</zoneName>");
    const signed = await ask({
      host: "ec2.us-west-2.amazonaws.com",
      scope: "eu-west-1/ec2",
      form: "Action=DescribeAvailabilityZones&Version=2016-11-15",
    });
    expect(signed.body).toContain("<zoneName>eu-west-1a</zoneName>");
  });

  it.each<[string, Ask, number, string]>([
    [
      "an action and nothing that tells whose",
      { host: "localhost", form: "Action=ListRoles" },
      501,
      "InvalidAction",
    ],
    [
      "a version that nobody has",
      { host: "localhost", form: "Action=ListRoles&Version=1999-01-01" },
      501,
      "InvalidAction",
    ],
    [
      "a version that the service never had",
      { host: "localhost", scope: "us-east-1/iam", form: "Action=ListRoles&Version=2010-05-09" },
      400,
      "<Code>InvalidAction</Code><Message>Could not find operation ListRoles for version 2010-05-09",
    ],
    [
      "a version that EC2 never had",
      { host: "localhost", scope: "us-east-1/ec2", form: "Action=DescribeVpcs&Version=2020-01-01" },
      400,
      "<Code>NoSuchVersion</Code><Message>The requested version (2020-01-01) of service AmazonEC2",
    ],
    [
      "a version that EC2 had before",
      { host: "localhost", scope: "us-east-1/ec2", form: "Action=DescribeVpcs&Version=2014-10-01" },
      501,
      "<Code>InvalidAction</Code>",
    ],
    ["nothing at all", { host: "localhost" }, 404, "UnknownOperationException"],
    [
      "a target without an operation",
      { host: "localhost", target: "AmazonEC2ContainerServiceV20141113" },
      501,
      "UnknownOperationException",
    ],
    [
      "a service's version without an action",
      { host: "iam.amazonaws.com", form: "Version=2010-05-08" },
      400,
      "MissingAction",
    ],
    [
      "a service's version with an empty action",
      { host: "localhost", scope: "us-east-1/iam", form: "Action=&Version=2010-05-08" },
      400,
      "MissingAction",
    ],
  ])("%s: refused in a form that its client reads", async (_, asked, status, code) => {
    const answer = await ask(asked);
    expect(answer).toMatchObject({ status, body: expect.stringContaining(code) });
  });
});
