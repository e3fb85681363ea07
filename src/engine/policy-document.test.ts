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
      conditional({ StringSounds: {} }),
      "Invalid Condition type",
    ],
    ["IfExists of Null", "identity", conditional({ NullIfExists: {} }), "Invalid Condition type"],
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

  it("an old or unknown version, no statement: refused", () => {
    const of = (document: object) => explainMalformedPolicy(JSON.stringify(document), "identity");
    expect(of({ Version: "2008-10-17", Statement: [] })).toContain("2012-10-17 or greater");
    expect(of({ Version: "1999-01-01", Statement: [] })).toContain("Syntax errors");
    expect(of({ Version: "2012-10-17" })).toContain("Syntax errors");
  });
});
