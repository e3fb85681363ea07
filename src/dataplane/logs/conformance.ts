/** What every log store must do, run against the one in SQLite and against the one in memory. */
import { describe, expect, it } from "vitest";
import {
  type LogQuery,
  type LogStore,
  positionOf,
  type StreamSummary,
  scanBudget,
} from "./port.ts";

export function describeLogStore(name: string, make: () => Promise<LogStore>): void {
  const summaryOf = async (store: LogStore, key: string): Promise<StreamSummary | undefined> =>
    (await store.describe([key])).get(key);
  const ask = (changes: Partial<LogQuery>): LogQuery => ({
    streamKeys: ["a"],
    startTime: undefined,
    endTimeExclusive: undefined,
    from: undefined,
    direction: "forward",
    limit: 100,
    maxBytes: 1_000_000,
    filter: undefined,
    ...changes,
  });
  const messages = async (store: LogStore, changes: Partial<LogQuery>): Promise<string[]> =>
    (await store.query(ask(changes))).events.map((event) => event.message);
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
      const { events: found } = await store.query(ask({ streamKeys: ["a", "b"] }));
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

    it("how far a writer has come: kept with its events, each writer's own, until it is forgotten", async () => {
      const store = await make();
      const event = { timestamp: 5, message: "x" };
      expect(await store.progressOf("w")).toBeUndefined();
      await store.append("a", [event], 9, { writer: "w", place: "1" });
      await store.append("a", [event], 9, { writer: "w", place: "2" });
      await store.append("b", [event], 9, { writer: "v", place: "7" });
      await store.deleteStream("a");
      expect([await store.progressOf("w"), await store.progressOf("v")]).toEqual(["2", "7"]);
      await store.forgetWriters(["w", "nobody"]);
      expect([await store.progressOf("w"), await store.progressOf("v")]).toEqual([undefined, "7"]);
      await store.clear();
      expect(await store.progressOf("v")).toBeUndefined();
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
      const [, second] = (await store.query(ask({}))).events;
      const from = second && positionOf(second);
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

    it("a filter: what it lets through", async () => {
      const store = await make();
      const lines = ["GET /a 200", "GET /b 500", "get /a 500"];
      const events = lines.map((message, timestamp) => ({ timestamp, message }));
      await store.append("a", events, 1);
      expect(await messages(store, { filter: "GET 500" })).toEqual(["GET /b 500"]);
    });

    it("describe: first, last, ingestion and bytes; nothing for an unknown stream", async () => {
      const store = await filled();
      expect(await summaryOf(store, "a")).toEqual({
        first: 10,
        last: 30,
        lastIngestion: 100,
        bytes: 3 * (8 + 26),
      });
      expect(await summaryOf(store, "c")).toBeUndefined();
      expect([...(await store.describe(["a", "b", "c"])).keys()].toSorted()).toEqual(["a", "b"]);
    });

    it("a page that is full: says where to go on; the last one does not", async () => {
      const store = await filled();
      const both = { streamKeys: ["a", "b"], limit: 3 };
      const first = await store.query(ask(both));
      expect(first.next).toBe(first.events.map(positionOf).at(-1));
      const second = await store.query(ask({ ...both, from: first.next }));
      expect(second.events.map((event) => event.timestamp)).toEqual([25, 30]);
      expect(second.next).toBeUndefined();
      const last = await store.query(ask({ ...both, direction: "backward" }));
      expect(last.events.map((event) => event.timestamp)).toEqual([20, 25, 30]);
      const before = await store.query(ask({ ...both, direction: "backward", from: last.next }));
      expect(before.events.map((event) => event.timestamp)).toEqual([10, 15]);
      expect(before.next).toBeUndefined();
    });

    it("a filter that seldom matches: short pages that go on until the event is found", async () => {
      const store = await make();
      const lines = Array.from({ length: scanBudget + 10 }, (_, timestamp) => ({
        timestamp,
        message: timestamp === scanBudget + 5 ? "needle" : "hay",
      }));
      await store.append("a", lines, 1);
      const first = await store.query(ask({ filter: "needle" }));
      expect(first.events).toEqual([]);
      const second = await store.query(ask({ filter: "needle", from: first.next }));
      expect(second.events.map((event) => event.timestamp)).toEqual([scanBudget + 5]);
      expect(second.next).toBeUndefined();
    });

    it("many streams, one after the other and side by side: merged by time, both ways", async () => {
      const store = await make();
      const keys = Array.from({ length: 40 }, (_, at) => `s${at}`);
      const times: number[] = [];
      for (const [at, key] of keys.entries()) {
        const events = Array.from({ length: 50 }, (_, turn) => ({
          timestamp: at * 25 + turn * (1 + (at % 3)),
          message: key,
        }));
        times.push(...events.map((event) => event.timestamp));
        await store.append(key, events, 1);
      }
      times.sort((a, b) => a - b);
      for (const direction of ["forward", "backward"] as const) {
        const seen: number[] = [];
        let from: string | undefined;
        do {
          const page = await store.query(ask({ streamKeys: keys, direction, from, limit: 333 }));
          const found = page.events.map((event) => event.timestamp);
          if (direction === "forward") seen.push(...found);
          else seen.unshift(...found);
          from = page.next;
        } while (from !== undefined);
        expect(seen).toEqual(times);
      }
    });

    it("an event by its position: found in its stream only", async () => {
      const store = await filled();
      const [, second] = (await store.query(ask({}))).events;
      const position = second ? positionOf(second) : "";
      expect(await store.find(["a"], position)).toEqual(second);
      expect(await store.find(["b"], position)).toBeUndefined();
      expect(await store.find(["a"], position.replace(/.$/, "9"))).toBeUndefined();
    });

    it("watched: told of each append that is durable, until it is ended", async () => {
      const store = await make();
      const seen: unknown[] = [];
      const unwatch = store.watch(
        (key, events, at) => seen.push([key, events.length, at]),
        (key) => key === "a",
      );
      await store.append("b", [{ timestamp: 1, message: "not wanted" }], 7);
      await store.append("a", [{ timestamp: 1, message: "x" }], 7);
      unwatch();
      await store.append("a", [{ timestamp: 2, message: "y" }], 8);
      expect(seen).toEqual([["a", 1, 7]]);
    });

    it("a batch as it came: stored and told when nothing of it is refused, and only then", async () => {
      const store = await make();
      const seen: unknown[] = [];
      store.watch(
        (key, events) => seen.push([key, events]),
        () => true,
      );
      const events = [{ timestamp: 5, message: "x" }];
      const rest = { logGroupName: "g" };
      const append = (content: object) =>
        store.appendEncoded({
          streamKey: "a",
          body: Buffer.from(JSON.stringify(content)),
          rest,
          earliest: 0,
          latest: 10,
          ingestionTime: 7,
        });
      const outcomes = [
        append({ ...rest, logEvents: events }),
        append({ logGroupName: "other", logEvents: events }),
        append({ ...rest, logEvents: [{ timestamp: 11, message: "late" }] }),
        append({ ...rest, logEvents: [{ timestamp: 6, message: "y" }] }),
      ];
      expect(await Promise.all(outcomes)).toEqual([true, false, false, true]);
      expect(await messages(store, {})).toEqual(["x", "y"]);
      expect(seen).toEqual([
        ["a", events],
        ["a", [{ timestamp: 6, message: "y" }]],
      ]);
    });

    it("a page written by the store: the same events, with the names given", async () => {
      const store = await filled();
      const query = ask({ streamKeys: ["a", "b"], limit: 2 });
      const { events: found, next } = await store.query(query);
      const parse = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString());
      const named = await store.queryEncoded(query, { names: { a: "of a", b: "of b" } });
      const [first, last] = found.map(positionOf);
      expect(named).toMatchObject({ first, last, next });
      expect(parse(named.events)).toEqual(
        found.map((event) => ({
          logStreamName: `of ${event.streamKey}`,
          timestamp: event.timestamp,
          message: event.message,
          ingestionTime: event.ingestionTime,
          eventId: positionOf(event),
        })),
      );
      const plain = await store.queryEncoded(query, undefined);
      expect(parse(plain.events)[0]).toEqual({
        timestamp: 10,
        message: "event 10",
        ingestionTime: 100,
      });
      const none = await store.queryEncoded(ask({ startTime: 99 }), undefined);
      expect(parse(none.events)).toEqual([]);
      expect(none.first ?? none.last ?? none.next).toBeUndefined();
    });

    it("analysed: newest first through the query, with the names given", async () => {
      const store = await filled();
      const analyse = (query: string, signal = new AbortController().signal) => {
        const names = {
          a: { log: "1:g", stream: "a" },
          b: { log: "1:g", stream: "b" },
        };
        const progress: unknown[] = [];
        const range = { streamKeys: ["a", "b"], startTime: 11, endTimeExclusive: undefined };
        return store
          .analyse(
            { ...range, query, now: 0, limit: undefined, names },
            progress.push.bind(progress),
            signal,
          )
          .then((rows) => ({ rows, progress: progress.at(-1) }));
      };
      const { rows, progress } = await analyse(
        "filter @message != 'event 15' | display @logStream, @message",
      );
      const shown = rows.map((row) => row.slice(0, 2).map(({ value }) => value));
      expect(shown).toEqual([
        ["a", "event 30"],
        ["b", "event 25"],
        ["a", "event 20"],
      ]);
      expect(progress).toEqual({ scanned: 4, bytes: 32, matched: 3 });
      await expect(analyse("limit 1", AbortSignal.abort("stopped"))).rejects.toBe("stopped");
    });

    it("a query with a hostile expression: it fails, and the store goes on", async () => {
      const store = await make();
      await store.append("a", [{ timestamp: 1, message: `${"a".repeat(60)}!` }], 1);
      const query = "filter @message like /^(a+)+$/";
      const range = { streamKeys: ["a"], startTime: undefined, endTimeExclusive: undefined };
      const analysis = { ...range, query, now: 0, limit: undefined, names: {} };
      const { signal } = new AbortController();
      await expect(store.analyse(analysis, () => {}, signal)).rejects.toThrow(/not done within/);
      expect(await messages(store, {})).toHaveLength(1);
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
      expect(await summaryOf(store, "a")).toMatchObject({ first: 30, last: 30, bytes: 8 + 26 });
      await store.deleteBefore(["a"], 31);
      expect(await summaryOf(store, "a")).toBeUndefined();
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
