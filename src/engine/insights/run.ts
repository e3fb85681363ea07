/**
 * A Logs Insights query at work: events in, newest first, rows out. Commands are stages, each of which
 * hands on what it lets through; `stats` and `sort` hold back until the end.
 */
import type { Surroundings } from "./evaluate.ts";
import { mostRows, parseQuery } from "./query.ts";
import { eventRow, type QueryEvent, type Row } from "./row.ts";
import { counting, openStage, type Stage } from "./stages.ts";
import type { Command } from "./syntax.ts";
import { toText } from "./values.ts";

export type ResultRow = readonly { readonly field: string; readonly value: string }[];

export type RunningQuery = {
  /** Events come newest first. Gives whether a later one can change anything. */
  add(event: QueryEvent): boolean;
  /** Events that came through the filters before anything was aggregated. */
  matched(): number;
  /** Ends the query. */
  results(): ResultRow[];
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

/** Whether of the rows sorted here only as many matter as the answer holds. */
const isLossless = (after: readonly Command[]): boolean =>
  after.every(({ type }) => type !== "filter" && type !== "stats" && type !== "dedup");

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
