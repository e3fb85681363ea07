/** A live tail under way: what is stored from now on, handed out as the client takes it. */
import type { LogStore } from "../../dataplane/logs/port.ts";

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

/**
 * Listens from the first `next` to `return`, which also ends a wait. A batch comes as soon as there is
 * something in it, where AWS gives one a second.
 */
export function openTail(
  logs: Pick<LogStore, "watch">,
  isWanted: (streamKey: string) => boolean,
  matches: (message: string) => boolean,
): AsyncIterator<TailBatch> {
  let waiting: TailedEvent[] = [];
  let sampled = false;
  let ended = false;
  let wake = (): void => {};
  const unwatch = logs.watch((streamKey, events, ingestionTime) => {
    for (const { timestamp, message } of events) {
      if (!matches(message)) continue;
      if (waiting.length < mostWaiting) {
        waiting.push({ streamKey, timestamp, message, ingestionTime });
      } else sampled = true;
    }
    if (waiting.length > 0) wake();
  }, isWanted);
  return {
    async next() {
      while (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (ended) return { done: true, value: undefined };
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
