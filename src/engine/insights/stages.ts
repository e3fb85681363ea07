/** The commands of a query as stages: each hands on the rows that it lets through, or makes its own. */
import { type Accumulator, openAccumulator } from "./aggregates.ts";
import { evaluate, type Surroundings } from "./evaluate.ts";
import { identityOf, plainRow, type Row } from "./row.ts";
import type { Command, Named, SortKey } from "./syntax.ts";
import { compare, isTrue, toNumber, toText, type Value } from "./values.ts";

export type Stage = {
  add(row: Row): void;
  end(): void;
  /** Wants no more rows. */
  isFull(): boolean;
};

export const counting = (next: Stage, count: () => void): Stage => ({
  ...next,
  add(row) {
    count();
    next.add(row);
  },
});

/** `mostSorted`: of rows that are sorted no more are needed; undefined when all are. */
export function openStage(
  command: Command,
  next: Stage,
  around: Surroundings,
  mostSorted: number | undefined,
): Stage {
  switch (command.type) {
    case "fields":
      return each(next, (row) => name(row, command.columns, around));
    case "display":
      return each(next, (row) => name(row, command.columns, around));
    case "filter":
      return each(next, (row) => isTrue(evaluate(command.condition, row, around)));
    case "parse":
      return each(next, (row) => {
        const value = evaluate(command.of, row, around);
        const found = value === undefined ? undefined : command.extract(toText(value));
        for (const [at, field] of command.names.entries()) {
          if (found) row.set(field, found[at]);
        }
        return true;
      });
    case "dedup": {
      const seen = new Set<string>();
      return each(next, (row) => {
        const values = command.by.map((one) => evaluate(one, row, around));
        if (values.includes(undefined)) return true;
        const identity = identityOf(values);
        return !seen.has(identity) && seen.add(identity).size > 0;
      });
    }
    case "limit":
      return limitStage(next, command.count);
    case "sort":
      return sortStage(next, command.keys, around, mostSorted);
    case "stats":
      return statsStage(next, command, around);
  }
}

function each(next: Stage, pass: (row: Row) => boolean): Stage {
  return {
    add(row) {
      if (pass(row)) next.add(row);
    },
    end: next.end,
    isFull: next.isFull,
  };
}

function name(row: Row, columns: readonly Named[], around: Surroundings): true {
  for (const { name: column, expression } of columns) {
    if (expression.type === "field" && expression.name === column) continue;
    row.set(column, evaluate(expression, row, around));
  }
  return true;
}

function limitStage(next: Stage, count: number): Stage {
  let given = 0;
  return {
    add(row) {
      if (given >= count) return;
      given += 1;
      next.add(row);
    },
    end: next.end,
    isFull: () => given >= count || next.isFull(),
  };
}

function sortStage(
  next: Stage,
  keys: readonly SortKey[],
  around: Surroundings,
  most: number | undefined,
): Stage {
  let held: { readonly row: Row; readonly values: readonly Value[] }[] = [];
  const order = (a: (typeof held)[number], b: (typeof held)[number]): number => {
    for (const [at, { descending }] of keys.entries()) {
      const result = compare(a.values[at], b.values[at]);
      if (result !== 0) return descending ? -result : result;
    }
    return 0;
  };
  return {
    add(row) {
      held.push({ row, values: keys.map(({ expression }) => evaluate(expression, row, around)) });
      if (most !== undefined && held.length > 4 * most) held = held.sort(order).slice(0, most);
    },
    end() {
      for (const { row } of held.sort(order)) next.add(row);
      next.end();
    },
    isFull: () => false,
  };
}

function statsStage(
  next: Stage,
  { aggregates, columns, by }: Extract<Command, { type: "stats" }>,
  around: Surroundings,
): Stage {
  const groups = new Map<string, { readonly keys: Value[]; readonly slots: Accumulator[] }>();
  const groupOf = (keys: Value[]) => {
    const identity = identityOf(keys);
    const known = groups.get(identity);
    if (known) return known;
    const slots = aggregates.map((one) => openAccumulator(one.name, one.args.length));
    const made = { keys, slots };
    groups.set(identity, made);
    return made;
  };
  return {
    add(row) {
      const { slots } = groupOf(by.map(({ expression }) => evaluate(expression, row, around)));
      const at = toNumber(row.get("@timestamp")) ?? 0;
      for (const [slot, { args }] of aggregates.entries()) {
        slots[slot]?.add(
          args.map((one) => evaluate(one, row, around)),
          at,
        );
      }
    },
    end() {
      if (by.length === 0) groupOf([]);
      for (const { keys, slots } of groups.values()) {
        const row = plainRow();
        for (const [at, { name: column }] of by.entries()) row.set(column, keys[at]);
        const results = { ...around, aggregates: slots.map((slot) => slot.result()) };
        for (const column of columns) {
          row.set(column.name, evaluate(column.expression, row, results));
        }
        next.add(row);
      }
      next.end();
    },
    isFull: () => false,
  };
}
