/** Keeps what a session shows in its log stream: a line an event, as the terminal had it. */
import type { LogStore } from "../../dataplane/logs/port.ts";
import type { SessionLogSink } from "../../engine/exec/session-log.ts";
import { messagesOf } from "../../engine/log-lines.ts";
import type { Timer } from "../../seams/clock.ts";
import { ensureLogStream, logStreamKey } from "../../state/log-streams.ts";
import type { LoopDependencies } from "../loop.ts";

export type SessionLog = {
  write(shown: Uint8Array): void;
  /** Resolves when everything is stored, or could not be. */
  end(): Promise<void>;
};

export type SessionLogNeeds = LoopDependencies & { readonly logs: Pick<LogStore, "append"> };

export const noSessionLog: SessionLog = { write: () => {}, end: async () => {} };

const batchMs = 250;

/** Undefined when the group is not there. */
export function openSessionLog(
  { store, clock, logger, logs }: SessionLogNeeds,
  sink: SessionLogSink,
): SessionLog | undefined {
  const found = store.write((tx) => ensureLogStream(tx, { ...sink, now: clock.now() }));
  if (found === "no-group") return undefined;
  const streamKey = logStreamKey(sink.scope, sink.group, sink.stream);
  const decoder = new TextDecoder();
  let line = "";
  let waiting: { timestamp: number; message: string }[] = [];
  let storing = Promise.resolve();
  let timer: Timer | undefined;

  const add = (text: string): void => {
    const timestamp = clock.wall();
    waiting.push(...messagesOf(text).map((message) => ({ timestamp, message })));
    timer ??= clock.wallAfter(batchMs, flush);
  };
  const flush = (): void => {
    timer?.cancel();
    timer = undefined;
    const events = waiting;
    waiting = [];
    if (events.length === 0) return;
    storing = storing
      .then(() => logs.append(streamKey, events, clock.now()))
      .catch((error: unknown) => {
        logger.warn("exec: a session's output could not be logged", { streamKey, error });
      });
  };
  const stamp = (): string => new Date(clock.wall()).toISOString().replace("T", " ").slice(0, 19);

  add(`Script started on ${stamp()}+00:00`);
  return {
    write(shown) {
      const lines = (line + decoder.decode(shown, { stream: true })).split("\n");
      line = lines.pop() ?? "";
      for (const text of lines) add(text.replace(/\r$/, ""));
    },
    async end() {
      add(line);
      add(`Script done on ${stamp()}+00:00`);
      flush();
      await storing;
    },
  };
}
