// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how policies write variables.

import { describe, expect, it } from "vitest";
import fc from "../../../test/builders/properties.ts";
import { type ConditionValues, conditionKeys } from "./condition-keys.ts";
import { explainDenial } from "./denial.ts";
import { type PolicyDocument, readPolicyOrDeny } from "./document.ts";
import { type Decision, evaluate, type PolicySet } from "./evaluate.ts";
import type { Principal } from "./principal.ts";

const account = "111122223333";
const user = { type: "user", account, arn: `arn:aws:iam::${account}:user/alice` } as const;
const session = {
  type: "session",
  account,
  arn: `arn:aws:sts::${account}:assumed-role/deploy/run-1`,
  roleArn: `arn:aws:iam::${account}:role/deploy`,
} as const;
const root: Principal = { type: "root", account, arn: `arn:aws:iam::${account}:root` };
const service: Principal = { type: "service", name: "ecs-tasks.amazonaws.com" };

type Statement = Record<string, unknown>;
const document = (...Statement: Statement[]): PolicyDocument =>
  readPolicyOrDeny(JSON.stringify({ Version: "2012-10-17", Statement }));
const allow = (more: Statement = {}): Statement => ({
  Effect: "Allow",
  ...(more["NotAction"] === undefined && { Action: "*" }),
  ...(more["NotResource"] === undefined && { Resource: "*" }),
  ...more,
});
const deny = (more: Statement = {}): Statement => ({ ...allow(more), Effect: "Deny" });

const ask = (policies: PolicySet, more: Partial<Parameters<typeof evaluate>[0]> = {}): Decision =>
  evaluate(
    { principal: user, action: "ecs:RunTask", resource: "arn:aws:ecs:r:a:task/x", ...more },
    policies,
  );

const identity = (...statements: Statement[]): PolicySet => ({
  identity: [document(...statements)],
});

const endpoint = (...statements: Statement[]): Partial<PolicySet> => ({
  endpoint: [document(...statements.map((one) => ({ Principal: "*", ...one })))],
});

/** What the policy of a VPC endpoint says goes before all else. */
function endpointCases(): [string, PolicySet, Principal, string][] {
  const held = identity(allow());
  const anyone = { Principal: { AWS: "*" } };
  const ofAccount = endpoint(allow({ Principal: { AWS: account } }));
  const isGatewayEndpoint = true;
  return [
    ["an endpoint that allows", { ...held, ...endpoint(allow(anyone)) }, user, "allow"],
    [
      "an endpoint that allows another action",
      { ...held, ...endpoint(allow({ Action: "ecs:List*" })) },
      user,
      "implicitDeny endpoint",
    ],
    [
      "an endpoint and an identity that do not allow",
      { identity: [], ...endpoint() },
      user,
      "implicitDeny endpoint",
    ],
    [
      "an endpoint allows, nothing else",
      { identity: [], ...endpoint(allow()) },
      user,
      "implicitDeny identity",
    ],
    [
      "an endpoint that denies",
      { ...held, ...endpoint(allow(), deny()) },
      user,
      "explicitDeny endpoint",
    ],
    [
      "an endpoint against the account itself",
      { identity: [], ...endpoint() },
      root,
      "implicitDeny endpoint",
    ],
    [
      "an endpoint that names another",
      { ...held, ...endpoint(allow({ Principal: { AWS: session.roleArn } })) },
      user,
      "implicitDeny endpoint",
    ],
    ["an interface endpoint that names the account", { ...held, ...ofAccount }, user, "allow"],
    [
      "a gateway endpoint that names the account",
      { ...held, ...ofAccount, isGatewayEndpoint },
      user,
      "implicitDeny endpoint",
    ],
    [
      "a gateway endpoint that names the account, its root",
      { ...held, ...ofAccount, isGatewayEndpoint },
      root,
      "allow",
    ],
    [
      "a resource names the user, the endpoint does not allow",
      {
        identity: [],
        resource: [document(allow({ Principal: { AWS: user.arn } }))],
        ...endpoint(),
      },
      user,
      "implicitDeny endpoint",
    ],
  ];
}

/** As the tables of AWS's documentation have it: what a resource grants, to whom, and what bounds it. */
function sessionCases(): [string, PolicySet, Principal, string][] {
  const full = document(allow());
  const none = document();
  const naming = (...AWS: string[]): PolicyDocument => document(allow({ Principal: { AWS } }));
  const sparing = (...AWS: string[]): PolicyDocument => document(deny({ NotPrincipal: { AWS } }));
  const federated: Principal = {
    type: "session",
    account,
    arn: `arn:aws:sts::${account}:federated-user/bob`,
    roleArn: user.arn,
  };
  const own = { identity: [], boundary: [none], session: [none] };
  return [
    [
      "the resource names the role, the session's policies do not allow",
      { identity: [], resource: [naming(session.roleArn)], session: [none] },
      session,
      "implicitDeny session",
    ],
    [
      "the resource names the session, which nothing of its own allows",
      { ...own, resource: [naming(session.arn)] },
      session,
      "allow",
    ],
    [
      "the resource names the session, the boundary denies",
      { ...own, boundary: [document(deny())], resource: [naming(session.arn)] },
      session,
      "explicitDeny boundary",
    ],
    [
      "the resource names everybody, the session's policies do not allow",
      { identity: [], session: [none], resource: [document(allow({ Principal: "*" }))] },
      session,
      "implicitDeny session",
    ],
    [
      "the resource names the federated user",
      { ...own, resource: [naming(federated.arn)] },
      federated,
      "allow",
    ],
    [
      "the resource names the user behind a federated one",
      { identity: [], session: [none], resource: [naming(user.arn)] },
      federated,
      "implicitDeny session",
    ],
    [
      "another account's resource names the session, its own policies do not allow",
      { ...own, resource: [naming(session.arn)], resourceAccount: "999999999999" },
      session,
      "implicitDeny identity",
    ],
    [
      "another account's resource names the account, all else allows",
      {
        identity: [full],
        session: [full],
        resource: [naming(account)],
        resourceAccount: "999999999999",
      },
      session,
      "allow",
    ],
    [
      "the resource denies everybody but the session",
      { identity: [full], resource: [sparing(session.arn, session.roleArn, account)] },
      session,
      "allow",
    ],
    [
      "the resource denies everybody but the role: not its sessions",
      { identity: [full], resource: [sparing(session.roleArn)] },
      session,
      "explicitDeny resource",
    ],
    [
      "the resource denies everybody but the account: not its users",
      { identity: [full], resource: [sparing(`arn:aws:iam::${account}:root`)] },
      user,
      "explicitDeny resource",
    ],
    [
      "the resource denies everybody but the account: not the account itself",
      { identity: [], resource: [sparing(account)] },
      root,
      "allow",
    ],
    [
      "the resource denies everybody but anybody",
      { identity: [full], resource: [document(deny({ NotPrincipal: "*" }))] },
      session,
      "allow",
    ],
  ];
}

describe("kinds of policies", () => {
  const full = document(allow());
  const none = document();
  const denying = document(allow(), deny());
  const byName = (AWS: string): PolicyDocument => document(allow({ Principal: { AWS } }));
  const cases: [string, PolicySet, Principal, string][] = [
    ["no policy at all", { identity: [] }, user, "implicitDeny identity"],
    ["the account itself, no policy", { identity: [] }, root, "allow"],
    ["an identity policy that allows", { identity: [full] }, user, "allow"],
    ["an identity policy that denies too", { identity: [denying] }, user, "explicitDeny identity"],
    [
      "one policy allows, another denies",
      { identity: [full, denying] },
      user,
      "explicitDeny identity",
    ],
    ...endpointCases(),
    [
      "a boundary that does not allow",
      { identity: [full], boundary: [none] },
      user,
      "implicitDeny boundary",
    ],
    ["a boundary alone", { identity: [], boundary: [full] }, user, "implicitDeny identity"],
    [
      "a boundary that denies",
      { identity: [full], boundary: [denying] },
      user,
      "explicitDeny boundary",
    ],
    ["identity and boundary allow", { identity: [full], boundary: [full] }, user, "allow"],
    [
      "a session policy that does not allow",
      { identity: [full], session: [none] },
      session,
      "implicitDeny session",
    ],
    [
      "a session policy that denies",
      { identity: [full], session: [denying] },
      session,
      "explicitDeny session",
    ],
    [
      "the resource names the user",
      { identity: [], resource: [byName(user.arn)], boundary: [none] },
      user,
      "allow",
    ],
    [
      "the resource names the session",
      { identity: [], resource: [byName(session.arn)], session: [none] },
      session,
      "allow",
    ],
    [
      "the resource names the role",
      { identity: [], resource: [byName(session.roleArn)] },
      session,
      "allow",
    ],
    [
      "the resource names the role, the boundary does not allow",
      { identity: [], resource: [byName(session.roleArn)], boundary: [none] },
      session,
      "implicitDeny boundary",
    ],
    [
      "the resource names the account",
      { identity: [], resource: [byName(account)] },
      user,
      "implicitDeny identity",
    ],
    [
      "the resource names the account, identity allows",
      { identity: [full], resource: [byName(account)] },
      user,
      "allow",
    ],
    [
      "the resource names another user",
      { identity: [], resource: [byName("arn:aws:iam::111122223333:user/bob")] },
      user,
      "implicitDeny identity",
    ],
    [
      "the resource denies the user",
      { identity: [full], resource: [document(deny({ Principal: "*" }))] },
      user,
      "explicitDeny resource",
    ],
    [
      "the resource denies everybody but the user",
      { identity: [full], resource: [document(deny({ NotPrincipal: { AWS: user.arn } }))] },
      user,
      "allow",
    ],
    [
      "the resource denies everybody but another",
      {
        identity: [full],
        resource: [document(deny({ NotPrincipal: { AWS: "arn:aws:iam::1:user/b" } }))],
      },
      user,
      "explicitDeny resource",
    ],
    ...sessionCases(),
    [
      "a resource that must allow and does not",
      { identity: [full], resource: [none], resourceMustAllow: true },
      user,
      "implicitDeny resource",
    ],
    [
      "a resource that must allow and names the account",
      {
        identity: [full],
        resource: [byName(`arn:aws:iam::${account}:root`)],
        resourceMustAllow: true,
      },
      user,
      "allow",
    ],
    [
      "root and a resource that must allow and does not",
      { identity: [], resource: [none], resourceMustAllow: true },
      root,
      "implicitDeny resource",
    ],
    [
      "another account's resource, only identity allows",
      { identity: [full], resource: [none], resourceAccount: "999999999999" },
      user,
      "implicitDeny resource",
    ],
    [
      "another account's resource, only the resource allows",
      { identity: [], resource: [byName(user.arn)], resourceAccount: "999999999999" },
      user,
      "implicitDeny identity",
    ],
    [
      "another account's resource, both allow",
      { identity: [full], resource: [byName(user.arn)], resourceAccount: "999999999999" },
      user,
      "allow",
    ],
    [
      "a service that is named",
      { identity: [], resource: [document(allow({ Principal: { Service: service.name } }))] },
      service,
      "allow",
    ],
    [
      "a service that is not named",
      { identity: [], resource: [byName(user.arn)] },
      service,
      "implicitDeny resource",
    ],
    [
      "a statement without principal in a resource's policy",
      { identity: [], resource: [full] },
      user,
      "implicitDeny identity",
    ],
    [
      "a document that cannot be read",
      { identity: [full, readPolicyOrDeny("{")] },
      user,
      "explicitDeny identity",
    ],
  ];
  it.each(cases)("%s", (_, policies, principal, expected) => {
    const decision = ask(policies, { principal });
    expect("by" in decision ? `${decision.type} ${decision.by}` : decision.type).toBe(expected);
  });
});

describe("actions and resources", () => {
  const vpc = "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1";
  const cases: [string, Statement, boolean][] = [
    ["the action itself", { Action: "ec2:DeleteVpc" }, true],
    ["another action", { Action: "ec2:CreateVpc" }, false],
    ["an action in another case", { Action: "EC2:deletevpc" }, true],
    ["an action by pattern", { Action: "ec2:Delete*" }, true],
    ["one character of any kind", { Action: "ec2:Delete?pc" }, true],
    ["a mark is not no character", { Action: "ec2:DeleteVpc?" }, false],
    ["one of several actions", { Action: ["ecs:*", "ec2:*Vpc"] }, true],
    ["a pattern is of the whole", { Action: "ec2:Delete" }, false],
    ["all but the action", { NotAction: "ec2:DeleteVpc" }, false],
    ["all but others", { NotAction: ["iam:*", "sts:*"] }, true],
    ["the resource itself", { Resource: vpc }, true],
    ["a resource in another case", { Resource: vpc.toUpperCase() }, false],
    ["a star over colons and slashes", { Resource: "arn:aws:*vpc-1" }, true],
    ["another region", { Resource: "arn:aws:ec2:us-east-1:*:vpc/*" }, false],
    ["all but the resource", { NotResource: vpc }, false],
    ["all but others", { NotResource: "arn:aws:s3:::*" }, true],
    ["no pattern at all", { Resource: [] }, false],
  ];
  it.each(cases)("%s", (_, statement, expected) => {
    const decision = ask(identity(allow(statement)), { action: "ec2:DeleteVpc", resource: vpc });
    expect(decision.type === "allow").toBe(expected);
  });

  // Tried one way after the other it would take for ever; a slow machine may take its time.
  it("a pattern full of stars against a long text: an answer", () => {
    const hostile = identity(allow({ Resource: `${"*a".repeat(200)}b` }));
    const started = performance.now();
    expect(ask(hostile, { resource: "a".repeat(2_000) }).type).toBe("implicitDeny");
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe("policy variables", () => {
  const keys = conditionKeys({
    "aws:username": "alice",
    "aws:PrincipalTag/team": "a*",
    "aws:PrincipalTag/cost center": "c1",
    "aws:TagKeys": ["x", "y"],
  });
  const cases: [string, string, boolean][] = [
    ["home/${aws:username}", "home/alice", true],
    ["home/${AWS:UserName}/*", "home/alice/x", true],
    ["home/${aws:username}", "home/bob", false],
    ["home/${aws:userid}", "home/", false],
    ["home/${aws:userid, 'nobody'}", "home/nobody", true],
    ["home/${aws:username, 'nobody'}", "home/nobody", false],
    ["${aws:PrincipalTag/team}", "a*", true],
    ["${aws:PrincipalTag/team}", "abc", false],
    ["${aws:PrincipalTag/cost center}", "c1", true],
    ["${ aws:PrincipalTag/cost center , 'none' }", "c1", true],
    ["${aws:PrincipalTag/cost unit, 'none'}", "none", true],
    ["${aws:TagKeys}", "x", false],
    ["file${*}", "file*", true],
    ["file${*}", "files", false],
    ["file${?}", "file?", true],
    ["${$}", "$", true],
  ];
  it.each(cases)("%s and %s: %s", (pattern, resource, expected) => {
    const decision = ask(identity(allow({ Resource: pattern })), { resource, keys });
    expect(decision.type === "allow").toBe(expected);
  });

  it("a document of 2008: plain text", () => {
    const old = readPolicyOrDeny(
      JSON.stringify({
        Version: "2008-10-17",
        Statement: [allow({ Resource: "${aws:username}" })],
      }),
    );
    expect(ask({ identity: [old] }, { resource: "alice", keys }).type).toBe("implicitDeny");
    expect(ask({ identity: [old] }, { resource: "${aws:username}", keys }).type).toBe("allow");
  });
});

describe("conditions", () => {
  const known: ConditionValues = {
    "aws:username": "alice",
    "aws:SourceIp": "10.1.2.3",
    "aws:CurrentTime": "2026-01-01T12:00:00Z",
    "aws:SecureTransport": true,
    "s3:max-keys": 10,
    "aws:PrincipalArn": "arn:aws:iam::111122223333:role/team/deploy",
    "aws:TagKeys": ["team", "cost"],
    "aws:RequestTag/team": "a",
    "key:binary": "AQID",
    "v6:ip": "2001:db8::1",
  };
  const cases: [string, string, unknown, boolean][] = [
    ["StringEquals", "aws:username", "alice", true],
    ["StringEquals", "AWS:USERNAME", "alice", true],
    ["StringEquals", "aws:username", "Alice", false],
    ["StringEquals", "aws:username", ["bob", "alice"], true],
    ["StringEquals", "aws:username", "al*", false],
    ["StringEquals", "aws:username", "${aws:username}", true],
    ["StringEquals", "absent", "x", false],
    ["StringEqualsIfExists", "absent", "x", true],
    ["StringEqualsIfExists", "aws:username", "x", false],
    ["StringNotEquals", "aws:username", "alice", false],
    ["StringNotEquals", "aws:username", ["bob", "alice"], false],
    ["StringNotEquals", "aws:username", ["bob", "eve"], true],
    ["StringNotEquals", "absent", "x", true],
    ["StringEqualsIgnoreCase", "aws:username", "ALICE", true],
    ["StringNotEqualsIgnoreCase", "aws:username", "ALICE", false],
    ["StringLike", "aws:username", "a?ic*", true],
    ["StringLike", "aws:username", "b*", false],
    ["StringNotLike", "aws:username", "a*", false],
    ["stringlike", "aws:username", "a*", true],
    ["NumericEquals", "s3:max-keys", 10, true],
    ["NumericEquals", "s3:max-keys", "10.0", true],
    ["NumericNotEquals", "s3:max-keys", "10", false],
    ["NumericLessThan", "s3:max-keys", "10", false],
    ["NumericLessThanEquals", "s3:max-keys", "10", true],
    ["NumericGreaterThan", "s3:max-keys", "9", true],
    ["NumericGreaterThanEquals", "s3:max-keys", "11", false],
    ["NumericEquals", "aws:username", "x", false],
    ["DateGreaterThan", "aws:CurrentTime", "2026-01-01T11:59:59Z", true],
    ["DateLessThan", "aws:CurrentTime", "2026-01-01T11:59:59Z", false],
    ["DateLessThanEquals", "aws:CurrentTime", "2026-01-01T12:00:00Z", true],
    ["DateEquals", "aws:CurrentTime", "1767268800", true],
    ["DateNotEquals", "aws:CurrentTime", "2026-01-01T12:00:00Z", false],
    ["DateGreaterThanEquals", "aws:CurrentTime", "nonsense", false],
    ["Bool", "aws:SecureTransport", "true", true],
    ["Bool", "aws:SecureTransport", false, false],
    ["BoolIfExists", "aws:MultiFactorAuthPresent", "true", true],
    ["BinaryEquals", "key:binary", "AQID", true],
    ["BinaryEquals", "key:binary", "AQIE", false],
    ["IpAddress", "aws:SourceIp", "10.1.0.0/16", true],
    ["IpAddress", "aws:SourceIp", "10.1.2.3", true],
    ["IpAddress", "aws:SourceIp", ["192.168.0.0/16", "10.2.0.0/16"], false],
    ["NotIpAddress", "aws:SourceIp", "10.1.0.0/16", false],
    ["IpAddress", "v6:ip", "2001:db8::/32", true],
    ["IpAddress", "v6:ip", "2001:db9::/32", false],
    ["IpAddress", "v6:ip", "10.0.0.0/8", false],
    ["ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/team/*", true],
    ["ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", true],
    ["ArnLike", "aws:PrincipalArn", "arn:*:role/team/deploy", false],
    ["ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*", false],
    ["ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::*:user/*", true],
    ["Null", "absent", "true", true],
    ["Null", "absent", "false", false],
    ["Null", "aws:username", "false", true],
    ["Null", "aws:username", true, false],
    ["ForAllValues:StringEquals", "aws:TagKeys", ["team", "cost", "name"], true],
    ["ForAllValues:StringEquals", "aws:TagKeys", ["team"], false],
    ["ForAllValues:StringEquals", "absent", ["team"], true],
    ["ForAnyValue:StringEquals", "aws:TagKeys", ["team"], true],
    ["ForAnyValue:StringEquals", "aws:TagKeys", ["name"], false],
    ["ForAnyValue:StringEquals", "absent", ["team"], false],
    ["ForAnyValue:StringEqualsIfExists", "absent", ["team"], true],
    ["ForAllValues:StringNotEquals", "aws:TagKeys", ["name"], true],
    ["ForAllValues:StringNotEquals", "aws:TagKeys", ["cost"], false],
    ["ForAnyValue:StringNotEquals", "aws:TagKeys", ["cost"], true],
    ["ForAnyValue:StringLike", "aws:TagKeys", ["t*"], true],
    ["ForAllValues:StringNotEquals", "absent", ["team"], true],
    ["ForAnyValue:StringNotEquals", "absent", ["team"], false],
    ["ForAllValues:StringEqualsIgnoreCase", "aws:TagKeys", ["TEAM", "Cost"], true],
    ["ForAllValues:ArnLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/*"], true],
    ["StringNotEqualsIfExists", "absent", "x", true],
    ["StringNotEqualsIfExists", "aws:username", ["alice", "bob"], false],
    ["StringEqualsIfExists", "aws:username", ["bob", "alice"], true],
    ["NumericLessThanIfExists", "absent", "1", true],
    ["NumericLessThan", "absent", "1", false],
    ["NumericNotEquals", "absent", "1", true],
    ["NumericEquals", "s3:max-keys", ["9", "10"], true],
    ["NumericEquals", "s3:max-keys", "1e1", true],
    ["DateNotEquals", "absent", "2026-01-01T12:00:00Z", true],
    ["DateGreaterThan", "aws:CurrentTime", "2026-01-01", true],
    ["DateLessThan", "aws:CurrentTime", "2026-01-01T14:00:00+01:00", true],
    ["Bool", "aws:SecureTransport", "TRUE", true],
    ["Bool", "absent", "false", false],
    ["IpAddress", "absent", "0.0.0.0/0", false],
    ["IpAddressIfExists", "absent", "10.0.0.0/8", true],
    ["NotIpAddress", "absent", "10.0.0.0/8", true],
    ["NotIpAddress", "v6:ip", "10.0.0.0/8", true],
    ["IpAddress", "aws:SourceIp", "10.1.2.3/32", true],
    ["IpAddress", "v6:ip", "2001:db8::1", true],
    ["ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:*", true],
    ["ArnLike", "aws:PrincipalArn", "arn:aws:iam:*:role/team/deploy", false],
    ["ArnEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/team/deplo?", true],
    ["ArnLikeIfExists", "absent", "arn:aws:iam::1:user/x", true],
    ["ArnNotLike", "absent", "arn:aws:iam::1:user/x", true],
    ["StringLike", "aws:PrincipalArn", "arn:*:role/team/deploy", true],
    ["StringEquals", "aws:username", "${absent, 'alice'}", true],
    ["StringEquals", "aws:username", "${absent}", false],
    ["StringLike", "aws:username", "${aws:username}*", true],
    ["Null", "aws:RequestTag/team", "false", true],
    ["Null", "aws:RequestTag/cost", ["true"], true],
    ["StringSoundsLike", "aws:username", "alice", false],
    ["constructor", "aws:username", "alice", false],
  ];
  it.each(cases)("%s of %s and %j: %s", (operator, key, value, expected) => {
    const statement = allow({ Condition: { [operator]: { [key]: value } } });
    const decision = ask(identity(statement), { keys: conditionKeys(known) });
    expect(decision.type === "allow").toBe(expected);
  });

  it("several operators and keys: all of them must hold", () => {
    const both = (team: string) =>
      allow({
        Condition: {
          StringEquals: { "aws:username": "alice", "aws:RequestTag/team": team },
          Bool: { "aws:SecureTransport": "true" },
        },
      });
    expect(ask(identity(both("a")), { keys: conditionKeys(known) }).type).toBe("allow");
    expect(ask(identity(both("b")), { keys: conditionKeys(known) }).type).toBe("implicitDeny");
  });

  it("a later record of keys: it goes over an earlier one", () => {
    const keys = conditionKeys({ "a:b": "1", "a:c": [] }, { "A:B": "2", "a:d": undefined });
    expect(keys.get("a:b")).toEqual(["2"]);
    expect([keys.get("a:c"), keys.get("a:d")]).toEqual([undefined, undefined]);
  });
});

describe("conditions that cannot be read", () => {
  it("their statement allows nothing", () => {
    for (const Condition of ["x", { StringEquals: "x" }, null]) {
      expect(ask(identity(allow({ Condition }))).type).toBe("implicitDeny");
    }
  });
});

describe("what holds for all policies", () => {
  const part = fc.constantFrom("ec2:*", "ecs:RunTask", "ecs:*", "*", "iam:PassRole", "e?s:Run*");
  const place = fc.constantFrom("*", "arn:aws:ecs:*", "arn:aws:ecs:r:a:task/x", "arn:aws:s3:::b");
  const statement = fc.record({
    Effect: fc.constantFrom("Allow", "Deny"),
    Action: part,
    Resource: place,
    Principal: fc.constantFrom(
      "*",
      { AWS: user.arn },
      { AWS: account },
      { AWS: "arn:aws:iam::1:user/b" },
    ),
    Condition: fc.constantFrom(
      {},
      { StringEquals: { "aws:username": "alice" } },
      { StringNotEquals: { "aws:username": "alice" } },
      { Null: { absent: "true" } },
    ),
  });
  const documents = fc.array(
    fc.array(statement, { maxLength: 3 }).map((statements) => document(...statements)),
    { maxLength: 3 },
  );
  const policySet: fc.Arbitrary<PolicySet> = fc.record({
    identity: documents,
    resource: fc.option(documents, { nil: undefined }),
    boundary: fc.option(documents, { nil: undefined }),
    session: fc.option(documents, { nil: undefined }),
    resourceMustAllow: fc.boolean(),
    resourceAccount: fc.constantFrom(undefined, account, "999999999999"),
  });
  const kind = fc.constantFrom("identity", "resource", "boundary", "session") as fc.Arbitrary<
    "identity" | "resource" | "boundary" | "session"
  >;
  const principal = fc.constantFrom(user, session, root);
  const with_ = (set: PolicySet, where: keyof PolicySet, added: PolicyDocument): PolicySet => ({
    ...set,
    [where]: [...((set[where] as readonly PolicyDocument[] | undefined) ?? []), added],
  });

  it("a denial that matches is added to any kind: it wins", () => {
    const added = document(deny({ Principal: "*" }));
    fc.assert(
      fc.property(policySet, kind, principal, (set, where, who) => {
        const keys = conditionKeys({ "aws:username": "alice" });
        expect(ask(with_(set, where, added), { principal: who, keys }).type).toBe("explicitDeny");
      }),
    );
  });

  it("an allowing statement is added where there are policies: nobody loses access", () => {
    fc.assert(
      fc.property(policySet, kind, principal, statement, (set, where, who, more) => {
        if (set[where] === undefined) return;
        const added = document({ ...more, Effect: "Allow" });
        if (ask(set, { principal: who }).type !== "allow") return;
        expect(ask(with_(set, where, added), { principal: who }).type).toBe("allow");
      }),
      { numRuns: 500 },
    );
  });

  it("no policies: users and sessions are denied", () => {
    fc.assert(
      fc.property(fc.constantFrom(user, session), part, place, (who, action, resource) => {
        const decision = ask({ identity: [] }, { principal: who, action, resource });
        expect(decision).toEqual({ type: "implicitDeny", by: "identity" });
      }),
    );
  });

  it("the order of policies and statements: it does not matter", () => {
    fc.assert(
      fc.property(policySet, principal, (set, who) => {
        const turned = (list: readonly PolicyDocument[] | undefined) =>
          list?.toReversed().map((one) => ({ ...one, statements: one.statements.toReversed() }));
        const other: PolicySet = {
          ...set,
          identity: turned(set.identity) ?? [],
          resource: turned(set.resource),
          boundary: turned(set.boundary),
          session: turned(set.session),
        };
        expect(ask(other, { principal: who })).toEqual(ask(set, { principal: who }));
      }),
    );
  });
});

describe("words of a denial", () => {
  const asked = { who: session.arn, action: "ecs:RunTask", resource: "arn:x" };
  const start = `User: ${session.arn} is not authorized to perform: ecs:RunTask on resource: arn:x`;
  it.each([
    ["implicitDeny", "identity", "because no identity-based policy allows the ecs:RunTask action"],
    ["implicitDeny", "boundary", "because no permissions boundary allows the ecs:RunTask action"],
    ["implicitDeny", "session", "because no session policy allows the ecs:RunTask action"],
    ["implicitDeny", "resource", "because no resource-based policy allows the ecs:RunTask action"],
    ["explicitDeny", "identity", "with an explicit deny in an identity-based policy"],
    ["explicitDeny", "boundary", "with an explicit deny in a permissions boundary"],
    ["explicitDeny", "session", "with an explicit deny in a session policy"],
    ["explicitDeny", "resource", "with an explicit deny in a resource-based policy"],
  ] as const)("%s by %s", (type, by, words) => {
    expect(explainDenial({ type, by }, asked)).toBe(`${start} ${words}`);
  });

  const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;
  it.each([
    ["iam:GetRole", iam("role/app/deploy"), "role deploy"],
    ["iam:AttachRolePolicy", iam("role/deploy"), "role deploy"],
    ["iam:CreateAccessKey", iam("user/alice"), "user alice"],
    ["iam:GetGroup", iam("group/ops"), "group ops"],
    ["iam:GetInstanceProfile", iam("instance-profile/web"), "instance profile web"],
    ["iam:CreatePolicy", iam("policy/app/own"), "policy own"],
    ["iam:GetPolicy", "arn:aws:iam::aws:policy/Read", "policy arn:aws:iam::aws:policy/Read"],
    ["iam:ListPolicies", "*", "policy path /"],
    ["iam:ListUsers", iam("user/"), iam("user/")],
    ["iam:CreateRole", iam("role/deploy"), iam("role/deploy")],
    ["iam:TagRole", iam("role/deploy"), iam("role/deploy")],
    ["iam:PassRole", iam("role/deploy"), iam("role/deploy")],
    ["iam:GetAccountSummary", "*", "*"],
    ["sts:AssumeRole", iam("role/deploy"), iam("role/deploy")],
  ])("%s on %s: called %s", (action, resource, called) => {
    const denial = { type: "implicitDeny", by: "identity" } as const;
    expect(explainDenial(denial, { ...asked, action, resource })).toContain(
      `perform: ${action} on resource: ${called} because no`,
    );
  });

  it("by a role's trust policy: that nobody is let in is not told, a denial is", () => {
    const assuming = { ...asked, action: "sts:AssumeRole" };
    const refusal = start.replace("ecs:RunTask", "sts:AssumeRole");
    const by = "resource";
    expect(explainDenial({ type: "implicitDeny", by }, assuming)).toBe(refusal);
    expect(explainDenial({ type: "explicitDeny", by }, assuming)).toBe(
      `${refusal} with an explicit deny in the role trust policy`,
    );
    expect(explainDenial({ type: "implicitDeny", by: "identity" }, assuming)).toBe(
      `${refusal} because no identity-based policy allows the sts:AssumeRole action`,
    );
  });
});
