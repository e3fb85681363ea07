/**
 * The container runtime as the task loop drives it.
 *
 * A task is a sandbox (it owns the network namespace) and the containers that join it. Every object
 * carries the engine's id, so that a freshly started engine finds its own and leaves others alone.
 * Failures are `DriverError`s; `not-found` of a pull means the registry said there is no such image.
 */

export type SandboxSpec = {
  /** The task's id; names the sandbox. */
  readonly taskId: string;
  readonly hostname: string;
  readonly dnsServers: readonly string[];
  readonly dnsSearch: readonly string[];
  /** The task's address, which its hostname resolves to. */
  readonly address?: string;
};

export type Sandbox = {
  /** The runtime's handle, kept in the task. */
  readonly id: string;
  /** Path of its network namespace, for `NetworkFabric`; undefined when the runtime has none. */
  readonly netns: string | undefined;
};

export type ImageSource = {
  /** What the runtime pulls, such as `localhost:4566/000000000000/us-east-1/app:v1` or `nginx:1`. */
  readonly reference: string;
  /** Pins the content; the runtime does not ask the registry again when it has it. */
  readonly digest: string | undefined;
  readonly auth: { readonly username: string; readonly password: string } | undefined;
  /** The processor, as Go names it; undefined for the runtime's own. */
  readonly architecture?: string | undefined;
};

export type PulledImage = {
  readonly id: string;
  readonly digest: string | undefined;
  readonly stopSignal: string | undefined;
  /** Of the processor it was built for, as Go names it; undefined when any runs it. */
  readonly architecture?: string | undefined;
  /** Whether that is this machine's. */
  readonly isNative?: boolean | undefined;
};

/** Seconds of wall time. */
export type HealthCheckSpec = {
  /** `CMD` or `CMD-SHELL` first. */
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly startPeriod: number;
};

/** What a process runs with besides its program; absent members leave the runtime's own choice. */
export type ProcessSpec = {
  /** A process of the runtime's is PID 1: it passes signals on and reaps. */
  readonly init?: boolean | undefined;
  readonly addCapabilities?: readonly string[] | undefined;
  readonly dropCapabilities?: readonly string[] | undefined;
  readonly readonlyRootFilesystem?: boolean | undefined;
  readonly terminal?: boolean | undefined;
  readonly openStdin?: boolean | undefined;
  readonly ulimits?: readonly {
    readonly name: string;
    readonly soft: number;
    readonly hard: number;
  }[];
  readonly kernelParameters?: Readonly<Record<string, string>> | undefined;
  /** File systems in memory, which counts as the container's. */
  readonly memoryMounts?:
    | readonly {
        readonly path: string;
        readonly sizeMiB: number;
        readonly options: readonly string[];
      }[]
    | undefined;
};

/** A volume of the task's, made with the first container that mounts it. */
export type VolumeMount = {
  readonly volume: string;
  readonly path: string;
  readonly readOnly: boolean;
};

/**
 * Blocking: nothing is lost while the reader is less than half a GiB behind. Non-blocking: the process
 * never waits, and what does not fit into the buffer is lost.
 */
export type OutputSpec =
  | { readonly mode: "blocking" }
  | { readonly mode: "non-blocking"; readonly bufferBytes: number };

export type ContainerSpec = ProcessSpec & {
  readonly taskId: string;
  readonly name: string;
  readonly sandboxId: string;
  readonly imageId: string;
  readonly entryPoint: readonly string[] | undefined;
  readonly command: readonly string[] | undefined;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly workingDirectory: string | undefined;
  readonly user: string | undefined;
  /** CPU units (1024 a core) that the container is weighed with, and the task's ceiling. */
  readonly cpuUnits: number;
  readonly cpuLimitUnits: number | undefined;
  readonly memoryLimitBytes: number | undefined;
  /** What the container is left when memory is short. */
  readonly memoryReservationBytes?: number | undefined;
  /** What the containers of the task may have together. */
  readonly taskMemoryBytes?: number | undefined;
  /** Of the container's own file system, where the runtime can hold it to that. */
  readonly storageGiB?: number | undefined;
  /** The containers of the task see each other's processes. */
  readonly sharesProcesses?: boolean | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts?: readonly VolumeMount[] | undefined;
  /** Containers of the task, created before, whose mounts it takes over. */
  readonly mountsFrom?:
    | readonly { readonly container: string; readonly readOnly: boolean }[]
    | undefined;
  /** How its output is kept for `followLogs`; a generous file when undefined. */
  readonly output?: OutputSpec | undefined;
  /** The only one there is: a check that the image brings is not made. */
  readonly healthCheck?: HealthCheckSpec | undefined;
};

export type ExitStatus = {
  readonly exitCode: number;
  readonly oomKilled: boolean;
};

/** What the health check of a running container has found. */
export type RuntimeHealth = {
  readonly status: "starting" | "healthy" | "unhealthy";
  /** Of the last check, if there was one. */
  readonly exitCode: number | undefined;
  readonly output: string | undefined;
};

export type ContainerState =
  | { readonly status: "created" }
  /** `health` is there when the container has a check. */
  | { readonly status: "running"; readonly health?: RuntimeHealth | undefined }
  | ({ readonly status: "exited" } & ExitStatus);

/** One object of ours that the runtime has. */
export type RuntimeInventory = {
  readonly sandboxes: readonly {
    readonly id: string;
    readonly taskId: string;
    readonly running: boolean;
  }[];
  readonly containers: readonly {
    readonly id: string;
    readonly taskId: string;
    readonly name: string;
    readonly state: ContainerState;
  }[];
};

export type RuntimeEvent =
  | ({
      readonly type: "container-exited";
      readonly containerId: string;
      readonly taskId: string;
    } & ExitStatus)
  | {
      readonly type: "container-health";
      readonly containerId: string;
      readonly taskId: string;
      readonly health: RuntimeHealth;
    }
  | { readonly type: "sandbox-exited"; readonly sandboxId: string; readonly taskId: string }
  /** Events may have been missed (the daemon was away): look at everything again. */
  | { readonly type: "resync" };

export type LogLine = {
  readonly stream: "stdout" | "stderr";
  /**
   * Where the line stands, for resuming after it: the wall time at which the runtime stamped it, in
   * nanoseconds since the epoch, and behind a `;` what the runtime adds for itself.
   */
  readonly stamp: string;
  readonly text: string;
};

/** A line's stamp in milliseconds since the epoch. */
export const stampMilliseconds = (stamp: string): number =>
  Number(BigInt(stamp.replace(/;.*$/, "")) / 1_000_000n);

/** A command for a container that runs: as root, on a terminal of its own. */
export type ExecSpec = {
  readonly containerId: string;
  /** Program and arguments; no shell takes it apart. */
  readonly command: readonly string[];
  /** In addition to the container's. */
  readonly environment: readonly { readonly name: string; readonly value: string }[];
};

export type TerminalExtent = { readonly columns: number; readonly rows: number };

export type RunningExec = {
  /** What the command writes to its terminal, to its end. While nobody reads, the command waits. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Resolves when the command has taken the bytes, or has ended. */
  write(bytes: Uint8Array): Promise<void>;
  resize(extent: TerminalExtent): Promise<void>;
  /**
   * Its exit code, 137 when the container ended under it. To be called when the output has been read
   * to its end. Rejects with `fatal` and the reason when the command could not be started.
   */
  exitCode(): Promise<number>;
};

/** The account of a running container as the Docker Engine API gives it; times are nanoseconds. */
export type ContainerStats = Readonly<Record<string, unknown>> & {
  /** ISO 8601. */
  readonly read: string;
  readonly cpu_stats: {
    readonly cpu_usage: { readonly total_usage: number };
    readonly system_cpu_usage?: number;
    readonly online_cpus?: number;
  };
  readonly memory_stats: { readonly usage?: number; readonly limit?: number };
};

/** Of one interface, since it was made, in the Docker Engine API's names. */
export type NetworkCounters = {
  readonly rx_bytes: number;
  readonly rx_packets: number;
  readonly rx_errors: number;
  readonly rx_dropped: number;
  readonly tx_bytes: number;
  readonly tx_packets: number;
  readonly tx_errors: number;
  readonly tx_dropped: number;
};

export type ContainerRuntime = {
  readonly kind: "docker" | "simulated";
  /** Makes the runtime usable (starts a private daemon if need be). Throws `PrerequisiteError`. */
  start(): Promise<void>;
  /** Stops waiting on events; `removeAll` also ends every object of ours and a private daemon. */
  stop(options: { removeAll: boolean }): Promise<void>;
  /** A sandbox for a task, from the warm pool when there is one. Idempotent by task id. */
  createSandbox(spec: SandboxSpec): Promise<Sandbox>;
  removeSandbox(sandboxId: string): Promise<void>;
  /** Makes the image present and gives its id. */
  pull(source: ImageSource, signal: AbortSignal): Promise<PulledImage>;
  /** Idempotent by task id and container name. */
  createContainer(spec: ContainerSpec): Promise<string>;
  /** Also starts one that has ended; one that runs is not an error. */
  startContainer(containerId: string): Promise<void>;
  /** Sends a signal, and thaws; a container that has ended already is not an error. */
  signal(containerId: string, signal: string): Promise<void>;
  /** Keeps its processes from running until `thaw`; one that does not run is not an error. */
  freeze(containerId: string): Promise<void>;
  thaw(containerId: string): Promise<void>;
  inspect(containerId: string): Promise<ContainerState | undefined>;
  /**
   * What a container uses; undefined when it does not run. `withPrevious`: takes a second sample a
   * moment later, so that the answer holds what rates are worked out from.
   */
  stats(containerId: string, withPrevious: boolean): Promise<ContainerStats | undefined>;
  /** By interface name; undefined where the runtime has no network of its own. */
  networkCounters(sandbox: Sandbox): Promise<Readonly<Record<string, NetworkCounters>> | undefined>;
  /** What the task takes on disk: images, files its containers wrote, and volumes. */
  storageBytes(taskId: string, containerIds: readonly string[]): Promise<number>;
  /** How many milliseconds the containers' clock can be from this process's. */
  clockErrorMs(): Promise<number>;
  removeContainer(containerId: string): Promise<void>;
  /** Removes what the containers of a task had together, once they are gone: volumes, limits. */
  removeShared(taskId: string): Promise<void>;
  /** Makes a command ready and gives its id, which is noted before it is started. */
  prepareExec(spec: ExecSpec): Promise<string>;
  startExec(execId: string, extent: TerminalExtent | undefined): Promise<RunningExec>;
  /** Kills the command with what else is on its terminal. One that has ended is not an error. */
  endExec(execId: string): Promise<void>;
  inventory(): Promise<RuntimeInventory>;
  /** Calls `listener` for what happens to our objects from now on. */
  watch(listener: (event: RuntimeEvent) => void): () => void;
  /** Lines after `afterStamp` (all when undefined), following until the container ends. */
  followLogs(
    containerId: string,
    afterStamp: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<LogLine>;
  /** What people need to reach the same daemon (`DOCKER_HOST`), undefined for the default one. */
  address(): string | undefined;
};
