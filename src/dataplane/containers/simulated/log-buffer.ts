/** Lines of a simulated container: kept, and handed to whoever follows them. */
import type { LogLine } from "../port.ts";

export type LogBuffer = {
  write(stream: LogLine["stream"], text: string, wallMs: number): void;
  /** Lines may come (again). */
  open(): void;
  /** No line comes after this. */
  close(): void;
  follow(afterStamp: string | undefined, signal: AbortSignal): AsyncIterable<LogLine>;
};

export function logBuffer(): LogBuffer {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  let closed = false;

  const wakeAll = (): void => {
    for (const wake of [...waiting]) wake();
  };
  const change = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });

  return {
    write(stream, text, wallMs) {
      // The line's number stands in for the nanoseconds, so that no two stamps are equal.
      const stamp = (BigInt(wallMs) * 1_000_000n + BigInt(lines.length % 1_000_000)).toString();
      lines.push({ stream, text, stamp: `${stamp};${lines.length}` });
      wakeAll();
    },
    open() {
      closed = false;
    },
    close() {
      closed = true;
      wakeAll();
    },
    async *follow(afterStamp, signal) {
      signal.throwIfAborted();
      let at = afterStamp === undefined ? 0 : Number(afterStamp.split(";")[1]) + 1;
      for (;;) {
        for (; at < lines.length; at++) {
          signal.throwIfAborted();
          const line = lines[at];
          if (line) yield line;
        }
        if (closed) return;
        await change(signal);
        signal.throwIfAborted();
      }
    },
  };
}
