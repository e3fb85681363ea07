/**
 * Work that stands still in one expression cannot be ended from outside JavaScript's one thread; this
 * ends it. For expressions that users write and that may take longer than the world exists.
 */
import { createContext, Script } from "node:vm";

export class TimeLimitError extends Error {
  constructor(milliseconds: number) {
    super(`not done within ${milliseconds} ms`);
    this.name = "TimeLimitError";
  }
}

const script = new Script("work()");

/** The result of `work`, which must leave nothing half-done wherever it is cut off. Costs a thread. */
export function withinTime<T>(milliseconds: number, work: () => T): T {
  const context = createContext({ work });
  try {
    return script.runInContext(context, { timeout: milliseconds }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new TimeLimitError(milliseconds);
  }
}
