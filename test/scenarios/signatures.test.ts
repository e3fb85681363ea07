/** Signatures of keys that were issued here, and what becomes of callers with other keys. */

import { createHash, createHmac } from "node:crypto";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import {
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import { describe, expect, it } from "vitest";
import {
  type Account,
  account,
  allowing,
  type Keys,
  openAccount,
  refusal,
  trusting,
} from "./support/account.ts";

/** SHA-256 as the SDK's signer wants it. */
class Sha256 {
  #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;
  readonly #secret: string | Uint8Array | undefined;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = typeof secret === "string" || secret === undefined ? secret : toBytes(secret);
    this.#hash = this.#make();
  }

  #make() {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === "string" ? data : toBytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    this.#hash = this.#make();
  }
}

const toBytes = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);

const minute = 60_000;
const identity = new GetCallerIdentityCommand({});
const calls = {
  sts: (cloud: Account, keys: Keys) => cloud.client(STSClient, {}, keys).send(identity),
  ecs: (cloud: Account, keys: Keys) =>
    cloud.client(ECSClient, {}, keys).send(new ListClustersCommand({})),
  ec2: (cloud: Account, keys: Keys) =>
    cloud.client(EC2Client, {}, keys).send(new DescribeVpcsCommand({})),
};

const each = async (cloud: Account, keys: Keys) =>
  Promise.all([calls.sts, calls.ecs, calls.ec2].map((call) => refusal(call(cloud, keys))));

const codes = (refusals: readonly { code: string; status: number | undefined }[]) =>
  refusals.map(({ code, status }) => `${status} ${code}`);

const invalid = ["403 InvalidClientTokenId", "400 UnrecognizedClientException", "401 AuthFailure"];

describe("a signature", () => {
  it("right: the caller is the user", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({}));
    expect(await calls.sts(cloud, keys)).toMatchObject({
      Account: account,
      Arn: `arn:aws:iam::${account}:user/alice`,
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    });
    await calls.ecs(cloud, keys);
    await calls.ec2(cloud, keys);
  });

  it("right: when and for what the key was last used is told", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({}));
    const AccessKeyId = keys.accessKeyId;
    const lastUse = async () => {
      const command = new GetAccessKeyLastUsedCommand({ AccessKeyId });
      return (await cloud.iam.send(command)).AccessKeyLastUsed;
    };
    expect(await lastUse()).toMatchObject({ ServiceName: "N/A", Region: "N/A" });
    await calls.ecs(cloud, keys);
    const wanted = { ServiceName: "ecs", Region: "ap-northeast-1" };
    expect(await lastUse()).toMatchObject({ ...wanted, LastUsedDate: expect.any(Date) });
  });

  it("made with another secret: refused, in each service's code", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({}));
    const refusals = await each(cloud, { ...keys, secretAccessKey: "wrong" });
    expect(codes(refusals)).toEqual([
      "403 SignatureDoesNotMatch",
      "400 InvalidSignatureException",
      "401 AuthFailure",
    ]);
    expect(refusals[0]?.message).toBe(
      "The request signature we calculated does not match the signature you provided. Check your " +
        "AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  });

  it("of a key that was deleted or made inactive: the key is invalid", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({}));
    const key = { UserName: "alice", AccessKeyId: keys.accessKeyId };
    await calls.sts(cloud, keys);
    await cloud.iam.send(new UpdateAccessKeyCommand({ ...key, Status: "Inactive" }));
    expect(codes(await each(cloud, keys))).toEqual(invalid);
    await cloud.iam.send(new UpdateAccessKeyCommand({ ...key, Status: "Active" }));
    await calls.sts(cloud, keys);
    await cloud.iam.send(new DeleteAccessKeyCommand(key));
    const [first] = await each(cloud, keys);
    expect(codes(await each(cloud, keys))).toEqual(invalid);
    expect(first?.message).toBe("The security token included in the request is invalid.");
  });

  it("of a user's key with a token of somewhere else: invalid", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({}));
    const foreign = { ...keys, sessionToken: "FwoGZXIvYXdzEXAMPLE" };
    expect(codes(await each(cloud, foreign))).toEqual(invalid);
  });

  it("older than a quarter of an hour, or as much ahead: out of time", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({}));
    await cloud.clock.advance(14 * minute);
    await calls.sts(cloud, keys);
    await cloud.clock.advance(2 * minute);
    const refusals = await each(cloud, keys);
    expect(codes(refusals)).toEqual([
      "403 SignatureDoesNotMatch",
      "400 InvalidSignatureException",
      "400 RequestExpired",
    ]);
    expect(refusals[0]?.message).toMatch(
      /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/,
    );
    const early = await signed(cloud, keys, {
      signingDate: new Date(cloud.clock.wall() + 16 * minute),
    });
    expect(await early.text()).toContain("Signature not yet current");
  });

  it("of a session: only with its token, until it ends", async () => {
    await using cloud = await openAccount();
    const trust = trusting({ AWS: account });
    const arn = await cloud.role("deploy", trust, allowing({}), { MaxSessionDuration: 3600 });
    const { keys } = await cloud.assume(arn, { DurationSeconds: 900 });
    await calls.sts(cloud, keys);
    const { sessionToken = "", ...bare } = keys;
    expect(codes(await each(cloud, bare))).toEqual(invalid);
    const spoilt = { ...keys, sessionToken: `${sessionToken.slice(0, -6)}AAAAAA` };
    expect(codes(await each(cloud, spoilt))).toEqual(invalid);
    const other = await cloud.assume(arn);
    const mixed = { ...keys, sessionToken: other.keys.sessionToken ?? "" };
    expect(codes(await each(cloud, mixed))).toEqual(invalid);
    // A moment more than the session is long; the client's clock has not moved as far.
    await cloud.clock.advance(899_000);
    await calls.sts(cloud, keys);
    await cloud.clock.advance(1_000);
    const refusals = await Promise.all(
      ["sts", "ecs", "ec2"].map((service) =>
        signed(cloud, keys, { signingDate: new Date(cloud.clock.wall()), service }),
      ),
    );
    expect(refusals.map(({ status }) => status)).toEqual([403, 400, 400]);
    const texts = await Promise.all(refusals.map((answer) => answer.text()));
    expect(texts[0]).toContain("ExpiredToken");
    expect(texts[1]).toContain("ExpiredTokenException");
    expect(texts[2]).toContain("RequestExpired");
  });
});

type Signing = { signingDate: Date; service?: string; body?: string; headers?: object };

const bodies: Record<string, { body: string; headers: Record<string, string> }> = {
  sts: form("Action=GetCallerIdentity&Version=2011-06-15"),
  ec2: form("Action=DescribeVpcs&Version=2016-11-15"),
  ecs: {
    body: "{}",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonEC2ContainerServiceV20141113.ListClusters",
    },
  },
};

function form(body: string) {
  return { body, headers: { "content-type": "application/x-www-form-urlencoded" } };
}

const signerOf = (keys: Keys, service: string) =>
  new SignatureV4({ credentials: keys, region: "us-east-1", service, sha256: Sha256 });

/** A request that is signed for a time that clients would not choose. */
async function signed(
  cloud: Account,
  keys: Keys,
  { signingDate, service = "sts" }: Signing,
  change: (request: {
    headers: Record<string, string>;
    body: string;
    url: string;
  }) => void = () => {},
): Promise<Response> {
  const plain = bodies[service];
  if (!plain) throw new Error(`no request for ${service}`);
  const host = `127.0.0.1:${cloud.port}`;
  const request = await signerOf(keys, service).sign(
    {
      method: "POST",
      protocol: "http:",
      hostname: "127.0.0.1",
      port: cloud.port,
      path: "/",
      query: {},
      headers: { ...plain.headers, host },
      body: plain.body,
    },
    { signingDate },
  );
  const sent = { headers: { ...request.headers }, body: plain.body, url: `${cloud.url}/` };
  change(sent);
  return fetch(sent.url, { method: "POST", headers: sent.headers, body: sent.body });
}

describe("the parts of a signed request", () => {
  const cases: [string, Parameters<typeof signed>[3], string][] = [
    [
      "another body",
      (sent) => {
        sent.body += "&X=1";
      },
      "SignatureDoesNotMatch",
    ],
    [
      "another query",
      (sent) => {
        sent.url += "?x=1";
      },
      "SignatureDoesNotMatch",
    ],
    [
      "a header that was signed is another",
      (sent) => {
        sent.headers["content-type"] += ";charset=utf-8";
      },
      "SignatureDoesNotMatch",
    ],
    [
      "no signature",
      (sent) => {
        sent.headers["authorization"] = (sent.headers["authorization"] ?? "").replace(
          /, Signature=.*/,
          "",
        );
      },
      "IncompleteSignature",
    ],
    [
      "no date",
      (sent) => {
        delete sent.headers["x-amz-date"];
      },
      "IncompleteSignature",
    ],
    [
      "host not signed",
      (sent) => {
        sent.headers["authorization"] = (sent.headers["authorization"] ?? "").replace("host;", "");
      },
      "IncompleteSignature",
    ],
    [
      "another day in the scope",
      (sent) => {
        sent.headers["authorization"] = (sent.headers["authorization"] ?? "").replace(
          /\/\d{8}\//,
          "/20200101/",
        );
      },
      "Date in Credential scope",
    ],
  ];
  it.each(cases)("%s: refused", async (_, change, words) => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({}));
    const signingDate = new Date(cloud.clock.wall());
    expect((await signed(cloud, keys, { signingDate })).status).toBe(200);
    const answer = await signed(cloud, keys, { signingDate }, change);
    expect(await answer.text()).toContain(words);
    expect([400, 403]).toContain(answer.status);
  });

  it("a body that is said not to be signed: believed", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({}));
    const plain = form("Action=GetCallerIdentity&Version=2011-06-15");
    const headers = {
      ...plain.headers,
      host: `127.0.0.1:${cloud.port}`,
      "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    };
    const request = await signerOf(keys, "sts").sign(
      { method: "POST", protocol: "http:", hostname: "127.0.0.1", path: "/", query: {}, headers },
      { signingDate: new Date(cloud.clock.wall()) },
    );
    const answer = await fetch(cloud.url, {
      method: "POST",
      headers: request.headers,
      body: plain.body,
    });
    expect(await answer.text()).toContain("user/alice");
  });
});

describe("a presigned URL", () => {
  async function presign(cloud: Account, keys: Keys, expiresIn = 60): Promise<string> {
    const { query = {} } = await signerOf(keys, "sts").presign(
      {
        method: "GET",
        protocol: "http:",
        hostname: "127.0.0.1",
        path: "/",
        query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
        headers: { host: `127.0.0.1:${cloud.port}` },
      },
      { signingDate: new Date(cloud.clock.wall()), expiresIn },
    );
    const text = Object.entries(query).map(([name, value]) => [name, String(value)]);
    return `${cloud.url}/?${new URLSearchParams(text as [string, string][])}`;
  }

  it("of GetCallerIdentity: the user, until it expires", async () => {
    await using cloud = await openAccount();
    const url = await presign(cloud, await cloud.user("alice"));
    expect(await (await fetch(url)).text()).toContain("user/alice");
    await cloud.clock.advance(61_000);
    const late = await fetch(url);
    expect(late.status).toBe(403);
    expect(await late.text()).toContain("Signature expired");
  });

  it("of a session, and changed: the session; refused", async () => {
    await using cloud = await openAccount();
    const { keys } = await cloud.assume(await cloud.role("deploy", trusting({ AWS: account })));
    const url = await presign(cloud, keys);
    expect(await (await fetch(url)).text()).toContain("assumed-role/deploy/run-1");
    const changed = await fetch(`${url}&More=1`);
    expect(await changed.text()).toContain("SignatureDoesNotMatch");
  });
});

describe("keys that were not issued here", () => {
  const test: Keys = { accessKeyId: "test", secretAccessKey: "test" };
  // As a developer's environment may hold them, for AWS itself.
  const foreign: Keys = { ...test, accessKeyId: "AKIAQ3EXAMPLEKEYABCD" };
  const borrowed: Keys = { ...test, accessKeyId: "ASIAQ3EXAMPLEKEYABCD", sessionToken: "IQoJb3Jp" };

  it("by default: the account's root", async () => {
    await using cloud = await openAccount();
    for (const keys of [test, foreign, borrowed]) {
      expect(await calls.sts(cloud, keys)).toMatchObject({ Arn: `arn:aws:iam::${account}:root` });
    }
  });

  it("strict: refused, signed or not; issued ones work", async () => {
    const helper = await openAccount();
    const keys = await helper.user("alice", allowing({}));
    await using cloud = await openAccount({
      store: helper.store,
      unknownCallers: { type: "refused" },
    });
    for (const unknown of [test, foreign, borrowed]) {
      expect(codes(await each(cloud, unknown))).toEqual(invalid);
    }
    await calls.ecs(cloud, keys);
    const { body, headers } = form("Action=GetCallerIdentity&Version=2011-06-15");
    const unsigned = await fetch(cloud.url, { method: "POST", headers, body });
    expect(unsigned.status).toBe(403);
    expect(await unsigned.text()).toContain("MissingAuthenticationToken");
    const web = cloud.client(STSClient, {}, test).send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: `arn:aws:iam::${account}:role/deploy`,
        RoleSessionName: "run-1",
        WebIdentityToken: "nonsense",
      }),
    );
    expect(await refusal(web)).toMatchObject({ code: "InvalidIdentityToken" });
    await helper.close();
  });

  it("as a role: its session, with its policies; without the role: refused by name", async () => {
    const helper = await openAccount();
    const policy = allowing({ Action: "ecs:*" });
    const roleArn = await helper.role("deploy", trusting({ AWS: account }), policy);
    await using cloud = await openAccount({
      store: helper.store,
      unknownCallers: { type: "role", roleArn },
    });
    expect(await calls.sts(cloud, test)).toMatchObject({
      Arn: `arn:aws:sts::${account}:assumed-role/deploy/neargate`,
    });
    await calls.ecs(cloud, test);
    expect(await refusal(calls.ec2(cloud, test))).toMatchObject({ code: "UnauthorizedOperation" });
    await using other = await openAccount({
      store: helper.store,
      unknownCallers: { type: "role", roleArn: `${roleArn}-2` },
    });
    const { message } = await refusal(calls.ecs(other, test));
    expect(message).toContain(`--as-role ${roleArn}-2`);
    await helper.close();
  });
});
