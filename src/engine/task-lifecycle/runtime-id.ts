/** Fargate's name of a container: it is in the container's metadata URI and in DescribeTasks. */
import type { Task, TaskContainer } from "../../model/ecs.ts";

/**
 * `<task id>-<10 digits>`. The digits come from the container's own ARN, so that the container made
 * before a crash and the record written after it agree.
 */
export function runtimeIdOf(task: Task, container: TaskContainer): string {
  const uuid = container.arn.slice(container.arn.lastIndexOf("/") + 1);
  const digits = BigInt(`0x${uuid.replaceAll("-", "")}`) % 10n ** 10n;
  return `${task.id}-${String(digits).padStart(10, "0")}`;
}
