/**
 * Constraints of an API's model (lengths, ranges, patterns, sets of values), checked and reported in the
 * words of AWS's common service framework. Missing members are another matter: see `wire/required.ts`.
 */
import { ApiError } from "./api-error.ts";
import { coralPath } from "./protocols/coral.ts";
import type { MemberPath } from "./protocols/member-path.ts";

export type Constraint = {
  /** Of a text in characters, of bytes, of a list in elements: least and most. */
  readonly length?: readonly [least: number, most: number];
  readonly range?: readonly [least: number, most: number];
  /** Matches the whole value. */
  readonly pattern?: RegExp;
  /** The pattern as messages show it, where that is not its source. */
  readonly patternText?: string;
  readonly oneOf?: readonly string[];
  /** A number without a fraction. */
  readonly whole?: boolean;
  /** A secret: the value is not repeated in the message. */
  readonly hidden?: boolean;
};

/** Member as the message names it, its value and what holds of it. Absent values hold. */
export type Check = readonly [member: string, value: unknown, constraint: Constraint];

/** A value that a constraint does not hold of, and the sentence that says what must. */
export type Broken = {
  readonly path: MemberPath;
  readonly value: unknown;
  readonly constraint: Constraint;
  readonly sentence: string;
};

/** Throws one error that tells every broken constraint. */
export function checkConstraints(checks: readonly Check[], code = "ValidationException"): void {
  const told = checks.flatMap(([member, value, constraint]) =>
    value === undefined
      ? []
      : explainValue(value, constraint).map((sentence) =>
          tell(member, value, constraint, sentence),
        ),
  );
  if (told.length > 0) throw detected(code, told);
}

/** One error for all of them. */
export const explainBroken = (code: string, broken: readonly Broken[]): ApiError =>
  detected(
    code,
    broken.map(({ path, value, constraint, sentence }) =>
      tell(coralPath(path), value, constraint, sentence),
    ),
  );

// A client that sends more is not helped by more.
const mostTold = 20;

function detected(code: string, told: readonly string[]): ApiError {
  const errors = told.length === 1 ? "error" : "errors";
  const sentences = told.slice(0, mostTold).join("; ");
  return new ApiError(code, `${told.length} validation ${errors} detected: ${sentences}`);
}

function tell(member: string, value: unknown, { hidden }: Constraint, sentence: string): string {
  const shown = hidden ? "Value" : print(value);
  return `${shown} at '${member}' failed to satisfy constraint: ${sentence}`;
}

/** All that must hold of a value, in the framework's order. */
export function describeConstraint({
  length,
  range,
  pattern,
  patternText,
  oneOf,
}: Constraint): string {
  const bounds = ([least, most]: readonly [number, number], what: string): string[] => [
    ...(Number.isFinite(most) ? [`Member must have ${what} less than or equal to ${most}`] : []),
    ...(Number.isFinite(least)
      ? [`Member must have ${what} greater than or equal to ${least}`]
      : []),
  ];
  const all = [
    ...(length ? bounds(length, "length") : []),
    ...(range ? bounds(range, "value") : []),
    ...(pattern
      ? [`Member must satisfy regular expression pattern: ${patternText ?? pattern.source}`]
      : []),
    ...(oneOf ? [`Member must satisfy enum value set: [${oneOf.join(", ")}]`] : []),
  ];
  return `[${all.join(", ")}]`;
}

/** What must hold of a value and does not. */
export function explainValue(
  value: unknown,
  { length, range, pattern, patternText, oneOf }: Constraint,
): string[] {
  const sentences: string[] = [];
  const bound = (held: number, [least, most]: readonly [number, number], what: string): void => {
    if (held < least) sentences.push(`Member must have ${what} greater than or equal to ${least}`);
    if (held > most) sentences.push(`Member must have ${what} less than or equal to ${most}`);
  };
  if (length) bound(lengthOf(value), length, "length");
  if (range) bound(Number(value), range, "value");
  // What is too long is not worth the time to match it.
  if (pattern && sentences.length === 0 && !pattern.test(String(value))) {
    const text = patternText ?? pattern.source;
    sentences.push(`Member must satisfy regular expression pattern: ${text}`);
  }
  if (oneOf && !oneOf.includes(String(value))) {
    sentences.push(`Member must satisfy enum value set: [${oneOf.join(", ")}]`);
  }
  return sentences;
}

function lengthOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (value instanceof Uint8Array) return value.byteLength;
  return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
}

const longestShown = 4096;

function print(value: unknown): string {
  if (value instanceof Uint8Array) return "Value";
  return `Value '${printPlain(value).slice(0, longestShown)}'`;
}

/** As Java prints lists and maps. */
function printPlain(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(printPlain).join(", ")}]`;
  const entries = Object.entries(value).map(([key, held]) => `${key}=${printPlain(held)}`);
  return `{${entries.join(", ")}}`;
}
