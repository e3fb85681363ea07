/**
 * The only way a task's record moves: forward through the table, its version counting every change
 * that clients can see.
 */
import type { StopCode, Task, TaskStatus } from "../../model/ecs.ts";
import { InvariantError } from "../../model/invariant-error.ts";

/** Where a task may go from each status. ACTIVATING is for service discovery, which is not here yet. */
export const allowedTransitions: { readonly [from in TaskStatus]: readonly TaskStatus[] } = {
  PROVISIONING: ["PENDING", "DEPROVISIONING"],
  PENDING: ["ACTIVATING", "RUNNING", "STOPPING", "DEPROVISIONING"],
  ACTIVATING: ["RUNNING", "DEACTIVATING"],
  RUNNING: ["DEACTIVATING", "STOPPING"],
  DEACTIVATING: ["STOPPING"],
  STOPPING: ["DEPROVISIONING"],
  DEPROVISIONING: ["STOPPED"],
  STOPPED: [],
};

/**
 * The task with `patch` applied. Throws `InvariantError` when its status would take a way that the
 * table does not have; a status that stays is always allowed.
 */
export function moveTask(task: Task, patch: Partial<Task>): Task {
  const moved = { ...task, ...patch };
  const { lastStatus: from } = task;
  const { lastStatus: to } = moved;
  if (from !== to && !allowedTransitions[from].includes(to)) {
    throw new InvariantError(`task ${task.id} cannot go from ${from} to ${to}`);
  }
  return isVisiblyDifferent(task, moved) ? { ...moved, version: task.version + 1 } : moved;
}

/**
 * The task with its end asked for. The first to ask decides the code and reason; asking again
 * changes nothing.
 */
export function requestStop(
  task: Task,
  stop: { readonly code: StopCode; readonly reason: string; readonly at: number },
): Task {
  if (task.stop !== undefined || task.lastStatus === "STOPPED") return task;
  return moveTask(task, {
    desiredStatus: "STOPPED",
    stop: { ...stop, reason: stop.reason.slice(0, longestReason) },
  });
}

/** AWS's limit for `reason` and `stoppedReason`. */
export const longestReason = 1024;

function isVisiblyDifferent(a: Task, b: Task): boolean {
  if (a.lastStatus !== b.lastStatus || a.desiredStatus !== b.desiredStatus) return true;
  return b.containers.some((container, at) => {
    const before = a.containers[at];
    const { agent } = container;
    return (
      container.lastStatus !== before?.lastStatus ||
      agent?.status !== before.agent?.status ||
      agent?.reason !== before.agent?.reason
    );
  });
}
