/**
 * What a task needs next: one step at a time, decided from its record and from what the container
 * runtime and the load balancer are known to have.
 *
 *   PROVISIONING: attach-interface, create-sandbox, connect
 *   PENDING:      prepare-containers, start-containers, as their dependencies allow
 *   RUNNING:      wait, record-exits, restart-containers, record-health
 *   the way out:  await-targets, signal-containers, record-exits, deprovision, finish
 *
 * Every step may be taken again after a crash, so a step that was half done is simply the next one.
 */
import type {
  ContainerDefinition,
  RestartPolicy,
  StopCode,
  Task,
  TaskContainer,
  TaskDefinition,
} from "../../model/ecs.ts";
import { InvariantError } from "../../model/invariant-error.ts";
import { type HealthChange, type HealthSighting, newVerdict } from "./container-health.ts";
import { endingFirst, planStarts } from "./dependencies.ts";
import { essentialContainerExited, outOfMemory, sandboxLost } from "./reasons.ts";

/** What the runtime says of a container that it has. */
export type ContainerSighting =
  | { readonly status: "created" }
  | { readonly status: "running"; readonly health?: HealthSighting | undefined }
  | { readonly status: "exited"; readonly exitCode: number; readonly oomKilled: boolean };

export type TaskObservation = {
  /** Whether the runtime has lost the sandbox that the record names. */
  readonly sandboxLost: boolean;
  /** The runtime's containers of the task by name; one that is missing does not exist. */
  readonly containers: ReadonlyMap<string, ContainerSighting>;
  /** Whether a target group still knows the task, draining included. */
  readonly hasTargets: boolean;
  /** Names of the containers that were told to stop since this engine started. */
  readonly signalled: ReadonlySet<string>;
  /** Wall time, milliseconds since the epoch: what processes are given is counted in it. */
  readonly wall: number;
};

export type ContainerExit = {
  readonly name: string;
  /** Undefined when the container vanished. */
  readonly exitCode: number | undefined;
  readonly reason: string | undefined;
};

export type StopRequest = {
  readonly code: StopCode;
  readonly reason: string;
  readonly at: number;
};

export type TaskStep =
  | { readonly type: "attach-interface" }
  | { readonly type: "create-sandbox" }
  /** Waits for the network, then PENDING. */
  | { readonly type: "connect" }
  | { readonly type: "prepare-containers" }
  /** Starts those named, in this order; RUNNING when these were the last. */
  | {
      readonly type: "start-containers";
      readonly names: readonly string[];
      /** Started before a crash, with the record not saying so. */
      readonly started: readonly string[];
    }
  /** The restart policy starts them again. */
  | { readonly type: "restart-containers"; readonly names: readonly string[] }
  | { readonly type: "record-health"; readonly changes: readonly HealthChange[] }
  | {
      readonly type: "record-exits";
      readonly exits: readonly ContainerExit[];
      readonly stop: StopRequest | undefined;
    }
  | { readonly type: "stop"; readonly stop: StopRequest }
  /** DEACTIVATING: the target groups drain before the processes hear of it. */
  | { readonly type: "await-targets" }
  /** STOPPING, and the signal to each, in this order. */
  | {
      readonly type: "signal-containers";
      readonly containers: readonly { readonly name: string; readonly timeoutSeconds: number }[];
    }
  /** DEPROVISIONING, and the interface goes. */
  | { readonly type: "deprovision" }
  /** The sandbox goes; STOPPED. */
  | { readonly type: "finish" }
  /** Until something happens, or that wall time. */
  | { readonly type: "wait"; readonly untilWall?: number | undefined }
  | { readonly type: "done" };

/** Seconds between SIGTERM and SIGKILL where the definition says nothing. */
const defaultStopTimeoutSeconds = 30;

/** The next step of the task. Throws `InvariantError` for a record that no step leads to. */
export function nextTaskStep(
  task: Task,
  definition: TaskDefinition | undefined,
  observed: TaskObservation,
  now: number,
): TaskStep {
  if (task.lastStatus === "STOPPED") return { type: "done" };
  const exits = newExits(task, observed);
  const restarted = exits.filter((exit) => isRestarted(task, definition, exit, observed.wall));
  if (restarted.length > 0) {
    return { type: "restart-containers", names: restarted.map(({ name }) => name) };
  }
  if (exits.length > 0) return { type: "record-exits", exits, stop: stopFor(task, exits, now) };
  const changes = newVerdicts(task, observed);
  if (changes.length > 0) return { type: "record-health", changes };
  if (task.stop !== undefined) return nextStopStep(task, definition, observed);
  if (observed.sandboxLost) return { type: "stop", stop: lostStop(now) };
  return nextLaunchStep(task, definition, observed, now);
}

function nextLaunchStep(
  task: Task,
  definition: TaskDefinition | undefined,
  observed: TaskObservation,
  now: number,
): TaskStep {
  switch (task.lastStatus) {
    case "PROVISIONING":
      if (task.attachment.networkInterfaceId === undefined) return { type: "attach-interface" };
      return task.sandbox === undefined ? { type: "create-sandbox" } : { type: "connect" };
    case "PENDING":
    case "ACTIVATING": {
      if (task.containers.some((container) => container.handle === undefined)) {
        return { type: "prepare-containers" };
      }
      return nextStartStep(task, definition, observed, now);
    }
    case "RUNNING":
      return { type: "wait" };
    default:
      throw new InvariantError(`task ${task.id} is ${task.lastStatus} with nobody having asked`);
  }
}

function nextStartStep(
  task: Task,
  definition: TaskDefinition | undefined,
  observed: TaskObservation,
  now: number,
): TaskStep {
  const isUnstarted = (name: string): boolean => {
    const status = observed.containers.get(name)?.status;
    return status === undefined || status === "created";
  };
  const pending = task.containers.filter(({ lastStatus }) => lastStatus === "PENDING");
  const started = pending.map(({ name }) => name).filter((name) => !isUnstarted(name));
  const plan = planStarts({
    definitions: definition?.containers ?? [],
    containers: task.containers,
    isUnstarted: (name) => pending.some((one) => one.name === name) && isUnstarted(name),
    wall: observed.wall,
  });
  if (plan.type === "impossible") {
    return { type: "stop", stop: { code: "TaskFailedToStart", reason: plan.reason, at: now } };
  }
  const { names, untilWall } = plan;
  // Nothing pending: the step that follows makes it RUNNING. No definition: the step says so.
  const moves = names.length > 0 || started.length > 0 || pending.length === 0 || !definition;
  return moves ? { type: "start-containers", names, started } : { type: "wait", untilWall };
}

function nextStopStep(
  task: Task,
  definition: TaskDefinition | undefined,
  observed: TaskObservation,
): TaskStep {
  const live = task.containers.filter((container) => isLive(container, observed));
  const due = endingFirst(live, definition?.containers ?? []);
  const untold = due.filter(({ name }) => !observed.signalled.has(name));
  const signal: TaskStep = {
    type: "signal-containers",
    containers: inStopOrder(untold, definition),
  };
  switch (task.lastStatus) {
    case "PROVISIONING":
      return { type: "deprovision" };
    case "PENDING":
    case "ACTIVATING":
      return live.length > 0 ? signal : { type: "deprovision" };
    case "RUNNING":
      return live.length > 0 && observed.hasTargets && drainsFirst(task)
        ? { type: "await-targets" }
        : signal;
    case "DEACTIVATING":
      return live.length > 0 && observed.hasTargets ? { type: "wait" } : signal;
    case "STOPPING":
      if (live.length === 0) return { type: "deprovision" };
      return untold.length > 0 ? signal : { type: "wait" };
    case "DEPROVISIONING":
      return { type: "finish" };
    case "STOPPED":
      return { type: "done" };
  }
}

/** A dead process has nothing to drain for, and a Spot interruption does not wait for it. */
const drainsFirst = (task: Task): boolean =>
  task.stop?.code !== "EssentialContainerExited" && task.stop?.code !== "SpotInterruption";

const isLive = (container: TaskContainer, observed: TaskObservation): boolean =>
  observed.containers.get(container.name)?.status === "running";

/** Last defined, first told: those started later may need the earlier ones to end well. */
function inStopOrder(
  live: readonly TaskContainer[],
  definition: TaskDefinition | undefined,
): { name: string; timeoutSeconds: number }[] {
  const timeoutOf = (name: string): number =>
    findContainer(definition, name)?.stopTimeout ?? defaultStopTimeoutSeconds;
  return live.toReversed().map(({ name }) => ({ name, timeoutSeconds: timeoutOf(name) }));
}

const findContainer = (
  definition: TaskDefinition | undefined,
  name: string,
): ContainerDefinition | undefined =>
  definition?.containers.find((container) => container.name === name);

/** Early exits and those that the policy ignores are ends like any other. */
function isRestarted(
  task: Task,
  definition: TaskDefinition | undefined,
  { name, exitCode }: ContainerExit,
  wall: number,
): boolean {
  const policy = findContainer(definition, name)?.restartPolicy;
  const startedAt = task.containers.find((container) => container.name === name)?.startedWallAt;
  if (task.stop !== undefined || exitCode === undefined || startedAt === undefined) return false;
  return policy !== undefined && allowsRestart(policy, exitCode, wall - startedAt);
}

/** Seconds that a container must have run to be started again when its policy does not say. */
const usualAttemptPeriod = 300;

const allowsRestart = (policy: RestartPolicy, exitCode: number, ranMs: number): boolean =>
  policy.enabled &&
  !policy.ignoredExitCodes?.includes(exitCode) &&
  ranMs >= (policy.restartAttemptPeriod ?? usualAttemptPeriod) * 1000;

const newVerdicts = (task: Task, observed: TaskObservation): HealthChange[] =>
  task.containers.flatMap((container) => {
    const sighting = observed.containers.get(container.name);
    return newVerdict(container, sighting?.status === "running" ? sighting.health : undefined);
  });

/** Containers that the record believes alive, or that a stopped launch started, and that are not. */
function newExits(task: Task, observed: TaskObservation): ContainerExit[] {
  return task.containers.flatMap((container): ContainerExit[] => {
    const sighting = observed.containers.get(container.name);
    if (container.lastStatus === "STOPPED") return [];
    if (sighting?.status === "exited") {
      if (container.lastStatus === "PENDING" && task.stop === undefined) return [];
      const reason = isOutOfMemory(container, sighting, observed) ? outOfMemory : undefined;
      return [{ name: container.name, exitCode: sighting.exitCode, reason }];
    }
    const isGone = container.lastStatus === "RUNNING" && sighting === undefined;
    return isGone ? [{ name: container.name, exitCode: undefined, reason: undefined }] : [];
  });
}

/**
 * When a task's memory is short, the kernel may say so of all its containers, and kills one. One that
 * was told to stop was killed for its time.
 */
const isOutOfMemory = (
  { name }: TaskContainer,
  { oomKilled, exitCode }: { readonly oomKilled: boolean; readonly exitCode: number },
  { signalled }: TaskObservation,
): boolean => oomKilled && exitCode === 137 && !signalled.has(name);

function stopFor(
  task: Task,
  exits: readonly ContainerExit[],
  now: number,
): StopRequest | undefined {
  if (task.stop !== undefined) return undefined;
  const essential = new Set(task.containers.filter((c) => c.essential).map((c) => c.name));
  const ended = exits.filter((exit) => essential.has(exit.name));
  if (ended.length === 0) return undefined;
  if (ended.every((exit) => exit.exitCode === undefined)) return lostStop(now);
  return { code: "EssentialContainerExited", reason: essentialContainerExited, at: now };
}

/** Whoever removed the containers meant it, so the code is the user's. */
const lostStop = (now: number): StopRequest => ({
  code: "UserInitiated",
  reason: sandboxLost,
  at: now,
});
