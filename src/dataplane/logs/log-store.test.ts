import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { logEvaluators } from "../../engine/log-evaluation.ts";
import { recordingLogger } from "../../seams/logger.ts";
import { describeLogStore } from "./conformance.ts";
import { memoryLogStore } from "./memory-store.ts";
import type { LogStore } from "./port.ts";
import { sqliteLogStore } from "./sqlite-store.ts";

const directories: string[] = [];
const stores: LogStore[] = [];
const makeDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(path.join(os.tmpdir(), "neargate-logs-"));
  directories.push(directory);
  return directory;
};
const logger = recordingLogger();
const open = (directory: string, limitBytes = Number.MAX_SAFE_INTEGER): LogStore => {
  const evaluators = import.meta.resolve("../../engine/log-evaluation.ts");
  const store = sqliteLogStore({ directory, limitBytes, evaluators, logger });
  stores.push(store);
  return store;
};

/** Of this process's threads, by their ids. */
async function nicenessOfThreads(): Promise<Map<string, number>> {
  const threads = await readdir("/proc/self/task");
  const read = async (thread: string): Promise<[string, number]> => {
    const text = await readFile(`/proc/self/task/${thread}/stat`, "utf8").catch(() => "");
    // The 19th field; the second, a name in brackets, may have spaces.
    return [thread, Number(text.slice(text.lastIndexOf(")")).split(" ")[17])];
  };
  const all = await Promise.all(threads.map(read));
  return new Map(all.filter(([, niceness]) => !Number.isNaN(niceness)));
}

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

describeLogStore("log events in memory", async () => memoryLogStore(logEvaluators));
describeLogStore("log events in SQLite", async () => open(await makeDirectory()));

describe("log events in SQLite, beyond the port", () => {
  it("never asked: no worker, no file", async () => {
    const directory = await makeDirectory();
    await open(directory).close();
    expect(await readdir(directory)).toEqual([]);
  });

  it("acknowledged and never closed: a second store on the directory has the events", async () => {
    const directory = await makeDirectory();
    await open(directory).append("a", [{ timestamp: 1, message: "kept" }], 1);
    const again = await open(directory).describe(["a"]);
    expect(again.get("a")).toMatchObject({ first: 1, last: 1 });
  });

  it.skipIf(process.platform !== "linux")(
    "at work: its thread gives way to the others, whose priority is as it was",
    async () => {
      const before = await nicenessOfThreads();
      await open(await makeDirectory()).append("a", [{ timestamp: 1, message: "kept" }], 1);
      const after = await nicenessOfThreads();
      const started = [...after].filter(([thread]) => !before.has(thread));
      expect(started.map(([, niceness]) => niceness)).toContain(Math.max(os.getPriority(), 5));
      for (const [thread, niceness] of before) {
        expect(after.get(thread) ?? niceness).toBe(niceness);
      }
    },
  );

  it("a thousand appends at once: all there, in order", async () => {
    const store = open(await makeDirectory());
    const appends = Array.from({ length: 1000 }, (_, timestamp) =>
      store.append("a", [{ timestamp, message: `${timestamp}` }], 1),
    );
    await Promise.all(appends);
    expect((await store.describe(["a"])).get("a")).toMatchObject({ first: 0, last: 999 });
  });

  it("more than the limit: the oldest of all streams are gone, the file stays within", async () => {
    const directory = await makeDirectory();
    const limit = 2 * 1024 * 1024;
    const store = open(directory, limit);
    const message = "x".repeat(500);
    for (let batch = 0; batch < 40; batch++) {
      const events = Array.from({ length: 200 }, (_, at) => ({
        timestamp: batch * 200 + at,
        message,
      }));
      await store.append(batch % 2 === 0 ? "even" : "odd", events, batch);
    }
    const { size } = await stat(path.join(directory, "logs.db"));
    expect(size).toBeLessThanOrEqual(limit);
    const known = await store.describe(["even", "odd"]);
    expect(known.get("odd")?.last).toBe(7_999);
    const firsts = [known.get("even")?.first ?? 0, known.get("odd")?.first ?? 0];
    expect(Math.min(...firsts)).toBeGreaterThan(4_000);
    // What is left is without gaps from the oldest kept event on.
    const { events } = await store.query({
      streamKeys: ["even", "odd"],
      startTime: undefined,
      endTimeExclusive: undefined,
      from: undefined,
      direction: "forward",
      limit: 10_000,
      maxBytes: Number.MAX_SAFE_INTEGER,
      filter: undefined,
    });
    expect(events).toHaveLength(8_000 - Math.min(...firsts));
    expect(logger.lines.some((line) => line.message.includes("the oldest events are gone"))).toBe(
      true,
    );
  });

  it("a file of the first schema: its events are found, and it can shrink", async () => {
    const directory = await makeDirectory();
    const file = path.join(directory, "logs.db");
    const old = new DatabaseSync(file);
    old.exec(`
      CREATE TABLE streams (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
        bytes INTEGER NOT NULL DEFAULT 0, ingestion INTEGER NOT NULL DEFAULT 0);
      CREATE TABLE events (stream INTEGER NOT NULL, timestamp INTEGER NOT NULL,
        sequence INTEGER NOT NULL, ingestion INTEGER NOT NULL, bytes INTEGER NOT NULL,
        message TEXT NOT NULL, PRIMARY KEY (stream, timestamp, sequence)) WITHOUT ROWID;
      INSERT INTO streams VALUES (1, 'a', 54, 9);
      INSERT INTO events VALUES (1, 5, 1, 9, 27, 'x'), (1, 7, 2, 9, 27, 'y');
      PRAGMA user_version = 1;`);
    old.close();
    const store = open(directory);
    const summary = { first: 5, last: 7, lastIngestion: 9, bytes: 54 };
    expect((await store.describe(["a"])).get("a")).toEqual(summary);
    await store.append("a", [{ timestamp: 7, message: "z" }], 10);
    await store.close();
    const after = new DatabaseSync(file);
    expect(after.prepare("PRAGMA auto_vacuum").get()).toEqual({ auto_vacuum: 2 });
    expect(after.prepare("SELECT max(sequence) AS top FROM events").get()).toEqual({ top: 3 });
    after.close();
  });

  it("a file that is not a database: the call fails as unavailable, and the next one too", async () => {
    const directory = await makeDirectory();
    await writeFile(path.join(directory, "logs.db"), "not a database, but long enough to be read");
    const store = open(directory);
    await expect(store.streams()).rejects.toMatchObject({ kind: "unavailable" });
    await expect(store.streams()).rejects.toMatchObject({ kind: "unavailable" });
  });
});
