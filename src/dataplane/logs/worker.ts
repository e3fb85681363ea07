/** The worker thread of `sqlite-store.ts`: takes calls one after the other and answers each. */
import os from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { DriverErrorKind } from "../errors.ts";
import { type EventDatabase, openEventDatabase } from "./event-database.ts";
import type { EncodedPage, LogEvaluators } from "./port.ts";

export type WorkerStart = {
  readonly file: string;
  readonly limitBytes: number;
  /** URL of a module whose `logEvaluators` are the languages to evaluate. */
  readonly evaluators: string;
};

/** A call of one of the database's methods. */
export type WorkerCall = {
  readonly id: number;
  readonly method: keyof EventDatabase;
  readonly args: readonly unknown[];
};

export type WorkerAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string; readonly kind: DriverErrorKind };

yieldToRequests();
const { file, limitBytes, evaluators } = workerData as WorkerStart;
const { logEvaluators } = (await import(evaluators)) as { logEvaluators: LogEvaluators };
const database = openEventDatabase({ file, limitBytes, evaluators: logEvaluators });

parentPort?.on("message", ({ id, method, args }: WorkerCall) => {
  const answer = answerTo(id, () => {
    const call = database[method] as (...values: readonly unknown[]) => unknown;
    return call(...args);
  });
  parentPort?.postMessage(answer, buffersOf(answer));
});

/**
 * Where both wait for a processor, the thread that answers requests goes first; this one still gets its
 * part of a busy machine. Linux has a priority for each thread; elsewhere it would be the process's.
 */
function yieldToRequests(): void {
  const niceness = 5;
  try {
    if (process.platform === "linux" && os.getPriority() < niceness) os.setPriority(niceness);
  } catch {
    // A sandbox may forbid it, and logs matter more.
  }
}

/** A page's bytes change hands instead of being copied. */
function buffersOf(answer: WorkerAnswer): ArrayBuffer[] {
  if (!("result" in answer)) return [];
  const { events } = (answer.result ?? {}) as Partial<EncodedPage>;
  return events instanceof Uint8Array ? [events.buffer as ArrayBuffer] : [];
}

function answerTo(id: number, work: () => unknown): WorkerAnswer {
  try {
    return { id, result: work() };
  } catch (error) {
    // What SQLite says is the disk's or the lock's doing; anything else is a mistake of ours.
    const isOutage = (error as { errcode?: number }).errcode !== undefined;
    return { id, error: String(error), kind: isOutage ? "unavailable" : "fatal" };
  }
}
