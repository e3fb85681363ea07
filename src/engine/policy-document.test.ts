// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how policies write variables.
import { describe, expect, it } from "vitest";
import { explainMalformedPolicy, type PolicyKind } from "./policy-document.ts";

const explain = (kind: PolicyKind, ...statements: object[]) =>
  explainMalformedPolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), kind);
const trust = {
  Effect: "Allow",
  Principal: { Service: "a.amazonaws.com" },
  Action: "sts:AssumeRole",
};
const trustOf = (Principal: object) => ({ ...trust, Principal });
const identity = { Effect: "Allow", Action: ["s3:Get*"], Resource: "arn:aws:s3:::b/*" };

const conditional = (Condition: object) => ({ ...identity, Condition });

describe("policy documents", () => {
  it("well-formed ones: taken, a single statement without a list too", () => {
    expect(explain("trust", trust, { ...trust, Condition: { StringEquals: {} } })).toBeUndefined();
    expect(explain("identity", identity, { ...identity, Action: "*" })).toBeUndefined();
    const quantified = { "ForAnyValue:StringLikeIfExists": { "aws:TagKeys": "a" } };
    expect(explain("identity", conditional(quantified))).toBeUndefined();
    expect(
      explainMalformedPolicy(JSON.stringify({ Statement: identity }), "identity"),
    ).toBeUndefined();
  });

  it.each(["", "{", "nonsense"])("%j: invalid Json", (text) => {
    expect(explainMalformedPolicy(text, "identity")).toBe("This policy contains invalid Json");
  });

  it.each<[string, PolicyKind, object, string]>([
    ["trust with a resource", "trust", { ...trust, Resource: "*" }, "prohibited field Resource"],
    ["trust of nobody", "trust", { ...trust, Principal: undefined }, "required field Principal"],
    ["trust of an odd kind", "trust", { ...trust, Principal: { X: "y" } }, "Invalid principal"],
    ["trust for other actions", "trust", { ...trust, Action: "s3:Get" }, "AssumeRole actions"],
    ["identity with a principal", "identity", { ...identity, Principal: "*" }, "principal"],
    ["no action", "identity", { ...identity, Action: undefined }, "actions"],
    ["no resource", "identity", { ...identity, Resource: undefined }, "resources"],
    ["an action without a vendor", "identity", { ...identity, Action: "Get" }, "vendor"],
    ["a resource that is no ARN", "identity", { ...identity, Resource: "b" }, "ARN format"],
    [
      "an unknown operator",
      "identity",
      conditional({ StringSounds: { "aws:userid": "a" } }),
      "Syntax errors",
    ],
    ["IfExists of Null", "identity", conditional({ NullIfExists: { a: "true" } }), "Syntax errors"],
    ["an operator without keys", "trust", { ...trust, Condition: { Bool: "x" } }, "Syntax errors"],
    ["another effect", "identity", { ...identity, Effect: "Maybe" }, "Syntax errors"],
    ["trust of an account that is none", "trust", trustOf({ AWS: "me" }), '"AWS":"me"'],
    [
      "trust of all roles of an account",
      "trust",
      trustOf({ AWS: "arn:aws:iam::000000000000:role/*" }),
      "Invalid principal",
    ],
    ["trust of no service", "trust", trustOf({ Service: "ecs" }), '"SERVICE":"ecs"'],
    ["an odd id", "identity", { ...identity, Sid: "not good" }, "must be alpha-numeric"],
    ["an unknown member", "identity", { ...identity, Actions: [] }, "Syntax errors"],
  ])("%s: refused", (_, kind, statement, reason) => {
    expect(explain(kind, statement)).toContain(reason);
  });

  it.each([
    { Service: ["ecs-tasks.amazonaws.com", "states.us-east-1.amazonaws.com"] },
    { AWS: "*" },
    {
      AWS: ["000000000000", "arn:aws:iam::000000000000:root", "arn:aws:iam::000000000000:role/a/b"],
    },
    { AWS: "arn:aws:sts::000000000000:assumed-role/a/b", Federated: "accounts.google.com" },
  ])("trust of %j: taken", (principal) => {
    expect(explain("trust", trustOf(principal))).toBeUndefined();
  });

  it("two statements of one id: refused", () => {
    const statement = { ...identity, Sid: "one" };
    expect(explain("identity", statement, statement)).toContain("must be unique");
    expect(explain("identity", statement, { ...identity, Sid: "" })).toBeUndefined();
  });

  it.each<[string, PolicyKind, string | undefined, string | undefined]>([
    ["2008's", "managed", "2008-10-17", "Policy document must be version 2012-10-17 or greater."],
    ["none", "managed", undefined, "Policy document must be version 2012-10-17 or greater."],
    ["2008's", "identity", "2008-10-17", undefined],
    ["none", "identity", undefined, undefined],
    ["2008's", "trust", "2008-10-17", undefined],
    ["another", "identity", "1999-01-01", "Syntax errors in policy."],
  ])("version %s, policy %s: judged as IAM does", (_, kind, Version, reason) => {
    const Statement = kind === "trust" ? trust : identity;
    expect(explainMalformedPolicy(JSON.stringify({ Version, Statement }), kind)).toBe(reason);
  });

  it.each<[string, object]>([
    ["no statement", { Statement: undefined }],
    ["an empty list of statements", { Statement: [] }],
    ["an id that is no text", { Id: ["a"], Statement: identity }],
    ["a Sid that is no text", { Statement: { ...identity, Sid: {} } }],
    ["Action beside NotAction", { Statement: { ...identity, NotAction: [] } }],
    ["Resource beside NotResource", { Statement: { ...identity, NotResource: "*" } }],
    ["an action that is no text", { Statement: { ...identity, Action: [["s3:Get"]] } }],
    ["conditions that are a list", { Statement: conditional([]) }],
    ["a condition's value that is an object", { Statement: conditional({ Bool: { a: {} } }) }],
  ])("%s: a syntax error, which is told before anything else", (_, members) => {
    const text = JSON.stringify({ Version: "2008-10-17", ...members });
    expect(explainMalformedPolicy(text, "managed")).toBe("Syntax errors in policy.");
  });

  it.each<[string, object]>([
    ["an effect in other letters", { ...identity, Effect: "allow" }],
    ["a date that is none", conditional({ DateLessThan: { a: "yesterday" } })],
    ["a month beyond twelve", conditional({ "ForAllValues:DateEqualsIfExists": { a: "234-13" } })],
    [
      "ten digits of a second",
      conditional({ DateEquals: { a: "2016-12-13T02:00:00.1999999999Z" } }),
    ],
    ["seconds beyond 64 bits", conditional({ DateLessThan: { a: "9223372036854775808" } })],
    ["an ARN of five parts", { ...identity, Resource: "arn:aws:s3::b" }],
    ["an ARN without a service", { ...identity, Resource: "arn:aws::::b" }],
  ])("%s: fails the legacy parsing", (_, statement) => {
    expect(explain("identity", { ...statement, Sid: "a" }, { ...statement, Sid: "a" })).toBe(
      "The policy failed legacy parsing",
    );
  });

  it.each([
    "2019-07-01T13:20:15Z",
    "2016-12-13t21:20:37.593194+00:00",
    "2019",
    "-292275054",
    1,
    "${a:b}",
  ])("the date %s: taken", (date) => {
    expect(explain("identity", conditional({ DateLessThan: { a: date } }))).toBeUndefined();
  });

  it.each([
    ["", 'Resource  must be in ARN format or "*".'],
    ["b", 'Resource b must be in ARN format or "*".'],
    ["a:b", 'Partition "b" is not valid for resource "arn:b:*:*:*:*".'],
    ["arn:error:s3:::b", 'Partition "error" is not valid for resource "arn:error:s3:::b".'],
    ["arn:aws", "Resource vendor must be fully qualified and cannot contain regexes."],
    ["arn:aws:s*:::b", "Resource vendor must be fully qualified and cannot contain regexes."],
    [
      "arn:aws:iam:us-east-1::role/a",
      "IAM resource arn:aws:iam:us-east-1::role/a cannot contain region information.",
    ],
    [
      "arn:aws:s3:us-east-1::b",
      "Resource arn:aws:s3:us-east-1::b can not contain region information.",
    ],
    [
      "arn:aws:iam::000000000000:b",
      'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, ' +
        "instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, " +
        "oidc-provider/, report/, access-report/.",
    ],
  ])("a policy about %j: refused in IAM's words", (Resource, reason) => {
    expect(explain("identity", { ...identity, Resource })).toBe(reason);
    expect(explain("identity", { ...identity, Resource: undefined, NotResource: [Resource] })).toBe(
      reason,
    );
  });

  it.each([
    "*",
    "arn:aws:nonsense",
    "arn:*:s3:::b",
    "arn:aws:ec2:region:account-id:instance/*",
    "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}",
    "arn:aws:iam::000000000000:${aws:PrincipalTag/path}",
    "arn:aws:s3:us-west-2:000000000000:accesspoint/a/object/*",
    "arn:aws:logs:*:*:*",
  ])("a policy about %s: taken", (Resource) => {
    expect(explain("identity", { ...identity, Resource })).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ["no actions", { Action: [] }, "Policy statement must contain actions."],
    ["no resources", { Resource: [] }, "Policy statement must contain resources."],
    ["a vendor with a blank", { Action: "a b:Get" }, "Vendor a b is not valid"],
    ["two colons", { Action: "s3:Get:All" }, "Actions/Condition can contain only one colon."],
    [
      "a resource that is none, two colons",
      { Action: "s3:Get:All", Resource: "b" },
      'Resource b must be in ARN format or "*".',
    ],
    [
      "no vendor, no resource",
      { Action: "Get", Resource: undefined },
      "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ],
  ])("%s: refused in IAM's words", (_, members, reason) => {
    expect(explain("identity", identity, { ...identity, ...members })).toBe(reason);
  });

  it("trust for an action of STS that gives no session: refused; its tags and wildcards: taken", () => {
    expect(explain("trust", { ...trust, Action: "sts:GetCallerIdentity" })).toBe(
      "AssumeRole policy may only specify STS AssumeRole actions.",
    );
    const Action = ["sts:AssumeRole*", "sts:TagSession", "sts:SetSourceIdentity"];
    expect(explain("trust", { ...trust, Action })).toBeUndefined();
  });

  it("trust of all but somebody: refused, an allowance before a denial", () => {
    const { Principal, ...rest } = trust;
    const allow = { ...rest, NotPrincipal: Principal };
    const deny = { ...allow, Effect: "Deny" };
    expect(explain("trust", trust, deny)).toBe(
      "AssumeRole policy must not contain NotPrincipal field.",
    );
    expect(explain("trust", deny, allow)).toBe("Allow with NotPrincipal is not allowed.");
  });
});
