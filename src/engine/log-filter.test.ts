import { describe, expect, it } from "vitest";
import { matchesLogFilter, parseLogFilter } from "./log-filter.ts";

const matches = (pattern: string, message: string): boolean => {
  const parsed = parseLogFilter(pattern);
  if (parsed.type !== "terms") throw new Error(`${pattern} is ${parsed.type}`);
  return matchesLogFilter(parsed.filter, message);
};

describe("log filter patterns", () => {
  it.each([
    ["", "anything", true],
    ["ERROR", "an ERROR here", true],
    ["ERROR", "an error here", false],
    ["ERROR disk", "disk gave ERROR", true],
    ["ERROR disk", "ERROR only", false],
    ['"disk full"', "the disk full again", true],
    ['"disk full"', "full disk", false],
    ['"say \\"hi\\""', 'they say "hi"', true],
    ["?ERROR ?WARN", "WARN", true],
    ["?ERROR ?WARN", "INFO", false],
    ["ERROR -timeout", "ERROR", true],
    ["ERROR -timeout", "ERROR timeout", false],
    ['-"time out"', "time out", false],
    ["?ERROR REQUEST", "REQUEST", true],
    ["well-known", "a well-known port", true],
  ])("%j on %j: %s", (pattern, message, expected) => {
    expect(matches(pattern, message)).toBe(expected);
  });

  it.each([
    ['{ $.level = "error" }', "JSON"],
    ["[ip, user, ...]", "space-delimited"],
    ["%ERR.*%", "regular expression"],
  ])("%j: another language, named", (pattern, language) => {
    expect(parseLogFilter(pattern)).toEqual({ type: "unsupported", language });
  });

  it.each(['"open', 'a"b'])("%j: not a pattern", (pattern) => {
    expect(parseLogFilter(pattern).type).toBe("invalid");
  });
});
