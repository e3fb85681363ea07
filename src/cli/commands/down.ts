/** `neargate down`: stops the engine and takes everything of it off the host; the state stays. */
import { rmSync } from "node:fs";
import path from "node:path";
import { realClock } from "../../seams/clock.ts";
import { type Command, CommandError, engineOptions } from "../command.ts";
import { announcedEndpoint, announcedProcess, engineClient, stateDirOf } from "../engine-client.ts";
import { startEngineProcess } from "../engine-process.ts";

export const down: Command = {
  name: "down",
  summary: "Stop the engine; its containers, networks and processes go, its state stays.",
  usage: "down [options]",
  options: engineOptions,
  async run(input, io) {
    const stateDir = stateDirOf(input, io);
    const endpoint =
      (input.options["endpoint"] as string | undefined) ?? announcedEndpoint(stateDir);
    if (!endpoint) {
      io.out("no engine is running");
      return 0;
    }
    if (!(await endsItself(stateDir, endpoint))) {
      // Killed: its containers live on. A new process of the same state directory takes them away.
      io.err("the engine does not answer; cleaning up what it left");
      await startEngineProcess(["--state-dir", stateDir, "--teardown"]).finished;
      rmSync(path.join(stateDir, "endpoint.json"), { force: true });
    }
    io.out("down");
    return 0;
  },
};

/** False when the engine is not there to be asked, or dies while it takes itself down. */
async function endsItself(stateDir: string, endpoint: string): Promise<boolean> {
  const pid = announcedProcess(stateDir);
  try {
    await engineClient(endpoint).post("down");
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return false;
  }
  const clock = realClock();
  while (announcedEndpoint(stateDir) === endpoint) {
    if (pid !== undefined && !isAlive(pid)) return announcedEndpoint(stateDir) !== endpoint;
    await clock.wallSleep(50);
  }
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
