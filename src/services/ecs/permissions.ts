/** What ECS asks of IAM besides an operation's own action. */
import type { CreateServiceRequest } from "@aws-sdk/client-ecs";
import type { ConditionValues } from "../../engine/policy/condition-keys.ts";
import { roleNotAssumed } from "../../engine/task-lifecycle/resource-reasons.ts";
import type { ReadContext, RequestContext } from "../../gateway/service.ts";
import type { TaskDefinition } from "../../model/ecs.ts";
import { findUnusableRole } from "../../state/task-roles.ts";
import { clientError } from "./errors.ts";
import { clusterArnOf, findTaskDefinition } from "./lookup.ts";

/** For the `conditions` of operations in a cluster. */
export const clusterCondition = (
  { cluster }: { readonly cluster?: string | undefined },
  { scope }: RequestContext,
) => ({ "ecs:cluster": clusterArnOf(scope, cluster) });

type Launch = Pick<
  CreateServiceRequest,
  | "cluster"
  | "taskDefinition"
  | "capacityProviderStrategy"
  | "networkConfiguration"
  | "enableExecuteCommand"
>;

/** For the `conditions` of what starts tasks, or sees to it that they are started. */
export function launchConditions(input: Launch, context: ReadContext): ConditionValues {
  const { taskDefinition, capacityProviderStrategy = [], enableExecuteCommand } = input;
  const { subnets, assignPublicIp } = input.networkConfiguration?.awsvpcConfiguration ?? {};
  return {
    ...clusterCondition(input, context),
    "ecs:task-definition":
      taskDefinition === undefined ? undefined : findTaskDefinition(context, taskDefinition)?.arn,
    "ecs:capacity-provider": capacityProviderStrategy.flatMap(
      ({ capacityProvider }) => capacityProvider ?? [],
    ),
    "ecs:subnet": subnets,
    "ecs:auto-assign-public-ip": assignPublicIp && assignPublicIp === "ENABLED",
    "ecs:enable-execute-command": enableExecuteCommand,
  };
}

/** The same of what is new: Exec is off unless it is asked for. */
export const newLaunchConditions = (input: Launch, context: ReadContext): ConditionValues =>
  launchConditions(
    { ...input, enableExecuteCommand: input.enableExecuteCommand ?? false },
    context,
  );

/**
 * Throws unless the caller may hand each of the roles over, to ECS's tasks where nothing else is said. Whoever runs a task acts with
 * its roles, so they must be allowed to.
 */
export function authorizePassing(
  context: RequestContext,
  roleArns: readonly (string | undefined)[],
  passedTo = "ecs-tasks.amazonaws.com",
): void {
  for (const resource of new Set(roleArns)) {
    if (resource === undefined) continue;
    const conditions = { "iam:PassedToService": passedTo };
    context.authorize({ action: "iam:PassRole", resource, conditions });
  }
}

/** Throws unless ECS may take on the roles of a task that is to be run. */
export function checkAssumable(
  { tx, scope }: ReadContext,
  roles: Pick<TaskDefinition, "executionRoleArn" | "taskRoleArn">,
): void {
  const unusable = findUnusableRole(tx, scope, roles);
  if (unusable !== undefined) throw clientError(roleNotAssumed(unusable));
}
