/**
 * The frame every loop runs in: woken by commits, by ports or by the clock, never running twice at
 * once, never missing a wake that came while it ran. Each pass looks at the state as it is
 * (level-triggered), so the first pass after a start is an ordinary one.
 */
import type { Clock, Timer } from "../seams/clock.ts";
import type { Ids } from "../seams/ids.ts";
import type { Logger } from "../seams/logger.ts";
import type { Store } from "../state/store.ts";
import type { Change } from "../state/table.ts";

export type LoopDependencies = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
};

export type LoopOptions = LoopDependencies & {
  readonly name: string;
  /** Whether a commit concerns this loop. */
  readonly concerns: (change: Change) => boolean;
  /**
   * One pass. Returns the engine milliseconds until it wants to run again though nothing changes,
   * or undefined. An error is logged and the pass repeated after a pause that grows.
   */
  readonly pass: () => Promise<number | undefined>;
};

export type Loop = {
  start(): void;
  /** Asks for a pass soon. */
  wake(): void;
  /** Resolves when the pass under way has ended; none starts after that. */
  stop(): Promise<void>;
  /** Resolves when nothing is under way or asked for; for tests. */
  idle(): Promise<void>;
};

const firstRetryMs = 100;
const longestRetryMs = 10_000;

export function createLoop(options: LoopOptions): Loop {
  const { store, clock, logger, name } = options;
  let running: Promise<void> | undefined;
  let wanted = false;
  let stopped = true;
  let timer: Timer | undefined;
  let failures = 0;
  let unwatch = (): void => {};

  const runPasses = async (): Promise<void> => {
    while (wanted && !stopped) {
      wanted = false;
      timer?.cancel();
      timer = undefined;
      const again = await onePass();
      if (again !== undefined && !stopped) timer = clock.after(again, wake);
    }
  };

  const onePass = async (): Promise<number | undefined> => {
    try {
      const again = await options.pass();
      failures = 0;
      return again;
    } catch (error) {
      failures += 1;
      logger.error(`${name}: a pass failed`, { error });
      return Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1));
    }
  };

  const wake = (): void => {
    wanted = true;
    if (running || stopped) return;
    // A turn later, so that the commits of one burst make one pass and `write` returns first.
    running = Promise.resolve()
      .then(runPasses)
      .finally(() => {
        running = undefined;
        if (wanted && !stopped) wake();
      });
  };

  return {
    start() {
      stopped = false;
      unwatch = store.watch((changes) => {
        if (changes.some(options.concerns)) wake();
      });
      wake();
    },
    wake,
    async stop() {
      stopped = true;
      unwatch();
      timer?.cancel();
      await running;
    },
    async idle() {
      while (running) await running;
    },
  };
}
