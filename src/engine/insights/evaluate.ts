/** The value of an expression for a row. */
import { callFunction } from "./functions.ts";
import type { Row } from "./row.ts";
import type { Expression } from "./syntax.ts";
import { compare, isEqual, isTrue, toNumber, toText, type Value } from "./values.ts";

export type Surroundings = {
  /** Engine time at which the query was started. */
  readonly now: number;
  /** The aggregates of the group under way, by slot. */
  readonly aggregates: readonly Value[];
};

export function evaluate(expression: Expression, row: Row, around: Surroundings): Value {
  const of = (inner: Expression): Value => evaluate(inner, row, around);
  switch (expression.type) {
    case "constant":
      return expression.value;
    case "period":
      return expression.milliseconds;
    case "field":
      return row.get(expression.name);
    case "call":
      return call(expression.name, expression.args.map(of), row, around);
    case "aggregate":
      return around.aggregates[expression.slot];
    case "arithmetic":
      return calculate(
        expression.sign,
        toNumber(of(expression.left)),
        toNumber(of(expression.right)),
      );
    case "negative":
      return calculate("-", 0, toNumber(of(expression.of)));
    case "comparison":
      return holds(expression.sign, of(expression.left), of(expression.right));
    case "like":
      return contains(of(expression.of), of(expression.text));
    case "matches": {
      const value = of(expression.of);
      return value !== undefined && expression.regex.test(toText(value));
    }
    case "in": {
      const value = of(expression.of);
      return expression.list.some((one) => isEqual(value, of(one)));
    }
    case "not":
      return !isTrue(of(expression.of));
    case "and":
      return isTrue(of(expression.left)) && isTrue(of(expression.right));
    case "or":
      return isTrue(of(expression.left)) || isTrue(of(expression.right));
  }
}

function call(name: string, args: readonly Value[], row: Row, { now }: Surroundings): Value {
  if (name !== "bin") return callFunction(name, args, now);
  return callFunction("datefloor", [row.get("@timestamp"), ...args], now);
}

function calculate(sign: string, left: number | undefined, right: number | undefined): Value {
  if (left === undefined || right === undefined) return undefined;
  const result = operations[sign]?.(left, right);
  return Number.isFinite(result) ? result : undefined;
}

const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "^": (a, b) => a ** b,
};

/** What is not there differs from everything and is neither more nor less than anything. */
function holds(sign: "=" | "!=" | "<" | "<=" | ">" | ">=", left: Value, right: Value): boolean {
  if (sign === "=") return isEqual(left, right);
  if (sign === "!=") return !isEqual(left, right);
  if (left === undefined || right === undefined) return false;
  const order = compare(left, right);
  switch (sign) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

const contains = (value: Value, text: Value): boolean =>
  value !== undefined && text !== undefined && toText(value).includes(toText(text));
