/** Which tasks can be protected from scale-in, for ECS's API and for the endpoint that tasks ask. */
import { isDeploymentBlocked } from "../engine/task-protection.ts";
import type { Task } from "../model/ecs.ts";
import type { ReadTransaction } from "./store.ts";
import { services } from "./tables/ecs.ts";

export type ProtectionRefusal = {
  readonly reason: "TASK_NOT_VALID" | "DEPLOYMENT_BLOCKED";
  readonly detail: string;
};

/** Why a task has no protection to be told, or none to be given when `gives`; undefined when it may. */
export function explainUnprotectable(
  tx: ReadTransaction,
  task: Task,
  gives: boolean,
): ProtectionRefusal | undefined {
  const { serviceArn, desiredStatus } = task;
  if (serviceArn === undefined || desiredStatus === "STOPPED") {
    const detail = "Task is not part of an Amazon ECS service or has been stopped.";
    return { reason: "TASK_NOT_VALID", detail };
  }
  const service = tx.table(services).get(task, serviceArn);
  if (!gives || !service || !isDeploymentBlocked(task, service)) return undefined;
  const detail = "Protected tasks keep the service's deployment from completing.";
  return { reason: "DEPLOYMENT_BLOCKED", detail };
}
