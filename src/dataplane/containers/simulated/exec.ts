/** A command in a simulated container: a program of its own on a terminal of its own. */
import type { Clock } from "../../../seams/clock.ts";
import { DriverError } from "../../errors.ts";
import type { ContainerSpec, ExecSpec, RunningExec, TerminalExtent } from "../port.ts";
import { findProgram, runProgram, type SimulatedSystem } from "./shell.ts";
import { simulatedTerminal } from "./terminal.ts";

export type SimulatedExec = {
  readonly containerId: string;
  start(extent: TerminalExtent | undefined): RunningExec;
  /** As SIGKILL ends it; also when its container ends. */
  kill(): void;
};

const killedCode = 137;
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function simulatedExec(
  clock: Clock,
  spec: ExecSpec,
  container: Pick<ContainerSpec, "environment" | "workingDirectory">,
  hostname: string,
): SimulatedExec {
  const killed = new AbortController();
  const ended = Promise.withResolvers<number>();
  let close = (): void => {};
  const end = (code: number): void => {
    ended.resolve(code);
    close();
  };
  return {
    containerId: spec.containerId,
    start(extent) {
      const terminal = simulatedTerminal(extent);
      close = terminal.close;
      const [name = "", ...args] = spec.command;
      const program = findProgram(name);
      if (killed.signal.aborted) end(killedCode);
      else if (program) {
        const system: SimulatedSystem = {
          terminal: terminal.program,
          clock,
          hostname,
          workingDirectory: container.workingDirectory ?? "/",
          environment: environmentOf(spec, container),
          killed: killed.signal,
        };
        runProgram(system, program, args).then(end, () => end(killedCode));
      } else {
        ended.reject(new DriverError("fatal", notFound(name)));
        close();
      }
      // Whoever asks for the code hears of it.
      ended.promise.catch(() => {});
      return {
        output: terminal.shown,
        write: async (bytes) => terminal.type(bytes),
        resize: async (next) => terminal.resize(next),
        exitCode: () => ended.promise,
      };
    },
    kill() {
      killed.abort();
      end(killedCode);
    },
  };
}

const notFound = (name: string): string =>
  name.includes("/")
    ? `exec: "${name}": stat ${name}: no such file or directory`
    : `exec: "${name}": executable file not found in $PATH`;

const environmentOf = (
  spec: ExecSpec,
  container: Pick<ContainerSpec, "environment">,
): Map<string, string> =>
  new Map([
    ["PATH", defaultPath],
    ...[...container.environment, ...spec.environment].map(
      ({ name, value }) => [name, value] as const,
    ),
  ]);
