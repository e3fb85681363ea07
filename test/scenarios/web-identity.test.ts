/** Roles by the token of an OpenID Connect provider that runs on this machine. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import { CreateOpenIDConnectProviderCommand } from "@aws-sdk/client-iam";
import {
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Account,
  account,
  allowing,
  openAccount,
  policyOf,
  refusal,
  type Statement,
} from "./support/account.ts";

type Algorithm = "RS256" | "ES256";

const keys: Record<Algorithm, { publicKey: KeyObject; privateKey: KeyObject }> = {
  RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
};
const others = generateKeyPairSync("rsa", { modulusLength: 2048 });

let provider: Server;
let issuer = "";
let asked: string[] = [];
let published: readonly Algorithm[] = ["RS256", "ES256"];
beforeAll(async () => {
  provider = createServer((request, response) => {
    asked.push(request.url ?? "");
    const jwks = published.map((kid) => ({
      ...keys[kid].publicKey.export({ format: "jwk" }),
      kid,
    }));
    const documents: Record<string, object> = {
      "/.well-known/openid-configuration": { issuer, jwks_uri: `${issuer}/keys` },
      "/keys": { keys: jwks },
    };
    const found = documents[request.url ?? ""];
    response.writeHead(found ? 200 : 404).end(JSON.stringify(found ?? {}));
  });
  provider.listen(0, "127.0.0.1");
  await once(provider, "listening");
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
});
afterAll(() => {
  provider.close();
});
beforeEach(() => {
  asked = [];
  published = ["RS256", "ES256"];
});

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

type Signing = { readonly alg?: Algorithm; readonly kid?: string; readonly privateKey?: KeyObject };

function tokenOf(claims: object, signing: Signing = {}): string {
  const { alg = "RS256" } = signing;
  const { kid = alg, privateKey = keys[alg].privateKey } = signing;
  const content = `${encode({ alg, kid, typ: "JWT" })}.${encode(claims)}`;
  const key = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${content}.${sign("sha256", Buffer.from(content), key).toString("base64url")}`;
}

const host = () => issuer.replace("http://", "");

/** An account with the provider, and a role that it vouches for. */
async function open(condition: Statement = {}, actions: unknown = "sts:AssumeRoleWithWebIdentity") {
  const cloud = await openAccount();
  const created = await cloud.iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: issuer, ClientIDList: ["sts.amazonaws.com"] }),
  );
  const Federated = created.OpenIDConnectProviderArn;
  const trust = policyOf({ Action: actions, Principal: { Federated }, ...condition });
  const roleArn = await cloud.role("ci", trust, allowing({ Action: "ecs:*" }));
  const claims = {
    iss: issuer,
    aud: "sts.amazonaws.com",
    sub: "repo:team/app",
    exp: Math.floor(cloud.clock.wall() / 1000) + 600,
  };
  return Object.assign(cloud, { roleArn, claims, providerArn: Federated });
}

/** As an SDK without any credentials does it. */
function assume(cloud: Account & { roleArn: string }, WebIdentityToken: string, more = {}) {
  return cloud.client(STSClient).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: cloud.roleArn,
      RoleSessionName: "run-1",
      WebIdentityToken,
      ...more,
    }),
  );
}

describe("a token", () => {
  it.each(["RS256", "ES256"] as const)(
    "%s, signed by the provider: the role's session",
    async (alg) => {
      await using cloud = await open();
      const answer = await assume(cloud, tokenOf(cloud.claims, { alg }));
      expect(answer).toMatchObject({
        SubjectFromWebIdentityToken: "repo:team/app",
        Audience: "sts.amazonaws.com",
        Provider: cloud.providerArn,
        AssumedRoleUser: { Arn: `arn:aws:sts::${account}:assumed-role/ci/run-1` },
      });
      const {
        AccessKeyId = "",
        SecretAccessKey = "",
        SessionToken = "",
      } = answer.Credentials ?? {};
      const session = {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
      };
      const who = await cloud.client(STSClient, {}, session).send(new GetCallerIdentityCommand({}));
      expect(who.Arn).toBe(answer.AssumedRoleUser?.Arn);
      await cloud.client(ECSClient, {}, session).send(new ListClustersCommand({}));
      const vpcs = cloud.client(EC2Client, {}, session).send(new DescribeVpcsCommand({}));
      expect(await refusal(vpcs)).toMatchObject({ code: "UnauthorizedOperation" });
    },
  );

  it("with policies and a duration: a session that does no more, and lasts so long", async () => {
    await using cloud = await open();
    const token = tokenOf(cloud.claims);
    const Policy = allowing({ Action: "ecs:ListServices" });
    const arn = await cloud.policy("clusters", allowing({ Action: "ecs:ListClusters" }));
    const listing = async (more: object) => {
      const { Credentials, PackedPolicySize } = await assume(cloud, token, more);
      const session = {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      };
      expect(PackedPolicySize).toBeGreaterThan(0);
      return cloud.client(ECSClient, {}, session).send(new ListClustersCommand({}));
    };
    expect(await refusal(listing({ Policy }))).toMatchObject({ code: "AccessDeniedException" });
    await listing({ Policy, PolicyArns: [{ arn }] });
    const { Credentials } = await assume(cloud, token, { DurationSeconds: 900 });
    const lasts = (Credentials?.Expiration?.getTime() ?? 0) - cloud.clock.wall();
    expect(lasts).toBeLessThanOrEqual(900_000);
    expect(lasts).toBeGreaterThan(890_000);
  });

  it("signed by somebody else, changed, or without a signature: InvalidIdentityToken", async () => {
    await using cloud = await open();
    const good = tokenOf(cloud.claims);
    const [head, , signature] = good.split(".");
    const changed = `${head}.${encode({ ...cloud.claims, sub: "repo:other/app" })}.${signature}`;
    const unsigned = `${encode({ alg: "none" })}.${encode(cloud.claims)}.AA`;
    // The public key taken for a secret, as careless readers of tokens do.
    const asSecret = tokenOf(cloud.claims, { kid: "ES256" });
    const foreign = tokenOf(cloud.claims, { privateKey: others.privateKey });
    for (const token of [changed, unsigned, asSecret, foreign]) {
      expect(await refusal(assume(cloud, token))).toMatchObject({
        code: "InvalidIdentityToken",
        status: 400,
      });
    }
  });

  it("for another audience, without a subject, or too old: refused in AWS's words", async () => {
    await using cloud = await open();
    const words = async (claims: object) =>
      (await refusal(assume(cloud, tokenOf({ ...cloud.claims, ...claims })))).message;
    expect(await words({ aud: "other" })).toBe("Incorrect token audience");
    expect(await words({ sub: undefined })).toContain("sub");
    expect(await words({ exp: Math.floor(cloud.clock.wall() / 1000) - 1 })).toMatch(
      /^Token expired/,
    );
    expect(await words({ iss: "https://elsewhere.example" })).toContain(
      "No OpenIDConnect provider",
    );
  });

  it("of a provider that is not there: no verification key", async () => {
    await using cloud = await open();
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const away = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
    gone.close();
    await once(gone, "close");
    await cloud.iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: away, ClientIDList: ["sts.amazonaws.com"] }),
    );
    const refused = await refusal(assume(cloud, tokenOf({ ...cloud.claims, iss: away })));
    expect(refused).toMatchObject({
      code: "InvalidIdentityToken",
      message: expect.stringContaining("Couldn't retrieve verification key"),
    });
  });

  it("with a key that is new: found once the held keys may be asked for again", async () => {
    await using cloud = await open();
    published = ["RS256"];
    await assume(cloud, tokenOf(cloud.claims));
    await assume(cloud, tokenOf(cloud.claims));
    expect(asked).toEqual(["/.well-known/openid-configuration", "/keys"]);
    published = ["RS256", "ES256"];
    const renewed = tokenOf(cloud.claims, { alg: "ES256" });
    expect((await refusal(assume(cloud, renewed))).code).toBe("InvalidIdentityToken");
    await cloud.clock.advance(10_000);
    await assume(cloud, renewed);
  });
});

describe("the trust policy", () => {
  const equals = (of: Record<string, unknown>) => ({ Condition: { StringEquals: of } });

  it("conditions on audience and subject: let in whom they name", async () => {
    await using cloud = await open(
      equals({ [`${host()}:aud`]: "sts.amazonaws.com", [`${host()}:sub`]: "repo:team/app" }),
    );
    await assume(cloud, tokenOf(cloud.claims));
    const other = tokenOf({ ...cloud.claims, sub: "repo:other/app" });
    expect(await refusal(assume(cloud, other))).toEqual({
      code: "AccessDenied",
      status: 403,
      message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    });
  });

  it("an authorised party: it is who the token is for", async () => {
    await using cloud = await open(
      equals({ [`${host()}:aud`]: "the-app", [`${host()}:oaud`]: "sts.amazonaws.com" }),
    );
    await assume(cloud, tokenOf({ ...cloud.claims, azp: "the-app" }));
    expect((await refusal(assume(cloud, tokenOf(cloud.claims)))).code).toBe("AccessDenied");
  });

  it("another provider, another action, or no such role: denied in the same words", async () => {
    await using cloud = await open({}, "sts:AssumeRole");
    const denied = { code: "AccessDenied", message: expect.stringContaining("Not authorized") };
    expect(await refusal(assume(cloud, tokenOf(cloud.claims)))).toMatchObject(denied);
    const Federated = `arn:aws:iam::${account}:oidc-provider/other.example`;
    const RoleArn = await cloud.role(
      "other",
      policyOf({ Action: "sts:AssumeRoleWithWebIdentity", Principal: { Federated } }),
    );
    const missing = `arn:aws:iam::${account}:role/none`;
    for (const arn of [RoleArn, missing]) {
      const call = assume(cloud, tokenOf(cloud.claims), { RoleArn: arn });
      expect(await refusal(call)).toMatchObject(denied);
    }
  });

  it("tags and an identity in the token: need their own permissions, and are the session's", async () => {
    const told = {
      "https://aws.amazon.com/tags": {
        principal_tags: { team: ["a"] },
        transitive_tag_keys: ["team"],
      },
      "https://aws.amazon.com/source_identity": "alice",
    };
    const all = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"];
    await using cloud = await open({}, all);
    const answer = await assume(cloud, tokenOf({ ...cloud.claims, ...told }));
    expect(answer.SourceIdentity).toBe("alice");
    await using strict = await open();
    const call = assume(strict, tokenOf({ ...strict.claims, ...told }));
    expect((await refusal(call)).code).toBe("AccessDenied");
  });
});
