/** How far the clock of the daemon's machine can be from this one's. */
import { hostname } from "node:os";
import type { Clock } from "../../../seams/clock.ts";

export type ClockSource = {
  readonly isLocal: boolean;
  /** Asks the daemon; `SystemTime` is in RFC 3339. */
  readonly info: () => Promise<{ readonly Name: string; readonly SystemTime: string }>;
};

/** Milliseconds: none on one machine, elsewhere the distance and what asking adds to it. */
export async function clockErrorMs(
  { isLocal, info }: ClockSource,
  clock: Pick<Clock, "wall">,
): Promise<number> {
  const asked = clock.wall();
  const { Name, SystemTime } = await info();
  if (isLocal && Name === hostname()) return 0;
  const answered = clock.wall();
  const halfWay = (answered - asked) / 2;
  return Math.abs(Date.parse(SystemTime) - (asked + halfWay)) + halfWay;
}
