/**
 * Conditions on messages that are JSON objects: `{ $.level = "error" && ($.n > 5 || $.ok IS TRUE) }`.
 *
 * A property that is not there fulfils nothing but NOT EXISTS, so `!=` does not find it either.
 */
import { type Plain, parseComparison } from "./operand.ts";
import type { Extracted, LogPattern } from "./parsed.ts";
import { PatternError, parseCondition, type Scanner, scan } from "./scanner.ts";

/** A property, an index, or any of them. */
type Step = string | number | typeof anyStep;
const anyStep = Symbol("any");

type Selector = { readonly text: string; readonly steps: readonly Step[] };

export function parseJsonPattern(text: string): LogPattern {
  checkRegexes(text);
  const selectors = new Map<string, Selector>();
  const scanner = scan(text);
  scanner.need(/\{/);
  const condition = parseCondition<unknown>(scanner, () => parseSingle(scanner, selectors));
  scanner.need(/\}/);
  if (!scanner.atEnd()) throw new PatternError("");
  const extract = (message: string): Extracted | undefined => {
    const content = parseObject(message);
    if (content === undefined || !condition(content)) return undefined;
    return extractAll(content, [...selectors.values()]);
  };
  const matches = (message: string): boolean => {
    const content = parseObject(message);
    return content !== undefined && condition(content);
  };
  return { type: "json", matches, extract };
}

/** Two of them at most, as on AWS. */
export function checkRegexes(text: string): void {
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, "");
  if ((bare.match(/%(?:[^%\\]|\\.)+%/g)?.length ?? 0) > 2) throw new PatternError("");
}

function parseSingle(
  scanner: Scanner,
  selectors: Map<string, Selector>,
): (content: unknown) => boolean {
  const selector = parseSelector(scanner);
  selectors.set(selector.text, selector);
  const { steps } = selector;
  if (scanner.take(/NOT\s+EXISTS\b/)) return (content) => select(content, steps).length === 0;
  const is = scanner.take(/IS\s+(NULL|TRUE|FALSE)\b/);
  if (is) {
    const wanted = { NULL: null, TRUE: true, FALSE: false }[is[1] ?? ""];
    return (content) => select(content, steps).some((value) => value === wanted);
  }
  const holds = parseComparison(scanner);
  return (content) => select(content, steps).some((value) => isPlain(value) && holds(value));
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

/** `$.a.b[0]`, `$.a[*].b`, `$['odd name']`, `$.*`; the whole message is `$`. */
function parseSelector(scanner: Scanner): Selector {
  const [text] = scanner.need(
    /\$(?:\.?\[\s*(?:\d+|\*|'[^']*'|"[^"]*")\s*\]|\.(?:\*|[^\s.[\]{}()"'=!<>&|,%]+))*/,
  );
  const steps: Step[] = [];
  for (const match of text.matchAll(
    /\[\s*(?:(\d+)|(\*)|'([^']*)'|"([^"]*)")\s*\]|\.(?:(\*)|([^\s.[\]]+))/g,
  )) {
    const [, index, anyIndex, single, double, anyName, name] = match;
    if (index !== undefined) steps.push(Number(index));
    else if (anyIndex ?? anyName) steps.push(anyStep);
    else steps.push(single ?? double ?? name ?? "");
  }
  if (steps.length === 0) throw new PatternError("");
  return { text, steps };
}

/** The values at a selector: none when it leads nowhere, several only of one with `*`. */
function select(content: unknown, steps: readonly Step[]): unknown[] {
  let values = [content];
  for (const step of steps) values = values.flatMap((value) => below(value, step));
  return values;
}

function below(value: unknown, step: Step): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (step === anyStep) return Object.values(value);
  if (typeof step === "number") return Array.isArray(value) && step in value ? [value[step]] : [];
  return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
}

function extractAll(content: unknown, selectors: readonly Selector[]): Extracted {
  const found: Record<string, string> = {};
  for (const { text, steps } of selectors) {
    const [value] = select(content, steps);
    if (value === undefined || value === null) continue;
    found[text] = typeof value === "object" ? JSON.stringify(value) : String(value);
  }
  return found;
}

/** The value at a selector such as `$.bytes` in a message, for what metric filters publish. */
export function selectFromMessage(message: string, selector: string): unknown {
  const scanner = scan(selector);
  const { steps } = parseSelector(scanner);
  return select(parseObject(message), steps)[0];
}

function parseObject(message: string): unknown {
  // Most lines that are no JSON show it at once.
  if (!/^\s*[[{]/.test(message)) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
