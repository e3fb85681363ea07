/** A Logs Insights query as it is understood. */

export type Expression =
  | { readonly type: "constant"; readonly value: string | number | boolean }
  | { readonly type: "period"; readonly milliseconds: number }
  | { readonly type: "field"; readonly name: string }
  | {
      readonly type: "call";
      readonly name: string;
      readonly args: readonly Expression[];
    }
  /** `slot`: which of the command's aggregates it is. */
  | { readonly type: "aggregate"; readonly slot: number }
  | {
      readonly type: "arithmetic";
      readonly sign: "+" | "-" | "*" | "/" | "%" | "^";
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: "negative"; readonly of: Expression }
  | {
      readonly type: "comparison";
      readonly sign: "=" | "!=" | "<" | "<=" | ">" | ">=";
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: "like"; readonly of: Expression; readonly text: Expression }
  | { readonly type: "matches"; readonly of: Expression; readonly regex: RegExp }
  | { readonly type: "in"; readonly of: Expression; readonly list: readonly Expression[] }
  | { readonly type: "not"; readonly of: Expression }
  | { readonly type: "and" | "or"; readonly left: Expression; readonly right: Expression };

/** What a column is called: its alias, or the text as written. */
export type Named = { readonly name: string; readonly expression: Expression };

export type Aggregate = { readonly name: AggregateName; readonly args: readonly Expression[] };

export const aggregateNames = [
  "count",
  "count_distinct",
  "sum",
  "avg",
  "min",
  "max",
  "pct",
  "median",
  "stddev",
  "earliest",
  "latest",
  "sortsfirst",
  "sortslast",
] as const;
export type AggregateName = (typeof aggregateNames)[number];

/** The parts of a text that a pattern takes out of it; undefined when it is not of the pattern. */
export type Extract = (text: string) => readonly (string | undefined)[] | undefined;

export type SortKey = { readonly expression: Expression; readonly descending: boolean };

export type Command =
  | { readonly type: "fields"; readonly columns: readonly Named[] }
  | { readonly type: "display"; readonly columns: readonly Named[] }
  | { readonly type: "filter"; readonly condition: Expression }
  | {
      readonly type: "stats";
      readonly columns: readonly Named[];
      readonly aggregates: readonly Aggregate[];
      readonly by: readonly Named[];
    }
  | { readonly type: "sort"; readonly keys: readonly SortKey[] }
  | { readonly type: "limit"; readonly count: number }
  | {
      readonly type: "parse";
      readonly of: Expression;
      readonly extract: Extract;
      /** In the order of what is extracted. */
      readonly names: readonly string[];
    }
  | { readonly type: "dedup"; readonly by: readonly Expression[] };
