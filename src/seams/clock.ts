/**
 * Time, the only place that reads it or waits for it.
 *
 * There are two times. Engine time is everything AWS schedules or stamps (draining, intervals,
 * cooldowns, grace periods); answers use it. Wall time is what the outside world compares with:
 * signatures, token expiry, HTTP dates, and what a process in a container is given.
 */

/** Something started by the clock that can be called off. Cancelling twice is harmless. */
export type Timer = { cancel(): void };

export type Clock = {
  /** Engine time, milliseconds since the epoch. */
  now(): number;
  /** Wall time, milliseconds since the epoch. */
  wall(): number;
  /** Calls `run` once when `ms` of engine time have passed. */
  after(ms: number, run: () => void): Timer;
  /** Calls `run` once when `ms` of wall time have passed. */
  wallAfter(ms: number, run: () => void): Timer;
  /** Resolves after `ms` of engine time; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Resolves after `ms` of wall time; rejects with the signal's reason when aborted. */
  wallSleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Monotonic milliseconds, for measuring durations only. */
  monotonic(): number;
};

const longestTimeout = 2 ** 31 - 1;

function startTimer(ms: number, run: () => void): Timer {
  let handle: NodeJS.Timeout;
  let left = Math.max(0, ms);
  const arm = (): void => {
    const slice = Math.min(left, longestTimeout);
    handle = setTimeout(() => {
      left -= slice;
      if (left > 0) arm();
      else run();
    }, slice);
  };
  arm();
  return { cancel: () => clearTimeout(handle) };
}

function sleepBy(
  start: (ms: number, run: () => void) => Timer,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = start(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * Engine time running `factor` times as fast as wall time, starting at `startAt` (wall time by
 * default; a restarted engine passes its last stamp so that engine time never runs backwards).
 */
export function realClock(options: { factor?: number; startAt?: number } = {}): Clock {
  const factor = options.factor ?? 1;
  const origin = performance.now();
  const engineOrigin = Math.max(options.startAt ?? 0, Date.now());
  // At factor 1 and with no stamp ahead of it, engine time follows the wall clock, leaps included.
  const follows = factor === 1 && engineOrigin - Date.now() < 1;
  const now = (): number =>
    follows ? Date.now() : Math.floor(engineOrigin + (performance.now() - origin) * factor);
  const after = (ms: number, run: () => void): Timer => startTimer(ms / factor, run);
  return {
    now,
    wall: () => Date.now(),
    after,
    wallAfter: startTimer,
    sleep: (ms, signal) => sleepBy(after, ms, signal),
    wallSleep: (ms, signal) => sleepBy(startTimer, ms, signal),
    monotonic: () => performance.now(),
  };
}

export type ManualClock = Clock & {
  /** Moves both times forward, running what falls due in order and letting promises settle between. */
  advance(ms: number): Promise<void>;
};

type Due = { at: number; order: number; run: () => void };

/** A clock that stands still until `advance` is called. Only for tests and the simulated runtime. */
export function manualClock(startAt = Date.UTC(2026, 0, 1)): ManualClock {
  let time = startAt;
  let order = 0;
  const queue = new Set<Due>();
  const after = (ms: number, run: () => void): Timer => {
    const due: Due = { at: time + Math.max(0, ms), order: order++, run };
    queue.add(due);
    return { cancel: () => queue.delete(due) };
  };
  const settle = async (): Promise<void> => {
    // Two turns of the event loop: promises chained on real IO (files, sqlite workers) get theirs.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const nextDue = (until: number): Due | undefined => {
    let best: Due | undefined;
    for (const due of queue) {
      if (due.at > until) continue;
      if (!best || due.at < best.at || (due.at === best.at && due.order < best.order)) best = due;
    }
    return best;
  };
  return {
    now: () => time,
    wall: () => time,
    after,
    wallAfter: after,
    sleep: (ms, signal) => sleepBy(after, ms, signal),
    wallSleep: (ms, signal) => sleepBy(after, ms, signal),
    monotonic: () => time,
    async advance(ms) {
      const until = time + ms;
      await settle();
      for (let due = nextDue(until); due; due = nextDue(until)) {
        queue.delete(due);
        time = Math.max(time, due.at);
        due.run();
        await settle();
      }
      time = until;
      await settle();
    },
  };
}
