/**
 * Brings the lines of one container to its log stream, from where an earlier engine stopped to the
 * container's end. How far it has come is stored with the events, in one commit: an engine killed at
 * any moment has neither lost a line nor stored one twice.
 */
import {
  type ContainerRuntime,
  type LogLine,
  stampMilliseconds,
} from "../../dataplane/containers/port.ts";
import { DriverError } from "../../dataplane/errors.ts";
import type { LogStore } from "../../dataplane/logs/port.ts";
import { type JoinedLines, lineJoiner } from "../../engine/log-lines.ts";
import type { LogMode } from "../../model/ecs.ts";
import type { Clock, Timer } from "../../seams/clock.ts";
import type { Logger } from "../../seams/logger.ts";
import { createStall, noStall, type Stall } from "./stall.ts";
import { type WayOut, wayOutHoldsMs } from "./way-out.ts";

export type ShipmentNeeds = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: Pick<ContainerRuntime, "followLogs" | "freeze" | "thaw">;
  readonly logs: Pick<LogStore, "append" | "progressOf">;
};

export type ShipmentInput = {
  /** The runtime's handle of a container that has been started. */
  readonly handle: string;
  readonly streamKey: string;
  /** The name under which the store keeps how far this has come. */
  readonly writer: string;
  /** Tells the first line of an event; undefined when each line is one. */
  readonly startsEvent: ((text: string) => boolean) | undefined;
  readonly mode: LogMode;
  /** Of non-blocking mode: what may wait while there is no way out. Later lines are lost. */
  readonly bufferBytes: number;
  readonly wayOut: () => WayOut;
  /** Asked for each batch: without it lines are dropped, as by the driver that AWS refuses. */
  readonly mayStore: () => boolean;
  /** Another engine may have begun with it. */
  readonly isResumed: boolean;
};

/** How long a line waits for others, and how many go together. */
const batchMs = 20;
const batchLines = 1000;
const retryMs = 1000;
/** How long lines wait for those that belong to them, as in the awslogs driver. */
const joinMs = 5000;

/** Resolves when the container has ended and its lines are stored; rejects only when aborted. */
export async function shipLogs(
  needs: ShipmentNeeds,
  input: ShipmentInput,
  signal: AbortSignal,
): Promise<void> {
  const { streamKey, writer } = input;
  const stall = await stallOf(needs, input, signal);
  try {
    for (;;) {
      try {
        await shipOnce(needs, input, stall, signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        // The container is gone and its lines with it.
        if (error instanceof DriverError && error.kind === "not-found") return;
        needs.logger.warn("log-shipping: lines could not be shipped", { streamKey, writer, error });
        await needs.clock.wallSleep(retryMs, signal);
      }
    }
  } finally {
    // Nobody would let it go on once this engine is gone.
    await stall.taken();
  }
}

async function stallOf(
  needs: ShipmentNeeds,
  input: ShipmentInput,
  signal: AbortSignal,
): Promise<Stall> {
  if (input.mode === "non-blocking") return noStall;
  // An engine that died may have left it held.
  const stall = createStall(needs, input.handle, signal);
  if (input.isResumed) await stall.release();
  return stall;
}

async function shipOnce(
  needs: ShipmentNeeds,
  input: ShipmentInput,
  stall: Stall,
  signal: AbortSignal,
): Promise<void> {
  const { clock, logs, runtime } = needs;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const joiner = lineJoiner(input.startsEvent);
  const afterStamp = await logs.progressOf(input.writer);
  let batch: JoinedLines[] = [];
  let storing = Promise.resolve();
  let flushing: Timer | undefined;
  let joining: Timer | undefined;
  const held = holdingOf(needs, input);

  const store = async (taken: readonly JoinedLines[]): Promise<void> => {
    const place = taken.at(-1)?.stamp;
    if (place === undefined) return;
    stall.waiting();
    while (input.wayOut() === "closed") await clock.wallSleep(wayOutHoldsMs, signal);
    const isWanted = input.wayOut() === "open" && input.mayStore();
    const events = isWanted ? taken.flatMap((lines) => lines.events) : [];
    await logs.append(input.streamKey, events, clock.now(), { writer: input.writer, place });
    held.release(taken);
    await stall.taken();
  };
  const flush = (): Promise<void> => {
    flushing?.cancel();
    flushing = undefined;
    const taken = batch;
    batch = [];
    storing = storing.then(() => store(taken));
    return storing;
  };
  const flushLater = (): void => {
    flush().catch((error: unknown) => failed.abort(error));
  };
  const take = (lines: JoinedLines | undefined): void => {
    if (!lines || !held.take(lines)) return;
    batch.push(lines);
    flushing ??= clock.wallAfter(batchMs, flushLater);
  };
  const endJoining = (): void => {
    joining = undefined;
    const since = joiner.waitingSince();
    const leftMs = since === undefined ? 0 : since + joinMs - clock.wall();
    if (leftMs > 0) joining = clock.wallAfter(leftMs, endJoining);
    else take(joiner.end());
  };

  try {
    for await (const line of runtime.followLogs(input.handle, afterStamp, either)) {
      take(joiner.add(toOutputLine(line)));
      if (joiner.waitingSince() !== undefined) joining ??= clock.wallAfter(joinMs, endJoining);
      if (batch.length < batchLines) continue;
      if (held.mayWait()) await flush();
      else flushLater();
    }
    take(joiner.end());
  } finally {
    joining?.cancel();
    // What has been read is stored also when following was called off.
    await flush();
  }
}

type Holding = {
  /** Whether there is room for the lines. */
  take(lines: JoinedLines): boolean;
  release(taken: readonly JoinedLines[]): void;
  /** Whether reading may wait until what was read is stored. */
  mayWait(): boolean;
};

/** Blocking: who reads waits, and with it, in the end, who writes. */
const waitingOnly: Holding = { take: () => true, release() {}, mayWait: () => true };

/**
 * What has been read and is not stored. With no way out it is what the buffer of non-blocking mode holds;
 * otherwise lines wait in the runtime's file, of which there is far more.
 */
function holdingOf({ logger }: ShipmentNeeds, input: ShipmentInput): Holding {
  const { bufferBytes, wayOut, streamKey } = input;
  if (input.mode === "blocking") return waitingOnly;
  let heldBytes = 0;
  let lost = 0;
  const mayWait = (): boolean => wayOut() === "open";
  return {
    take(lines) {
      const bytes = bytesOf(lines);
      if (!mayWait() && heldBytes > 0 && heldBytes + bytes > bufferBytes) {
        lost += 1;
        return false;
      }
      heldBytes += bytes;
      return true;
    },
    release(taken) {
      for (const lines of taken) heldBytes -= bytesOf(lines);
      if (lost > 0) logger.warn("log-shipping: the buffer was full", { streamKey, lost });
      lost = 0;
    },
    mayWait,
  };
}

const bytesOf = ({ events }: JoinedLines): number =>
  events.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0);

const toOutputLine = ({ stamp, text }: LogLine) => ({
  stamp,
  text,
  timestamp: stampMilliseconds(stamp),
});
