/** From the port's nouns to the bodies of the Docker Engine API; no IO. */
import type { ContainerCreateOptions } from "dockerode";
import type { ContainerSpec, HealthCheckSpec, OutputSpec, SandboxSpec } from "../port.ts";
import {
  containerLabel,
  containerName,
  ownLabels,
  sandboxName,
  taskLabel,
  volumeLabels,
} from "./names.ts";
import { pauseImage } from "./pause-image.ts";

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
  const { addCapabilities, dropCapabilities, ulimits, kernelParameters, memoryMounts } = spec;
  return {
    ...(spec.init && { Init: true }),
    ...(spec.readonlyRootFilesystem && { ReadonlyRootfs: true }),
    ...(addCapabilities?.length && { CapAdd: [...addCapabilities] }),
    ...(dropCapabilities?.length && { CapDrop: [...dropCapabilities] }),
    ...(kernelParameters && { Sysctls: { ...kernelParameters } }),
    ...(memoryMounts?.length && {
      Tmpfs: Object.fromEntries(
        memoryMounts.map(({ path, sizeMiB, options }) => [
          path,
          [...options, `size=${sizeMiB}m`].join(","),
        ]),
      ),
    }),
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
