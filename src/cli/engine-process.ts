/** Starting an engine as a process of its own, and waiting until it serves. */
import { openSync, readFileSync } from "node:fs";
import path from "node:path";
import { processExec } from "../seams/exec.ts";
import { CommandError } from "./command.ts";

const root = path.join(import.meta.dirname, "..", "..");
const mainFile = path.join(root, "src", "daemon", "main.ts");
// As `bin/neargate` starts it: small young generations, collected by one thread, and what is stripped and
// compiled kept.
const flags = ["--max-semi-space-size=1", "--no-parallel-scavenge"];
const compileCache = path.join(root, "node_modules", ".cache", "neargate");

export type EngineProcess = {
  readonly pid: number;
  /** The endpoint of its `ready` line. Rejects with what it said when it ends before. */
  readonly ready: Promise<string>;
  readonly finished: Promise<number>;
  /** Lets this process end while the engine goes on. */
  letGo(): void;
  stop(): void;
};

/** `logFile`: where standard error goes; inherited when undefined. */
export function startEngineProcess(args: readonly string[], logFile?: string): EngineProcess {
  const log = logFile === undefined ? "inherit" : openSync(logFile, "a", 0o600);
  const child = processExec().start(process.execPath, [...flags, mainFile, ...args], {
    detached: true,
    env: {
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? compileCache,
      MALLOC_ARENA_MAX: process.env["MALLOC_ARENA_MAX"] ?? "1",
    },
    errors: log,
  });
  let said = "";
  const finished = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const endpoint = /^ready endpoint=(\S+)$/m.exec(said)?.[1];
      if (endpoint) resolve(endpoint);
    });
    child.on("close", () =>
      reject(new CommandError(lastWords(logFile) ?? "the engine ended before it was ready")),
    );
  });
  // A caller that waits for the end only must not be brought down by the other promise.
  ready.catch(() => {});
  return {
    pid: child.pid ?? -1,
    ready,
    finished,
    letGo() {
      child.stdin?.destroy();
      child.stdout?.destroy();
      child.unref();
    },
    stop: () => void child.kill("SIGTERM"),
  };
}

function lastWords(logFile: string | undefined): string | undefined {
  if (logFile === undefined) return undefined;
  const line = readFileSync(logFile, "utf8").trimEnd().split("\n").at(-1);
  return line?.replace(/^neargate: /, "");
}
