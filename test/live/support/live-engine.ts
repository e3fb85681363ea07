/** A real engine as a process of its own, in a state directory of its own, for one test file. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { engineClient } from "../../../src/cli/engine-client.ts";
import { type EngineProcess, startEngineProcess } from "../../../src/cli/engine-process.ts";
import { realClock } from "../../../src/seams/clock.ts";
import { type ExecResult, processExec } from "../../../src/seams/exec.ts";
import { freePort } from "./free-port.ts";

export const clock = realClock();
export const exec = processExec();
export const region = "ap-northeast-1";

export type LiveEngine = {
  endpoint: string;
  readonly home: string;
  /** Variables for AWS's tools and Docker. */
  environment(): Promise<Record<string, string>>;
  health(): Promise<Health>;
  status(): Promise<unknown>;
  post(route: string, body?: unknown): Promise<unknown>;
  docker(args: readonly string[], input?: string): Promise<ExecResult>;
  /** kill -9; its containers, balancer and network go on. */
  kill(): Promise<void>;
  /** Starts it again on the same state directory and port. */
  restart(): Promise<void>;
  log(): string;
  /** Ctrl-C, then the state directory goes too. */
  [Symbol.asyncDispose](): Promise<void>;
};

export type Health = { engineId: string; components: Record<string, string> };

export type LiveOptions = {
  readonly args?: readonly string[];
  /** The state directory; a new one by default. Removed at the end. */
  readonly home?: string;
};

export async function startLiveEngine(options: LiveOptions = {}): Promise<LiveEngine> {
  const home = options.home ?? mkdtempSync(path.join(tmpdir(), "ng-live-"));
  const logFile = path.join(home, "engine.log");
  const start = (port: string): EngineProcess =>
    startEngineProcess(
      ["--state-dir", home, "--port", port, "--region", region, ...(options.args ?? [])],
      logFile,
    );
  let process = start(String(await freePort()));
  const engine: LiveEngine = {
    endpoint: await process.ready,
    home,
    async environment() {
      const answer = await engineClient(engine.endpoint).get("env");
      return {
        ...(answer as { variables: Record<string, string> }).variables,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        DOCKER_CONFIG: path.join(home, "docker-client"),
      };
    },
    health: async () => (await engineClient(engine.endpoint).get("health")) as Health,
    status: () => engineClient(engine.endpoint).get("status"),
    post: (route, body) => engineClient(engine.endpoint).post(route, body),
    async docker(args, input) {
      const env = await engine.environment();
      return exec.run("docker", args, { env, ...(input !== undefined && { input }) });
    },
    async kill() {
      globalThis.process.kill(process.pid, "SIGKILL");
      await process.finished;
    },
    async restart() {
      process = start(new URL(engine.endpoint).port);
      engine.endpoint = await process.ready;
      await untilReady(engine);
    },
    log: () => readFileSync(logFile, "utf8"),
    async [Symbol.asyncDispose]() {
      process.stop();
      await process.finished;
      rmSync(home, { recursive: true, force: true });
    },
  };
  await untilReady(engine);
  return engine;
}

async function untilReady(engine: LiveEngine): Promise<void> {
  await until("every component of the engine is ready", 60_000, async () => {
    const { components } = await engine.health();
    const failed = Object.values(components).find((state) => state.startsWith("failed"));
    if (failed) throw new Error(failed);
    return Object.values(components).every((state) => state === "ready");
  });
}

/** Times as long as on a machine that does nothing else is waited; this one may be busy or slow. */
const patience = 5;

/**
 * Asks until the answer is neither false nor undefined; fails with `what` when it takes much longer
 * than `withinMs`, what it takes at most on a machine that does nothing else.
 */
export async function until<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<T | false | undefined>,
): Promise<T> {
  const deadline = clock.monotonic() + patience * withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer;
    if (clock.monotonic() > deadline)
      throw new Error(`not within ${patience} times ${withinMs} ms: ${what}`);
    await clock.wallSleep(100);
  }
}

/** Runs a program that must succeed; gives its standard output. */
export async function runOk(
  program: string,
  args: readonly string[],
  options: Parameters<typeof exec.run>[2] = {},
): Promise<string> {
  const result = await exec.run(program, args, options);
  if (result.code !== 0) {
    throw new Error(
      `${program} ${args.join(" ")}: ${result.code}\n${result.stdout}\n${result.stderr}`,
    );
  }
  return result.stdout;
}
