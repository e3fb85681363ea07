/**
 * Counts what metric filters match as lines are stored, by minute, and keeps the last hours of it for
 * whoever publishes metrics. Lines are looked at only in groups that have a filter.
 */
import type { LogEvent, LogStore } from "../dataplane/logs/port.ts";
import type { LogPattern } from "../engine/log-pattern/parsed.ts";
import { parseLogPattern } from "../engine/log-pattern/pattern.ts";
import { addToMinute, type MetricMinute, metricValueOf } from "../engine/metric-filter.ts";
import type { MetricFilter } from "../model/logs.ts";
import { logStreamKey } from "../state/log-streams.ts";
import { type MetricPoint, metricPointKey, metricPoints } from "../state/tables/log-metrics.ts";
import { metricFilters } from "../state/tables/logs.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

const minute = 60_000;
const keptMs = 3 * 60 * minute;

type Watched = { readonly filter: MetricFilter; readonly pattern: LogPattern };

export function createMetricFilterLoop(
  dependencies: LoopDependencies & { readonly logs: Pick<LogStore, "watch"> },
): Loop {
  const { store, clock, logs } = dependencies;
  let watched: Watched[] = [];
  let counted = new Map<
    string,
    { readonly filter: MetricFilter; at: number; sums: MetricMinute }
  >();
  let unwatch = (): void => {};

  const count = (streamKey: string, events: readonly LogEvent[]): void => {
    let hasNew = false;
    for (const { filter, pattern } of watched) {
      if (!streamKey.startsWith(logStreamKey(filter, filter.group, ""))) continue;
      for (const { timestamp, message } of events) {
        const [transformation] = filter.transformations;
        const value = transformation && metricValueOf(pattern, transformation, message);
        if (value === undefined) continue;
        const at = Math.floor(timestamp / minute) * minute;
        const key = `${logStreamKey(filter, filter.group, filter.name)} ${at}`;
        counted.set(key, { filter, at, sums: addToMinute(counted.get(key)?.sums, value) });
        hasNew = true;
      }
    }
    if (hasNew) loop.wake();
  };

  const isWatched = (streamKey: string): boolean =>
    watched.some(({ filter }) => streamKey.startsWith(logStreamKey(filter, filter.group, "")));

  const readFilters = (): Watched[] =>
    store
      .read((tx) => tx.table(metricFilters).all())
      .flatMap((filter) => {
        const parsed = parseLogPattern(filter.pattern);
        return parsed.type === "pattern" ? [{ filter, pattern: parsed.pattern }] : [];
      });

  const flush = (): void => {
    const taken = counted;
    counted = new Map();
    const horizon = clock.now() - keptMs;
    store.write((tx) => {
      const table = tx.table(metricPoints);
      for (const old of table.all()) {
        if (old.at < horizon) table.delete(old, metricPointKey(old));
      }
      for (const { filter, at, sums } of taken.values()) {
        const { account, region, group, name } = filter;
        const point = { account, region, group, filter: name, at };
        const known = table.get(filter, metricPointKey(point));
        if (at >= horizon) table.put({ ...point, ...merge(known, sums) });
      }
    });
  };

  const loop = createLoop({
    ...dependencies,
    name: "metric-filters",
    concerns: (change) => change.table === metricFilters.name,
    async pass() {
      watched = readFilters();
      if (counted.size > 0) flush();
      return undefined;
    },
  });

  return {
    ...loop,
    start() {
      watched = readFilters();
      unwatch = logs.watch(count, isWatched);
      loop.start();
    },
    async stop() {
      unwatch();
      await loop.stop();
      if (counted.size > 0) flush();
    },
  };
}

const merge = (known: MetricPoint | undefined, sums: MetricMinute): MetricMinute =>
  known
    ? {
        sum: known.sum + sums.sum,
        count: known.count + sums.count,
        minimum: Math.min(known.minimum, sums.minimum),
        maximum: Math.max(known.maximum, sums.maximum),
      }
    : sums;
