/** Follows a container's log to its end, across restarts of the daemon. */
import type { Clock } from "../../../seams/clock.ts";
import { DriverError } from "../../errors.ts";
import type { LogLine } from "../port.ts";
import type { DockerCalls } from "./calls.ts";
import { toDriverError } from "./errors.ts";
import { type LogReader, logReader, sinceOf } from "./log-frames.ts";

const retryMs = 250;

export async function* followLogs(
  calls: DockerCalls,
  clock: Clock,
  { id, afterStamp }: { id: string; afterStamp: string | undefined },
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  let last = afterStamp;
  const read = async function* (reader: LogReader, follow: boolean): AsyncGenerator<LogLine> {
    const since = last === undefined ? undefined : sinceOf(last);
    for await (const chunk of await calls.logs(id, { since, follow }, signal)) {
      for (const line of reader.read(chunk)) {
        last = line.stamp;
        yield line;
      }
    }
  };
  let isTerminal: boolean | undefined;
  for (let running = true; running; ) {
    try {
      isTerminal ??= (await calls.inspect(id))?.Config.Tty ?? false;
      yield* read(logReader(last, isTerminal), true);
      running = (await calls.inspect(id))?.State.Running ?? false;
    } catch (error) {
      // The daemon went away in the middle; it may be back in a moment.
      if (signal.aborted || !isBroken(error)) throw error;
      await clock.wallSleep(retryMs, signal);
    }
  }
  // A container's last lines can be missing from a stream that followed it to its end.
  const reader = logReader(last, isTerminal);
  yield* read(reader, false);
  yield* reader.end();
}

const isBroken = (error: unknown): boolean => {
  const failure = error instanceof DriverError ? error : toDriverError(error);
  return failure.kind === "unavailable";
};
