import { describe, expect, it } from "vitest";
import type { Role } from "../model/iam.ts";
import { globalRegion } from "../model/scope.ts";
import { isAllowed } from "./authorization.ts";
import { openStore } from "./store.ts";
import { roles } from "./tables/iam.ts";

const account = "111122223333";
const roleArn = `arn:aws:iam::${account}:role/service-role/execution`;
const secret = `arn:aws:secretsmanager:eu-west-1:${account}:secret:db-a1b2c3`;
const task = { roleArn, sessionName: "0123456789abcdef" };
const who = `arn:aws:sts::${account}:assumed-role/execution/0123456789abcdef`;

const document = (...Statement: object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement });

function roleWith(policies: readonly string[], more: Partial<Role> = {}): Role {
  return {
    account,
    region: globalRegion,
    arn: roleArn,
    id: "AROAAAAAAAAAAAAAAAAAA",
    name: "execution",
    path: "/service-role/",
    trustPolicy: "{}",
    description: undefined,
    maxSessionSeconds: 3600,
    permissionsBoundary: undefined,
    inlinePolicies: policies.map((text, at) => ({ name: `p${at}`, document: text })),
    attachedPolicyArns: [],
    createdAt: 0,
    tags: [],
    ...more,
  };
}

function ask(role: Role | undefined, more: Parameters<typeof isAllowed>[4] = {}) {
  const store = openStore(undefined);
  if (role) store.write((tx) => tx.table(roles).put(role));
  const action = "secretsmanager:GetSecretValue";
  const verdict = store.read((tx) => isAllowed(tx, task, action, secret, more));
  store.close();
  return verdict;
}

const allowSecret = { Effect: "Allow", Action: "secretsmanager:Get*", Resource: secret };

describe("what a task's role may do", () => {
  it("its policy allows it: allowed", () => {
    expect(ask(roleWith([document(allowSecret)]))).toEqual({ type: "allowed" });
  });

  it("no policy, or no role: denied in AWS's words, by the session's name", () => {
    const message =
      `User: ${who} is not authorized to perform: secretsmanager:GetSecretValue on resource: ` +
      `${secret} because no identity-based policy allows the secretsmanager:GetSecretValue action`;
    for (const role of [roleWith([]), undefined, roleWith([], { arn: `${roleArn}-2` })]) {
      expect(ask(role)).toMatchObject({ type: "denied", message });
    }
  });

  it("an attached policy of AWS's: it counts", () => {
    const attachedPolicyArns = ["arn:aws:iam::aws:policy/SecretsManagerReadWrite"];
    expect(ask(roleWith([], { attachedPolicyArns }))).toEqual({ type: "allowed" });
  });

  it("a boundary that is gone: nothing is allowed", () => {
    const permissionsBoundary = `arn:aws:iam::${account}:policy/gone`;
    expect(ask(roleWith([document(allowSecret)], { permissionsBoundary }))).toMatchObject({
      decision: { type: "implicitDeny", by: "boundary" },
    });
  });

  it("the resource's policy: it may allow by itself, and deny", () => {
    const speak = (Effect: string) =>
      document({ Effect, Principal: { AWS: roleArn }, Action: "*", Resource: "*" });
    expect(ask(roleWith([]), { resourcePolicy: speak("Allow") })).toEqual({ type: "allowed" });
    const denied = ask(roleWith([document(allowSecret)]), { resourcePolicy: speak("Deny") });
    expect(denied).toMatchObject({ decision: { type: "explicitDeny", by: "resource" } });
  });

  it("a key policy: nobody comes in whom it does not let in, the account lets policies decide", () => {
    const key = (AWS: string) =>
      document({ Effect: "Allow", Principal: { AWS }, Action: "*", Resource: "*" });
    const asked = (AWS: string) => ({ resourcePolicy: key(AWS), resourceMustAllow: true });
    const role = roleWith([document(allowSecret)]);
    expect(ask(role, asked(account))).toEqual({ type: "allowed" });
    expect(ask(roleWith([]), asked(account))).toMatchObject({ decision: { by: "identity" } });
    expect(ask(role, asked("444455556666"))).toMatchObject({ decision: { by: "resource" } });
  });

  it("conditions on the role's tags and on what is asked: both are seen", () => {
    const Condition = {
      StringEquals: { "aws:PrincipalTag/team": "a", "secretsmanager:VersionStage": "AWSCURRENT" },
    };
    const tags = [{ key: "team", value: "a" }];
    const role = roleWith([document({ ...allowSecret, Condition })], { tags });
    const conditions = { "secretsmanager:VersionStage": "AWSCURRENT" };
    expect(ask(role, { conditions })).toEqual({ type: "allowed" });
    expect(ask(role)).toMatchObject({ type: "denied" });
  });
});
