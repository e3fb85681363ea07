/** This process's own terminal, or the pipes in its place, as a session uses it. */
import type { ReadStream, WriteStream } from "node:tty";
import type { LocalTerminal } from "./session-client.ts";

export type Streams = {
  readonly stdin: NodeJS.ReadStream | ReadStream;
  readonly stdout: NodeJS.WriteStream | WriteStream;
};

const endOfInput = 0x04;
const newline = 0x0a;

/**
 * With a terminal, keys go to the command as they are typed, Ctrl-C too. Without one, the end of the
 * input is what Ctrl-D is to a terminal, and a signal ends the session.
 */
export function localTerminal({ stdin, stdout }: Streams): LocalTerminal {
  const isTerminal = stdin.isTTY && stdout.isTTY;
  return {
    size: () => (isTerminal ? { cols: stdout.columns, rows: stdout.rows } : undefined),
    show: (bytes) =>
      new Promise((resolve) => {
        if (stdout.destroyed) resolve();
        else stdout.write(bytes, () => resolve());
      }),
    listen({ typed, resized, interrupted }) {
      let last = newline;
      const onData = (bytes: Buffer): void => {
        last = bytes.at(-1) ?? last;
        typed(bytes);
      };
      const onEnd = (): void => {
        // In the middle of a line the first only hands over what is there of it.
        typed(Uint8Array.from(last === newline ? [endOfInput] : [endOfInput, endOfInput]));
      };
      if (isTerminal) stdin.setRawMode(true);
      else process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
      stdin.on("data", onData).on("end", onEnd);
      // A reader that has gone away (`| head`) ends the session; nobody would see more of it.
      stdout.on("resize", resized).on("error", interrupted);
      stdin.resume();
      return () => {
        stdin.off("data", onData).off("end", onEnd);
        stdout.off("resize", resized);
        process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
        if (isTerminal) stdin.setRawMode(false);
        // A terminal, a pipe or a file: nothing more is read, and nothing keeps this process waiting.
        stdin.destroy();
      };
    },
    pauseTyping(isPaused) {
      if (isPaused) stdin.pause();
      else if (stdin.listenerCount("data") > 0) stdin.resume();
    },
  };
}
