/**
 * Finds a Docker daemon, or starts a private one under the state directory.
 *
 * The private daemon is a process in a session of its own: it outlives the engine, and the next engine
 * of the same state directory finds it by its socket. Everything of it lies in two directories, `data`
 * and `run`, by which its processes and mounts are recognised.
 */
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
} from "node:fs";
import { access, readdir, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import path from "node:path";
import type { Clock } from "../../../seams/clock.ts";
import type { Exec } from "../../../seams/exec.ts";
import type { Logger } from "../../../seams/logger.ts";
import { PrerequisiteError } from "../../errors.ts";
import { type DaemonEndpoint, parseDockerHost } from "./docker-host.ts";

export type DaemonOptions = {
  readonly engineId: string;
  readonly stateDir: string;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `DOCKER_HOST` and `PATH` are read from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Tried when there is no DOCKER_HOST. */
  readonly systemSocket: string;
};

export type Daemon = {
  /** What goes into DOCKER_HOST to reach it; undefined when the Docker CLI finds it by itself. */
  readonly address: string | undefined;
  readonly endpoint: DaemonEndpoint;
  /** Starts a private daemon again that has died; nothing for one that is not ours or that lives. */
  revive(): Promise<void>;
  /** Ends a private daemon and what it left; nothing for one that is not ours. */
  end(): Promise<void>;
};

/** Throws `PrerequisiteError` when there is none and none can be started. */
export async function findDaemon(options: DaemonOptions): Promise<Daemon> {
  const daemon = await presentDaemon(options);
  await daemon.revive();
  return daemon;
}

/** The daemon an engine of this state directory uses or used, whether it runs or not. */
export async function presentDaemon(options: DaemonOptions): Promise<Daemon> {
  const host = options.environment["DOCKER_HOST"];
  if (host) {
    const endpoint = parseDockerHost(host, options.environment);
    return { address: host, endpoint, ...notOurs };
  }
  if (await answers(options.systemSocket)) {
    const endpoint = { socketPath: options.systemSocket };
    return { address: undefined, endpoint, ...notOurs };
  }
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  // As the kernel names it, so that mounts and processes below it are recognised.
  const places = privatePlaces(realpathSync(options.stateDir), options.engineId);
  return {
    address: `unix://${places.socket}`,
    endpoint: { socketPath: places.socket },
    async revive() {
      if (!(await answers(places.socket))) await startPrivate(options, places);
    },
    end: () => endPrivate(options, places),
  };
}

const notOurs = { revive: async () => {}, end: async () => {} };

export type PrivatePlaces = {
  readonly data: string;
  /** Sockets and mounts; a short path elsewhere when the state directory's is too long. */
  readonly run: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly log: string;
};

/** `sun_path` has 108 bytes, one of them the final zero. */
const longestSocketPath = 107;
/** The longest socket that the daemon and its containerd make below their run directory. */
const deepestSocket = "run/containerd/containerd.sock.ttrpc";

function privatePlaces(stateDir: string, engineId: string): PrivatePlaces {
  const home = path.join(stateDir, "docker");
  const fits = Buffer.byteLength(path.join(home, deepestSocket)) <= longestSocketPath;
  const sockets = fits ? home : `/run/neargate-${engineId}`;
  return {
    data: path.join(home, "data"),
    run: path.join(sockets, "run"),
    socket: path.join(sockets, "docker.sock"),
    pidFile: path.join(sockets, "docker.pid"),
    log: path.join(home, "dockerd.log"),
  };
}

const prerequisite = "needs a Docker daemon: `apt-get install docker.io`, or set DOCKER_HOST";
const startLimitMs = 30_000;
const pollMs = 15;

async function startPrivate(options: DaemonOptions, places: PrivatePlaces): Promise<void> {
  const program = await findProgram("dockerd", options.environment["PATH"] ?? "");
  if (!program || process.getuid?.() !== 0) {
    const why = program ? "dockerd is here but only root can start it; " : "";
    throw new PrerequisiteError(`The docker runtime ${prerequisite} (${why}none answers).`);
  }
  mkdirSync(path.dirname(places.log), { recursive: true, mode: 0o700 });
  mkdirSync(path.dirname(places.socket), { recursive: true, mode: 0o700 });
  const running = await processesOf(places);
  if (!running.some(({ name }) => name === "dockerd")) {
    // The number in a stale pid file may be another process's by now, or a zombie's: dockerd would
    // refuse to start, or wait for a containerd that is not there.
    await rm(places.pidFile, { force: true });
    if (!running.some(({ name }) => name === "containerd")) {
      await rm(path.join(places.run, "containerd/containerd.pid"), { force: true });
    }
    launch(options.exec, program, places);
  }
  await untilAnswering(options.clock, places);
}

function launch(exec: Exec, program: string, places: PrivatePlaces): void {
  const log = openSync(places.log, "a", 0o600);
  const args = ["--bridge=none", "--iptables=false", "--ip-forward=false", "--live-restore"];
  // Tasks' control groups are made beside it, and systemd's are systemd's.
  args.push("--exec-opt", "native.cgroupdriver=cgroupfs");
  args.push("--data-root", places.data, "--exec-root", places.run);
  args.push("-H", `unix://${places.socket}`, "-p", places.pidFile);
  const child = exec.start(program, args, { detached: true, output: log });
  // A failure shows as a daemon that never answers.
  child.on("error", () => {});
  child.unref();
  closeSync(log);
}

async function untilAnswering(clock: Clock, places: PrivatePlaces): Promise<void> {
  const start = clock.monotonic();
  while (!(await answers(places.socket))) {
    const waited = clock.monotonic() - start;
    const alive = waited < 1000 || (await processesOf(places)).length > 0;
    if (waited > startLimitMs || !alive) throw new PrerequisiteError(explainLog(places.log));
    await clock.wallSleep(pollMs);
  }
}

function explainLog(log: string): string {
  const text = existsSync(log) ? readFileSync(log, "utf8") : "";
  const last = text.trim().split("\n").at(-1) ?? "";
  return `The private Docker daemon did not start (see ${log}): ${last}`;
}

const endLimitMs = 15_000;

async function endPrivate(options: DaemonOptions, places: PrivatePlaces): Promise<void> {
  const { clock, exec } = options;
  const start = clock.monotonic();
  let signal: NodeJS.Signals = "SIGTERM";
  for (;;) {
    const running = await processesOf(places);
    if (running.length === 0) break;
    if (clock.monotonic() - start > endLimitMs) signal = "SIGKILL";
    // The daemon ends its containerd itself; a containerd alone was left by a daemon that was killed.
    const first = running.filter(({ name }) => name === "dockerd");
    for (const { pid } of first.length > 0 ? first : running) kill(pid, signal);
    await clock.wallSleep(50);
  }
  for (const pid of await orphansOf(places)) kill(pid, "SIGKILL");
  await unmountBelow(exec, [places.data, places.run]);
  await rm(places.run, { recursive: true, force: true });
  await rm(places.socket, { force: true });
  await rm(places.pidFile, { force: true });
  const sockets = path.dirname(places.socket);
  if (sockets !== path.dirname(places.data)) await rm(sockets, { recursive: true, force: true });
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function unmountBelow(exec: Exec, directories: readonly string[]): Promise<void> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  const points = table
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .filter((point) =>
      directories.some((directory) => point === directory || point.startsWith(`${directory}/`)),
    );
  // The deepest first: a mount below another keeps that one busy.
  for (const point of points.toReversed()) await exec.run("umount", ["-l", point]);
}

/** Our daemon, its containerd and shims: processes that name our run directory in their arguments. */
async function processesOf(places: PrivatePlaces): Promise<{ pid: number; name: string }[]> {
  const found: { pid: number; name: string }[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const line = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    const [program = "", ...args] = line.split("\0");
    if (!args.some((arg) => arg === places.run || arg.startsWith(`${places.run}/`))) continue;
    const name = path.basename(program);
    if (/^(dockerd|containerd)/.test(name)) found.push({ pid: Number(entry), name });
  }
  return found;
}

/**
 * Containers that a daemon killed in the middle of starting them knows nothing of: processes whose root
 * directory is one of our image layers.
 */
async function orphansOf(places: PrivatePlaces): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const mounts = await readFile(`/proc/${entry}/mountinfo`, "utf8").catch(() => "");
    const root = mounts.split("\n").find((line) => line.split(" ")[4] === "/");
    if (root?.includes(`${places.data}/`)) found.push(Number(entry));
  }
  return found;
}

const adminDirectories = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  for (const directory of [...searchPath.split(":"), ...adminDirectories]) {
    const file = path.join(directory || ".", name);
    const executable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return file;
  }
  return undefined;
}

/** Whether a daemon answers on the socket. One that is starting up keeps the request waiting. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const question = request({ socketPath, path: "/_ping", timeout: startLimitMs, agent: false });
    question.once("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    question.once("timeout", () => question.destroy(new Error("no answer")));
    question.once("error", () => resolve(false));
    question.end();
  });
}
