/**
 * One timer for all that must end within the same time of its beginning: a timer for each of thousands of
 * requests a second, nearly all of which are called off at once, would cost more than their bodies.
 */
import type { Clock, Timer } from "../../seams/clock.ts";

export type Deadlines = {
  /** Calls `run` unless it is cancelled in time. */
  start(run: () => void): Timer;
  /** Nothing more falls due. */
  stop(): void;
};

type Pending = { readonly at: number; readonly run: () => void };

export function createDeadlines(clock: Clock, ms: number): Deadlines {
  // In order of their beginning, which is that of their end.
  const pending = new Set<Pending>();
  let timer: Timer | undefined;
  const arm = (): void => {
    const [first] = pending;
    timer = first && clock.wallAfter(first.at - clock.monotonic(), fire);
  };
  const fire = (): void => {
    const now = clock.monotonic();
    for (const one of pending) {
      if (one.at > now) break;
      pending.delete(one);
      one.run();
    }
    arm();
  };
  return {
    start(run) {
      const one = { at: clock.monotonic() + ms, run };
      pending.add(one);
      if (!timer) arm();
      return { cancel: () => pending.delete(one) };
    },
    stop() {
      pending.clear();
      timer?.cancel();
      timer = undefined;
    },
  };
}
