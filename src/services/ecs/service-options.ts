/** Options of services that creating and updating check alike. */
import type { DeploymentConfiguration, Service, TaskDefinition } from "../../model/ecs.ts";
import { checkEnum, checkRange } from "./checks.ts";
import { invalidParameter } from "./errors.ts";

/** Tasks a service can have. */
export const largestCount = 5000;

const longestGracePeriod = 2_147_483_647;

/** It hides the verdicts of target groups and of container health checks; of neither, it does nothing. */
export function checkGracePeriod(seconds: number | undefined): void {
  checkRange("healthCheckGracePeriodSeconds", seconds, 0, longestGracePeriod);
}

/** The agent of ECS Exec has no credentials but the task role's. */
export function checkTaskRole(
  definition: TaskDefinition | undefined,
  done: "created" | "updated",
): void {
  if (definition?.taskRoleArn) return;
  throw invalidParameter(
    `The service couldn't be ${done} because a valid taskRoleArn is not being used. Specify a valid ` +
      "task role in your task definition and try again.",
  );
}

/** As given; where nothing is, on wherever the deployment configuration leaves room for it. */
export function readRebalancing(
  value: string | undefined,
  { maximumPercent }: DeploymentConfiguration,
): Service["availabilityZoneRebalancing"] {
  checkEnum("availabilityZoneRebalancing", value, ["ENABLED", "DISABLED"]);
  const hasRoom = maximumPercent > 100;
  if (value === "ENABLED" && !hasRoom) {
    throw invalidParameter(
      "availabilityZoneRebalancing requires a maximumPercent greater than 100.",
    );
  }
  return value === "DISABLED" || !hasRoom ? "DISABLED" : "ENABLED";
}
