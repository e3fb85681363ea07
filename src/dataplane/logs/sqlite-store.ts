/**
 * Log events in a SQLite file of their own, behind a worker thread, so that no query of theirs keeps
 * the main thread waiting. The worker starts at the first call.
 *
 * Calls are carried out in the order they were made. Appends made while the worker is busy go to it
 * together and make one transaction, so that many small writers share the cost of a commit.
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { Logger } from "../../seams/logger.ts";
import { DriverError } from "../errors.ts";
import type { Append, AppendAnswer, EventDatabase } from "./event-database.ts";
import { toStoredEvent } from "./event-reader.ts";
import type { AppendListener, LogEvent, LogStore } from "./port.ts";
import type { WorkerAnswer, WorkerCall, WorkerStart } from "./worker.ts";

export type SqliteLogStoreOptions = {
  /** Events are kept in `logs.db` there; it is made when it is missing. */
  readonly directory: string;
  /** What they may take on disk; the oldest go first. */
  readonly limitBytes: number;
  /** URL of a module whose `logEvaluators` are the languages of filters and queries. */
  readonly evaluators: string;
  readonly logger: Pick<Logger, "warn">;
};

type Waiter = { resolve(result: never): void; reject(error: Error): void };
type Listener = { readonly tell: AppendListener; isWanted(streamKey: string): boolean };
type Job = { readonly call: Omit<WorkerCall, "id">; readonly waiters: Waiter[] };

export function sqliteLogStore(options: SqliteLogStoreOptions): LogStore {
  const { directory, logger } = options;
  const listeners = new Set<Listener>();
  const queue: Job[] = [];
  let worker: Worker | undefined;
  let current: Job | undefined;
  let nextId = 1;

  const startWorker = (): Worker => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // Compiled, the worker's file ends as this one does.
    const script = `./worker${path.extname(import.meta.url)}`;
    // The rows of a page live for one call. The engine's own young generation is small, which a worker
    // would take over, and collecting them from it takes longer than making them.
    setFlagsFromString("--max-semi-space-size=16");
    const started = new Worker(new URL(script, import.meta.url), {
      workerData: {
        file: path.join(directory, "logs.db"),
        limitBytes: options.limitBytes,
        evaluators: options.evaluators,
      } satisfies WorkerStart,
    });
    started.on("message", (answer: WorkerAnswer) => finish(answer));
    started.on("error", (error) => {
      if (worker === started) worker = undefined;
      finish({ id: 0, error: String(error), kind: "unavailable" });
    });
    return started;
  };

  const finish = (answer: WorkerAnswer): void => {
    const done = current;
    current = undefined;
    for (const { resolve, reject } of done?.waiters ?? []) {
      if ("error" in answer) reject(new DriverError(answer.kind, `log store: ${answer.error}`));
      else resolve(answer.result as never);
    }
    sendNext();
  };

  const sendNext = (): void => {
    if (current) return;
    current = queue.shift();
    if (!current) return;
    worker ??= startWorker();
    worker.postMessage({ id: nextId++, ...current.call } satisfies WorkerCall);
  };

  const enqueue = (job: Job): void => {
    queue.push(job);
    sendNext();
  };

  const call = <Name extends Exclude<keyof EventDatabase, "append">>(
    method: Name,
    ...args: Parameters<EventDatabase[Name]>
  ): Promise<ReturnType<EventDatabase[Name]>> =>
    new Promise((resolve, reject) => {
      enqueue({ call: { method, args }, waiters: [{ resolve, reject }] });
    });

  /** Gives what `AppendAnswer` says of this one. */
  const append = (one: Append): Promise<boolean | readonly LogEvent[]> =>
    new Promise((resolve, reject) => {
      const last = queue.at(-1);
      const batch = last?.call.method === "append" ? (last.call.args[0] as Append[]) : [];
      const at = batch.push(one) - 1;
      const waiter: Waiter = {
        resolve({ lost, stored }: AppendAnswer) {
          if (at === 0 && lost > 0) {
            logger.warn("log store: full, the oldest events are gone", { events: lost });
          }
          resolve(stored[at] ?? false);
        },
        reject,
      };
      if (at > 0) last?.waiters.push(waiter);
      else enqueue({ call: { method: "append", args: [batch] }, waiters: [waiter] });
    });

  const listenersOf = (streamKey: string): Listener[] =>
    [...listeners].filter((listener) => listener.isWanted(streamKey));

  return {
    async append(streamKey, events, ingestionTime, progress) {
      await append({ streamKey, ingestionTime, content: events, isWatched: false, progress });
      for (const { tell } of listenersOf(streamKey)) tell(streamKey, events, ingestionTime);
    },
    async appendEncoded(batch) {
      const { streamKey, ingestionTime } = batch;
      const isWatched = listenersOf(streamKey).length > 0;
      const stored = await append({ streamKey, ingestionTime, content: batch, isWatched });
      if (typeof stored === "boolean") return stored;
      for (const { tell } of listenersOf(streamKey)) tell(streamKey, stored, ingestionTime);
      return true;
    },
    watch(tell, isWanted) {
      const listener = { tell, isWanted };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    progressOf: (writer) => call("progressOf", writer),
    forgetWriters: (writers) => call("forgetWriters", writers),
    async query(query) {
      const { rows, keys, next } = await call("query", query);
      return { events: rows.map((row) => toStoredEvent(row, keys.get(row.stream) ?? "")), next };
    },
    queryEncoded: (query, form) => call("queryEncoded", query, form),
    find: (streamKeys, position) => call("find", streamKeys, position),
    async analyse(analysis, report, signal) {
      const id = await call("openAnalysis", analysis);
      for (;;) {
        if (signal.aborted) {
          await call("closeAnalysis", id);
          throw signal.reason;
        }
        const { progress, rows } = await call("advanceAnalysis", id);
        report(progress);
        if (rows) return rows;
      }
    },
    describe: (streamKeys) => call("describe", streamKeys),
    streams: () => call("streams"),
    deleteStream: (streamKey) => call("deleteStream", streamKey),
    deleteBefore: (streamKeys, timestamp) => call("deleteBefore", streamKeys, timestamp),
    clear: () => call("clear"),
    async close() {
      if (!worker) return;
      await call("close");
      await worker.terminate();
      worker = undefined;
    },
  };
}
