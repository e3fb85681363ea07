/** The HAProxy process of one engine: started, taken over from, adopted and ended. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Clock } from "../../../seams/clock.ts";
import type { Exec } from "../../../seams/exec.ts";
import { edgeNamespace } from "../../network/names.ts";
import { endProcess, findProcesses, readPid, runCommands, startProcess } from "./calls.ts";
import type { ServerPlan } from "./groups.ts";
import type { Files } from "./names.ts";
import { type ServerState, serverKey } from "./servers.ts";
import { renderConfiguration, type Translation } from "./translate.ts";

/** What the process that runs was started with. */
export type Started = { readonly structure: string; readonly hostPorts: readonly number[] };

export type HaproxyProcess = {
  /** Of the running process, also of one that an earlier engine started; undefined when none runs. */
  started(): Started | undefined;
  /** Starts a process with the servers that the old one has, and their health; the old one ends. */
  replace(translation: Translation, hostPorts: readonly number[]): Promise<void>;
  /** Writes the file with all its servers, so that it agrees with what runs. */
  record(translation: Translation): void;
  run(commands: readonly string[]): Promise<string>;
  /** Ends every process of ours and takes its files away. */
  remove(): Promise<void>;
};

const emptyStates = "1\n# be_id be_name\n";

/** The digest of everything that a reload is needed for. */
export const structureOf = (translation: Translation): string =>
  createHash("sha256")
    .update(renderConfiguration(translation, () => false))
    .update(translation.hosts)
    .digest("hex");

export function haproxyProcess(options: {
  readonly engineId: string;
  readonly files: Files;
  readonly exec: Exec;
  readonly clock: Clock;
}): HaproxyProcess {
  const { files, exec, clock } = options;
  const namespace = edgeNamespace(options.engineId);
  const run = (commands: readonly string[]): Promise<string> =>
    runCommands(files.adminSocket, commands);

  return {
    started: () => (readPid(files) === undefined ? undefined : readStarted(files)),
    run,
    async replace(translation, hostPorts) {
      mkdirSync(files.directory, { recursive: true, mode: 0o700 });
      const old = readPid(files);
      const states = old === undefined ? emptyStates : await run(["show servers state"]);
      writeFileSync(files.states, states);
      writeFileSync(files.hosts, translation.hosts);
      const kept = new Set(stateLines(states).map(serverKey));
      const isKept = (server: ServerPlan): boolean => kept.has(serverKey(server));
      writeFileSync(files.configuration, renderConfiguration(translation, isKept));
      await startProcess(exec, { namespace, files, old });
      const started: Started = { structure: structureOf(translation), hostPorts };
      writeFileSync(files.started, JSON.stringify(started));
    },
    record(translation) {
      writeFileSync(
        files.configuration,
        renderConfiguration(translation, () => true),
      );
    },
    async remove() {
      for (const pid of findProcesses(files)) endProcess(pid);
      // The ports are free once the processes are gone, not when they are told to go.
      while (findProcesses(files).length > 0) await clock.wallSleep(10);
      rmSync(files.directory, { recursive: true, force: true });
    },
  };
}

const stateLines = (dump: string): Pick<ServerState, "backend" | "name">[] =>
  dump.split("\n").flatMap((line) => {
    const [, backend, , name] = line.split(" ");
    return backend && name ? { backend, name } : [];
  });

function readStarted(files: Files): Started {
  try {
    return JSON.parse(readFileSync(files.started, "utf8")) as Started;
  } catch {
    // It was killed between the start and the note: a reload settles it.
    return { structure: "", hostPorts: [] };
  }
}
