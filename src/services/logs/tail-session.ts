/** A live tail under way: what is stored from now on, handed out as the client takes it. */
import type { LogStore } from "../../dataplane/logs/port.ts";
import { ApiError } from "../../gateway/api-error.ts";
import type { Clock } from "../../seams/clock.ts";

export type TailedEvent = {
  readonly streamKey: string;
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime: number;
};

export type TailBatch = {
  readonly events: readonly TailedEvent[];
  /** Some were left out, since the client takes less than comes in. */
  readonly sampled: boolean;
};

const mostAtOnce = 500;
const mostWaiting = 5_000;
const quietMs = 1_000;
const longest = 3 * 3_600_000;

export type TailOptions = {
  readonly logs: Pick<LogStore, "watch">;
  readonly clock: Pick<Clock, "now" | "wallAfter">;
  readonly isWanted: (streamKey: string) => boolean;
  readonly matches: (message: string) => boolean;
};

/**
 * Listens from now to `return`, which also ends a wait. A batch comes as soon as there is something in it
 * and, empty, after a second without, by which clients know that the session lives. AWS gives one a
 * second. Throws what ends the session after three hours.
 */
export function openTail({
  logs,
  clock,
  isWanted,
  matches,
}: TailOptions): AsyncIterator<TailBatch> {
  const begun = clock.now();
  let waiting: TailedEvent[] = [];
  let sampled = false;
  let ended = false;
  let wake = (): void => {};
  const unwatch = logs.watch((streamKey, events, ingestionTime) => {
    for (const { timestamp, message } of events) {
      if (matches(message)) waiting.push({ streamKey, timestamp, message, ingestionTime });
    }
    if (waiting.length > mostWaiting) {
      waiting = waiting.slice(-mostWaiting);
      sampled = true;
    }
    if (waiting.length > 0) wake();
  }, isWanted);
  return {
    async next() {
      if (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          const timer = clock.wallAfter(quietMs, resolve);
          wake = () => {
            timer.cancel();
            resolve();
          };
        });
      }
      if (ended) return { done: true, value: undefined };
      if (clock.now() - begun >= longest) throw timedOut();
      const value = { events: waiting.slice(0, mostAtOnce), sampled };
      waiting = waiting.slice(mostAtOnce);
      sampled = false;
      return { done: false, value };
    },
    async return() {
      ended = true;
      unwatch();
      wake();
      return { done: true, value: undefined };
    },
  };
}

const timedOut = (): ApiError =>
  new ApiError("SessionTimeoutException", "The session has been open for three hours.");
