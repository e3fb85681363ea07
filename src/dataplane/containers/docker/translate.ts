/**
 * From the port's nouns to the Docker Engine API's bodies and back; no IO.
 *
 * How our objects are recognised after a crash: the label `neargate.engine=<id>` on each, the role and
 * task in further labels, and the name. A sandbox of the warm pool was labelled before it had a task,
 * so for sandboxes the name alone says whose it is: `ng<id>-<task id>`, or `ng<id>-pool-…` while free.
 */
import type { ContainerCreateOptions, ContainerInspectInfo } from "dockerode";
import type {
  ContainerSpec,
  ContainerState,
  HealthCheckSpec,
  OutputSpec,
  RuntimeHealth,
  RuntimeInventory,
  SandboxSpec,
} from "../port.ts";
import { pauseImage } from "./pause-image.ts";

export const engineLabel = "neargate.engine";
export const roleLabel = "neargate.role";
export const taskLabel = "neargate.task";
const containerLabel = "neargate.container";

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

/**
 * A reader that follows has the file at hand that was current when it began and the one that is: it
 * may be one file behind.
 */
function logFile(output: OutputSpec | undefined): Record<string, string> {
  if (output?.mode === "blocking") return { "max-size": "512m", "max-file": "2" };
  const file = { "max-size": "64m", "max-file": "2" };
  if (!output) return file;
  return { ...file, mode: output.mode, "max-buffer-size": `${output.bufferBytes}` };
}

const cpuPeriodMicroseconds = 100_000;

/** What the driver adds to a container: the task's control group, and the size of its file system. */
export type ContainerPlace = {
  readonly cgroupParent?: string | undefined;
  readonly storageOptions?: Readonly<Record<string, string>> | undefined;
};

export function containerBody(
  engineId: string,
  spec: ContainerSpec,
  { cgroupParent, storageOptions }: ContainerPlace = {},
): ContainerCreateOptions {
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
    Healthcheck: healthcheck(spec.healthCheck),
    Tty: spec.terminal ?? false,
    OpenStdin: spec.openStdin ?? false,
    HostConfig: {
      NetworkMode: `container:${spec.sandboxId}`,
      ...(spec.sharesProcesses && { PidMode: `container:${spec.sandboxId}` }),
      ...(cgroupParent !== undefined && { CgroupParent: cgroupParent }),
      ...(storageOptions && { StorageOpt: { ...storageOptions } }),
      ...resourceLimits(spec),
      ...processSettings(spec),
      ...volumes(engineId, spec),
      LogConfig: { Type: "json-file", Config: logFile(spec.output) },
    },
  };
}

function processSettings(spec: ContainerSpec): ContainerCreateOptions["HostConfig"] {
  const { addCapabilities, dropCapabilities, ulimits, kernelParameters } = spec;
  return {
    ...(spec.init && { Init: true }),
    ...(spec.readonlyRootFilesystem && { ReadonlyRootfs: true }),
    ...(addCapabilities?.length && { CapAdd: [...addCapabilities] }),
    ...(dropCapabilities?.length && { CapDrop: [...dropCapabilities] }),
    ...(kernelParameters && { Sysctls: { ...kernelParameters } }),
    ...(ulimits && {
      Ulimits: ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    }),
  };
}

function volumes(engineId: string, spec: ContainerSpec): ContainerCreateOptions["HostConfig"] {
  const { mounts, mountsFrom, taskId } = spec;
  return {
    ...(mounts?.length && {
      Mounts: mounts.map(({ volume, path, readOnly }) => ({
        Type: "volume" as const,
        Source: `ng${engineId}-${taskId}-${volume}`,
        Target: path,
        ReadOnly: readOnly,
        VolumeOptions: {
          NoCopy: false,
          Labels: volumeLabels(engineId, taskId),
          DriverConfig: local,
        },
      })),
    }),
    ...(mountsFrom?.length && {
      VolumesFrom: mountsFrom.map(
        ({ container, readOnly }) =>
          `${containerName(engineId, taskId, container)}:${readOnly ? "ro" : "rw"}`,
      ),
    }),
  };
}

const local = { Name: "local", Options: {} };

const volumeLabels = (engineId: string, taskId: string): Record<string, string> => ({
  neargate: "",
  [engineLabel]: engineId,
  [taskLabel]: taskId,
});

const nanoseconds = 1_000_000_000;

/** `NONE` switches off what the image brings: ECS knows only the definition's. */
function healthcheck(check: HealthCheckSpec | undefined): ContainerCreateOptions["Healthcheck"] {
  if (!check) return { Test: ["NONE"] };
  const checked = {
    Test: [...check.command],
    Interval: check.interval * nanoseconds,
    // Docker's own choice during the start period is another one.
    StartInterval: check.interval * nanoseconds,
    Timeout: check.timeout * nanoseconds,
    Retries: check.retries,
    StartPeriod: check.startPeriod * nanoseconds,
  };
  return checked;
}

function resourceLimits(spec: ContainerSpec): ContainerCreateOptions["HostConfig"] {
  const { cpuLimitUnits, memoryLimitBytes, memoryReservationBytes } = spec;
  return {
    // The kernel takes no weight under 2.
    CpuShares: Math.max(2, spec.cpuUnits),
    ...(cpuLimitUnits !== undefined && {
      CpuPeriod: cpuPeriodMicroseconds,
      CpuQuota: Math.round((cpuLimitUnits / 1024) * cpuPeriodMicroseconds),
    }),
    ...(memoryReservationBytes !== undefined && { MemoryReservation: memoryReservationBytes }),
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
    default: {
      const health = runtimeHealth(state.Health);
      return health ? { status: "running", health } : { status: "running" };
    }
  }
}

/** AWS shows no more of a check's output than this. */
const longestOutput = 1024;

function runtimeHealth(health: ContainerInspectInfo["State"]["Health"]): RuntimeHealth | undefined {
  // Without a check it is absent or, by the daemon's version, "none".
  if (!health || (health.Status as string) === "none") return undefined;
  const last = health.Log?.at(-1);
  const status =
    health.Status === "healthy" || health.Status === "unhealthy" ? health.Status : "starting";
  return { status, exitCode: last?.ExitCode, output: last?.Output.slice(0, longestOutput) };
}

/** One row of `GET /containers/json?all=1`, as much of it as is used. */
export type ListedContainer = {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: string;
  /** For people; `(healthy)` and the like of one that has a health check. */
  readonly Status: string;
};

/** Whether the row says all there is to know of the container's state. */
export const isPlainlyRunning = ({ State, Status }: ListedContainer): boolean =>
  State === "running" && !/\((?:health: )?\w+\)$/.test(Status);

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
