/**
 * What the log store runs where its events lie: filter patterns and queries. The store is given this
 * module by who makes it, since a million events had better not travel to be looked at.
 */
import { openQuery, type RunningQuery } from "./insights/run.ts";
import { readPlainBatch, writeEventList } from "./log-batch.ts";
import { parseLogPattern } from "./log-pattern/pattern.ts";

export const logEvaluators = {
  /** PutLogEvents' bodies and the events of answers. */
  readBatch: readPlainBatch,
  writePage: writeEventList,
  /** Throws for what is no pattern; who asks has checked it. */
  filter(pattern: string): (message: string) => boolean {
    const parsed = parseLogPattern(pattern);
    if (parsed.type === "invalid") throw new Error(`not a filter pattern: ${pattern}`);
    return parsed.pattern.matches;
  },
  /** Throws a `QueryError` for what is no query. */
  query: (
    text: string,
    options: { readonly now: number; readonly limit: number | undefined },
  ): RunningQuery =>
    openQuery(text, {
      now: options.now,
      ...(options.limit !== undefined && { limit: options.limit }),
    }),
};
