/**
 * Constraints of an API's model (lengths, ranges, patterns, sets of values), checked and reported in the
 * words of AWS's common service framework. Missing members are another matter: see `wire/required.ts`.
 */
import { ApiError } from "./api-error.ts";

export type Constraint = {
  /** Of a text in characters, of bytes, of a list in elements: least and most. */
  readonly length?: readonly [least: number, most: number];
  readonly range?: readonly [least: number, most: number];
  /** Matches the whole value; its source is shown. */
  readonly pattern?: RegExp;
  readonly oneOf?: readonly string[];
  /** A secret: the value is not repeated in the message. */
  readonly hidden?: boolean;
};

/** Member as the message names it, its value and what holds of it. Absent values hold. */
export type Check = readonly [member: string, value: unknown, constraint: Constraint];

/** Throws one error that tells every broken constraint. */
export function checkConstraints(checks: readonly Check[], code = "ValidationException"): void {
  const sentences = checks.flatMap(([member, value, constraint]) =>
    value === undefined
      ? []
      : explain(value, constraint).map((sentence) => {
          const shown = constraint.hidden ? "Value" : print(value);
          return `${shown} at '${member}' failed to satisfy constraint: ${sentence}`;
        }),
  );
  if (sentences.length === 0) return;
  const errors = sentences.length === 1 ? "error" : "errors";
  const count = `${sentences.length} validation ${errors} detected`;
  throw new ApiError(code, `${count}: ${sentences.join("; ")}`);
}

function explain(value: unknown, { length, range, pattern, oneOf }: Constraint): string[] {
  const sentences: string[] = [];
  const bound = (held: number, [least, most]: readonly [number, number], what: string): void => {
    if (held < least) sentences.push(`Member must have ${what} greater than or equal to ${least}`);
    if (held > most) sentences.push(`Member must have ${what} less than or equal to ${most}`);
  };
  if (length) bound(lengthOf(value), length, "length");
  if (range) bound(Number(value), range, "value");
  if (pattern && !pattern.test(String(value))) {
    sentences.push(`Member must satisfy regular expression pattern: ${pattern.source}`);
  }
  if (oneOf && !oneOf.includes(String(value))) {
    sentences.push(`Member must satisfy enum value set: [${oneOf.join(", ")}]`);
  }
  return sentences;
}

function lengthOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return value instanceof Uint8Array ? value.byteLength : 0;
}

function print(value: unknown): string {
  if (value instanceof Uint8Array) return "Value";
  return `Value '${Array.isArray(value) ? `[${value.join(", ")}]` : String(value)}'`;
}
