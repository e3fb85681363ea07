import { describe, expect, it } from "vitest";
import type { Extracted, LogPattern } from "./parsed.ts";
import { parseLogPattern } from "./pattern.ts";

const parse = (text: string): LogPattern => {
  const parsed = parseLogPattern(text);
  if (parsed.type !== "pattern") throw new Error(`${text} is no pattern: ${parsed.reason}`);
  return parsed.pattern;
};
const extract = (text: string, message: string): Extracted | undefined =>
  parse(text).extract(message);

describe("patterns of terms", () => {
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
    ['"well-known"', "a well-known port", true],
    ["%colou?r%", "the color", true],
    ["%^ERR[0-9]+%", "an ERR12", false],
    ["%10\\.10\\.0\\.1%", "from 10.10.0.1", true],
    ["%a b%", "xa bx", true],
    ["%ERROR% -%[0-9]{3}%", "ERROR 404", false],
  ])("%j on %j: %s", (pattern, message, expected) => {
    expect(parse(pattern).matches(message)).toBe(expected);
    expect(extract(pattern, message)).toEqual(expected ? {} : undefined);
  });

  it.each(['"open', 'a"b', "%something!%", "%(a|b)%", "%[%"])("%j: no pattern", (pattern) => {
    expect(parseLogPattern(pattern).type).toBe("invalid");
  });

  it("a bare term with punctuation: refused, and named", () => {
    expect(parseLogPattern("ERROR-12")).toEqual({
      type: "invalid",
      reason: "Invalid character(s) in term 'ERROR-12'",
    });
  });
});

describe("patterns of JSON", () => {
  const event = JSON.stringify({
    level: "error",
    n: 7,
    ok: true,
    gone: null,
    ip: "10.0.0.7",
    users: [{ id: 1, email: "a@example.com" }, { id: 2 }],
    "odd name": "x",
    price: "12.50",
  });

  it.each([
    ['{ $.level = "error" }', true],
    ["{ $.level = error }", true],
    ['{ $.level = "Error" }', false],
    ['{ $.level != "info" }', true],
    ['{ $.missing != "info" }', false],
    ["{ $.missing NOT EXISTS }", true],
    ["{ $.gone NOT EXISTS }", false],
    ["{ $.gone IS NULL }", true],
    ["{ $.ok IS TRUE }", true],
    ["{ $.ok IS FALSE }", false],
    ["{ $.n > 6 }", true],
    ["{ $.n >= 7.0 }", true],
    ["{ $.n < 7 }", false],
    ["{ $.n = 7e0 }", true],
    ["{ $.price > 12 }", true],
    ["{ $.level > 12 }", false],
    ["{ $.ip = 10.0.* }", true],
    ['{ $.ip = "10.*.7" }', true],
    ['{ $.ip = "10.*.8" }', false],
    ["{ $.ip = %^10\\.% }", true],
    ['{ $.users[0].email = "a@example.com" }', true],
    ["{ $.users[1].email NOT EXISTS }", true],
    ["{ $.users[*].id = 2 }", true],
    ["{ $['odd name'] = \"x\" }", true],
    ["{ $.['odd name'] = \"x\" }", true],
    ['{ ($.level = "info") || ($.n > 5 && $.ok IS TRUE) }', true],
    ['{ $.level = "info" || $.n > 5 && $.ok IS FALSE }', false],
    ['{ ($.level = "info" || $.n > 5) && $.ok IS TRUE }', true],
  ])("%s: %s", (pattern, expected) => {
    expect(parse(pattern).matches(event)).toBe(expected);
  });

  it.each(["not json", '"text"', "{ broken", ""])("the message %j: does not pass", (message) => {
    expect(parse('{ $.level != "x" }').matches(message)).toBe(false);
  });

  it("extracted: the value of each selector that is there", () => {
    expect(extract("{ $.n > 5 || $.missing IS NULL || $.users[0].id = 1 }", event)).toEqual({
      "$.n": "7",
      "$.users[0].id": "1",
    });
  });

  it.each([
    "{ $.a }",
    "{ $.a = }",
    "{ a = 1 }",
    "{ $.a = 1",
    "{ $.a = 1 } x",
    "{ ($.a = 1 }",
    "{ $.a > b }",
    "{ $.a = %x% || $.b = %y% || $.c = %z% }",
    `{ ${"(".repeat(60)}$.a = 1${")".repeat(60)} }`,
  ])("%s: no pattern", (pattern) => {
    expect(parseLogPattern(pattern).type).toBe("invalid");
  });
});

describe("hostile patterns and messages", () => {
  it("an expression of many stars: an answer in the length of the message", () => {
    const { matches } = parse(`%${"a*".repeat(200)}b%`);
    expect(matches(`${"a".repeat(100_000)}!`)).toBe(false);
  });

  it.each(["%a{1001}%", "%\\1%", "%\\b%", "%\\xg0%", "%a**%"])("%s: no pattern", (pattern) => {
    expect(parseLogPattern(pattern).type).toBe("invalid");
  });

  it("quotes and brackets that nobody closes: fields all the same", () => {
    const { extract } = parse("[first, ..., last]");
    const signs = '[ " '.repeat(50_000);
    expect(extract(`${signs}end`)).toEqual({ $first: "[", $last: "end" });
  });
});

describe("patterns of fields", () => {
  const line = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /a.html HTTP/1.0" 404 1534';

  it.each([
    ["[ip, id, user, time, request, status, bytes]", true],
    ["[ip, id, user, time, request, status]", false],
    ["[ip, ..., bytes]", true],
    ["[..., request, status = 4*, bytes]", true],
    ["[..., status = 4* && status != 404, bytes]", false],
    ["[..., (status = 404 || status = 410), bytes > 1000]", true],
    ["[..., bytes < 1000]", false],
    ["[ip, , , , request = *html*, ...]", true],
    ["[ip = %^127%, ...]", true],
    ['[ip != "127.0.0.1", ...]', false],
    ["[]", true],
  ])("%s: %s", (pattern, expected) => {
    expect(parse(pattern).matches(line)).toBe(expected);
  });

  it("extracted: by name, by number where there is none", () => {
    expect(extract("[ip, , user, time, request, ...]", line)).toEqual({
      $ip: "127.0.0.1",
      $2: "-",
      $user: "frank",
      $time: "10/Oct/2000:13:25:15 -0700",
      $request: "GET /a.html HTTP/1.0",
    });
  });

  it.each(["[a, b", "[a = ]", "[..., a, ...]", "[a b]", "[a] b"])("%s: no pattern", (pattern) => {
    expect(parseLogPattern(pattern).type).toBe("invalid");
  });
});
