/** Sessions of roles and users, through the AWS SDK: who may make one, and what it may do. */
import { CreateClusterCommand, ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import {
  CreatePolicyCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  type GetFederationTokenCommandInput,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { memorySealing } from "../../src/seams/sealing.ts";
import { openStore } from "../../src/state/store.ts";
import {
  type Account,
  account,
  allowing,
  type Keys,
  openAccount,
  policyOf,
  refusal,
  trusting,
} from "./support/account.ts";

const ofAccount = { AWS: `arn:aws:iam::${account}:root` };
const identity = new GetCallerIdentityCommand({});
const hour = 3_600_000;

describe("AssumeRole", () => {
  it("a role that trusts the account: a session that may do what the role may", async () => {
    await using cloud = await openAccount();
    const arn = await cloud.role("deploy", trusting(ofAccount), allowing({ Action: "ecs:List*" }));
    const { keys, AssumedRoleUser, Credentials } = await cloud.assume(arn);
    expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${account}:assumed-role/deploy/run-1`);
    expect(keys.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    const left = (Credentials?.Expiration?.getTime() ?? 0) - cloud.clock.wall();
    expect(left).toBeGreaterThan(hour - 1_000);
    expect(left).toBeLessThanOrEqual(hour);
    expect(await cloud.client(STSClient, {}, keys).send(identity)).toMatchObject({
      Account: account,
      Arn: AssumedRoleUser?.Arn,
      UserId: AssumedRoleUser?.AssumedRoleId,
    });
    const ecs = cloud.client(ECSClient, {}, keys);
    await ecs.send(new ListClustersCommand({}));
    const { message } = await refusal(ecs.send(new CreateClusterCommand({ clusterName: "web" })));
    expect(message).toContain(
      `User: ${AssumedRoleUser?.Arn} is not authorized to perform: ecs:CreateCluster on resource`,
    );
  });

  it("a role that trusts a service, or is not there: denied in the same words", async () => {
    await using cloud = await openAccount();
    const arn = await cloud.role("task", trusting({ Service: "ecs-tasks.amazonaws.com" }));
    expect(await refusal(cloud.assume(arn))).toEqual({
      code: "AccessDenied",
      status: 403,
      message:
        `User: arn:aws:iam::${account}:root is not authorized to perform: sts:AssumeRole on ` +
        `resource: ${arn}`,
    });
    const missing = `arn:aws:iam::${account}:role/none`;
    expect(await refusal(cloud.assume(missing))).toMatchObject({
      code: "AccessDenied",
      message: expect.stringContaining(`sts:AssumeRole on resource: ${missing}`),
    });
  });

  it("a user without permission: only when the role names the user", async () => {
    await using cloud = await openAccount();
    const alice = await cloud.user("alice");
    const bob = await cloud.user("bob", allowing({ Action: "sts:AssumeRole" }));
    const open = await cloud.role("open", trusting(ofAccount));
    const own = await cloud.role("own", trusting({ AWS: `arn:aws:iam::${account}:user/alice` }));
    expect(await refusal(cloud.assume(open, {}, alice))).toMatchObject({
      message: expect.stringContaining("because no identity-based policy allows"),
    });
    await cloud.assume(own, {}, alice);
    await cloud.assume(open, {}, bob);
    expect(await refusal(cloud.assume(own, {}, bob))).toMatchObject({ code: "AccessDenied" });
  });

  it("a role of another account: both sides must allow", async () => {
    await using cloud = await openAccount();
    const foreign = { AWS: "arn:aws:iam::111122223333:root" };
    const arn = await cloud.role("shared", trusting(foreign));
    const root = { accessKeyId: "111122223333", secretAccessKey: "x" };
    await cloud.assume(arn, {}, root);
    const other = { accessKeyId: "444455556666", secretAccessKey: "x" };
    expect(await refusal(cloud.assume(arn, {}, other))).toMatchObject({ code: "AccessDenied" });
  });

  it("an external id that the trust asks for: only with it", async () => {
    await using cloud = await openAccount();
    const Condition = { StringEquals: { "sts:ExternalId": "secret-1" } };
    const arn = await cloud.role("vendor", trusting(ofAccount, { Condition }));
    await cloud.assume(arn, { ExternalId: "secret-1" });
    for (const more of [{}, { ExternalId: "secret-2" }]) {
      expect(await refusal(cloud.assume(arn, more))).toMatchObject({ code: "AccessDenied" });
    }
  });

  it("session policies, by text and by ARN: at most what one of them allows", async () => {
    await using cloud = await openAccount();
    const arn = await cloud.role("deploy", trusting(ofAccount), allowing({ Action: "ecs:*" }));
    const Policy = allowing({ Action: "ecs:ListClusters" });
    const { keys, PackedPolicySize } = await cloud.assume(arn, { Policy });
    expect(PackedPolicySize).toBeGreaterThan(0);
    const ecs = cloud.client(ECSClient, {}, keys);
    await ecs.send(new ListClustersCommand({}));
    const creation = new CreateClusterCommand({ clusterName: "web" });
    expect((await refusal(ecs.send(creation))).message).toContain(
      "because no session policy allows the ecs:CreateCluster action",
    );
    const PolicyArns = [{ arn: await cloud.policy("create", allowing({ Action: "ecs:Create*" })) }];
    const both = await cloud.assume(arn, { Policy, PolicyArns });
    await cloud.client(ECSClient, {}, both.keys).send(creation);
    const foreign = { AWS: "arn:aws:iam::111111111111:root" };
    const shared = await cloud.role("shared", trusting(foreign), allowing({ Action: "ecs:*" }));
    const sts = cloud.client(STSClient, { account: "111111111111" });
    const own = { RoleArn: shared, RoleSessionName: "run-1", PolicyArns };
    await sts.send(new AssumeRoleCommand(own));
    const elsewhere = [{ arn: "arn:aws:iam::111111111111:policy/create" }];
    await cloud
      .client(IAMClient, { account: "111111111111" })
      .send(new CreatePolicyCommand({ PolicyName: "create", PolicyDocument: allowing({}) }));
    const refused = sts.send(new AssumeRoleCommand({ ...own, PolicyArns: elsewhere }));
    expect(await refusal(refused)).toMatchObject({ code: "ValidationError" });
    const wider = await cloud.assume(arn, { Policy: allowing({}) });
    const users = cloud.client(IAMClient, {}, wider.keys).send(new ListUsersCommand({}));
    expect((await refusal(users)).message).toContain("because no identity-based policy allows");
    expect(await refusal(cloud.assume(arn, { Policy: "{" }))).toMatchObject({
      code: "MalformedPolicyDocument",
    });
  });

  it("tags: the trust must allow them, policies see them, transitive ones are handed on", async () => {
    await using cloud = await openAccount();
    const trust = trusting(ofAccount, { Action: ["sts:AssumeRole", "sts:TagSession"] });
    const isTeam = { StringEquals: { "aws:PrincipalTag/team": "a" } };
    const arn = await cloud.role(
      "deploy",
      trust,
      allowing({ Action: "ecs:ListClusters", Condition: isTeam }, { Action: "sts:*" }),
    );
    const next = await cloud.role(
      "next",
      trust,
      allowing({ Action: "ecs:ListClusters", Condition: isTeam }),
    );
    const plain = await cloud.role("plain", trusting(ofAccount));
    const Tags = [{ Key: "team", Value: "a" }];
    expect(await refusal(cloud.assume(plain, { Tags }))).toMatchObject({
      message: expect.stringContaining("sts:TagSession"),
    });
    const list = (keys: Awaited<ReturnType<typeof cloud.assume>>["keys"]) =>
      cloud.client(ECSClient, {}, keys).send(new ListClustersCommand({}));
    const untagged = await cloud.assume(arn);
    expect(await refusal(list(untagged.keys))).toMatchObject({ code: "AccessDeniedException" });
    const tagged = await cloud.assume(arn, { Tags, TransitiveTagKeys: ["team"] });
    await list(tagged.keys);
    const chained = await cloud.assume(next, {}, tagged.keys);
    await list(chained.keys);
    expect(await refusal(cloud.assume(next, { Tags }, tagged.keys))).toMatchObject({
      code: "InvalidParameterValue",
    });
  });

  it("a source identity: it needs its permission and stays", async () => {
    await using cloud = await openAccount();
    const Action = ["sts:AssumeRole", "sts:SetSourceIdentity"];
    const policy = allowing({ Action: "sts:*" });
    const arn = await cloud.role("deploy", trusting(ofAccount, { Action }), policy);
    const plain = await cloud.role("plain", trusting(ofAccount));
    expect(await refusal(cloud.assume(plain, { SourceIdentity: "alice" }))).toMatchObject({
      message: expect.stringContaining("sts:SetSourceIdentity"),
    });
    const first = await cloud.assume(arn, { SourceIdentity: "alice" });
    expect(first.SourceIdentity).toBe("alice");
    expect((await cloud.assume(arn, {}, first.keys)).SourceIdentity).toBe("alice");
    const same = { SourceIdentity: "alice" };
    expect((await cloud.assume(arn, same, first.keys)).SourceIdentity).toBe("alice");
    const other = cloud.assume(arn, { SourceIdentity: "bob" }, first.keys);
    expect(await refusal(other)).toMatchObject({
      code: "AccessDenied",
      message: expect.stringContaining("sts:SetSourceIdentity"),
    });
  });

  it("durations: from 900 s to the role's most, an hour for a session of a session", async () => {
    await using cloud = await openAccount();
    const policy = allowing({ Action: "sts:*" });
    const MaxSessionDuration = 7_200;
    const arn = await cloud.role("deploy", trusting(ofAccount), policy, { MaxSessionDuration });
    await cloud.assume(arn, { DurationSeconds: 7_200 });
    expect(await refusal(cloud.assume(arn, { DurationSeconds: 7_201 }))).toMatchObject({
      code: "ValidationError",
      message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    });
    expect(await refusal(cloud.assume(arn, { DurationSeconds: 899 }))).toMatchObject({
      code: "ValidationError",
    });
    const { keys } = await cloud.assume(arn);
    await cloud.assume(arn, { DurationSeconds: 3_600 }, keys);
    expect(await refusal(cloud.assume(arn, { DurationSeconds: 3_601 }, keys))).toMatchObject({
      message:
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    });
  });

  it.each([
    [{ RoleSessionName: "a" }, "'roleSessionName'"],
    [{ RoleSessionName: "a b" }, "'roleSessionName'"],
    [{ RoleArn: "arn:aws:iam::000000000000:user/alice" }, "is invalid"],
    [{ RoleArn: "arn:aws:iam:us-east-1:000000000000:role/deploy" }, "is invalid"],
    [{ RoleArn: "arn:aws:iam::not-an-account:role/deploy" }, "is invalid"],
    [{ RoleArn: "arn:aws:iam::000000000000:role/deploy:more" }, "is invalid"],
    [{ RoleArn: "arn:aws:iam::000000000000:role/" }, "is invalid"],
    [{ RoleArn: "short" }, "'roleArn'"],
    [{ ExternalId: "x" }, "'externalId'"],
    [{ Policy: "x".repeat(2_049) }, "'policy'"],
  ])("%j: a ValidationError", async (more, words) => {
    await using cloud = await openAccount();
    const arn = `arn:aws:iam::${account}:role/deploy`;
    expect(await refusal(cloud.assume(arn, more))).toMatchObject({
      code: "ValidationError",
      message: expect.stringContaining(words),
    });
  });

  it("the role is deleted, or loses its policy: its sessions do at once", async () => {
    await using cloud = await openAccount();
    const arn = await cloud.role("deploy", trusting(ofAccount), allowing({ Action: "ecs:*" }));
    const { keys } = await cloud.assume(arn);
    const ecs = cloud.client(ECSClient, {}, keys);
    await ecs.send(new ListClustersCommand({}));
    const inline = { RoleName: "deploy", PolicyName: "inline" };
    await cloud.iam.send(new DeleteRolePolicyCommand(inline));
    expect(await refusal(ecs.send(new ListClustersCommand({})))).toMatchObject({
      code: "AccessDeniedException",
    });
    await cloud.iam.send(new DeleteRoleCommand({ RoleName: "deploy" }));
    await cloud.role("deploy", trusting(ofAccount), allowing({ Action: "ecs:*" }));
    expect(await refusal(ecs.send(new ListClustersCommand({})))).toMatchObject({
      code: "UnrecognizedClientException",
      message: "The security token included in the request is invalid.",
    });
  });

  it("another engine over the same state and key: the session goes on; with another key: not", async () => {
    const store = openStore(undefined);
    const sealing = memorySealing();
    let keys: Awaited<ReturnType<Awaited<ReturnType<typeof openAccount>>["assume"]>>["keys"];
    {
      await using cloud = await openAccount({ store, sealing });
      const arn = await cloud.role("deploy", trusting(ofAccount), allowing({ Action: "ecs:*" }));
      keys = (await cloud.assume(arn)).keys;
    }
    {
      await using cloud = await openAccount({ store, sealing });
      await cloud.client(ECSClient, {}, keys).send(new ListClustersCommand({}));
    }
    await using cloud = await openAccount({ store });
    const call = cloud.client(ECSClient, {}, keys).send(new ListClustersCommand({}));
    expect(await refusal(call)).toMatchObject({ code: "UnrecognizedClientException" });
    store.close();
  });
});

describe("GetSessionToken", () => {
  it("a user: their own permissions, but not IAM, nor another token", async () => {
    await using cloud = await openAccount();
    const user = await cloud.user("alice", allowing({}));
    const { Credentials } = await cloud
      .client(STSClient, {}, user)
      .send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    const keys = {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    };
    const sts = cloud.client(STSClient, {}, keys);
    expect(await sts.send(identity)).toMatchObject({ Arn: `arn:aws:iam::${account}:user/alice` });
    await cloud.client(ECSClient, {}, keys).send(new ListClustersCommand({}));
    const users = cloud.client(IAMClient, {}, keys).send(new ListUsersCommand({}));
    expect(await refusal(users)).toMatchObject({ code: "InvalidClientTokenId", status: 403 });
    expect(await refusal(sts.send(new GetSessionTokenCommand({})))).toMatchObject({
      code: "InvalidClientTokenId",
    });
  });

  it("a role's session: denied", async () => {
    await using cloud = await openAccount();
    const { keys } = await cloud.assume(await cloud.role("deploy", trusting(ofAccount)));
    const call = cloud.client(STSClient, {}, keys).send(new GetSessionTokenCommand({}));
    expect(await refusal(call)).toEqual({
      code: "AccessDenied",
      status: 403,
      message: "Cannot call GetSessionToken with session credentials",
    });
  });
});

describe("GetFederationToken", () => {
  const arn = `arn:aws:sts::${account}:federated-user/bob`;

  async function federate(
    cloud: Account,
    sponsor: Keys | undefined,
    more: Partial<GetFederationTokenCommandInput> = {},
  ) {
    const sts = cloud.client(STSClient, {}, sponsor);
    const answer = await sts.send(new GetFederationTokenCommand({ Name: "bob", ...more }));
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken } = answer.Credentials ?? {};
    const keys: Keys = {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken !== undefined && { sessionToken: SessionToken }),
    };
    return { ...answer, keys };
  }

  it("with a policy: what both it and the user's own allow, under a name of its own", async () => {
    await using cloud = await openAccount();
    const alice = await cloud.user("alice", allowing({ Action: ["ecs:List*", "sts:*"] }));
    const Policy = allowing({ Action: ["ecs:*", "iam:*", "sts:*"] });
    const { keys, FederatedUser } = await federate(cloud, alice, { Policy });
    expect(FederatedUser).toEqual({ FederatedUserId: `${account}:bob`, Arn: arn });
    const sts = cloud.client(STSClient, {}, keys);
    expect(await sts.send(identity)).toMatchObject({ Arn: arn, UserId: `${account}:bob` });
    const ecs = cloud.client(ECSClient, {}, keys);
    await ecs.send(new ListClustersCommand({}));
    const { message } = await refusal(ecs.send(new CreateClusterCommand({ clusterName: "web" })));
    expect(message).toContain(`User: ${arn} is not authorized to perform: ecs:CreateCluster`);
    expect(message).toContain("because no identity-based policy allows");
    const users = cloud.client(IAMClient, {}, keys).send(new ListUsersCommand({}));
    expect(await refusal(users)).toMatchObject({ code: "InvalidClientTokenId", status: 403 });
    expect(await refusal(federate(cloud, keys))).toMatchObject({ code: "InvalidClientTokenId" });
  });

  it("without a policy, asked for by the root too: nothing but who one is", async () => {
    await using cloud = await openAccount();
    const { keys, Credentials } = await federate(cloud, undefined, { DurationSeconds: 7200 });
    const left = (Credentials?.Expiration?.getTime() ?? 0) - cloud.clock.wall();
    expect(left).toBeLessThanOrEqual(hour);
    await cloud.client(STSClient, {}, keys).send(identity);
    const clusters = cloud.client(ECSClient, {}, keys).send(new ListClustersCommand({}));
    expect((await refusal(clusters)).message).toContain("because no session policy allows");
    const { keys: open } = await federate(cloud, undefined, {
      PolicyArns: [{ arn: "arn:aws:iam::aws:policy/AdministratorAccess" }],
    });
    await cloud.client(ECSClient, {}, open).send(new CreateClusterCommand({ clusterName: "web" }));
  });

  it("a user who may not ask, one who may not tag, a session of a role: denied", async () => {
    await using cloud = await openAccount();
    const alice = await cloud.user("alice", allowing({ Action: "sts:GetFederationToken" }));
    const other = await cloud.user("other");
    expect((await refusal(federate(cloud, other))).message).toContain(
      `sts:GetFederationToken on resource: ${arn} because no identity-based policy allows`,
    );
    const Tags = [{ Key: "team", Value: "a" }];
    expect((await refusal(federate(cloud, alice, { Tags }))).message).toContain("sts:TagSession");
    const role = await cloud.role("deploy", trusting(ofAccount), allowing({}));
    const { keys } = await cloud.assume(role);
    expect(await refusal(federate(cloud, keys))).toEqual({
      code: "AccessDenied",
      status: 403,
      message: "Cannot call GetFederationToken with session credentials",
    });
  });

  it("the user deleted: the token is nobody's", async () => {
    await using cloud = await openAccount();
    const alice = await cloud.user("alice", allowing({ Action: "sts:GetFederationToken" }));
    const { keys } = await federate(cloud, alice);
    const iam = cloud.client(IAMClient);
    const owned = { UserName: "alice", AccessKeyId: alice.accessKeyId };
    await iam.send(new DeleteAccessKeyCommand(owned));
    await iam.send(new DeleteUserPolicyCommand({ UserName: "alice", PolicyName: "inline" }));
    await iam.send(new DeleteUserCommand({ UserName: "alice" }));
    const call = cloud.client(STSClient, {}, keys).send(identity);
    expect(await refusal(call)).toMatchObject({ code: "InvalidClientTokenId" });
  });

  it("a policy beyond 2048 characters, a name of one letter: refused as of another form", async () => {
    await using cloud = await openAccount();
    const Policy = policyOf({ Action: "s3:*", Resource: `arn:aws:s3:::${"b".repeat(2048)}` });
    expect(await refusal(federate(cloud, undefined, { Policy }))).toMatchObject({
      code: "ValidationError",
      message: expect.stringContaining("length less than or equal to 2048"),
    });
    expect(await refusal(federate(cloud, undefined, { Name: "b" }))).toMatchObject({
      code: "ValidationError",
    });
  });
});

describe("GetAccessKeyInfo", () => {
  it("an issued key: its account; a text that is no key: refused", async () => {
    await using cloud = await openAccount();
    const { accessKeyId } = await cloud.user("alice");
    const sts = cloud.client(STSClient);
    const info = await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId }));
    expect(info.Account).toBe(account);
    const other = sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: "x".repeat(16) }));
    expect(await refusal(other)).toMatchObject({ code: "ValidationError" });
  });
});

describe("AssumeRoleWithWebIdentity", () => {
  const token = (claims: object): string =>
    ['{"alg":"RS256"}', JSON.stringify(claims), "signature"]
      .map((part) => Buffer.from(part).toString("base64url"))
      .join(".");

  it.each([
    ["no token", "nonsense", "InvalidIdentityToken", "is not a valid JWT"],
    [
      "an unknown issuer",
      token({ iss: "https://a.example" }),
      "InvalidIdentityToken",
      "No OpenIDConnect provider",
    ],
  ])("%s: refused", async (_, WebIdentityToken, code, words) => {
    await using cloud = await openAccount();
    const RoleArn = `arn:aws:iam::${account}:role/deploy`;
    const call = cloud.client(STSClient).send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn,
        RoleSessionName: "run-1",
        WebIdentityToken,
      }),
    );
    expect(await refusal(call)).toMatchObject({ code, message: expect.stringContaining(words) });
  });
});

describe("a role's condition on the session", () => {
  it("a denial by session name in the policy: it holds for that session only", async () => {
    await using cloud = await openAccount();
    const arn = await cloud.role(
      "deploy",
      trusting(ofAccount),
      policyOf(
        { Action: "ecs:*", Resource: "*" },
        {
          Effect: "Deny",
          Action: "*",
          Resource: "*",
          Condition: { StringLike: { "aws:userid": "*:run-2" } },
        },
      ),
    );
    const list = async (RoleSessionName: string) => {
      const { keys } = await cloud.assume(arn, { RoleSessionName });
      return cloud.client(ECSClient, {}, keys).send(new ListClustersCommand({}));
    };
    await list("run-1");
    expect((await refusal(list("run-2"))).message).toContain("with an explicit deny");
  });
});
