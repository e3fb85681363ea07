import { describe, expect, it } from "vitest";
import { findContextKeys } from "./policy-context-keys.ts";

const policy = (Statement: unknown): string => JSON.stringify({ Version: "2012-10-17", Statement });

const variable = (name: string): string => ["$", `{${name}}`].join("");

describe("context keys of a policy", () => {
  it("conditions and variables: each once, as it is first spelled", () => {
    const text = policy([
      {
        Resource: `arn:aws:s3:::b/${variable("aws:username")}/${variable("*")}/${variable("aws:PrincipalTag/team, none")}`,
        Condition: { StringEquals: { "aws:SourceVpc": "v", "AWS:UserName": "a" } },
      },
      { Condition: { Bool: { "aws:sourcevpc": "x" } } },
    ]);
    expect(findContextKeys(text)).toEqual([
      "aws:SourceVpc",
      "AWS:UserName",
      "aws:PrincipalTag/team",
    ]);
  });

  it("one statement that is not in a list, without conditions: none", () => {
    expect(findContextKeys(policy({ Effect: "Allow", Action: "*", Resource: "*" }))).toEqual([]);
  });
});
