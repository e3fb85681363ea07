/**
 * Every declared operation that takes a client token: the same request again gives what it gave before and
 * makes nothing more; another request with the token is refused in the service's words.
 */
import { describe, expect, it, vi } from "vitest";
import { startAllServices } from "../../test/builders/all-services.ts";
import {
  type Input,
  type Outcome,
  openCaller,
  readDeclared,
  serviceNames,
} from "../../test/builders/generic-calls.ts";
import type { ServiceName } from "../../tools/wire-model.ts";

// Every service and every client is loaded, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const token = "a-client-token-of-32-characters-or-more";
const tokenName = /^(clientToken|clientRequestToken)$/i;

type Make = (operation: string, input: Input) => Promise<Outcome>;
type Creation = {
  /** Calls that must have been made before. */
  readonly before?: (call: (service: ServiceName) => Promise<Make>) => Promise<Input>;
  readonly input: Input;
  /** What makes it another request. */
  readonly other: Input;
  /** What a repetition must give back. */
  readonly made: (output: Input) => unknown;
  /** Code and words of the refusal; undefined where AWS does not say that there is one. */
  readonly refusal?: readonly [code: string, words: RegExp];
};

const vpc: Creation["before"] = async (call) => {
  const outcome = await (await call("ec2"))("DescribeSubnets", {});
  const [subnet] = (done(outcome)["Subnets"] ?? []) as { SubnetId: string; VpcId: string }[];
  return { VpcId: subnet?.VpcId, SubnetId: subnet?.SubnetId };
};
const only =
  (before: Creation["before"], ...members: string[]): Creation["before"] =>
  async (call) => {
    const all = (await before?.(call)) ?? {};
    return Object.fromEntries(members.map((member) => [member, all[member]]));
  };

const mismatch = ["IdempotentParameterMismatch", /same client token/] as const;
const path =
  (...steps: string[]) =>
  (output: Input): unknown =>
    steps.reduce<unknown>((held, step) => (held as Input)[step], output);

const launch: Creation["before"] = async (call) => {
  const ecs = await call("ecs");
  done(await ecs("CreateCluster", { clusterName: "default" }));
  done(
    await ecs("RegisterTaskDefinition", {
      family: "web",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      containerDefinitions: [{ name: "main", image: "main" }],
    }),
  );
  const { SubnetId } = (await vpc(call)) as { SubnetId: string };
  return { networkConfiguration: { awsvpcConfiguration: { subnets: [SubnetId] } } };
};

const secret: Creation["before"] = async (call) => {
  done(await (await call("secretsmanager"))("CreateSecret", { Name: "held", SecretString: "x" }));
  return {};
};

const creations: Readonly<Record<string, Creation>> = {
  "ec2 CreateFlowLogs": {
    before: async (call) => ({ ResourceIds: [((await vpc(call)) as { VpcId: string }).VpcId] }),
    input: {
      ResourceType: "VPC",
      TrafficType: "ALL",
      LogGroupName: "flow",
      DeliverLogsPermissionArn: "arn:aws:iam::000000000000:role/flow",
    },
    other: { TrafficType: "REJECT" },
    made: path("FlowLogIds"),
    refusal: mismatch,
  },
  "ec2 CreateManagedPrefixList": {
    input: { PrefixListName: "list", AddressFamily: "IPv4", MaxEntries: 5 },
    other: { MaxEntries: 6 },
    made: path("PrefixList", "PrefixListId"),
    refusal: mismatch,
  },
  "ec2 CreateNatGateway": {
    before: only(vpc, "SubnetId"),
    input: { ConnectivityType: "private" },
    other: { PrivateIpAddress: "172.31.0.99" },
    made: path("NatGateway", "NatGatewayId"),
    refusal: mismatch,
  },
  "ec2 CreateNetworkAcl": {
    before: only(vpc, "VpcId"),
    input: {},
    other: {
      TagSpecifications: [{ ResourceType: "network-acl", Tags: [{ Key: "a", Value: "b" }] }],
    },
    made: path("NetworkAcl", "NetworkAclId"),
    refusal: mismatch,
  },
  "ec2 CreateNetworkInterface": {
    before: only(vpc, "SubnetId"),
    input: { Description: "one" },
    other: { Description: "another" },
    made: path("NetworkInterface", "NetworkInterfaceId"),
    refusal: mismatch,
  },
  "ec2 CreateRouteTable": {
    before: only(vpc, "VpcId"),
    input: {},
    other: {
      TagSpecifications: [{ ResourceType: "route-table", Tags: [{ Key: "a", Value: "b" }] }],
    },
    made: path("RouteTable", "RouteTableId"),
    refusal: mismatch,
  },
  "ec2 CreateVpcEndpoint": {
    before: only(vpc, "VpcId"),
    input: { ServiceName: "com.amazonaws.ap-northeast-1.s3" },
    other: { ServiceName: "com.amazonaws.ap-northeast-1.dynamodb" },
    made: path("VpcEndpoint", "VpcEndpointId"),
    refusal: mismatch,
  },
  "ecs CreateService": {
    before: launch,
    input: { serviceName: "web", taskDefinition: "web", launchType: "FARGATE", desiredCount: 1 },
    other: { desiredCount: 2 },
    made: (output) => path("service", "serviceArn")(output),
    refusal: ["InvalidParameterException", /not idempotent/],
  },
  "ecs RunTask": {
    before: launch,
    input: { taskDefinition: "web", launchType: "FARGATE" },
    other: { count: 2 },
    made: (output) => (output["tasks"] as { taskArn: string }[]).map(({ taskArn }) => taskArn),
    refusal: ["ConflictException", /token/i],
  },
  "logs PutQueryDefinition": {
    input: { name: "made", queryString: "fields @message" },
    other: {},
    made: path("queryDefinitionId"),
  },
  "secretsmanager CreateSecret": {
    input: { Name: "made", SecretString: "x" },
    other: { SecretString: "y" },
    made: (output) => [output["ARN"], output["VersionId"]],
    refusal: ["ResourceExistsException", /already|exists/],
  },
  "secretsmanager PutSecretValue": {
    before: secret,
    input: { SecretId: "held", SecretString: "next" },
    other: { SecretString: "another" },
    made: path("VersionId"),
    refusal: ["ResourceExistsException", /already in use/],
  },
  "secretsmanager UpdateSecret": {
    before: secret,
    input: { SecretId: "held", SecretString: "next" },
    other: { SecretString: "another" },
    made: path("VersionId"),
    refusal: ["ResourceExistsException", /already in use/],
  },
};

/** Reviewed: its token names the version that a rotation would make, and none is made here. */
const withoutVersion = ["secretsmanager RotateSecret"];

function done(outcome: Outcome): Input {
  if (outcome.type === "done") return outcome.output;
  throw new Error(`${outcome.code}: ${outcome.message}`);
}

describe("client tokens", () => {
  it("of every declared operation that takes one: tested here", async () => {
    const taking = await Promise.all(
      serviceNames.map(async (service) => {
        const { operations } = await readDeclared(service);
        return operations
          .filter(({ operation, input }) =>
            input?.members.some(({ name }) => tokenName.test(name) && name in operation.accepts),
          )
          .map(({ name }) => `${service} ${name}`);
      }),
    );
    const tested = [...Object.keys(creations), ...withoutVersion];
    expect(taking.flat().toSorted()).toEqual(tested.toSorted());
  });

  it.each(Object.entries(creations))(
    "%s: again the same, otherwise refused",
    async (name, creation) => {
      const [service, operation] = name.split(" ") as [ServiceName, string];
      await using cloud = await startAllServices();
      const open = (of: ServiceName) => openCaller(cloud, of);
      const call = await open(service);
      const { operations } = await readDeclared(service);
      const input = operations.find((one) => one.name === operation)?.input;
      const member = input?.members.find((one) => tokenName.test(one.name))?.name ?? "";
      const ask = { ...(await creation.before?.(open)), ...creation.input, [member]: token };
      const first = creation.made(done(await call(operation, ask)));
      expect(first).toBeTruthy();
      await cloud.clock.advance(60_000);
      expect(creation.made(done(await call(operation, ask)))).toEqual(first);
      if (!creation.refusal) return;
      const [code, message] = creation.refusal;
      const other = await call(operation, { ...ask, ...creation.other });
      expect(other).toMatchObject({
        type: "failed",
        status: 400,
        code,
        message: expect.stringMatching(message),
      });
    },
  );
});
