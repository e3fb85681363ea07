import { describe, expect, it } from "vitest";
import { aService, aTask } from "../../test/builders/ecs.ts";
import { manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
import { openStore } from "../state/store.ts";
import { services, tasks } from "../state/tables/ecs.ts";
import { type BusEvent, createEventFeed, keptEvents } from "./event-feed.ts";

function setUp() {
  const clock = manualClock();
  const store = openStore(undefined);
  const feed = createEventFeed({ store, clock, ids: sequentialIds(), logger: recordingLogger() });
  feed.start();
  const putTask = (version: number): void =>
    store.write((tx) => tx.table(tasks).put(aTask({ version })));
  return { store, feed, putTask };
}

describe("event feed", () => {
  it("a task's change: an event in EventBridge's envelope, to followers and for later", () => {
    const { feed, putTask } = setUp();
    const heard: BusEvent[] = [];
    const unfollow = feed.follow((event) => heard.push(event));
    putTask(1);
    expect(heard).toEqual(feed.recent());
    expect(heard).toMatchObject([
      {
        version: "0",
        "detail-type": "ECS Task State Change",
        source: "aws.ecs",
        account: "000000000000",
        region: "ap-northeast-1",
        time: "2026-01-01T00:00:00Z",
        resources: [aTask().arn],
        detail: { version: 1, lastStatus: "PROVISIONING" },
      },
    ]);
    unfollow();
    putTask(2);
    expect(heard).toHaveLength(1);
  });

  it("many changes: the latest are kept, and no more than the bound", () => {
    const { feed, putTask } = setUp();
    for (let version = 1; version <= keptEvents + 5; version++) putTask(version);
    expect(feed.recent()).toHaveLength(keptEvents);
    expect(feed.recent()[0]?.detail["version"]).toBe(6);
  });

  it("everything deleted, as by a reset: no events", () => {
    const { store, feed } = setUp();
    store.write((tx) => tx.table(services).put(aService()));
    const before = feed.recent().length;
    store.clear();
    expect(feed.recent()).toHaveLength(before);
  });
});
