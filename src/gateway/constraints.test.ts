import { describe, expect, it } from "vitest";
import { type Check, checkConstraints } from "./constraints.ts";

const failureOf = (...checks: Check[]): string => {
  try {
    checkConstraints(checks);
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("checkConstraints", () => {
  it("all that hold or are absent: no error", () => {
    expect(
      failureOf(
        ["name", "abc", { length: [1, 3], pattern: /^[a-z]+$/ }],
        ["days", 7, { range: [7, 30] }],
        ["type", undefined, { oneOf: ["A"] }],
        ["names", ["a"], { length: [1, 1] }],
      ),
    ).toBe("none");
  });

  it.each<[string, Check, string]>([
    [
      "too short",
      ["name", "", { length: [1, 3] }],
      "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      "too long a list",
      ["names", ["a", "b"], { length: [0, 1] }],
      "Value '[a, b]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 1",
    ],
    [
      "too great",
      ["days", 31, { range: [7, 30] }],
      "Value '31' at 'days' failed to satisfy constraint: Member must have value less than or equal to 30",
    ],
    [
      "another form",
      ["name", "A", { pattern: /^[a-z]+$/ }],
      "Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z]+$",
    ],
    [
      "not of the set",
      ["type", "X", { oneOf: ["A", "B"] }],
      "Value 'X' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [A, B]",
    ],
    [
      "bytes",
      ["plaintext", new Uint8Array(2), { length: [1, 1] }],
      "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 1",
    ],
    [
      "a secret",
      ["value", "abc", { length: [1, 1], hidden: true }],
      "Value at 'value' failed to satisfy constraint: Member must have length less than or equal to 1",
    ],
  ])("%s: told in AWS's words", (_, check, sentence) => {
    expect(failureOf(check)).toBe(`1 validation error detected: ${sentence}`);
  });

  it("several: all in one message", () => {
    expect(failureOf(["a", "", { length: [1, 2] }], ["b", 0, { range: [1, 2] }])).toMatch(
      /^2 validation errors detected: Value '' at 'a'.*; Value '0' at 'b'/,
    );
  });
});
