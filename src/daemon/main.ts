/** The engine as a process: options in, `ready` line out, signals to an orderly end. */
import { parseArgs } from "node:util";
import { PrerequisiteError } from "../dataplane/errors.ts";
import { NewerStateError } from "../state/migrations.ts";
import { ConfigError, readConfig } from "./config.ts";
import type { Engine } from "./engine.ts";
import { PortTakenError } from "./listen.ts";
import { StateDirectoryInUseError } from "./state-directory.ts";

const options = {
  port: { type: "string" },
  host: { type: "string" },
  "state-dir": { type: "string" },
  runtime: { type: "string" },
  clock: { type: "string" },
  region: { type: "string" },
  account: { type: "string" },
  "log-level": { type: "string" },
  "sandbox-pool": { type: "string" },
  "log-store-limit": { type: "string" },
  "strict-auth": { type: "boolean" },
  "as-role": { type: "string" },
  /** Only takes away what an engine of this state directory left on the host. */
  teardown: { type: "boolean" },
} as const;

/** Runs until a signal or `down` ends it; gives the exit code. */
export async function runEngine(args: readonly string[]): Promise<number> {
  // A log that takes no more, as on a full disk, is no reason to end.
  process.stderr.on("error", () => {});
  try {
    const { values } = parseArgs({ args: [...args], options });
    const config = readConfig(values);
    const { startEngine, tearDown } = await import("./engine.ts");
    if (values.teardown) {
      await tearDown(config);
      return 0;
    }
    const engine = await startEngine(config);
    const onSignal = (): void => void engine.stop({ removeAll: true });
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
    process.stdout.write(`ready endpoint=${engine.endpoint}\n`);
    const lacking = await untilStoppedOrLacking(engine);
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    if (lacking) throw lacking;
    return 0;
  } catch (error) {
    if (!isUsersToMend(error)) throw error;
    process.stderr.write(`neargate: ${error.message}\n`);
    return 1;
  }
}

/** What the host turned out to lack only after the engine served: it cannot go on. */
async function untilStoppedOrLacking(engine: Engine): Promise<PrerequisiteError | undefined> {
  let lacking: PrerequisiteError | undefined;
  engine.ready.catch((error: unknown) => {
    if (!(error instanceof PrerequisiteError)) return;
    lacking = error;
    void engine.stop({ removeAll: true });
  });
  await engine.stopped;
  return lacking;
}

function isUsersToMend(error: unknown): error is Error {
  return (
    error instanceof ConfigError ||
    error instanceof PrerequisiteError ||
    error instanceof StateDirectoryInUseError ||
    error instanceof PortTakenError ||
    error instanceof NewerStateError
  );
}

if (import.meta.main) process.exitCode = await runEngine(process.argv.slice(2));
