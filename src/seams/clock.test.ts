import { describe, expect, it } from "vitest";
import { manualClock, realClock } from "./clock.ts";

describe("manual clock", () => {
  it("timers: run in the order they fall due, each at its own time", async () => {
    const clock = manualClock(0);
    const seen: [string, number][] = [];
    clock.after(20, () => seen.push(["late", clock.now()]));
    clock.after(10, () => {
      seen.push(["early", clock.now()]);
      clock.after(5, () => seen.push(["chained", clock.now()]));
    });
    await clock.advance(30);
    expect(seen).toEqual([
      ["early", 10],
      ["chained", 15],
      ["late", 20],
    ]);
    expect(clock.now()).toBe(30);
  });

  it("a cancelled timer: never runs", async () => {
    const clock = manualClock(0);
    let ran = false;
    clock.after(10, () => (ran = true)).cancel();
    await clock.advance(100);
    expect(ran).toBe(false);
  });

  it("code that sleeps in a loop: gets every turn within one advance", async () => {
    const clock = manualClock(0);
    let turns = 0;
    const loop = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn++) {
        await clock.sleep(10);
        turns++;
      }
    };
    const done = loop();
    await clock.advance(50);
    expect(turns).toBe(5);
    await done;
  });

  it("an aborted sleep: rejects with the reason", async () => {
    const clock = manualClock(0);
    const abort = new AbortController();
    const sleep = clock.sleep(10, abort.signal);
    abort.abort(new Error("enough"));
    await expect(sleep).rejects.toThrow("enough");
  });
});

describe("real clock", () => {
  it("scaled: engine time runs faster than wall time", async () => {
    const clock = realClock({ factor: 1000 });
    const before = [clock.monotonic(), clock.now(), clock.monotonic()] as const;
    await clock.sleep(60_000);
    const after = [clock.monotonic(), clock.now(), clock.monotonic()] as const;
    const passed = after[1] - before[1];
    expect(passed).toBeGreaterThanOrEqual((after[0] - before[2]) * 1000 - 1);
    expect(passed).toBeLessThanOrEqual((after[2] - before[0]) * 1000 + 1);
    expect(after[0] - before[2]).toBeLessThan(60_000);
  });

  it("started with a stamp ahead of wall time: goes on from there", () => {
    const ahead = Date.now() + 3_600_000;
    expect(realClock({ startAt: ahead }).now()).toBeGreaterThanOrEqual(ahead);
  });
});
