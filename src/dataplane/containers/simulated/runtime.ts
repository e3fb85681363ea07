/**
 * A container runtime without containers: tasks go through their lives on the clock, with outcomes that
 * a script decides (see `script.ts`). For machines without Docker, tests of infrastructure code, and
 * scale. A container with no script runs until it is signalled and then exits as a process that leaves
 * the signal's default action in place: 143 on SIGTERM, 137 on SIGKILL.
 */
import { createHash } from "node:crypto";
import type { Clock, Timer } from "../../../seams/clock.ts";
import type { Ids } from "../../../seams/ids.ts";
import { DriverError } from "../../errors.ts";
import type {
  ContainerRuntime,
  ContainerSpec,
  ContainerState,
  ExitStatus,
  ImageSource,
  PulledImage,
  RuntimeEvent,
  RuntimeHealth,
} from "../port.ts";
import type { SimulatedExec } from "./exec.ts";
import { startHealthProbe, startingHealth } from "./health-probe.ts";
import { type LogBuffer, logBuffer } from "./log-buffer.ts";
import { parseScript, type SimulatedScript, scriptOfReference } from "./script.ts";
import { createUsage, type Usage } from "./usage.ts";

export type SimulatedImage = {
  readonly digest?: string;
  readonly stopSignal?: string;
  /** Of another machine than this, as Go names it. */
  readonly architecture?: string;
  /** As in `NEARGATE_SIM`; the container's own variable goes before it. */
  readonly script?: string;
};

export type SimulatedRuntimeOptions = {
  readonly clock: Clock;
  readonly ids: Ids;
  /** What the registries have, undefined for "no such image". Every image exists by default. */
  readonly images?: (source: ImageSource) => SimulatedImage | undefined;
};

type SimulatedContainer = {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly script: SimulatedScript;
  readonly logs: LogBuffer;
  readonly usage: Usage;
  passesChecks: boolean;
  /** What its script has to do when it runs again; undefined unless it is frozen. */
  held: (() => void)[] | undefined;
  state: ContainerState;
  failedStarts: number;
  timers: Timer[];
};

type SimulatedSandbox = {
  readonly id: string;
  readonly taskId: string;
  readonly hostname: string;
};

export function simulatedRuntime(options: SimulatedRuntimeOptions): ContainerRuntime {
  const { clock, ids } = options;
  const images = options.images ?? ((): SimulatedImage => ({}));
  const sandboxes = new Map<string, SimulatedSandbox>();
  const containers = new Map<string, SimulatedContainer>();
  const scripts = new Map<string, SimulatedScript>();
  const execs = new Map<string, SimulatedExec>();
  const listeners = new Set<(event: RuntimeEvent) => void>();

  const emit = (event: RuntimeEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };

  const get = (id: string): SimulatedContainer => {
    const container = containers.get(id);
    if (!container) throw new DriverError("not-found", `No such container: ${id}`);
    return container;
  };

  const end = (container: SimulatedContainer, status: ExitStatus): void => {
    if (container.state.status !== "running") return;
    for (const timer of container.timers) timer.cancel();
    container.timers = [];
    container.state = { status: "exited", ...status };
    container.logs.close();
    const { id: containerId, spec } = container;
    for (const exec of execs.values()) if (exec.containerId === containerId) exec.kill();
    emit({ type: "container-exited", containerId, taskId: spec.taskId, ...status });
  };

  const remove = (container: SimulatedContainer): void => {
    end(container, { exitCode: 137, oomKilled: false });
    container.logs.close();
    containers.delete(container.id);
  };

  const thaw = (container: SimulatedContainer): void => {
    const held = container.held ?? [];
    container.held = undefined;
    for (const perform of held) perform();
  };

  const run = (container: SimulatedContainer): void => {
    container.state = { status: "running" };
    container.passesChecks = true;
    container.logs.open();
    container.usage.begin();
    const { healthCheck: check, taskId } = container.spec;
    if (check) {
      container.state = { status: "running", health: startingHealth };
      const tell = (health: RuntimeHealth): void => {
        container.state = { status: "running", health };
        emit({ type: "container-health", containerId: container.id, taskId, health });
      };
      const passes = (): boolean => container.passesChecks;
      container.timers.push(startHealthProbe({ clock, check, passes, tell }));
    }
    for (const step of container.script.steps) {
      const perform = (): void => {
        if (container.held) container.held.push(perform);
        else if (step.type === "log") container.logs.write(step.stream, step.text, clock.wall());
        else if (step.type === "health") container.passesChecks = step.passes;
        else if (step.type === "cpu") container.usage.compute(step.percent);
        else if (step.type === "memory") container.usage.hold(step.mebibytes);
        else if (step.type === "disk") container.usage.store(step.mebibytes);
        else end(container, { exitCode: step.exitCode, oomKilled: step.oomKilled });
      };
      // A process's own time is wall time, scaled or not.
      container.timers.push(clock.wallAfter(step.atMs, perform));
    }
  };

  return {
    kind: "simulated",
    async start() {},
    async stop({ removeAll }) {
      listeners.clear();
      for (const container of [...containers.values()]) {
        if (removeAll) remove(container);
      }
      if (removeAll) sandboxes.clear();
    },
    async createSandbox({ taskId, hostname }) {
      const known = [...sandboxes.values()].find((sandbox) => sandbox.taskId === taskId);
      const sandbox = known ?? { id: ids.hex(64), taskId, hostname };
      sandboxes.set(sandbox.id, sandbox);
      return { id: sandbox.id, netns: undefined };
    },
    async removeSandbox(id) {
      sandboxes.delete(id);
    },
    async pull(source, signal) {
      const image = images(source);
      const script = scriptOfReference(source.reference) ?? parseScript(image?.script ?? "");
      await pullAs(image ? script.pull : "not-found", source, signal);
      const pulled = toPulled(source, image);
      scripts.set(pulled.id, script);
      return pulled;
    },
    async createContainer(spec) {
      const same = (other: ContainerSpec): boolean =>
        other.taskId === spec.taskId && other.name === spec.name;
      const known = [...containers.values()].find((container) => same(container.spec));
      if (known) return known.id;
      if (!sandboxes.has(spec.sandboxId)) {
        throw new DriverError("not-found", `No such container: ${spec.sandboxId}`);
      }
      const container: SimulatedContainer = {
        id: ids.hex(64),
        spec,
        script: scriptOf(spec, scripts),
        logs: logBuffer(),
        usage: createUsage(clock, spec),
        passesChecks: true,
        held: undefined,
        state: { status: "created" },
        failedStarts: 0,
        timers: [],
      };
      containers.set(container.id, container);
      return container.id;
    },
    async startContainer(id) {
      const container = get(id);
      if (container.state.status === "running") return;
      const { start } = container.script;
      if (start.type === "hangs") return new Promise<void>(() => {});
      if (start.type === "fails" && container.failedStarts < (start.times ?? Infinity)) {
        container.failedStarts += 1;
        throw new DriverError("fatal", "failed to create task for container (scripted)");
      }
      run(container);
    },
    async signal(id, signal) {
      const container = containers.get(id);
      const name = signal.replace(/^SIG/, "");
      const number = signalNumbers[name] ?? Number(name);
      if (!container || !Number.isInteger(number)) return;
      thaw(container);
      if (number === 9 || !container.script.ignoresTerm) {
        end(container, { exitCode: 128 + number, oomKilled: false });
      }
    },
    async freeze(id) {
      const container = containers.get(id);
      if (container?.state.status === "running") container.held ??= [];
    },
    async thaw(id) {
      const container = containers.get(id);
      if (container) thaw(container);
    },
    async inspect(id) {
      return containers.get(id)?.state;
    },
    async stats(id) {
      const container = containers.get(id);
      return container?.state.status === "running" ? container.usage.stats() : undefined;
    },
    async networkCounters() {
      return undefined;
    },
    async storageBytes(_taskId, ids) {
      return ids.reduce((sum, id) => sum + (containers.get(id)?.usage.storedBytes() ?? 0), 0);
    },
    async clockErrorMs() {
      return 0;
    },
    async removeContainer(id) {
      const container = containers.get(id);
      if (container) remove(container);
    },
    async prepareExec(spec) {
      const container = get(spec.containerId);
      if (container.state.status !== "running") {
        throw new DriverError("conflict", `Container ${spec.containerId} is not running`);
      }
      const hostname = sandboxes.get(container.spec.sandboxId)?.hostname ?? "";
      // Loaded by the first session: most engines never have one.
      const { simulatedExec } = await import("./exec.ts");
      const id = ids.hex(64);
      execs.set(id, simulatedExec(clock, spec, container.spec, hostname));
      return id;
    },
    async startExec(id, extent) {
      const exec = execs.get(id);
      if (!exec) throw new DriverError("not-found", `No such exec instance: ${id}`);
      const running = exec.start(extent);
      return {
        ...running,
        exitCode: () => running.exitCode().finally(() => execs.delete(id)),
      };
    },
    async endExec(id) {
      execs.get(id)?.kill();
    },
    async removeShared() {},
    async inventory() {
      return {
        sandboxes: [...sandboxes.values()].map(({ id, taskId }) => ({ id, taskId, running: true })),
        containers: [...containers.values()].map(({ id, spec, state }) => ({
          id,
          taskId: spec.taskId,
          name: spec.name,
          state,
        })),
      };
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async *followLogs(id, afterStamp, signal) {
      const container = get(id);
      if (container.state.status !== "created") yield* container.logs.follow(afterStamp, signal);
    },
    address: () => undefined,
  };
}

/** Signals whose default action ends a process, by their Linux numbers. */
const signalNumbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ABRT: 6,
  KILL: 9,
  USR1: 10,
  USR2: 12,
  TERM: 15,
};

function scriptOf(
  spec: ContainerSpec,
  scripts: ReadonlyMap<string, SimulatedScript>,
): SimulatedScript {
  const own = spec.environment.findLast(({ name }) => name === "NEARGATE_SIM");
  if (own) return parseScript(own.value);
  return scripts.get(spec.imageId) ?? parseScript("");
}

async function pullAs(
  outcome: SimulatedScript["pull"],
  source: ImageSource,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  switch (outcome) {
    case "works":
      return;
    case "not-found":
      throw new DriverError("not-found", `${source.reference}: not found`);
    case "unavailable":
      throw new DriverError("unavailable", "dial tcp: i/o timeout");
    case "hangs":
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
  }
}

function toPulled(source: ImageSource, image: SimulatedImage | undefined): PulledImage {
  const content = source.digest ?? image?.digest ?? digestOf(source.reference);
  return {
    id: digestOf(`${source.reference} ${content}`),
    digest: content,
    stopSignal: image?.stopSignal,
    ...(image?.architecture !== undefined && {
      architecture: image.architecture,
      isNative: false,
    }),
  };
}

const digestOf = (text: string): string =>
  `sha256:${createHash("sha256").update(text).digest("hex")}`;
