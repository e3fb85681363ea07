/** How each step that was taken changes the task's record. */
import type { Task, TaskContainer } from "../../model/ecs.ts";
import { pendingAgent, stoppedAgent } from "../exec/agents.ts";
import {
  type HealthChange,
  toContainerHealth,
  unknownHealth,
  withTaskHealth,
} from "./container-health.ts";
import type { ContainerExit, StopRequest } from "./next-step.ts";
import { longestReason, moveTask, requestStop } from "./transitions.ts";

export type AttachedInterface = {
  readonly networkInterfaceId: string;
  readonly macAddress: string;
  readonly privateDnsName: string;
  readonly privateIp: string;
};

export const interfaceAttached = (task: Task, attached: AttachedInterface): Task =>
  moveTask(task, { attachment: { ...task.attachment, ...attached, status: "ATTACHED" } });

export const sandboxCreated = (task: Task, sandbox: NonNullable<Task["sandbox"]>): Task =>
  moveTask(task, { sandbox });

/** The network carries the task; the pull is under way or about to be. */
export const connected = (task: Task, now: number): Task =>
  moveTask(task, { lastStatus: "PENDING", connectivityAt: now, pullStartedAt: now });

export type PreparedContainer = Pick<
  TaskContainer,
  "handle" | "imageDigest" | "runtimeId" | "stopSignal"
>;

export const containersPrepared = (
  task: Task,
  prepared: ReadonlyMap<string, PreparedContainer>,
  pullStoppedAt: number,
): Task =>
  moveTask(task, {
    pullStoppedAt: Math.max(pullStoppedAt, task.pullStartedAt ?? 0),
    containers: task.containers.map((container) => ({
      ...container,
      ...prepared.get(container.name),
    })),
  });

export type Moment = { readonly now: number; readonly wall: number };

/** Those named run; the task is RUNNING when every one of its containers has been started. */
export function containersStarted(
  task: Task,
  names: readonly string[],
  { now, wall }: Moment,
): Task {
  const containers = task.containers.map((container): TaskContainer => {
    if (!names.includes(container.name)) return container;
    return { ...container, lastStatus: "RUNNING", startedAt: now, startedWallAt: wall };
  });
  const areAll = containers.every(({ lastStatus }) => lastStatus !== "PENDING");
  return moveTask(task, {
    containers,
    ...(areAll && { lastStatus: "RUNNING" as const, startedAt: now }),
  });
}

/** They run anew, their health not known yet. The task's status does not change. */
export function containersRestarted(
  task: Task,
  names: readonly string[],
  { now, wall }: Moment,
): Task {
  const containers = task.containers.map((container): TaskContainer => {
    if (!names.includes(container.name)) return container;
    const restartCount = (container.restartCount ?? 0) + 1;
    const health = container.health && unknownHealth;
    const agent = container.agent && pendingAgent;
    return { ...container, startedAt: now, startedWallAt: wall, restartCount, health, agent };
  });
  return withTaskHealth(moveTask(task, { containers }));
}

/** Clients see it, but it is not a change of the task's state: the version stays. */
export function healthRecorded(task: Task, changes: readonly HealthChange[], now: number): Task {
  const containers = task.containers.map((container): TaskContainer => {
    const change = changes.find(({ name }) => name === container.name);
    return change ? { ...container, health: toContainerHealth(change.sighting, now) } : container;
  });
  return withTaskHealth({ ...task, containers });
}

/** Ends the containers named, and asks for the task's end when `stop` says so. */
export function exitsRecorded(
  task: Task,
  exits: readonly ContainerExit[],
  stop: StopRequest | undefined,
  now: number,
): Task {
  const byName = new Map(exits.map((exit) => [exit.name, exit]));
  const containers = task.containers.map((container): TaskContainer => {
    const exit = byName.get(container.name);
    if (!exit) return container;
    const reason = exit.reason ?? container.reason;
    const agent = stoppedAgent(container.agent);
    return { ...container, lastStatus: "STOPPED", exitCode: exit.exitCode, reason, agent };
  });
  const someRun = containers.some((container) => container.lastStatus === "RUNNING");
  const changed = moveTask(stop ? withStop(task, stop) : task, {
    containers,
    executionStoppedAt: someRun ? undefined : now,
  });
  return { ...changed, version: task.version + 1 };
}

/** The task that did not start. `container` is the one at fault and tells the reason too. */
export function failedToStart(
  task: Task,
  failure: { readonly reason: string; readonly container: string | undefined },
  now: number,
): Task {
  const reason = failure.reason.slice(0, longestReason);
  const containers = task.containers.map((container) =>
    container.name === failure.container ? { ...container, reason } : container,
  );
  return requestStop({ ...task, containers }, { code: "TaskFailedToStart", reason, at: now });
}

export const withStop = (task: Task, stop: StopRequest): Task => requestStop(task, stop);

export const deactivating = (task: Task): Task => moveTask(task, { lastStatus: "DEACTIVATING" });

export const stopping = (task: Task): Task => moveTask(task, { lastStatus: "STOPPING" });

/** Containers that never ran end here, without an exit code. */
export const deprovisioning = (task: Task): Task =>
  moveTask(task, {
    lastStatus: "DEPROVISIONING",
    containers: task.containers.map((container) => ({
      ...container,
      lastStatus: "STOPPED",
      agent: stoppedAgent(container.agent),
    })),
  });

export const finished = (task: Task, now: number): Task =>
  moveTask(task, {
    lastStatus: "STOPPED",
    stoppedAt: now,
    attachment: { ...task.attachment, status: "DELETED" },
  });
