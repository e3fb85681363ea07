/**
 * What is done at the end of a turn of the event loop, all of it together. Answers are sent so: written one
 * by one between requests, each write wakes a client that has just gone to sleep, and throws out of the
 * processor's caches what handles requests; together they cost about half.
 */

export type TurnEnd = {
  /** Runs `work` when every request that has arrived by now was handled. It must not throw. */
  add(work: () => void): void;
};

export function createTurnEnd(): TurnEnd {
  let waiting: (() => void)[] = [];
  const run = (): void => {
    const all = waiting;
    waiting = [];
    for (const work of all) work();
  };
  return {
    add(work) {
      if (waiting.push(work) === 1) setImmediate(run);
    },
  };
}
