/**
 * Terms that a message must contain: words, `"phrases"`, `%regular expressions%`, `?optional` and
 * `-excluded` ones. Case counts.
 */
import type { LogPattern } from "./parsed.ts";
import { PatternError, toRegexTest } from "./scanner.ts";

type Test = (message: string) => boolean;

const term = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|([^\s"]+))(?=\s|$)\s*/y;

export function parseTermPattern(text: string): LogPattern {
  const all: Test[] = [];
  const any: Test[] = [];
  const none: Test[] = [];
  term.lastIndex = 0;
  for (let at = 0; at < text.length; at = term.lastIndex) {
    const match = term.exec(text);
    if (!match) throw new PatternError("");
    const [, sign, quoted, regex, bare] = match;
    const list = sign === "?" ? any : sign === "-" ? none : all;
    list.push(toTest(quoted, regex, bare ?? ""));
  }
  // As on AWS, optional terms count for nothing beside others.
  const anyCounts = any.length > 0 && all.length + none.length === 0;
  const matches: Test = (message) =>
    all.every((test) => test(message)) &&
    !none.some((test) => test(message)) &&
    (!anyCounts || any.some((test) => test(message)));
  return { type: "terms", matches, extract: (message) => (matches(message) ? {} : undefined) };
}

function toTest(quoted: string | undefined, regex: string | undefined, bare: string): Test {
  if (regex !== undefined) return toRegexTest(regex);
  if (quoted === undefined && !/^[\p{L}\p{N}_]+$/u.test(bare)) {
    throw new PatternError(`Invalid character(s) in term '${bare}'`);
  }
  const text = quoted === undefined ? bare : quoted.replaceAll(/\\(.)/g, "$1");
  return (message) => message.includes(text);
}
