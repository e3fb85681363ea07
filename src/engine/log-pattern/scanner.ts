/** Walking through the text of a filter pattern. */
import { compileLinearRegex } from "../linear-regex/matcher.ts";
import { RegexSyntaxError } from "../linear-regex/syntax.ts";

/** A text that is no pattern. The message may be empty: AWS often says no more than that. */
export class PatternError extends Error {}

export type Scanner = {
  /** Skips blanks, then takes what `token` (sticky) matches; undefined when it does not. */
  take(token: RegExp): RegExpExecArray | undefined;
  /** As `take`, but for what must be there. */
  need(token: RegExp): RegExpExecArray;
  atEnd(): boolean;
};

export function scan(text: string): Scanner {
  let at = 0;
  const skipBlanks = (): void => {
    while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
  };
  const take = (token: RegExp): RegExpExecArray | undefined => {
    skipBlanks();
    const sticky = new RegExp(token.source, "y");
    sticky.lastIndex = at;
    const match = sticky.exec(text);
    if (match) at = sticky.lastIndex;
    return match ?? undefined;
  };
  return {
    take,
    need(token) {
      const match = take(token);
      if (!match) throw new PatternError("");
      return match;
    },
    atEnd() {
      skipBlanks();
      return at >= text.length;
    },
  };
}

/** Something over the text of one condition or several, with `&&` before `||` and parentheses. */
export function parseCondition<T>(
  scanner: Scanner,
  parseSingle: (scanner: Scanner) => (value: T) => boolean,
): (value: T) => boolean {
  let depth = 0;
  const single = (): ((value: T) => boolean) => {
    if (!scanner.take(/\(/)) return parseSingle(scanner);
    depth += 1;
    if (depth > deepest) throw new PatternError("");
    const inner = either();
    scanner.need(/\)/);
    depth -= 1;
    return inner;
  };
  const both = (): ((value: T) => boolean) => {
    const parts = [single()];
    while (scanner.take(/&&/)) parts.push(single());
    return parts.length === 1 && parts[0] ? parts[0] : (value) => parts.every((one) => one(value));
  };
  const either = (): ((value: T) => boolean) => {
    const parts = [both()];
    while (scanner.take(/\|\|/)) parts.push(both());
    return parts.length === 1 && parts[0] ? parts[0] : (value) => parts.some((one) => one(value));
  };
  return either();
}

/** Conditions nested deeper are an attack on the stack. */
const deepest = 50;

const allowedInRegex = /^[A-Za-z0-9_#=@/;,:\-^$?[\]{}|\\*+.\s]*$/;

/**
 * Whether a message matches the expression between percent signs. AWS takes no groups, and of escapes
 * classes, characters by their number, blanks and escaped signs.
 */
export function toRegexTest(source: string): (message: string) => boolean {
  const literal = source.replaceAll(/\\[^A-Za-z0-9]/g, "");
  if (!allowedInRegex.test(literal) || /\\[^dDsSwWxtnr]/.test(literal)) throw new PatternError("");
  try {
    const { test } = compileLinearRegex(source);
    return test;
  } catch (error) {
    if (error instanceof RegexSyntaxError) throw new PatternError("");
    throw error;
  }
}
