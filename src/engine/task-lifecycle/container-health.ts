/** What health checks say of containers and of their task. */
import type { ContainerHealth, HealthStatus, Task, TaskContainer } from "../../model/ecs.ts";

/** As the runtime tells it. */
export type HealthSighting = {
  readonly status: "starting" | "healthy" | "unhealthy";
  readonly exitCode: number | undefined;
  readonly output: string | undefined;
};

export type HealthChange = { readonly name: string; readonly sighting: HealthSighting };

const statusOf = {
  starting: "UNKNOWN",
  healthy: "HEALTHY",
  unhealthy: "UNHEALTHY",
} as const satisfies Record<HealthSighting["status"], HealthStatus>;

/** Of a container that no check has judged yet. */
export const unknownHealth: ContainerHealth = {
  status: "UNKNOWN",
  since: undefined,
  exitCode: undefined,
  output: undefined,
};

/** The sighting, when it is a verdict that the record does not have. */
export function newVerdict(
  { name, health, lastStatus }: TaskContainer,
  sighting: HealthSighting | undefined,
): HealthChange[] {
  if (lastStatus !== "RUNNING" || !health || !sighting) return [];
  return statusOf[sighting.status] === health.status ? [] : [{ name, sighting }];
}

export const toContainerHealth = (
  { status, exitCode, output }: HealthSighting,
  now: number,
): ContainerHealth => ({ status: statusOf[status], since: now, exitCode, output });

/** The task with the health that its essential containers give it. Those without a check do not count. */
export function withTaskHealth(task: Task): Task {
  const healthStatus = taskHealth(task.containers);
  return healthStatus === task.healthStatus ? task : { ...task, healthStatus };
}

function taskHealth(containers: readonly TaskContainer[]): HealthStatus {
  const counted = containers.flatMap(({ essential, health }) =>
    essential && health ? [health.status] : [],
  );
  if (counted.includes("UNHEALTHY")) return "UNHEALTHY";
  return counted.length > 0 && counted.every((status) => status === "HEALTHY")
    ? "HEALTHY"
    : "UNKNOWN";
}

/** Whether the task's own checks have a say: an essential container has one. */
export const hasHealthChecks = ({ containers }: Pick<Task, "containers">): boolean =>
  containers.some(({ essential, health }) => essential && health !== undefined);
