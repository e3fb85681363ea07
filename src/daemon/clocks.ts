/** The clock that the settings ask for, and what differs between its kinds. */
import { type Clock, type ManualClock, manualClock, realClock } from "../seams/clock.ts";
import type { ClockSetting } from "./config.ts";

/** `startAt`: engine time at which a scaled or manual clock goes on, epoch milliseconds; 0 for the first time. */
export function makeClock(setting: ClockSetting, startAt: number): Clock {
  switch (setting.type) {
    case "real":
      return realClock();
    case "scaled":
      return realClock({ factor: setting.factor, startAt });
    case "manual":
      return manualClock(Math.max(startAt, realClock().wall()));
  }
}

// A manual clock stands still; its drivers are simulated and start in no time.
export const afterMoment = (clock: Clock, milliseconds: number, run: () => void) =>
  "advance" in clock ? realClock().wallAfter(0, run) : clock.wallAfter(milliseconds, run);

/** Rejects when the clock advances by itself. */
export async function advanceBy(clock: Clock, milliseconds: number): Promise<void> {
  if (!("advance" in clock)) throw new Error("this engine's clock advances by itself");
  await (clock as ManualClock).advance(milliseconds);
}
