/** The definition that a task really runs with: its revision's, with what RunTask overrode. */
import type { ContainerDefinition, Task, TaskDefinition, TaskOverrides } from "../../model/ecs.ts";

/** Commands and environments apart, which are merged where they are used. */
export function effectiveDefinition(
  { overrides }: Pick<Task, "overrides">,
  definition: TaskDefinition,
): TaskDefinition {
  return {
    ...definition,
    cpu: overrides.cpu ?? definition.cpu,
    memory: overrides.memory ?? definition.memory,
    ephemeralStorageGiB: overrides.ephemeralStorageGiB ?? definition.ephemeralStorageGiB,
    executionRoleArn: overrides.executionRoleArn ?? definition.executionRoleArn,
    taskRoleArn: overrides.taskRoleArn ?? definition.taskRoleArn,
    containers: definition.containers.map((container) => withSizes(container, overrides)),
  };
}

function withSizes(
  container: ContainerDefinition,
  { containers }: TaskOverrides,
): ContainerDefinition {
  const override = containers.find(({ name }) => name === container.name);
  if (!override) return container;
  return {
    ...container,
    cpu: override.cpu ?? container.cpu,
    memory: override.memory ?? container.memory,
    memoryReservation: override.memoryReservation ?? container.memoryReservation,
  };
}
