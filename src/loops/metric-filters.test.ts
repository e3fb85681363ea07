import { describe, expect, it } from "vitest";
import { memoryLogStore } from "../dataplane/logs/memory-store.ts";
import { logEvaluators } from "../engine/log-evaluation.ts";
import { manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
import { logStreamKey } from "../state/log-streams.ts";
import { openStore } from "../state/store.ts";
import { metricPoints } from "../state/tables/log-metrics.ts";
import { metricFilters } from "../state/tables/logs.ts";
import { createMetricFilterLoop } from "./metric-filters.ts";

const scope = { account: "000000000000", region: "us-east-1" };
const minute = 60_000;

function setUp() {
  const parts = {
    store: openStore(undefined),
    clock: manualClock(),
    ids: sequentialIds(),
    logger: recordingLogger(),
    logs: memoryLogStore(logEvaluators),
  };
  const putFilter = (group: string, metricValue: string): void =>
    parts.store.write((tx) =>
      tx.table(metricFilters).put({
        ...scope,
        group,
        name: "f",
        pattern: "{ $.ms > 5 }",
        transformations: [
          {
            metricName: "M",
            metricNamespace: "N",
            metricValue,
            defaultValue: undefined,
            dimensions: undefined,
            unit: undefined,
          },
        ],
        createdAt: 0,
      }),
    );
  const append = (group: string, ...events: [number, number][]) =>
    parts.logs.append(
      logStreamKey(scope, group, "s"),
      events.map(([timestamp, ms]) => ({ timestamp, message: JSON.stringify({ ms }) })),
      0,
    );
  const points = () =>
    parts.store
      .read((tx) => tx.table(metricPoints).all())
      .map(({ group, at, sum, count, minimum, maximum }) => ({
        group,
        minute: Math.floor((at - start) / minute),
        values: [sum, count, minimum, maximum],
      }));
  const start = parts.clock.now();
  return { ...parts, start, putFilter, append, points, loop: createMetricFilterLoop(parts) };
}

describe("metric filters", () => {
  it("lines that match: counted by the minute of their time, in groups with a filter", async () => {
    const { clock, start, putFilter, append, points, loop } = setUp();
    putFilter("app", "$.ms");
    loop.start();
    await append("app", [start, 10], [start + 1, 3], [start + 2, 30], [start + minute, 7]);
    await append("other", [start, 10]);
    await clock.advance(1);
    await append("app", [start + 5, 20]);
    await clock.advance(1);
    expect(points()).toEqual([
      { group: "app", minute: 0, values: [60, 3, 10, 30] },
      { group: "app", minute: 1, values: [7, 1, 7, 7] },
    ]);
    await loop.stop();
  });

  it("a filter put later: counts from then on; points older than three hours: gone", async () => {
    const { clock, start, putFilter, append, points, loop } = setUp();
    loop.start();
    await append("app", [start, 10]);
    putFilter("app", "1");
    await clock.advance(1);
    await append("app", [start, 10]);
    await loop.idle();
    expect(points()).toEqual([{ group: "app", minute: 0, values: [1, 1, 1, 1] }]);
    await clock.advance(181 * minute);
    await append("app", [clock.now(), 10]);
    await loop.stop();
    expect(points()).toEqual([{ group: "app", minute: 181, values: [1, 1, 1, 1] }]);
  });
});
