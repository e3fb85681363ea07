/**
 * The warm pool: running sandboxes without a task, so that launching one costs a rename instead of
 * starting a process. Filled one at a time and only when no launch has come for a moment, because
 * starting a sandbox takes processor time from the launches it is meant to speed up.
 */
import { accessSync, constants } from "node:fs";
import type { ContainerInspectInfo } from "dockerode";
import type { Clock, Timer } from "../../../seams/clock.ts";
import type { Ids } from "../../../seams/ids.ts";
import type { Logger } from "../../../seams/logger.ts";
import type { DockerCalls } from "./calls.ts";
import { poolName } from "./names.ts";
import { pooledSandboxBody } from "./translate.ts";

export type PooledSandbox = {
  readonly id: string;
  readonly info: ContainerInspectInfo;
};

export type SandboxPool = {
  /** Begins with the free sandboxes that an earlier engine left, then fills up in the background. */
  start(left: readonly PooledSandbox[]): void;
  /** A free sandbox, when there is one; the pool is filled again later. */
  take(): PooledSandbox | undefined;
  giveBack(sandbox: PooledSandbox): void;
  /** A sandbox has ended; if it was a free one, another takes its place. */
  drop(id: string): void;
  /** Drops those that have ended while nobody listened. */
  recheck(): Promise<void>;
  stop(): Promise<void>;
};

export type PoolOptions = {
  readonly engineId: string;
  readonly calls: Pick<DockerCalls, "create" | "start" | "inspect" | "remove">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly size: number;
};

const quietMs = 400;
const retryMs = 5000;

export function sandboxPool(options: PoolOptions): SandboxPool {
  const { engineId, calls, clock, ids, logger } = options;
  const free: PooledSandbox[] = [];
  /** Ended while one was being made, which it may have been. */
  const ended = new Set<string>();
  let size = options.size;
  let stopped = true;
  let timer: Timer | undefined;
  let filling: Promise<void> | undefined;

  const fillSoon = (ms: number): void => {
    timer?.cancel();
    timer = undefined;
    if (stopped || free.length >= size) return;
    timer = clock.wallAfter(ms, () => {
      filling ??= fillOne()
        .then(
          () => fillSoon(0),
          (error: unknown) => {
            logger.warn("a sandbox for the warm pool could not be made", { error });
            fillSoon(retryMs);
          },
        )
        .finally(() => {
          filling = undefined;
          ended.clear();
        });
    });
  };

  const fillOne = async (): Promise<void> => {
    const id = await calls.create(pooledSandboxBody(engineId, poolName(engineId, ids.hex(12))));
    await calls.start(id);
    const info = await calls.inspect(id);
    if (!info?.State.Running || ended.has(id)) {
      await calls.remove(id);
      throw new Error(`the sandbox ${id} ended as it was made`);
    }
    if (hasOwnFiles(info)) {
      free.push({ id, info });
      return;
    }
    // The daemon is on another machine (or in a virtual one): a sandbox made ahead cannot get its names.
    size = 0;
    await calls.remove(id);
  };

  const drop = (id: string): void => {
    if (filling) ended.add(id);
    const at = free.findIndex((sandbox) => sandbox.id === id);
    if (at < 0) return;
    free.splice(at, 1);
    fillSoon(quietMs);
  };

  return {
    start(left) {
      stopped = false;
      free.push(...left.filter(({ info }) => hasOwnFiles(info)));
      fillSoon(0);
    },
    take() {
      const taken = free.shift();
      fillSoon(quietMs);
      return taken;
    },
    giveBack(sandbox) {
      free.push(sandbox);
    },
    drop,
    async recheck() {
      for (const { id } of [...free]) {
        if (!(await calls.inspect(id))?.State.Running) drop(id);
      }
    },
    async stop() {
      stopped = true;
      timer?.cancel();
      await filling;
      free.length = 0;
    },
  };
}

/** Whether the files that joining containers see as `/etc/hosts` and the like are ours to write. */
function hasOwnFiles(info: ContainerInspectInfo): boolean {
  try {
    for (const file of [info.ResolvConfPath, info.HostsPath, info.HostnamePath]) {
      accessSync(file, constants.W_OK);
    }
    return true;
  } catch {
    return false;
  }
}
