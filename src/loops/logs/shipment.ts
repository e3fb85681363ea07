/**
 * Brings the lines of one container to its log stream, from where an earlier engine stopped to the
 * container's end. A batch is stored first and noted second: an engine killed between the two finds
 * the batch in the stream when it comes back and leaves it out.
 */
import {
  type ContainerRuntime,
  type LogLine,
  stampMilliseconds,
} from "../../dataplane/containers/port.ts";
import { DriverError } from "../../dataplane/errors.ts";
import type { LogEvent, LogStore } from "../../dataplane/logs/port.ts";
import { messagesOf } from "../../engine/log-sink.ts";
import type { Clock, Timer } from "../../seams/clock.ts";
import type { Logger } from "../../seams/logger.ts";

export type ShipmentNeeds = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: Pick<ContainerRuntime, "followLogs">;
  readonly logs: Pick<LogStore, "append" | "query">;
};

export type ShipmentInput = {
  /** The runtime's handle of a container that has been started. */
  readonly handle: string;
  readonly streamKey: string;
  readonly afterStamp: string | undefined;
  /** The stream may hold lines after `afterStamp` already. */
  readonly mayHoldMore: boolean;
  /** Called when all lines up to `stamp` are in the store. */
  readonly note: (stamp: string) => void;
};

/** How long a line waits for others, and how many go together. */
const batchMs = 250;
const batchLines = 1000;
const retryMs = 1000;

/** Resolves when the container has ended and its lines are stored; rejects only when aborted. */
export async function shipLogs(
  needs: ShipmentNeeds,
  input: ShipmentInput,
  signal: AbortSignal,
): Promise<void> {
  let { afterStamp, mayHoldMore } = input;
  const note = (stamp: string): void => {
    afterStamp = stamp;
    input.note(stamp);
  };
  for (;;) {
    try {
      await shipOnce(needs, { ...input, afterStamp, mayHoldMore, note }, signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      // The container is gone and its lines with it.
      if (error instanceof DriverError && error.kind === "not-found") return;
      const { streamKey } = input;
      needs.logger.warn("log-shipping: lines could not be shipped", { streamKey, error });
      mayHoldMore = true;
      await needs.clock.wallSleep(retryMs, signal);
    }
  }
}

async function shipOnce(
  needs: ShipmentNeeds,
  input: ShipmentInput,
  signal: AbortSignal,
): Promise<void> {
  const { clock, runtime } = needs;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const store = await batchStore(needs, input);
  let batch: LogLine[] = [];
  let storing = Promise.resolve();
  let timer: Timer | undefined;

  const flush = (): Promise<void> => {
    timer?.cancel();
    timer = undefined;
    const taken = batch;
    batch = [];
    if (taken.length > 0) storing = storing.then(() => store(taken));
    return storing;
  };
  const flushLater = (): void => {
    flush().catch((error: unknown) => failed.abort(error));
  };

  try {
    for await (const line of runtime.followLogs(input.handle, input.afterStamp, either)) {
      batch.push(line);
      if (batch.length >= batchLines) await flush();
      else timer ??= clock.wallAfter(batchMs, flushLater);
    }
  } finally {
    // What has been read is stored also when following was called off.
    await flush();
  }
}

/** Stores batches, leaving out what the stream holds already. */
async function batchStore(
  { clock, logs }: ShipmentNeeds,
  input: ShipmentInput,
): Promise<(lines: readonly LogLine[]) => Promise<void>> {
  const held = input.mayHoldMore ? await heldAfter(logs, input) : new Map<string, number>();
  const isNew = (event: LogEvent): boolean => {
    const count = held.get(identityOf(event)) ?? 0;
    if (count > 1) held.set(identityOf(event), count - 1);
    else held.delete(identityOf(event));
    return count === 0;
  };
  return async (lines) => {
    const events = lines.flatMap(eventsOf).filter(isNew);
    if (events.length > 0) await logs.append(input.streamKey, events, clock.now());
    const last = lines.at(-1);
    if (last) input.note(last.stamp);
  };
}

const eventsOf = ({ stamp, text }: LogLine): LogEvent[] =>
  messagesOf(text).map((message) => ({ timestamp: stampMilliseconds(stamp), message }));

const identityOf = ({ timestamp, message }: LogEvent): string => `${timestamp} ${message}`;

/**
 * Events stored after the last noted line, counted. The millisecond of that line is left out: it holds
 * lines that were noted, and a line stored twice does less harm than one that is lost.
 */
async function heldAfter(
  logs: ShipmentNeeds["logs"],
  { streamKey, afterStamp }: ShipmentInput,
): Promise<Map<string, number>> {
  const { events } = await logs.query({
    streamKeys: [streamKey],
    startTime: afterStamp === undefined ? undefined : stampMilliseconds(afterStamp) + 1,
    endTimeExclusive: undefined,
    from: undefined,
    direction: "forward",
    limit: batchLines * 4,
    maxBytes: Number.MAX_SAFE_INTEGER,
    filter: undefined,
  });
  const held = new Map<string, number>();
  for (const event of events) {
    held.set(identityOf(event), (held.get(identityOf(event)) ?? 0) + 1);
  }
  return held;
}
