/** The target groups that a service's tasks are registered with. */
import type { LoadBalancer as Input } from "@aws-sdk/client-ecs";
import type { ReadContext } from "../../gateway/service.ts";
import type { ServiceLoadBalancer, TaskDefinition } from "../../model/ecs.ts";
import { targetGroups } from "../../state/tables/load-balancing.ts";
import { isGroupInUse } from "../../state/targets.ts";
import { checkAtMost } from "./checks.ts";
import { invalidParameter } from "./errors.ts";

const mostTargetGroups = 5;

export function readLoadBalancers(
  context: ReadContext,
  inputs: readonly Input[] | undefined,
  definition: TaskDefinition,
): ServiceLoadBalancer[] {
  checkAtMost("loadBalancers", inputs ?? [], mostTargetGroups);
  return (inputs ?? []).map((input) => readLoadBalancer(context, input, definition));
}

/** The containers and ports must be there in a definition that a service changes to, as well. */
export function checkContainerPort(
  { containerName, containerPort }: ServiceLoadBalancer,
  definition: TaskDefinition,
): void {
  const container = definition.containers.find((one) => one.name === containerName);
  if (!container) {
    throw invalidParameter(`The container ${containerName} does not exist in the task definition.`);
  }
  if (!container.portMappings.some((mapping) => mapping.containerPort === containerPort)) {
    throw invalidParameter(
      `The container ${containerName} did not have a container port ${containerPort} defined.`,
    );
  }
}

function readLoadBalancer(
  { tx, scope }: ReadContext,
  input: Input,
  definition: TaskDefinition,
): ServiceLoadBalancer {
  const { targetGroupArn, containerName, containerPort } = input;
  if (!targetGroupArn) throw invalidParameter("targetGroupArn can not be empty.");
  if (!containerName) throw invalidParameter("Container name can not be empty.");
  if (!containerPort) throw invalidParameter("Container port can not be empty.");
  const read = { targetGroupArn, containerName, containerPort };
  checkContainerPort(read, definition);
  if (!tx.table(targetGroups).get(scope, targetGroupArn)) {
    throw invalidParameter("The specified target group does not exist");
  }
  if (!isGroupInUse(tx, scope, targetGroupArn)) {
    throw invalidParameter(
      `The target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer.`,
    );
  }
  return read;
}
