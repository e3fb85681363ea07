/** The counts that clusters, services and deployments show of their tasks. */
import type { Task } from "../model/ecs.ts";

export type TaskCounts = { readonly running: number; readonly pending: number };

/** `pending` are those on their way to RUNNING. */
export function countTasks(
  tasks: readonly Pick<Task, "lastStatus" | "desiredStatus">[],
): TaskCounts {
  const running = tasks.filter((task) => task.lastStatus === "RUNNING").length;
  const pending = tasks.filter(isPending).length;
  return { running, pending };
}

function isPending({ lastStatus, desiredStatus }: Pick<Task, "lastStatus" | "desiredStatus">) {
  const before = ["PROVISIONING", "PENDING", "ACTIVATING"];
  return desiredStatus === "RUNNING" && before.includes(lastStatus);
}
