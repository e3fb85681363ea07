import { describe, expect, it } from "vitest";
import { memoryLogStore } from "../dataplane/logs/memory-store.ts";
import { logEvaluators } from "../engine/log-evaluation.ts";
import { manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
import { ensureLogStream, logStreamKey } from "../state/log-streams.ts";
import { openStore } from "../state/store.ts";
import { logGroups } from "../state/tables/logs.ts";
import { createLogRetentionLoop } from "./log-retention.ts";

const scope = { account: "000000000000", region: "us-east-1" };
const day = 86_400_000;

function setUp() {
  const parts = {
    store: openStore(undefined),
    clock: manualClock(),
    ids: sequentialIds(),
    logger: recordingLogger(),
    logs: memoryLogStore(logEvaluators),
  };
  const makeStream = (group: string, retentionDays: number | undefined): string => {
    parts.store.write((tx) => {
      tx.table(logGroups).put({
        ...scope,
        arn: group,
        name: group,
        logGroupClass: "STANDARD",
        kmsKeyId: undefined,
        retentionDays,
        createdAt: 0,
        tags: [],
      });
      ensureLogStream(tx, { scope, group, stream: "s", now: 0 });
    });
    return logStreamKey(scope, group, "s");
  };
  return { ...parts, makeStream, loop: createLogRetentionLoop(parts) };
}

describe("log retention", () => {
  it("events older than the retention: deleted within the hour; without retention: kept", async () => {
    const { logs, clock, loop, makeStream } = setUp();
    const short = makeStream("short", 1);
    const forever = makeStream("forever", undefined);
    const event = { timestamp: clock.now(), message: "x" };
    await logs.append(short, [event], clock.now());
    await logs.append(forever, [event], clock.now());
    loop.start();
    await clock.advance(day);
    expect((await logs.describe([short])).size).toBe(1);
    await clock.advance(3_600_000);
    expect((await logs.describe([short])).size).toBe(0);
    expect((await logs.describe([forever])).size).toBe(1);
    await loop.stop();
  });

  it("events of a stream that the state does not know: deleted after the start", async () => {
    const { logs, clock, loop, makeStream } = setUp();
    const known = makeStream("known", undefined);
    await logs.append(known, [{ timestamp: 1, message: "x" }], 1);
    await logs.append(`${known}-gone`, [{ timestamp: 1, message: "x" }], 1);
    loop.start();
    await clock.advance(60_000);
    expect(await logs.streams()).toEqual([known]);
    await loop.stop();
  });
});
