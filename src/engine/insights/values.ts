/** Values of Logs Insights: what fields hold, how they compare and how they are printed. */

/** A moment is apart from numbers because it is printed otherwise. */
export type Moment = { readonly moment: number };
export type Value = string | number | boolean | Moment | undefined;

export const isMoment = (value: Value): value is Moment => typeof value === "object";

/** Undefined for what is no number. */
export function toNumber(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (isMoment(value)) return value.moment;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Functions such as `strcontains` give 1 and 0. */
export const isTrue = (value: Value): boolean =>
  value === true || value === "true" || (typeof value === "number" && value !== 0);

/** As answers show it: numbers with four decimals at most. */
export function toText(value: Exclude<Value, undefined>): string {
  if (isMoment(value)) return printMoment(value.moment);
  if (typeof value !== "number") return String(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(4)));
}

const printMoment = (moment: number): string => {
  const date = new Date(moment);
  return Number.isNaN(date.getTime())
    ? String(moment)
    : date.toISOString().replace("T", " ").replace("Z", "");
};

/** By number where both are, by text otherwise; nothing comes before everything. */
export function compare(left: Value, right: Value): number {
  if (left === undefined || right === undefined) {
    return Number(left !== undefined) - Number(right !== undefined);
  }
  const [a, b] = [toNumber(left), toNumber(right)];
  if (a !== undefined && b !== undefined) return a - b;
  // What is no number sorts before numbers.
  if (a !== undefined || b !== undefined) return a === undefined ? -1 : 1;
  return compareTexts(toText(left), toText(right));
}

/** Runs of digits by their length and value, what is between them by code point. */
function compareTexts(left: string, right: string): number {
  const [ones, others] = [chunksOf(left), chunksOf(right)];
  for (const [at, one] of ones.entries()) {
    const other = others[at];
    if (other === undefined) return 1;
    if (one === other) continue;
    const areDigits = /^\d/.test(one) && /^\d/.test(other);
    if (areDigits && one.length !== other.length) return one.length - other.length;
    return one < other ? -1 : 1;
  }
  return ones.length - others.length;
}

const chunksOf = (text: string): string[] => text.match(/\d+|\D+/g) ?? [];

export function isEqual(left: Value, right: Value): boolean {
  if (left === undefined || right === undefined) return false;
  const [a, b] = [toNumber(left), toNumber(right)];
  if (a !== undefined && b !== undefined) return a === b;
  return toText(left) === toText(right);
}
