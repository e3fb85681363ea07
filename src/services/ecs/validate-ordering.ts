/** The order in which a task's containers start and end, and whether they are started again. */
import type {
  ContainerRestartPolicy,
  ContainerDependency as DependencyInput,
} from "@aws-sdk/client-ecs";
import { findCycle } from "../../engine/task-lifecycle/dependencies.ts";
import {
  type ContainerDefinition,
  type ContainerDependency,
  dependencyConditions,
  type RestartPolicy,
} from "../../model/ecs.ts";
import { checkEnum } from "./checks.ts";
import { clientError } from "./errors.ts";

export function readDependencies(
  inputs: readonly DependencyInput[] | undefined,
): ContainerDependency[] | undefined {
  if (!inputs?.length) return undefined;
  return inputs.map(({ containerName = "", condition }) => {
    checkEnum("dependsOn.condition", condition, dependencyConditions);
    if (!containerName) throw clientError("dependsOn.containerName should not be null or empty.");
    if (!condition) throw clientError("dependsOn.condition should not be null or empty.");
    return { containerName, condition };
  });
}

/** Throws unless every dependency can be met by the containers there are. */
export function checkOrdering(containers: readonly ContainerDefinition[]): void {
  const byName = new Map(containers.map((container) => [container.name, container]));
  for (const { containerName, condition } of containers.flatMap((one) => one.dependsOn ?? [])) {
    const dependency = byName.get(containerName);
    // The stray plus sign is AWS's.
    if (!dependency) {
      throw clientError(
        `Cannot depend on container + '${containerName}' because it does not exist`,
      );
    }
    if ((condition === "SUCCESS" || condition === "COMPLETE") && dependency.essential) {
      throw clientError(
        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
      );
    }
    if (condition === "HEALTHY" && !dependency.healthCheck) {
      throw clientError(
        "A dependency container with HEALTHY condition must have health check configured",
      );
    }
  }
  const cycle = findCycle(containers);
  if (cycle.length > 0) {
    throw clientError(`Detected a cyclic dependency between containers: ${cycle.join(", ")}`);
  }
}

export type TimeoutKind = "start" | "stop";

/** Seconds that a container is given to start or to end. */
export function readTimeout(
  name: string,
  kind: TimeoutKind,
  seconds: number | undefined,
  forFargate: boolean,
): number | undefined {
  if (seconds === undefined) return undefined;
  if (seconds < 2) {
    throw clientError(
      `Granular ${kind} timeout on container '${name}' must be at least 2 seconds.`,
    );
  }
  if (forFargate && seconds > 120) {
    throw clientError(
      `Tasks using the Fargate launch type must have a container ${kind} timeout of less than 120 seconds.`,
    );
  }
  return seconds;
}

export function readRestartPolicy(
  name: string,
  input: ContainerRestartPolicy | undefined,
): RestartPolicy | undefined {
  if (!input) return undefined;
  const { enabled = false, ignoredExitCodes, restartAttemptPeriod } = input;
  if (ignoredExitCodes && ignoredExitCodes.length > 50) {
    throw clientError(
      `the 'ignoredExitCodes' setting for container '${name}' can have at most 50 items`,
    );
  }
  const period = restartAttemptPeriod;
  if (period !== undefined && (period < 60 || period > 1800)) {
    throw clientError(
      `the 'restartAttemptPeriod' setting for container '${name}' must be between 60 and 1800`,
    );
  }
  return { enabled, ignoredExitCodes, restartAttemptPeriod };
}
