import { describe, expect, it } from "vitest";
import { manualClock } from "../../seams/clock.ts";
import { createDeadlines } from "./deadlines.ts";

describe("deadlines that share a timer", () => {
  it("begun one after the other: each falls due in its own time", async () => {
    const clock = manualClock();
    const deadlines = createDeadlines(clock, 1_000);
    const due: string[] = [];
    deadlines.start(() => due.push("first"));
    await clock.advance(400);
    deadlines.start(() => due.push("second"));
    await clock.advance(599);
    expect(due).toEqual([]);
    await clock.advance(1);
    expect(due).toEqual(["first"]);
    await clock.advance(400);
    expect(due).toEqual(["first", "second"]);
  });

  it("cancelled: it does not, and those after it do", async () => {
    const clock = manualClock();
    const deadlines = createDeadlines(clock, 1_000);
    const due: string[] = [];
    const first = deadlines.start(() => due.push("first"));
    await clock.advance(500);
    first.cancel();
    deadlines.start(() => due.push("second"));
    await clock.advance(999);
    expect(due).toEqual([]);
    await clock.advance(1);
    expect(due).toEqual(["second"]);
  });

  it("begun when all before are over: it falls due, too", async () => {
    const clock = manualClock();
    const deadlines = createDeadlines(clock, 1_000);
    const due: string[] = [];
    deadlines.start(() => due.push("first"));
    await clock.advance(5_000);
    deadlines.start(() => due.push("second"));
    await clock.advance(1_000);
    expect(due).toEqual(["first", "second"]);
  });

  it("stopped: none does", async () => {
    const clock = manualClock();
    const deadlines = createDeadlines(clock, 1_000);
    const due: string[] = [];
    deadlines.start(() => due.push("first"));
    deadlines.stop();
    await clock.advance(5_000);
    expect(due).toEqual([]);
  });
});
