/** Making a task's sandbox, from the warm pool or anew; whichever way, the same call twice makes one. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { ContainerInspectInfo } from "dockerode";
import { DriverError } from "../../errors.ts";
import type { Sandbox, SandboxSpec } from "../port.ts";
import type { DockerCalls } from "./calls.ts";
import { sandboxName } from "./names.ts";
import type { PooledSandbox, SandboxPool } from "./pool.ts";
import { nameFiles, sandboxBody } from "./translate.ts";

export type SandboxMaker = (spec: SandboxSpec) => Promise<Sandbox>;

export function sandboxMaker(
  engineId: string,
  calls: DockerCalls,
  pool: SandboxPool,
): SandboxMaker {
  const assign = async (pooled: PooledSandbox, spec: SandboxSpec): Promise<Sandbox | undefined> => {
    try {
      await calls.rename(pooled.id, sandboxName(engineId, spec.taskId));
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      if (error.kind === "conflict") pool.giveBack(pooled);
      else if (error.kind !== "not-found") throw error;
      return undefined;
    }
    await writeNames(pooled.info, spec);
    return toSandbox(pooled.info);
  };

  const adopt = async (spec: SandboxSpec): Promise<Sandbox> => {
    const found = await calls.inspect(sandboxName(engineId, spec.taskId));
    if (found?.State.Running) {
      // An engine that was killed may have renamed it without writing its names yet.
      if (found.Config.Hostname !== spec.hostname) await writeNames(found, spec);
      return toSandbox(found);
    }
    if (found) await calls.remove(found.Id);
    return startNew(await calls.create(sandboxBody(engineId, spec)));
  };

  const startNew = async (id: string): Promise<Sandbox> => {
    await calls.start(id);
    const info = await calls.inspect(id);
    if (!info) throw new DriverError("not-found", `sandbox ${id} vanished while it was started`);
    return toSandbox(info);
  };

  return async (spec) => {
    const pooled = pool.take();
    const warm = pooled && (await assign(pooled, spec));
    if (warm) return warm;
    try {
      return await startNew(await calls.create(sandboxBody(engineId, spec)));
    } catch (error) {
      if (error instanceof DriverError && error.kind === "conflict") return adopt(spec);
      throw error;
    }
  };
}

const toSandbox = (info: ContainerInspectInfo): Sandbox => {
  const key = info.NetworkSettings.SandboxKey;
  // A daemon on another machine names a path that is not on this one.
  return { id: info.Id, netns: key && existsSync(key) ? key : undefined };
};

/**
 * Containers that join see the sandbox's own files, so rewriting them before the first one joins gives
 * a sandbox made ahead of its task the names it would have been created with.
 */
async function writeNames(info: ContainerInspectInfo, spec: SandboxSpec): Promise<void> {
  const files = nameFiles(spec, info.Config.Hostname);
  await Promise.all([
    writeFile(info.ResolvConfPath, files.resolvConf),
    writeFile(info.HostsPath, files.hosts),
    writeFile(info.HostnamePath, files.hostname),
  ]);
}
