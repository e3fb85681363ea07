/**
 * A task's control group: its containers live below it and share the task's memory and processor time.
 * Docker knows limits of a container only, so the group is made here, beside the daemon, and named to it
 * as the containers' parent.
 *
 * Ours by name: `neargate-<engine id>/<task id>` at the top of each hierarchy. Needs root and a daemon of
 * this machine that makes control groups itself; where that is not so, each container is limited alone.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, rmdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import type { Logger } from "../../../seams/logger.ts";

/** What `GET /info` says of the daemon's machine. */
export type DaemonInfo = {
  readonly Name: string;
  readonly CgroupDriver: string;
};

export type TaskLimits = {
  /** 1024 a core. */
  readonly cpuUnits: number | undefined;
  readonly memoryBytes: number | undefined;
};

export type TaskGroups = {
  /** The parent for the task's containers; undefined where there can be none. */
  ensure(taskId: string, limits: TaskLimits): Promise<string | undefined>;
  /** Removes the group of a task whose containers are gone. */
  remove(taskId: string): Promise<void>;
  /** Removes the groups of all tasks but those named, and at last what is above them. */
  sweep(keep: ReadonlySet<string>): Promise<void>;
};

export type TaskGroupsOptions = {
  readonly engineId: string;
  readonly logger: Logger;
  readonly info: () => Promise<DaemonInfo>;
  /** Whether the daemon is reached by a socket of this machine. */
  readonly isLocal: boolean;
  /** Where control groups are mounted. */
  readonly root?: string;
};

export function taskGroups(options: TaskGroupsOptions): TaskGroups {
  const { engineId, logger } = options;
  const root = options.root ?? "/sys/fs/cgroup";
  const top = `neargate-${engineId}`;
  let usable: Promise<boolean> | undefined;

  const isUsable = async (): Promise<boolean> => {
    const why = await findObstacle(options, root).catch((error: unknown) => String(error));
    if (why !== undefined) sayAlone(why);
    return why === undefined;
  };
  const sayAlone = (why: string): void => {
    logger.warn("tasks' memory and CPU are limited for each container, not for them together", {
      why,
    });
    usable = Promise.resolve(false);
  };

  const remove = async (taskId: string): Promise<void> => {
    for (const hierarchy of await hierarchiesOf(root)) {
      await removeEmpty(path.join(hierarchy, top, taskId));
    }
  };

  return {
    async ensure(taskId, limits) {
      usable ??= isUsable();
      if (!(await usable)) return undefined;
      try {
        await makeGroup(root, top, taskId, limits);
        return `/${top}/${taskId}`;
      } catch (error) {
        sayAlone(String(error));
        return undefined;
      }
    },
    remove,
    async sweep(keep) {
      const hierarchies = await hierarchiesOf(root);
      const inEach = await Promise.all(
        hierarchies.map((hierarchy) => subdirectories(path.join(hierarchy, top))),
      );
      for (const taskId of new Set(inEach.flat())) if (!keep.has(taskId)) await remove(taskId);
      for (const hierarchy of hierarchies) await removeEmpty(path.join(hierarchy, top));
    },
  };
}

async function findObstacle(
  { info, isLocal }: TaskGroupsOptions,
  root: string,
): Promise<string | undefined> {
  if (!isLocal) return "the Docker daemon is on another machine";
  if (process.getuid?.() !== 0) return "only root can make control groups";
  const { Name, CgroupDriver } = await info();
  if (Name !== hostname()) return "the Docker daemon is on another machine";
  if (CgroupDriver !== "cgroupfs") return `the Docker daemon's cgroup driver is ${CgroupDriver}`;
  const isThere = existsSync(path.join(root, "memory")) || isUnified(root);
  return isThere ? undefined : "this machine has no memory control groups";
}

const isUnified = (root: string): boolean => existsSync(path.join(root, "cgroup.controllers"));

const periodMicroseconds = 100_000;

async function makeGroup(
  root: string,
  top: string,
  taskId: string,
  { cpuUnits, memoryBytes }: TaskLimits,
): Promise<void> {
  const quota = cpuUnits && Math.round((cpuUnits / 1024) * periodMicroseconds);
  if (isUnified(root)) {
    const group = path.join(root, top, taskId);
    await mkdir(group, { recursive: true });
    for (const above of [root, path.join(root, top)]) {
      await writeFile(path.join(above, "cgroup.subtree_control"), "+cpu +memory");
    }
    if (memoryBytes) await writeFile(path.join(group, "memory.max"), `${memoryBytes}`);
    if (memoryBytes) await writeIfThere(path.join(group, "memory.swap.max"), "0");
    if (quota) await writeFile(path.join(group, "cpu.max"), `${quota} ${periodMicroseconds}`);
    return;
  }
  const [memory, cpu] = ["memory", "cpu"].map((name) => path.join(root, name, top, taskId));
  if (memory && memoryBytes) {
    await mkdir(memory, { recursive: true });
    await writeFile(path.join(memory, "memory.limit_in_bytes"), `${memoryBytes}`);
    await writeIfThere(path.join(memory, "memory.memsw.limit_in_bytes"), `${memoryBytes}`);
  }
  if (cpu && quota) {
    await mkdir(cpu, { recursive: true });
    await writeFile(path.join(cpu, "cpu.cfs_period_us"), `${periodMicroseconds}`);
    await writeFile(path.join(cpu, "cpu.cfs_quota_us"), `${quota}`);
  }
}

/** Not every kernel counts swap. */
async function writeIfThere(file: string, text: string): Promise<void> {
  if (existsSync(file)) await writeFile(file, text);
}

/** The mounted hierarchies: one where they are unified, else one a controller. */
async function hierarchiesOf(root: string): Promise<string[]> {
  if (isUnified(root)) return [root];
  return (await subdirectories(root)).map((name) => path.join(root, name));
}

async function subdirectories(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** One that is in use stays, and one that is gone is no error. */
async function removeEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (!["ENOENT", "EBUSY", "ENOTEMPTY"].includes(error.code ?? "")) throw error;
  });
}
