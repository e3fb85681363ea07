/**
 * What a client types on its way to the command: kept until there is one, then written in order. While
 * much of it waits the client is asked to pause.
 */
import type { RunningExec } from "../../dataplane/containers/port.ts";

export type Keyboard = {
  type(bytes: Uint8Array): void;
  /** The command is there. */
  plugIn(exec: RunningExec): void;
  isPaused(): boolean;
};

/** Bytes that the command has not taken, after which the client is asked to pause. */
const mostTyped = 256 * 1024;

/** `onPause` is called when typing is to pause or may go on. */
export function createKeyboard(onPause: () => void): Keyboard {
  let exec: RunningExec | undefined;
  let waiting: Uint8Array[] = [];
  let untaken = 0;
  let writing = Promise.resolve();
  let isPaused = false;

  const setPaused = (pauses: boolean): void => {
    if (pauses === isPaused) return;
    isPaused = pauses;
    onPause();
  };
  const write = (to: RunningExec, bytes: Uint8Array): void => {
    writing = writing
      .then(() => to.write(bytes))
      .then(() => {
        untaken -= bytes.length;
        setPaused(isPaused && untaken > mostTyped / 2);
      });
  };

  return {
    type(bytes) {
      untaken += bytes.length;
      if (exec) write(exec, bytes);
      else waiting.push(bytes);
      setPaused(untaken > mostTyped);
    },
    plugIn(next) {
      exec = next;
      for (const bytes of waiting) write(next, bytes);
      waiting = [];
    },
    isPaused: () => isPaused,
  };
}
