/** What ECS asks of IAM besides an operation's own action. */
import type { CreateServiceRequest, RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import { parseCpu, parseMemory } from "../../engine/fargate-sizes.ts";
import type { ConditionValues } from "../../engine/policy/condition-keys.ts";
import { roleNotAssumed } from "../../engine/task-lifecycle/resource-reasons.ts";
import type { ReadContext, RequestContext } from "../../gateway/service.ts";
import type { TaskDefinition } from "../../model/ecs.ts";
import { findUnusableRole } from "../../state/task-roles.ts";
import { providerArn } from "./capacity-strategy.ts";
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
  | "enableECSManagedTags"
  | "enableExecuteCommand"
  | "propagateTags"
>;

/** For the `conditions` of what starts tasks, or sees to it that they are started. */
export function launchConditions(input: Launch, context: ReadContext): ConditionValues {
  const { subnets, assignPublicIp } = input.networkConfiguration?.awsvpcConfiguration ?? {};
  return {
    ...clusterCondition(input, context),
    "ecs:task-definition": launched(input, context)?.arn,
    ...strategyCondition(input.capacityProviderStrategy, context),
    "ecs:subnet": subnets,
    "ecs:auto-assign-public-ip": assignPublicIp && assignPublicIp === "ENABLED",
    "ecs:enable-ecs-managed-tags": input.enableECSManagedTags,
    "ecs:enable-execute-command": input.enableExecuteCommand,
    "ecs:propagate-tags": input.propagateTags,
  };
}

const launched = ({ taskDefinition }: Launch, context: ReadContext): TaskDefinition | undefined =>
  taskDefinition === undefined ? undefined : findTaskDefinition(context, taskDefinition);

/** The same of services, whose conditions may ask about the size of their tasks too. */
export function serviceConditions(input: Launch, context: ReadContext): ConditionValues {
  const definition = launched(input, context);
  return {
    ...launchConditions(input, context),
    "ecs:task-cpu": definition?.cpu,
    "ecs:task-memory": definition?.memory,
  };
}

type Strategy = CreateServiceRequest["capacityProviderStrategy"];

/** For the `conditions` of what names capacity providers, which conditions know by their ARNs. */
export const providersCondition = (
  names: readonly string[] | undefined,
  { scope }: RequestContext,
): ConditionValues => ({
  "ecs:capacity-provider": names?.map((name) =>
    name.startsWith("arn:") ? name : providerArn(scope, name),
  ),
});

const strategyCondition = (strategy: Strategy = [], context: RequestContext): ConditionValues =>
  providersCondition(
    strategy.flatMap(({ capacityProvider }) => capacityProvider ?? []),
    context,
  );

/** For the `conditions` of operations on account settings. */
export const settingCondition = ({
  name,
}: {
  readonly name?: string | undefined;
}): ConditionValues => ({ "ecs:account-setting": name });

/** For the `conditions` of registering a task definition. */
export const definitionConditions = (input: RegisterTaskDefinitionRequest): ConditionValues => ({
  "ecs:compute-compatibility": input.requiresCompatibilities,
  "ecs:privileged": (input.containerDefinitions ?? []).some(({ privileged }) => privileged),
  "ecs:task-cpu": parseCpu(input.cpu ?? ""),
  "ecs:task-memory": parseMemory(input.memory ?? ""),
});

/** The same of what is new: Exec and managed tags are off unless they are asked for. */
export const newLaunchConditions = (input: Launch, context: ReadContext): ConditionValues =>
  launchConditions(withDefaults(input), context);

export const newServiceConditions = (input: Launch, context: ReadContext): ConditionValues =>
  serviceConditions(withDefaults(input), context);

const withDefaults = (input: Launch): Launch => ({
  ...input,
  enableECSManagedTags: input.enableECSManagedTags ?? false,
  enableExecuteCommand: input.enableExecuteCommand ?? false,
});

/**
 * Throws unless the caller may hand each of the roles over, to ECS's tasks where nothing else is said.
 * Whoever runs a task acts with its roles, so they must be allowed to.
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
