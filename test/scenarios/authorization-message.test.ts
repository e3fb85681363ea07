/** EC2's denials carry their details in a form that only those who may can read. */
import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DecodeAuthorizationMessageCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, it } from "vitest";
import {
  type Account,
  allowing,
  type Keys,
  openAccount,
  policyOf,
  refusal,
} from "./support/account.ts";

const create = (cloud: Account, keys: Keys) =>
  refusal(
    cloud.client(EC2Client, {}, keys).send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })),
  );

const encodedIn = (message: string): string =>
  / Encoded authorization failure message: ([\w-]+)$/.exec(message)?.[1] ?? "";

const decode = async (cloud: Account, EncodedMessage: string, keys?: Keys) => {
  const command = new DecodeAuthorizationMessageCommand({ EncodedMessage });
  const { DecodedMessage } = await cloud.client(STSClient, {}, keys).send(command);
  return JSON.parse(DecodedMessage ?? "");
};

it("nothing allows it: who asked for what, and what was known of it", async () => {
  await using cloud = await openAccount();
  const keys = await cloud.user("alice", allowing({ Action: "ec2:Describe*" }));
  const { message } = await create(cloud, keys);
  expect(message).toMatch(
    /^You are not authorized to perform this operation\. User: .*alice is not/,
  );
  const decoded = await decode(cloud, encodedIn(message));
  expect(decoded).toMatchObject({
    allowed: false,
    explicitDeny: false,
    matchedStatements: { items: [] },
    context: {
      principal: { name: "alice", arn: "arn:aws:iam::000000000000:user/alice" },
      action: "ec2:CreateVpc",
      resource: expect.stringMatching(/^arn:aws:ec2:.*:vpc\/\*$/),
    },
  });
  expect(decoded.context.principal.id).toMatch(/^AIDA/);
  expect(decoded.context.conditions.items).toContainEqual({
    key: "aws:RequestedRegion",
    values: { items: [{ value: cloud.scope.region }] },
  });
});

it("a statement denies it: that one", async () => {
  await using cloud = await openAccount();
  const Condition = { StringEquals: { "aws:RequestedRegion": cloud.scope.region } };
  const deny = { Effect: "Deny", Action: ["ec2:CreateVpc"], Resource: "*", Condition };
  const keys = await cloud.user("alice", policyOf({ Resource: "*" }, deny));
  const decoded = await decode(cloud, encodedIn((await create(cloud, keys)).message));
  expect(decoded.explicitDeny).toBe(true);
  expect(decoded.matchedStatements.items).toMatchObject([
    {
      effect: "DENY",
      actions: { items: [{ value: "ec2:CreateVpc" }] },
      resources: { items: [{ value: "*" }] },
      conditions: { items: [{ key: "aws:requestedregion" }] },
    },
  ]);
});

it("a denial of what only describes: nothing is encoded", async () => {
  await using cloud = await openAccount();
  const keys = await cloud.user("alice");
  const call = cloud.client(EC2Client, {}, keys).send(new DescribeVpcsCommand({}));
  expect((await refusal(call)).message).not.toContain("Encoded");
});

it("who may not decode, another account, or what is no message: refused", async () => {
  await using cloud = await openAccount();
  const keys = await cloud.user("alice");
  const message = encodedIn((await create(cloud, keys)).message);
  expect(await refusal(decode(cloud, message, keys))).toMatchObject({ code: "AccessDenied" });
  const spoilt = `${message.startsWith("A") ? "B" : "A"}${message.slice(1)}`;
  const { Credentials } = await cloud.assume(
    await cloud.role("r", policyOf({ Action: "sts:AssumeRole", Principal: { AWS: "*" } })),
  );
  // Sealed by the same key, and not for anybody to read.
  const token = (Credentials?.SessionToken ?? "").replace(/^.*?\//, "");
  for (const wrong of [
    "nonsense",
    spoilt,
    token,
    Buffer.from(token, "base64").toString("base64url"),
  ]) {
    expect(await refusal(decode(cloud, wrong))).toMatchObject({
      code: "InvalidAuthorizationMessageException",
      status: 400,
    });
  }
  const foreign = { accessKeyId: "111122223333", secretAccessKey: "x" };
  expect(await refusal(decode(cloud, message, foreign))).toMatchObject({
    code: "InvalidAuthorizationMessageException",
  });
});
