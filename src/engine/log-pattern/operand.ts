/** Comparisons of JSON and field patterns: an operator and what it compares with. */
import { PatternError, type Scanner, toRegexTest } from "./scanner.ts";

/** A value as it stands in a message. */
export type Plain = string | number | boolean;

const operator = /(?:!=|<=|>=|=|<|>)/;
const operand =
  /(?:"(?<quoted>(?:[^"\\]|\\.)*)"|%(?<regex>(?:[^%\\]|\\.)+)%|(?<bare>[^\s"%()[\]{}<>=!&|,]+))/;

/** Takes `<operator> <operand>`. */
export function parseComparison(scanner: Scanner): (value: Plain) => boolean {
  const sign = scanner.need(operator)[0];
  const groups = scanner.need(operand).groups ?? {};
  if (sign === "=") return parseEquality(groups);
  if (sign === "!=") {
    const isEqual = parseEquality(groups);
    return (value) => !isEqual(value);
  }
  const bound = toNumber(groups["bare"] ?? "");
  if (bound === undefined) throw new PatternError("");
  const holds = orders[sign];
  return (value) => {
    const number = toNumber(String(value));
    return number !== undefined && holds?.(number, bound) === true;
  };
}

const orders: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function parseEquality(groups: Readonly<Record<string, string>>): (value: Plain) => boolean {
  const { quoted, regex, bare } = groups;
  if (regex !== undefined) {
    const matches = toRegexTest(regex);
    return (value) => matches(String(value));
  }
  const text = quoted === undefined ? (bare ?? "") : quoted.replaceAll(/\\(.)/g, "$1");
  const number = quoted === undefined ? toNumber(text) : undefined;
  const hasText = text.includes("*") ? wildcard(text) : (value: string) => value === text;
  return (value) => {
    if (number !== undefined && toNumber(String(value)) === number) return true;
    return hasText(String(value));
  };
}

/** `*` stands for any characters. Linear in the value, however many stars there are. */
export function wildcard(pattern: string): (value: string) => boolean {
  const parts = pattern.split("*");
  const [first = ""] = parts;
  const last = parts.at(-1) ?? "";
  const inner = parts.slice(1, -1);
  return (value) => {
    if (value.length < first.length + last.length) return false;
    if (!value.startsWith(first) || !value.endsWith(last)) return false;
    let at = first.length;
    for (const part of inner) {
      const found = value.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= value.length - last.length;
  };
}

export function toNumber(text: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
