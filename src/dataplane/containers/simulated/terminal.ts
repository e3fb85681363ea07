/**
 * The terminal of a simulated command: the kernel's line editing (echo, erase, Ctrl-C, Ctrl-D) between
 * who types and a program that reads whole lines.
 */
import type { TerminalExtent } from "../port.ts";

export type SimulatedTerminal = {
  /** What the program sees. */
  readonly program: ProgramTerminal;
  /** Bytes that were typed. */
  type(bytes: Uint8Array): void;
  resize(extent: TerminalExtent): void;
  /** What is shown, until `close`. */
  readonly shown: AsyncIterable<Uint8Array>;
  close(): void;
};

export type ProgramTerminal = {
  write(text: string): void;
  /** A line without its end; undefined at the end of the input. Rejects with `Interrupted`. */
  readLine(): Promise<string | undefined>;
  /** Calls `onInterrupt` at the next Ctrl-C; gives what takes that back. */
  onInterrupt(listener: () => void): () => void;
  extent(): TerminalExtent;
};

/** Ctrl-C came while a program waited. */
export class Interrupted extends Error {}

const controls = { interrupt: 0x03, endOfInput: 0x04, backspace: 0x08, erase: 0x7f, kill: 0x15 };

export function simulatedTerminal(first: TerminalExtent | undefined): SimulatedTerminal {
  const output = byteQueue();
  const lines: (string | undefined)[] = [];
  const listeners = new Set<() => void>();
  let reader: PromiseWithResolvers<string | undefined> | undefined;
  let extent = first ?? { columns: 0, rows: 0 };
  let edited: number[] = [];

  const show = (text: string): void => output.push(Buffer.from(text.replaceAll("\n", "\r\n")));
  const hand = (line: string | undefined): void => {
    if (reader) reader.resolve(line);
    else lines.push(line);
    reader = undefined;
  };
  const take = (): string => {
    const text = Buffer.from(edited).toString("utf8");
    edited = [];
    return text;
  };
  const interrupt = (): void => {
    edited = [];
    show("^C\n");
    for (const listener of [...listeners]) listener();
    reader?.reject(new Interrupted());
    reader = undefined;
  };
  const key = (byte: number): void => {
    switch (byte) {
      case controls.interrupt:
        interrupt();
        return;
      case controls.endOfInput:
        hand(edited.length > 0 ? take() : undefined);
        return;
      case controls.erase:
      case controls.backspace:
        if (edited.length > 0) show("\b \b");
        edited.pop();
        return;
      case controls.kill:
        show("\b \b".repeat(edited.length));
        edited = [];
        return;
      case 0x0d:
      case 0x0a:
        show("\n");
        hand(take());
        return;
      default:
        edited.push(byte);
        output.push(Buffer.from([byte]));
    }
  };

  return {
    program: {
      write: show,
      async readLine() {
        if (lines.length > 0) return lines.shift();
        reader = Promise.withResolvers();
        return reader.promise;
      },
      onInterrupt(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      extent: () => extent,
    },
    type: (bytes) => bytes.forEach(key),
    resize(next) {
      extent = next;
    },
    shown: output.bytes,
    close: output.close,
  };
}

function byteQueue() {
  const chunks: Uint8Array[] = [];
  let isClosed = false;
  let wake = (): void => {};
  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      // One piece of all there is, as a read of a terminal gives.
      if (chunks.length > 0) yield Buffer.concat(chunks.splice(0));
      if (chunks.length > 0) continue;
      if (isClosed) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return {
    push(chunk: Uint8Array): void {
      if (!isClosed) chunks.push(chunk);
      wake();
    },
    close(): void {
      isClosed = true;
      wake();
    },
    bytes: read(),
  };
}
