import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
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
const open = (directory: string): LogStore => {
  const store = sqliteLogStore(directory);
  stores.push(store);
  return store;
};
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

describeLogStore("log events in memory", async () => memoryLogStore());
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
    expect(await open(directory).describe("a")).toMatchObject({ first: 1, last: 1 });
  });

  it("a thousand appends at once: all there, in order", async () => {
    const store = open(await makeDirectory());
    const appends = Array.from({ length: 1000 }, (_, timestamp) =>
      store.append("a", [{ timestamp, message: `${timestamp}` }], 1),
    );
    await Promise.all(appends);
    expect(await store.describe("a")).toMatchObject({ first: 0, last: 999 });
  });

  it("a file that is not a database: the call fails as unavailable, and the next one too", async () => {
    const directory = await makeDirectory();
    await writeFile(path.join(directory, "logs.db"), "not a database, but long enough to be read");
    const store = open(directory);
    await expect(store.streams()).rejects.toMatchObject({ kind: "unavailable" });
    await expect(store.streams()).rejects.toMatchObject({ kind: "unavailable" });
  });
});
