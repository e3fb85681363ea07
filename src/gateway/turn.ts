/**
 * What is done at the end of a turn of the event loop, a few at a time. Answers are sent so: written one by
 * one between requests, each write wakes a client that has just gone to sleep, and throws out of the
 * processor's caches what handles requests; together they cost about half.
 */

export type TurnEnd = {
  /** Runs `work` when the requests that have arrived by now were handled. It must not throw. */
  add(work: () => void): void;
};

// More would gain no more, and all that waits is memory that the collector of garbage has to copy.
const mostWaiting = 8;

export function createTurnEnd(): TurnEnd {
  let waiting: (() => void)[] = [];
  const run = (): void => {
    const all = waiting;
    waiting = [];
    for (const work of all) work();
  };
  return {
    add(work) {
      const count = waiting.push(work);
      if (count === 1) setImmediate(run);
      else if (count === mostWaiting) run();
    },
  };
}
