import { describe, expect, it } from "vitest";
import { compileLinearRegex } from "./matcher.ts";

const test = (source: string, text: string): boolean => compileLinearRegex(source).test(text);

/** Patterns that both kinds of engine know, and texts. */
const patterns = [
  "a",
  "^a",
  "a$",
  "^$",
  "",
  "ab*c",
  "(ab)+",
  "(?:a|b)*c",
  "a{2}",
  "a{2,}",
  "^a{1,3}$",
  "a?b",
  "[abc]+d",
  "[^abc]",
  "[a-c0-9]x",
  "\\d{4}-\\d{2}-\\d{2}",
  "^\\[\\w+\\]",
  "\\bfoo\\b",
  "\\Boo",
  "\\s+at\\s",
  "a.c",
  "(a|ab)(c|bcd)",
  "x*",
  "[\\]a]",
  "[\\d.]+ms",
  "\\x41",
  "^(?:Mon|Tue) \\d",
  "a|^b|c$",
  "(a*)*b",
];
const texts = [
  "",
  "a",
  "ab",
  "abc",
  "aaa",
  "aaaa",
  "aaab",
  "xabcd",
  "foo",
  "a foo b",
  "food",
  "2026-01-02 INFO",
  "[main] start",
  "  at x.y",
  "a\nc",
  "b",
  "cb",
  "]",
  "12.5ms",
  "A",
  "Tue 3",
  "ü💡a",
];

describe("a linear regular expression", () => {
  it("what other engines read, too: matches the same texts", () => {
    for (const source of patterns) {
      for (const text of texts) {
        const expected = new RegExp(source, "u").test(text);
        expect([source, text, test(source, text)]).toEqual([source, text, expected]);
      }
    }
  });

  it("flags, named groups, quotes, POSIX classes, ends of the text: as RE2 has them", () => {
    expect(test("(?i)error", "An ERROR")).toBe(true);
    expect(test("(?i:e)rror", "Error ")).toBe(true);
    expect(test("(?i:e)rror", "ERROR")).toBe(false);
    expect(test("(?s)a.c", "a\nc")).toBe(true);
    expect(test("(?m)^c$", "a\nc\nd")).toBe(true);
    expect(test("^c$", "a\nc\nd")).toBe(false);
    expect(test("(?P<year>\\d+)x", "12x")).toBe(true);
    expect(test("\\Q[a]\\E", "x[a]")).toBe(true);
    expect(test("^[[:upper:]][[:^digit:]]$", "Ab")).toBe(true);
    expect(test("\\Aa\\z", "a")).toBe(true);
    expect(test("[^[:space:]]", " ")).toBe(false);
    expect(test("a{,2}", "a{,2}")).toBe(true);
  });

  it("what RE2 does not take: refused in Go's words", () => {
    const refused: [string, string][] = [
      ["(", "missing closing ): `(`"],
      ["a)", "unexpected ): `a)`"],
      ["[a", "missing closing ]: `[a`"],
      ["*a", "missing argument to repetition operator: `*`"],
      ["(?=a)", "invalid or unsupported Perl syntax: `(?=`"],
      ["(a)\\1", "invalid escape sequence: `\\1`"],
      ["[b-a]", "invalid character class range: `b-a`"],
      ["a{1001}", "invalid repeat count: `{1001}`"],
      ["a\\", "trailing backslash at end of expression: ``"],
      ["((a{100}){100}){100}", "expression too large: `((a{100}){100}){100}`"],
    ];
    for (const [source, message] of refused) {
      expect(() => compileLinearRegex(source), source).toThrow(`error parsing regexp: ${message}`);
    }
  });

  it("what makes others try for ever: answered", () => {
    const text = `${"a".repeat(50_000)}!`;
    for (const source of ["^(a+)+$", "^(a|aa)*$", "(.*a){20}b", "(a?){50}a{50}b"]) {
      expect(test(source, text)).toBe(false);
    }
  });
});
