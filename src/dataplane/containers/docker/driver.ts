/**
 * The container runtime on the Docker Engine API: order, idempotence and waiting. What is sent is made
 * in `translate.ts`, how it is sent in `calls.ts`.
 *
 * A launch makes as few calls as there can be, since each adds to the time to RUNNING: one to look for
 * the image, a rename for the sandbox, one to create and one to start the container.
 */
import type { ContainerInspectInfo } from "dockerode";
import type { Clock } from "../../../seams/clock.ts";
import type { Exec } from "../../../seams/exec.ts";
import type { Ids } from "../../../seams/ids.ts";
import type { Logger } from "../../../seams/logger.ts";
import { DriverError, PrerequisiteError } from "../../errors.ts";
import type { ContainerRuntime, ContainerSpec, ContainerState, RuntimeEvent } from "../port.ts";
import { type DockerCalls, dockerCalls, type SystemInfo } from "./calls.ts";
import { type DockerClient, dockerClient } from "./client.ts";
import { clockErrorMs } from "./clock-error.ts";
import { type Daemon, type DaemonOptions, findDaemon, presentDaemon } from "./daemon.ts";
import { followEvents } from "./event-stream.ts";
import type { DockerExecNeeds } from "./exec.ts";
import { ensurePauseImage, pullImage } from "./images.ts";
import {
  containerState,
  isPlainlyRunning,
  isSandbox,
  type ListedContainer,
  nameOf,
  toInventory,
} from "./inventory.ts";
import { followLogs } from "./log-stream.ts";
import { containerName, isPoolName, taskLabel } from "./names.ts";
import { type OpenFiles, openFilesWithin } from "./open-files.ts";
import { pauseImage } from "./pause-image.ts";
import { type SandboxPool, sandboxPool } from "./pool.ts";
import { isRunning, readCounters } from "./resource-use.ts";
import { type SandboxMaker, sandboxMaker } from "./sandboxes.ts";
import { type StorageLimit, storageLimit } from "./storage-limit.ts";
import { taskStorageBytes } from "./storage-use.ts";
import { type TaskGroups, taskGroups } from "./task-groups.ts";
import { containerBody } from "./translate.ts";

export type DockerRuntimeOptions = {
  /** 6 hex digits that mark everything of this engine. */
  readonly engineId: string;
  /** A private daemon lives below it. */
  readonly stateDir: string;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Sandboxes held ready; 0 for none. */
  readonly poolSize?: number;
  /** Where DOCKER_HOST and PATH are looked up; the process's own by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly systemSocket?: string;
};

/** What there is once the runtime has started. */
type Running = {
  readonly daemon: Daemon;
  readonly client: DockerClient;
  readonly calls: DockerCalls;
  readonly pool: SandboxPool;
  readonly makeSandbox: SandboxMaker;
  readonly groups: TaskGroups;
  readonly storage: StorageLimit;
  readonly following: AbortController;
  readonly followed: Promise<void>;
};

export function dockerRuntime(options: DockerRuntimeOptions): ContainerRuntime {
  const { engineId, clock, logger } = options;
  const listeners = new Set<(event: RuntimeEvent) => void>();
  let started: Running | undefined;
  let openFiles: OpenFiles | undefined;
  const daemonOptions: DaemonOptions = {
    ...options,
    environment: options.environment ?? process.env,
    systemSocket: options.systemSocket ?? "/var/run/docker.sock",
  };

  const paused = new Set<string>();

  const running = (): Running => {
    if (!started) throw new DriverError("unavailable", "the docker runtime has not been started");
    return started;
  };
  const thaw = async (id: string): Promise<void> => {
    paused.delete(id);
    await running().calls.unpause(id);
  };
  const emit = (event: RuntimeEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  // Loaded by the first session: most engines never have one.
  const execs = () => import("./exec.ts");
  const execNeeds = (): DockerExecNeeds => ({ ...options, calls: running().calls });

  return {
    kind: "docker",
    async start() {
      const daemon = await findDaemon(daemonOptions);
      const client = dockerClient(daemon.endpoint);
      const calls = dockerCalls(client);
      await checkAnswers(daemon, calls);
      await Promise.all([ensurePauseImage(calls), sweepVolumes(calls, engineId)]);
      const pool = sandboxPool({ ...options, calls, size: options.poolSize ?? 2 });
      const listed = await calls.list(engineId);
      pool.start(await freeSandboxes(engineId, calls, listed));
      const following = new AbortController();
      const followed = followEvents(
        {
          engineId,
          calls,
          clock,
          logger,
          emit,
          revive: daemon.revive,
          onListening: pool.recheck,
          onFreeSandboxEnd: pool.drop,
        },
        following.signal,
      );
      const makeSandbox = sandboxMaker(engineId, calls, pool);
      const { groups, storage } = limitsOf(options, daemon, calls);
      await groups.sweep(new Set(listed.flatMap(({ Labels }) => Labels[taskLabel] ?? [])));
      started = {
        ...{ daemon, client, calls, pool, makeSandbox, groups, storage },
        ...{ following, followed },
      };
    },
    async stop({ removeAll }) {
      if (!started) return removeAll ? removeLeft(options, daemonOptions) : undefined;
      const { daemon, client, calls, pool, groups, following, followed } = started;
      started = undefined;
      following.abort();
      await Promise.all([pool.stop(), followed]);
      if (removeAll) {
        await removeEverything(engineId, calls).catch((error: unknown) =>
          logger.error("the Docker daemon does not remove this engine's containers", { error }),
        );
        await daemon.end();
        await groups.sweep(new Set());
      }
      client.close();
    },
    createSandbox: (spec) => running().makeSandbox(spec),
    removeSandbox: (id) => running().calls.remove(id),
    pull: (source, signal) => pullImage(running().calls, logger, source, signal),
    createContainer: (spec) => {
      openFiles ??= openFilesWithin(logger);
      return createContainer(engineId, running(), openFiles(spec));
    },
    startContainer: (id) => running().calls.start(id),
    async signal(id, signal) {
      // A paused container takes no signal.
      if (paused.has(id)) await thaw(id);
      await running().calls.kill(id, signal);
    },
    async freeze(id) {
      paused.add(id);
      await running().calls.pause(id);
    },
    thaw,
    async inspect(id) {
      const info = await running().calls.inspect(id);
      return info && containerState(info.State);
    },
    async stats(id, withPrevious) {
      const stats = await running().calls.stats(id, !withPrevious);
      return stats && isRunning(stats) ? stats : undefined;
    },
    async networkCounters({ id, netns }) {
      // Without its namespace here, its process is one of another machine's.
      if (netns === undefined) return undefined;
      const info = await running().calls.inspect(id);
      return info?.State.Pid ? readCounters(info.State.Pid) : undefined;
    },
    storageBytes: (taskId, ids) => taskStorageBytes(running().calls, engineId, taskId, ids),
    clockErrorMs() {
      const { calls, daemon } = running();
      return clockErrorMs({ isLocal: "socketPath" in daemon.endpoint, info: calls.info }, clock);
    },
    removeContainer: (id) => running().calls.remove(id),
    prepareExec: async (spec) => (await execs()).prepareExec(execNeeds(), spec),
    startExec: async (id, extent) => (await execs()).startExec(execNeeds(), id, extent),
    endExec: async (id) => (await execs()).endExec(execNeeds(), id),
    async removeShared(taskId) {
      const { calls, groups } = running();
      await Promise.all([removeVolumes(calls, engineId, taskId), groups.remove(taskId)]);
    },
    async inventory() {
      const { calls } = running();
      const listed = await calls.list(engineId);
      return toInventory(engineId, listed, await statesOf(calls, listed));
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    followLogs: (id, afterStamp, signal) =>
      followLogs(running().calls, clock, { id, afterStamp }, signal),
    address: () => started?.daemon.address,
  };
}

async function checkAnswers({ address, revive }: Daemon, calls: DockerCalls): Promise<void> {
  try {
    // One that was being killed may have taken the connection.
    await calls.ping().catch(() => revive().then(() => calls.ping()));
  } catch (error) {
    const where = address ?? "the system's socket";
    const why = error instanceof Error ? error.message : String(error);
    throw new PrerequisiteError(`The Docker daemon at ${where} does not answer: ${why}`);
  }
}

/** Sandboxes that an earlier engine made ready and gave to nobody. */
async function freeSandboxes(
  engineId: string,
  calls: DockerCalls,
  listed: readonly ListedContainer[],
): Promise<{ id: string; info: ContainerInspectInfo }[]> {
  const free = listed.filter((entry) => isPoolName(engineId, nameOf(entry)));
  const kept: { id: string; info: ContainerInspectInfo }[] = [];
  for (const { Id: id } of free) {
    const info = await calls.inspect(id);
    if (info?.State.Running) kept.push({ id, info });
    else await calls.remove(id);
  }
  return kept;
}

/** What an engine that was killed left with its daemon; nothing is started for it. */
async function removeLeft(options: DockerRuntimeOptions, where: DaemonOptions): Promise<void> {
  const daemon = await presentDaemon(where);
  const client = dockerClient(daemon.endpoint);
  const calls = dockerCalls(client);
  // A daemon that does not answer has nothing that could be asked for.
  await removeEverything(options.engineId, calls).catch(() => {});
  await daemon.end();
  await limitsOf(options, daemon, calls).groups.sweep(new Set());
  client.close();
}

async function removeEverything(engineId: string, calls: DockerCalls): Promise<void> {
  const listed = await calls.list(engineId);
  const [sandboxes, containers] = [listed.filter(isSandbox), listed.filter((e) => !isSandbox(e))];
  for (const group of [containers, sandboxes]) {
    await Promise.all(group.map(({ Id: id }) => calls.remove(id)));
  }
  await removeVolumes(calls, engineId);
  // Refused, and left, while another engine's sandboxes use it.
  await calls.removeImage(pauseImage);
}

/** Volumes whose containers an engine removed before it died; those in use are refused and stay. */
async function sweepVolumes(calls: DockerCalls, engineId: string): Promise<void> {
  for (const name of await calls.listVolumes(engineId)) {
    await calls.removeVolume(name).catch((error: unknown) => {
      if (!(error instanceof DriverError) || error.kind !== "conflict") throw error;
    });
  }
}

async function removeVolumes(calls: DockerCalls, engineId: string, taskId?: string): Promise<void> {
  for (const name of await calls.listVolumes(engineId, taskId)) await calls.removeVolume(name);
}

/** `/info` is asked once, and only when something depends on it. */
function limitsOf(
  { engineId, logger }: DockerRuntimeOptions,
  daemon: Daemon,
  calls: DockerCalls,
): Pick<Running, "groups" | "storage"> {
  let asked: Promise<SystemInfo> | undefined;
  const info = (): Promise<SystemInfo> => {
    asked ??= calls.info();
    return asked;
  };
  const isLocal = "socketPath" in daemon.endpoint;
  return {
    groups: taskGroups({ engineId, logger, info, isLocal }),
    storage: storageLimit(info, logger),
  };
}

async function createContainer(
  engineId: string,
  { calls, groups, storage }: Pick<Running, "calls" | "groups" | "storage">,
  spec: ContainerSpec,
): Promise<string> {
  const limits = { cpuUnits: spec.cpuLimitUnits, memoryBytes: spec.taskMemoryBytes };
  const cgroupParent = await groups.ensure(spec.taskId, limits);
  try {
    return await storage.within(spec.storageGiB, (storageOptions) =>
      calls.create(containerBody(engineId, spec, { cgroupParent, storageOptions })),
    );
  } catch (error) {
    if (!(error instanceof DriverError) || error.kind !== "conflict") throw error;
    const found = await calls.inspect(containerName(engineId, spec.taskId, spec.name));
    if (!found) throw error;
    return found.Id;
  }
}

async function statesOf(
  calls: DockerCalls,
  listed: readonly ListedContainer[],
): Promise<Map<string, ContainerState>> {
  const states = new Map<string, ContainerState>();
  for (const entry of listed) {
    if (isSandbox(entry)) continue;
    if (isPlainlyRunning(entry)) states.set(entry.Id, { status: "running" });
    else if (entry.State === "created") states.set(entry.Id, { status: "created" });
    else {
      const info = await calls.inspect(entry.Id);
      if (info) states.set(entry.Id, containerState(info.State));
    }
  }
  return states;
}
