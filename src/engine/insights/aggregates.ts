/** Values over many rows: what `stats` counts and sums. */
import type { AggregateName } from "./syntax.ts";
import { compare, isMoment, toNumber, toText, type Value } from "./values.ts";

export type Accumulator = {
  /** `args` of one row, and the row's time for `earliest` and `latest`. */
  add(args: readonly Value[], at: number): void;
  result(): Value;
};

export function openAccumulator(name: AggregateName, argCount: number): Accumulator {
  switch (name) {
    case "count":
      return count(argCount === 0);
    case "count_distinct":
      return countDistinct();
    case "sum":
      return overNumbers((all) => all.reduce((sum, one) => sum + one, 0));
    case "avg":
      return average();
    case "min":
      return best((a, b) => compare(a, b) < 0);
    case "max":
      return best((a, b) => compare(a, b) > 0);
    case "pct":
      return percentile(undefined);
    case "median":
      return percentile(50);
    case "stddev":
      return overNumbers(deviation);
    case "earliest":
      return byTime((a, b) => a < b);
    case "latest":
      return byTime((a, b) => a >= b);
    case "sortsfirst":
      return best((a, b) => compare(a, b) < 0);
    case "sortslast":
      return best((a, b) => compare(a, b) > 0);
  }
}

function count(isOfRows: boolean): Accumulator {
  let rows = 0;
  return {
    add([value]) {
      if (isOfRows || value !== undefined) rows += 1;
    },
    result: () => rows,
  };
}

function countDistinct(): Accumulator {
  const seen = new Set<string>();
  return {
    add([value]) {
      if (value !== undefined) seen.add(toText(value));
    },
    result: () => seen.size,
  };
}

function average(): Accumulator {
  let sum = 0;
  let numbers = 0;
  return {
    add([value]) {
      const number = toNumber(value);
      if (number === undefined) return;
      sum += number;
      numbers += 1;
    },
    result: () => (numbers === 0 ? undefined : sum / numbers),
  };
}

function overNumbers(run: (all: readonly number[]) => number): Accumulator {
  const all: number[] = [];
  return {
    add([value]) {
      const number = toNumber(value);
      if (number !== undefined) all.push(number);
    },
    result: () => (all.length === 0 ? undefined : run(all)),
  };
}

function deviation(all: readonly number[]): number {
  const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
  return Math.sqrt(all.reduce((sum, one) => sum + (one - mean) ** 2, 0) / all.length);
}

/** By nearest rank. `fixed` or else the second argument says which percentile. */
function percentile(fixed: number | undefined): Accumulator {
  const all: number[] = [];
  let wanted = fixed ?? 50;
  return {
    add([value, share]) {
      const number = toNumber(value);
      if (number !== undefined) all.push(number);
      if (fixed === undefined) wanted = toNumber(share) ?? wanted;
    },
    result() {
      const sorted = all.toSorted((a, b) => a - b);
      const rank = Math.ceil((wanted / 100) * sorted.length);
      return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1];
    },
  };
}

function best(isBetter: (one: Value, other: Value) => boolean): Accumulator {
  let found: Value;
  return {
    add([value]) {
      if (value === undefined) return;
      // A moment's extreme is given as a number, as AWS does.
      const plain = isMoment(value) ? value.moment : value;
      if (found === undefined || isBetter(plain, found)) found = plain;
    },
    result: () => toNumber(found) ?? found,
  };
}

function byTime(isBetter: (one: number, other: number) => boolean): Accumulator {
  let found: Value;
  let when: number | undefined;
  return {
    add([value], at) {
      if (value === undefined || (when !== undefined && !isBetter(at, when))) return;
      found = value;
      when = at;
    },
    result: () => found,
  };
}
