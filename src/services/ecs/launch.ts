/** How and on what a service or task is launched: Fargate, by launch type or capacity providers. */
import type {
  PlacementConstraint,
  PlacementStrategy,
  CapacityProviderStrategyItem as StrategyInput,
} from "@aws-sdk/client-ecs";
import { ApiError } from "../../gateway/api-error.ts";
import type { ReadContext } from "../../gateway/service.ts";
import type { CapacityProviderStrategyItem, Cluster, TaskDefinition } from "../../model/ecs.ts";
import { checkLaunchable, readStrategy } from "./capacity-strategy.ts";
import { checkEnum } from "./checks.ts";
import { clientError, invalidParameter, notBuilt } from "./errors.ts";
import { findTaskDefinition } from "./lookup.ts";

const currentPlatform = "1.4.0";

/** Where tasks go among instances. */
export type PlacementInput = {
  readonly placementConstraints?: readonly PlacementConstraint[] | undefined;
  readonly placementStrategy?: readonly PlacementStrategy[] | undefined;
};

export type LaunchInput = PlacementInput & {
  readonly launchType?: string | undefined;
  readonly capacityProviderStrategy?: readonly StrategyInput[] | undefined;
};

export type Launch = {
  /** Undefined for a launch by capacity providers. */
  readonly launchType: "FARGATE" | undefined;
  readonly capacityProviderStrategy: readonly CapacityProviderStrategyItem[];
};

/** What the input asks for; the cluster's default strategy where it says nothing. */
export function readLaunch(cluster: Cluster, input: LaunchInput): Launch {
  const { launchType } = input;
  checkEnum("launchType", launchType, ["EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES"]);
  if (launchType && input.capacityProviderStrategy?.length) {
    throw invalidParameter(
      "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    );
  }
  if (launchType === "FARGATE") {
    refusePlacement(input);
    return { launchType, capacityProviderStrategy: [] };
  }
  if (launchType) throw notBuilt(`launch type ${launchType}`);
  const asked = readStrategy(cluster, input.capacityProviderStrategy);
  const strategy = asked.length > 0 ? asked : cluster.defaultCapacityProviderStrategy;
  // Without either AWS takes instances of the cluster.
  if (strategy.length === 0) throw notBuilt("launch type EC2");
  checkLaunchable(strategy);
  refusePlacement(input);
  return { launchType: undefined, capacityProviderStrategy: strategy };
}

/** Fargate has no instances to choose among. */
export function refusePlacement({ placementConstraints, placementStrategy }: PlacementInput): void {
  const refused = (what: string): ApiError =>
    invalidParameter(`Placement ${what} are not supported with FARGATE launch type.`);
  if (placementConstraints?.length) throw refused("constraints");
  if (placementStrategy?.length) throw refused("strategies");
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
  if (definition.status !== "ACTIVE") throw inactiveError("TaskDefinition is inactive");
  if (!definition.compatibilities.includes("FARGATE")) {
    throw invalidParameter("Task definition does not support launch_type FARGATE.");
  }
  return definition;
}
