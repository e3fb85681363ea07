import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { manualClock } from "../../../seams/clock.ts";
import { clockErrorMs } from "./clock-error.ts";

describe("the clock of the daemon's machine", () => {
  it("this machine's daemon: the same clock", async () => {
    const info = async () => ({ Name: hostname(), SystemTime: "1999-01-01T00:00:00Z" });
    expect(await clockErrorMs({ isLocal: true, info }, manualClock())).toBe(0);
  });

  it("another's that answers after 40 ms and is 100 ms ahead: both count", async () => {
    const clock = manualClock();
    const info = async () => {
      await clock.advance(20);
      const SystemTime = new Date(clock.wall() + 100).toISOString();
      await clock.advance(20);
      return { Name: "another", SystemTime };
    };
    expect(await clockErrorMs({ isLocal: true, info }, clock)).toBe(120);
  });
});
