/**
 * From the port's nouns to the Docker Engine API's bodies and back; no IO.
 *
 * How our objects are recognised after a crash: the label `neargate.engine=<id>` on each, the role and
 * task in further labels, and the name. A sandbox of the warm pool was labelled before it had a task,
 * so for sandboxes the name alone says whose it is: `ng<id>-<task id>`, or `ng<id>-pool-…` while free.
 */
import type { ContainerCreateOptions, ContainerInspectInfo } from "dockerode";
import type { ContainerSpec, ContainerState, RuntimeInventory, SandboxSpec } from "../port.ts";
import { pauseImage } from "./pause-image.ts";

export const engineLabel = "neargate.engine";
export const roleLabel = "neargate.role";
export const taskLabel = "neargate.task";
export const containerLabel = "neargate.container";

export const sandboxName = (engineId: string, taskId: string): string => `ng${engineId}-${taskId}`;

export const poolName = (engineId: string, suffix: string): string =>
  `ng${engineId}-pool-${suffix}`;

export const containerName = (engineId: string, taskId: string, name: string): string =>
  `ng${engineId}-${taskId}-${name}`;

export const isPoolName = (engineId: string, name: string): boolean =>
  name.startsWith(`ng${engineId}-pool-`);

/** The task of a sandbox by its name, undefined for a free one. */
export function taskOfSandbox(engineId: string, name: string): string | undefined {
  const prefix = `ng${engineId}-`;
  if (!name.startsWith(prefix) || isPoolName(engineId, name)) return undefined;
  return name.slice(prefix.length);
}

const ownLabels = (engineId: string, role: "sandbox" | "container"): Record<string, string> => ({
  neargate: "",
  [engineLabel]: engineId,
  [roleLabel]: role,
});

/** A sandbox waits and does nothing, so it may have next to nothing. */
const sandboxHost = {
  NetworkMode: "none",
  ReadonlyRootfs: true,
  CapDrop: ["ALL"],
  SecurityOpt: ["no-new-privileges"],
  LogConfig: { Type: "none", Config: {} },
};

export function pooledSandboxBody(engineId: string, name: string): ContainerCreateOptions {
  return {
    name,
    Image: pauseImage,
    Labels: ownLabels(engineId, "sandbox"),
    HostConfig: sandboxHost,
  };
}

export function sandboxBody(engineId: string, spec: SandboxSpec): ContainerCreateOptions {
  return {
    ...pooledSandboxBody(engineId, sandboxName(engineId, spec.taskId)),
    Hostname: spec.hostname,
    HostConfig: {
      ...sandboxHost,
      Dns: [...spec.dnsServers],
      DnsSearch: [...spec.dnsSearch],
      ...(spec.address && { ExtraHosts: [`${spec.hostname}:${spec.address}`] }),
    },
  };
}

/** What a container that joins the sandbox finds in `/etc`. */
export type NameFiles = {
  readonly resolvConf: string;
  readonly hosts: string;
  readonly hostname: string;
};

/**
 * `kernelName` is what `gethostname` answers in a pooled sandbox's containers, which cannot be changed
 * any more; it resolves to the task's address like the proper name.
 */
export function nameFiles(spec: SandboxSpec, kernelName: string): NameFiles {
  const nameservers = spec.dnsServers.map((server) => `nameserver ${server}\n`).join("");
  const search = spec.dnsSearch.length > 0 ? `search ${spec.dnsSearch.join(" ")}\n` : "";
  const own = `${spec.address ?? "127.0.1.1"}\t${spec.hostname} ${kernelName}\n`;
  return {
    resolvConf: search + nameservers,
    hosts: `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${own}`,
    hostname: `${spec.hostname}\n`,
  };
}

const logCap = { "max-size": "64m", "max-file": "2" };
const cpuPeriodMicroseconds = 100_000;

export function containerBody(engineId: string, spec: ContainerSpec): ContainerCreateOptions {
  return {
    name: containerName(engineId, spec.taskId, spec.name),
    Image: spec.imageId,
    Env: spec.environment.map(({ name, value }) => `${name}=${value}`),
    ...(spec.entryPoint && { Entrypoint: [...spec.entryPoint] }),
    ...(spec.command && { Cmd: [...spec.command] }),
    ...(spec.workingDirectory !== undefined && { WorkingDir: spec.workingDirectory }),
    ...(spec.user !== undefined && { User: spec.user }),
    Labels: {
      ...spec.labels,
      ...ownLabels(engineId, "container"),
      [taskLabel]: spec.taskId,
      [containerLabel]: spec.name,
    },
    HostConfig: {
      NetworkMode: `container:${spec.sandboxId}`,
      ...resourceLimits(spec),
      LogConfig: { Type: "json-file", Config: logCap },
    },
  };
}

function resourceLimits(spec: ContainerSpec): ContainerCreateOptions["HostConfig"] {
  const { cpuLimitUnits, memoryLimitBytes } = spec;
  return {
    // The kernel takes no weight under 2.
    CpuShares: Math.max(2, spec.cpuUnits),
    ...(cpuLimitUnits !== undefined && {
      CpuPeriod: cpuPeriodMicroseconds,
      CpuQuota: Math.round((cpuLimitUnits / 1024) * cpuPeriodMicroseconds),
    }),
    // Fargate has no swap, so the limit of memory and swap together is the memory's.
    ...(memoryLimitBytes !== undefined && {
      Memory: memoryLimitBytes,
      MemorySwap: memoryLimitBytes,
    }),
  };
}

/** What inspecting and listing say of a container's state, in the port's terms. */
export function containerState(state: ContainerInspectInfo["State"]): ContainerState {
  switch (state.Status) {
    case "created":
      return { status: "created" };
    case "exited":
    case "dead":
    case "removing":
      return { status: "exited", exitCode: state.ExitCode, oomKilled: state.OOMKilled };
    default:
      return { status: "running" };
  }
}

/** One row of `GET /containers/json?all=1`, as much of it as is used. */
export type ListedContainer = {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: string;
};

export const nameOf = (listed: ListedContainer): string =>
  (listed.Names[0] ?? "").replace(/^\//, "");

export const isSandbox = (listed: ListedContainer): boolean =>
  listed.Labels[roleLabel] === "sandbox";

/** `states` holds the inspected state of each container that is not simply running or created. */
export function toInventory(
  engineId: string,
  listed: readonly ListedContainer[],
  states: ReadonlyMap<string, ContainerState>,
): RuntimeInventory {
  const sandboxes = listed.filter(isSandbox).flatMap((entry) => {
    const taskId = taskOfSandbox(engineId, nameOf(entry));
    return taskId === undefined ? [] : { id: entry.Id, taskId, running: entry.State === "running" };
  });
  const containers = listed
    .filter((entry) => !isSandbox(entry))
    .flatMap((entry) => {
      const state = states.get(entry.Id);
      if (!state) return [];
      const taskId = entry.Labels[taskLabel] ?? "";
      return { id: entry.Id, taskId, name: entry.Labels[containerLabel] ?? "", state };
    });
  return { sandboxes, containers };
}

/** A reference as the API wants it: repository and tag or digest apart. */
export function splitReference(reference: string): { repository: string; tag: string } {
  const digestAt = reference.indexOf("@");
  const tagAt = reference.lastIndexOf(":");
  const tagged = digestAt < 0 && tagAt > reference.lastIndexOf("/");
  if (digestAt >= 0) {
    const { repository } = splitReference(reference.slice(0, digestAt));
    return { repository, tag: reference.slice(digestAt + 1) };
  }
  if (tagged) return { repository: reference.slice(0, tagAt), tag: reference.slice(tagAt + 1) };
  return { repository: reference, tag: "latest" };
}
