import { describe, expect, it } from "vitest";
import { compileRegex } from "./regex.ts";

describe("regular expressions of filter patterns", () => {
  const texts = [
    "",
    "a",
    "b",
    "ab",
    "aab",
    "xaby",
    "a.b",
    "A1",
    "10.10.0.1",
    "a b\tc",
    "aaa",
    "-]",
    "é",
    "😀x",
  ];
  it.each([
    "a",
    "^a",
    "a$",
    "^$",
    "^a?b$",
    "a+b",
    "a*",
    "a{2}",
    "^a{2,3}$",
    "^a{2,}$",
    "a|b$",
    "^a|^x",
    "[ab]+y",
    "[^ab]",
    "[a-c-]",
    "[\\]-]",
    "\\.",
    "\\d\\.\\d",
    "^\\w\\W\\w$",
    "\\s\\S$",
    "\\D",
    "\\x61b",
    "x.*y",
    "a+?b",
    "|",
    "b^a",
    "a$b",
    "^.$",
  ])("%s: as everybody reads it", (source) => {
    const matches = compileRegex(source);
    const known = new RegExp(source, "u");
    expect(texts.filter((text) => matches?.(text))).toEqual(
      texts.filter((text) => known.test(text)),
    );
  });

  it.each([
    "(a)",
    "a**",
    "*a",
    "[a",
    "[]",
    "[b-a]",
    "\\",
    "\\xg0",
    "\\1",
    "\\b",
    "a{3,2}",
    "a{1001}",
    "{",
    "a!",
  ])("%s: none", (source) => {
    expect(compileRegex(source)).toBeUndefined();
  });

  it("a hostile expression on a hostile message: an answer", () => {
    const hostile = compileRegex(`${"a*".repeat(200)}b`);
    expect(hostile?.(`${"a".repeat(100_000)}!`)).toBe(false);
    const deep = compileRegex("[ab]*a[ab]{900}c");
    expect(deep?.(`${"ab".repeat(5_000)}!`)).toBe(false);
  });
});
