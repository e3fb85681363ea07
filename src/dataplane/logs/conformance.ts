/** What every log store must do, run against the one in SQLite and against the one in memory. */
import { describe, expect, it } from "vitest";
import type { LogQuery, LogStore } from "./port.ts";

export function describeLogStore(name: string, make: () => Promise<LogStore>): void {
  const ask = (changes: Partial<LogQuery>): LogQuery => ({
    streamKeys: ["a"],
    startTime: undefined,
    endTimeExclusive: undefined,
    from: undefined,
    direction: "forward",
    limit: 100,
    maxBytes: 1_000_000,
    contains: [],
    ...changes,
  });
  const messages = async (store: LogStore, changes: Partial<LogQuery>): Promise<string[]> =>
    (await store.query(ask(changes))).map((event) => event.message);
  const filled = async (): Promise<LogStore> => {
    const store = await make();
    const event = (timestamp: number) => ({ timestamp, message: `event ${timestamp}` });
    await store.append("a", [event(10), event(20), event(30)], 100);
    await store.append("b", [event(15), event(25)], 200);
    return store;
  };

  describe(name, () => {
    it("events of two streams: in the order of their times", async () => {
      const store = await filled();
      const found = await store.query(ask({ streamKeys: ["a", "b"] }));
      expect(found.map((event) => event.timestamp)).toEqual([10, 15, 20, 25, 30]);
      expect(found[1]).toMatchObject({ streamKey: "b", ingestionTime: 200, message: "event 15" });
    });

    it("equal times: in the order of arrival", async () => {
      const store = await make();
      for (const message of ["x", "y", "z"])
        await store.append("a", [{ timestamp: 5, message }], 9);
      expect(await messages(store, {})).toEqual(["x", "y", "z"]);
    });

    it("an event that arrives late: takes its place by its time", async () => {
      const store = await filled();
      await store.append("a", [{ timestamp: 12, message: "late" }], 300);
      expect(await messages(store, {})).toEqual(["event 10", "late", "event 20", "event 30"]);
    });

    it("a range of time: start included, end not", async () => {
      const store = await filled();
      expect(await messages(store, { startTime: 10, endTimeExclusive: 30 })).toEqual([
        "event 10",
        "event 20",
      ]);
    });

    it("from a position forward and backward: what comes after, and the last before", async () => {
      const store = await filled();
      const [, second] = await store.query(ask({}));
      const from = second?.position;
      expect(await messages(store, { from })).toEqual(["event 30"]);
      expect(await messages(store, { from, direction: "backward" })).toEqual(["event 10"]);
      expect(await messages(store, { direction: "backward", limit: 2 })).toEqual([
        "event 20",
        "event 30",
      ]);
    });

    it("a limit of bytes: cut there, but never to nothing", async () => {
      const store = await filled();
      expect(await messages(store, { maxBytes: 17 })).toEqual(["event 10", "event 20"].slice(0, 2));
      expect(await messages(store, { maxBytes: 15 })).toEqual(["event 10"]);
      expect(await messages(store, { maxBytes: 1 })).toEqual(["event 10"]);
    });

    it("texts to contain: all of them, case as written", async () => {
      const store = await make();
      const lines = ["GET /a 200", "GET /b 500", "get /a 500"];
      const events = lines.map((message, timestamp) => ({ timestamp, message }));
      await store.append("a", events, 1);
      expect(await messages(store, { contains: ["GET", "500"] })).toEqual(["GET /b 500"]);
    });

    it("describe: first, last, ingestion and bytes; nothing for an unknown stream", async () => {
      const store = await filled();
      expect(await store.describe("a")).toEqual({
        first: 10,
        last: 30,
        lastIngestion: 100,
        bytes: 3 * (8 + 26),
      });
      expect(await store.describe("c")).toBeUndefined();
      expect(await store.storedBytes(["a", "b", "c"])).toBe(5 * (8 + 26));
    });

    it("a stream deleted: it is empty, the other is not", async () => {
      const store = await filled();
      await store.deleteStream("a");
      expect(await messages(store, { streamKeys: ["a", "b"] })).toEqual(["event 15", "event 25"]);
      expect(await store.streams()).toEqual(["b"]);
    });

    it("old events deleted: those before the time, of those streams", async () => {
      const store = await filled();
      await store.deleteBefore(["a"], 30);
      expect(await messages(store, { streamKeys: ["a", "b"] })).toEqual([
        "event 15",
        "event 25",
        "event 30",
      ]);
      expect(await store.describe("a")).toMatchObject({ first: 30, last: 30, bytes: 8 + 26 });
      await store.deleteBefore(["a"], 31);
      expect(await store.describe("a")).toBeUndefined();
      expect(await store.streams()).toEqual(["b"]);
    });

    it("clear: no stream is left", async () => {
      const store = await filled();
      await store.clear();
      expect(await store.streams()).toEqual([]);
      expect(await messages(store, { streamKeys: ["a", "b"] })).toEqual([]);
    });

    it("a delete after appends that nobody waited for: finds their events", async () => {
      const store = await make();
      const appended = store.append("a", [{ timestamp: 1, message: "x" }], 1);
      const deleted = store.deleteStream("a");
      const again = store.append("a", [{ timestamp: 2, message: "y" }], 2);
      await Promise.all([appended, deleted, again]);
      expect(await messages(store, {})).toEqual(["y"]);
    });
  });
}
