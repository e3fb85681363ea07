/** How and on what a service or task is launched. Only Fargate is there, and only by launch type. */
import type { CapacityProviderStrategyItem } from "@aws-sdk/client-ecs";
import { ApiError } from "../../gateway/api-error.ts";
import type { ReadContext } from "../../gateway/service.ts";
import type { TaskDefinition } from "../../model/ecs.ts";
import { checkEnum } from "./checks.ts";
import { clientError, invalidParameter, notBuilt } from "./errors.ts";
import { findTaskDefinition } from "./lookup.ts";

const currentPlatform = "1.4.0";

export type LaunchInput = {
  readonly launchType?: string | undefined;
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[] | undefined;
};

/** Throws unless the launch is by launch type FARGATE. */
export function checkLaunch({ launchType, capacityProviderStrategy = [] }: LaunchInput): void {
  checkEnum("launchType", launchType, ["EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES"]);
  if (launchType && capacityProviderStrategy.length > 0) {
    throw invalidParameter(
      "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    );
  }
  if (capacityProviderStrategy.length > 0) throw notBuilt("capacityProviderStrategy");
  // Without a launch type AWS takes EC2.
  if (launchType !== "FARGATE") throw notBuilt(`launch type ${launchType ?? "EC2"}`);
}

/** The platform version a launch resolves to. */
export function resolvePlatform(version: string | undefined): string {
  if (!version || version === "LATEST" || version === currentPlatform) return currentPlatform;
  throw new ApiError("PlatformUnknownException", "The specified platform version does not exist.");
}

/**
 * The definition to launch. `inactiveError` makes the error for a deregistered one, whose code
 * depends on the operation.
 */
export function getLaunchable(
  context: ReadContext,
  identifier: string | undefined,
  inactiveError = clientError,
): TaskDefinition {
  if (!identifier) throw clientError("TaskDefinition can not be blank.");
  const definition = findTaskDefinition(context, identifier);
  if (!definition) throw clientError("TaskDefinition not found.");
  if (definition.status === "INACTIVE") throw inactiveError("TaskDefinition is inactive");
  if (!definition.compatibilities.includes("FARGATE")) {
    throw invalidParameter("Task definition does not support launch_type FARGATE.");
  }
  return definition;
}
