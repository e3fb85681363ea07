import { describe, expect, it } from "vitest";
import { manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
import { openStore } from "../state/store.ts";
import { defineTable } from "../state/table.ts";
import { createLoop } from "./loop.ts";

type Note = { account: string; region: string; id: string };
const notes = defineTable<Note>({ name: "notes", key: (note) => note.id });
const note = (id: string): Note => ({ account: "1", region: "r", id });

function setUp(pass: () => Promise<number | undefined>) {
  const parts = {
    store: openStore(undefined),
    clock: manualClock(0),
    ids: sequentialIds(),
    logger: recordingLogger(),
  };
  const loop = createLoop({
    ...parts,
    name: "test",
    concerns: (change) => change.table === "notes",
    pass,
  });
  return { ...parts, loop };
}

describe("loop", () => {
  it("started: makes one pass before anything changes", async () => {
    let passes = 0;
    const { loop } = setUp(async () => void passes++ as undefined);
    loop.start();
    await loop.idle();
    expect(passes).toBe(1);
  });

  it("a burst of commits: one pass; commits elsewhere: none", async () => {
    let passes = 0;
    const { loop, store } = setUp(async () => void passes++ as undefined);
    loop.start();
    await loop.idle();
    for (const id of ["a", "b", "c"]) store.write((tx) => tx.table(notes).put(note(id)));
    await loop.idle();
    expect(passes).toBe(2);
    const others = defineTable<Note>({ name: "others", key: (other) => other.id });
    store.write((tx) => tx.table(others).put(note("x")));
    await loop.idle();
    expect(passes).toBe(2);
  });

  it("a commit during a pass: a further pass follows", async () => {
    let passes = 0;
    const { loop, store } = setUp(async () => {
      passes++;
      if (passes === 1) store.write((tx) => tx.table(notes).put(note("a")));
      return undefined;
    });
    loop.start();
    await loop.idle();
    expect(passes).toBe(2);
  });

  it("a pass that names a time: runs again then", async () => {
    let passes = 0;
    const { loop, clock } = setUp(async () => (++passes < 3 ? 1000 : undefined));
    loop.start();
    await loop.idle();
    await clock.advance(999);
    expect(passes).toBe(1);
    await clock.advance(1);
    await clock.advance(1000);
    expect(passes).toBe(3);
  });

  it("a pass that fails: said loudly and repeated after a growing pause", async () => {
    let passes = 0;
    const { loop, clock, logger } = setUp(async () => {
      if (++passes < 3) throw new Error("no");
      return undefined;
    });
    loop.start();
    await loop.idle();
    await clock.advance(100);
    await clock.advance(200);
    expect(passes).toBe(3);
    expect(logger.lines.filter((line) => line.level === "error")).toHaveLength(2);
  });

  it("stopped: waits for the pass under way and starts no other", async () => {
    let passes = 0;
    const { loop, store } = setUp(async () => void passes++ as undefined);
    loop.start();
    await loop.stop();
    store.write((tx) => tx.table(notes).put(note("a")));
    await loop.idle();
    expect(passes).toBeLessThanOrEqual(1);
  });
});
