import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { realClock } from "../../seams/clock.ts";
import { localTerminal, type Streams } from "./terminal.ts";

const clock = realClock();

/** Streams that are no terminal, or one of 80 by 24. */
function streams(isTerminal: boolean) {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: isTerminal,
    setRawMode: (isRaw: boolean) => modes.push(isRaw),
  });
  const stdout = Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 80, rows: 24 });
  const terminal = localTerminal({ stdin, stdout } as unknown as Streams);
  let typed = "";
  let resizes = 0;
  let interrupts = 0;
  const stop = terminal.listen({
    typed: (bytes) => {
      typed += Buffer.from(bytes).toString("latin1");
    },
    resized: () => {
      resizes += 1;
    },
    interrupted: () => {
      interrupts += 1;
    },
  });
  return {
    stdin,
    stdout,
    terminal,
    modes,
    stop,
    typed: () => typed,
    resizes: () => resizes,
    interrupts: () => interrupts,
  };
}

const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await clock.wallSleep(10);
};

describe("pipes in place of a terminal", () => {
  it.each([
    ["lines", "one\ntwo\n", "one\ntwo\n\x04"],
    ["a line that does not end", "one", "one\x04\x04"],
    ["nothing", "", "\x04"],
  ])(
    "%s: handed on, and then the end of input as a terminal has it",
    async (_, input, expected) => {
      const { stdin, typed, stop, modes } = streams(false);
      stdin.end(input);
      await until(() => typed().endsWith("\x04"));
      stop();
      expect(typed()).toBe(expected);
      expect(modes).toEqual([]);
      expect(stdin.destroyed).toBe(true);
    },
  );

  it("no size of its own", () => {
    const { terminal, stop } = streams(false);
    expect(terminal.size()).toBeUndefined();
    stop();
  });
});

describe("a terminal", () => {
  it("raw while the session is on, its size told, and its changes", async () => {
    const { stdin, stdout, terminal, modes, typed, resizes, stop } = streams(true);
    expect(terminal.size()).toEqual({ cols: 80, rows: 24 });
    stdin.write("\x03");
    await until(() => typed() !== "");
    expect(typed()).toBe("\x03");
    stdout.emit("resize");
    expect(resizes()).toBe(1);
    expect(modes).toEqual([true]);
    stop();
    expect(modes).toEqual([true, false]);
    expect(stdin.destroyed).toBe(true);
  });

  it("asked to pause: reads nothing until it may go on", async () => {
    const { stdin, terminal, typed, stop } = streams(true);
    terminal.pauseTyping(true);
    stdin.write("later");
    await clock.wallSleep(20);
    expect(typed()).toBe("");
    terminal.pauseTyping(false);
    await until(() => typed() !== "");
    expect(typed()).toBe("later");
    stop();
  });

  it("a reader that goes away: the session is interrupted, once what is written fails", async () => {
    const { stdout, terminal, interrupts, stop } = streams(false);
    stdout.destroy(new Error("EPIPE"));
    await until(() => interrupts() > 0);
    await terminal.show(Buffer.from("lost"));
    expect(interrupts()).toBe(1);
    stop();
  });

  it("what is shown: written, and not to a reader that has gone", async () => {
    const { stdout, terminal, stop } = streams(true);
    await terminal.show(Buffer.from("shown"));
    expect(stdout.read()?.toString()).toBe("shown");
    stdout.destroy();
    await terminal.show(Buffer.from("lost"));
    stop();
  });
});
