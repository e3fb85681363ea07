/**
 * What the gateway keeps from one request to the next (signatures' parts, hashes, documents, written answers)
 * never outlives what it was made of.
 */
import {
  CreateNetworkInterfaceCommand,
  CreateTagsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
} from "@aws-sdk/client-ec2";
import {
  DeleteUserPolicyCommand,
  GetRoleCommand,
  IAMClient,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { expect, it } from "vitest";
import type { ApiRequest } from "../../src/gateway/request.ts";
import { allowing, type Keys, openAccount, trusting } from "./support/account.ts";

type Cloud = Awaited<ReturnType<typeof openAccount>>;
type Captured = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** GetRole as the SDK signs it, not sent. */
async function signedGetRole(cloud: Cloud, credentials: Keys, RoleName: string) {
  let taken: Captured | undefined;
  const handle = (request: Captured) => {
    taken = request;
    return Promise.reject(new Error("kept"));
  };
  const iam = new IAMClient({
    endpoint: cloud.url,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
    requestHandler: { handle: handle as never },
  });
  await iam.send(new GetRoleCommand({ RoleName })).catch(() => {});
  if (!taken) throw new Error("nothing was sent");
  const { method, path, headers, body } = taken;
  return { method, url: path, headers, body: Buffer.from(body ?? "") };
}

const answerOf = async (cloud: Cloud, request: ApiRequest) => {
  const { status, body } = await cloud.handle(request);
  return { status, code: /<Code>([^<]*)/.exec(String(body))?.[1] };
};

const wrong = { status: 403, code: "SignatureDoesNotMatch" };
const good = { status: 200, code: undefined };

async function openWithCaller() {
  const cloud = await openAccount();
  await cloud.role("deploy", trusting({ Service: "ecs-tasks.amazonaws.com" }));
  const keys = await cloud.user("alice", allowing({ Action: ["iam:GetRole", "ec2:*"] }));
  const ask = () => signedGetRole(cloud, keys, "deploy");
  return { cloud, keys, ask };
}

it("a request taken once, then changed in one place: its signature is not believed", async () => {
  const { cloud, ask } = await openWithCaller();
  await using _closing = cloud;
  const request = await ask();
  expect(await answerOf(cloud, request)).toEqual(good);
  const { headers } = request;
  const told = headers["authorization"] ?? "";
  const spoilt = (more: Record<string, string>) => ({
    ...request,
    headers: { ...headers, ...more },
  });
  const other = told.endsWith("0") ? "1" : "0";
  const body = Buffer.from(request.body.toString().replace("deploy", "deplox"));
  for (const changed of [
    { ...request, body },
    spoilt({ authorization: `${told.slice(0, -1)}${other}` }),
    spoilt({ host: "localhost:1" }),
    spoilt({ authorization: told.replace("content-type;", "") }),
    spoilt({ "x-amz-content-sha256": "0".repeat(64) }),
  ]) {
    expect(await answerOf(cloud, changed)).toEqual(wrong);
    expect(await answerOf(cloud, request)).toEqual(good);
  }
});

it("two users who ask the same in turns: each is known by the own key only", async () => {
  const { cloud, keys, ask } = await openWithCaller();
  await using _closing = cloud;
  const bob = await cloud.user("bob");
  const swapped = { ...keys, secretAccessKey: bob.secretAccessKey };
  for (let turn = 0; turn < 3; turn++) {
    expect(await answerOf(cloud, await ask())).toEqual(good);
    const denied = await answerOf(cloud, await signedGetRole(cloud, bob, "deploy"));
    expect(denied).toEqual({ status: 403, code: "AccessDenied" });
    expect(await answerOf(cloud, await signedGetRole(cloud, swapped, "deploy"))).toEqual(wrong);
  }
});

it("a key that is turned off, a policy that goes, time that passes: seen by the next request", async () => {
  const { cloud, keys, ask } = await openWithCaller();
  await using _closing = cloud;
  const request = await ask();
  expect(await answerOf(cloud, request)).toEqual(good);
  const turn = (Status: "Active" | "Inactive") =>
    cloud.iam.send(
      new UpdateAccessKeyCommand({ UserName: "alice", AccessKeyId: keys.accessKeyId, Status }),
    );
  await turn("Inactive");
  expect(await answerOf(cloud, request)).toMatchObject({
    status: 403,
    code: "InvalidClientTokenId",
  });
  await turn("Active");
  expect(await answerOf(cloud, request)).toEqual(good);
  await cloud.iam.send(new DeleteUserPolicyCommand({ UserName: "alice", PolicyName: "inline" }));
  expect(await answerOf(cloud, request)).toEqual({ status: 403, code: "AccessDenied" });
  await cloud.clock.advance(16 * 60_000);
  expect(await answerOf(cloud, request)).toEqual(wrong);
});

it("a trust policy that is replaced: GetRole shows the new one", async () => {
  await using cloud = await openAccount();
  const show = async () => {
    const { Role } = await cloud.iam.send(new GetRoleCommand({ RoleName: "deploy" }));
    return decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "");
  };
  const [first, second] = [trusting({ AWS: "*" }), trusting({ Service: "ec2.amazonaws.com" })];
  await cloud.role("deploy", first);
  expect([await show(), await show()]).toEqual([first, first]);
  const change = { RoleName: "deploy", PolicyDocument: second };
  await cloud.iam.send(new UpdateAssumeRolePolicyCommand(change));
  expect(await show()).toBe(second);
});

it("a subnet with an interface, a tag or an attribute more: DescribeSubnets tells it, of that one", async () => {
  await using cloud = await openAccount();
  const ec2 = cloud.client(EC2Client);
  const list = async () => (await ec2.send(new DescribeSubnetsCommand({}))).Subnets ?? [];
  const [before, other] = await list();
  const SubnetId = before?.SubnetId ?? "";
  const free = before?.AvailableIpAddressCount ?? 0;
  await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
  expect(await list()).toMatchObject([{ AvailableIpAddressCount: free - 1 }, other, {}]);
  const Tags = [{ Key: "team", Value: "a & b" }];
  await ec2.send(new CreateTagsCommand({ Resources: [SubnetId], Tags }));
  expect(await list()).toMatchObject([{ Tags }, other, {}]);
  const MapPublicIpOnLaunch = { Value: !before?.MapPublicIpOnLaunch };
  await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch }));
  expect(await list()).toMatchObject([
    {
      SubnetId,
      Tags,
      AvailableIpAddressCount: free - 1,
      MapPublicIpOnLaunch: MapPublicIpOnLaunch.Value,
    },
    other,
    {},
  ]);
});
