/**
 * A Logs Insights query at work: events in, newest first, rows out. Commands are stages, each of which
 * hands on what it lets through; `stats` and `sort` hold back until the end.
 */
import { type Accumulator, openAccumulator } from "./aggregates.ts";
import { evaluate, type Surroundings } from "./evaluate.ts";
import { mostRows, parseQuery } from "./query.ts";
import { eventRow, identityOf, plainRow, type QueryEvent, type Row } from "./row.ts";
import type { Command, Named, SortKey } from "./syntax.ts";
import { compare, isTrue, toNumber, toText, type Value } from "./values.ts";

export type ResultRow = readonly { readonly field: string; readonly value: string }[];

export type RunningQuery = {
  /** Events come newest first. Gives whether a later one can change anything. */
  add(event: QueryEvent): boolean;
  /** Events that came through the filters before anything was aggregated. */
  matched(): number;
  /** Ends the query. */
  results(): ResultRow[];
};

type Stage = {
  add(row: Row): void;
  end(): void;
  /** Wants no more rows. */
  isFull(): boolean;
};

/** Throws a `QueryError`. `limit`: rows at most where the query itself says nothing. */
export function openQuery(
  text: string,
  { now, limit = mostRows }: { readonly now: number; readonly limit?: number },
): RunningQuery {
  const commands = parseQuery(text);
  const around: Surroundings = { now, aggregates: [] };
  const rows: Row[] = [];
  const most = commands.some((command) => command.type === "limit") ? mostRows : limit;
  let matched = 0;
  let stage: Stage = {
    add(row) {
      if (rows.length < most) rows.push(row);
    },
    end: () => {},
    isFull: () => rows.length >= most,
  };
  const counted = countedAt(commands);
  const count = (): void => {
    matched += 1;
  };
  if (counted === commands.length) stage = counting(stage, count);
  for (const [at, command] of [...commands.entries()].toReversed()) {
    stage = openStage(
      command,
      stage,
      around,
      isLossless(commands.slice(at + 1)) ? most : undefined,
    );
    if (at === counted) stage = counting(stage, count);
  }
  const first = stage;
  return {
    add(event) {
      first.add(eventRow(event));
      return !first.isFull();
    },
    matched: () => matched,
    results() {
      first.end();
      const columns = columnsOf(commands);
      return rows.map((row) => toResult(row, columns));
    },
  };
}

/** The first command that does more than filter and add: what comes to it has matched. */
function countedAt(commands: readonly Command[]): number {
  const at = commands.findIndex(({ type }) => holding.has(type));
  return at < 0 ? commands.length : at;
}

const holding: ReadonlySet<Command["type"]> = new Set(["sort", "limit", "dedup", "stats"]);

const counting = (next: Stage, count: () => void): Stage => ({
  ...next,
  add(row) {
    count();
    next.add(row);
  },
});

/** Whether of the rows sorted here only as many matter as the answer holds. */
const isLossless = (after: readonly Command[]): boolean =>
  after.every(({ type }) => type !== "filter" && type !== "stats" && type !== "dedup");

function openStage(
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
        const found = value === undefined ? null : command.regex.exec(toText(value));
        for (const [at, field] of command.names.entries()) {
          if (found) row.set(field, found.groups?.[field] ?? found[at + 1]);
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

/** The columns of an answer: the last `display`, else what the commands named, else the usual two. */
function columnsOf(commands: readonly Command[]): string[] {
  const display = commands.findLast((command) => command.type === "display");
  const stats = commands.findLastIndex((command) => command.type === "stats");
  const named = commands.slice(Math.max(stats, 0)).flatMap((command) => {
    switch (command.type) {
      case "stats":
        return [...command.by, ...command.columns].map((column) => column.name);
      case "fields":
        return command.columns.map((column) => column.name);
      case "parse":
        return command.names;
      default:
        return [];
    }
  });
  const hasFields = stats >= 0 || commands.some(({ type }) => type === "fields");
  const shown = display?.columns.map((column) => column.name) ?? [
    ...(hasFields ? [] : ["@timestamp", "@message"]),
    ...named,
  ];
  return [...new Set(stats < 0 ? [...shown, "@ptr"] : shown)];
}

const toResult = (row: Row, columns: readonly string[]): ResultRow =>
  columns.flatMap((field) => {
    const value = row.get(field);
    return value === undefined ? [] : [{ field, value: toText(value) }];
  });
