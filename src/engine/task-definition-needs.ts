/** What ECS works out of a task definition: where it can run, and what an instance must offer. */
import { parseArn } from "../model/arn.ts";
import type { ContainerDefinition, TaskDefinition } from "../model/ecs.ts";
import { parseImageReference } from "../model/image-reference.ts";
import { isFargateSize } from "./fargate-sizes.ts";

type Sized = Pick<TaskDefinition, "cpu" | "memory">;

/** `compatibilities` of a definition whose network mode is awsvpc. */
export function findCompatibilities({ cpu, memory }: Sized): string[] {
  const fits = cpu !== undefined && memory !== undefined && isFargateSize(cpu, memory);
  return fits ? ["EC2", "MANAGED_INSTANCES", "FARGATE"] : ["EC2", "MANAGED_INSTANCES"];
}

type Described = Pick<TaskDefinition, "containers" | "executionRoleArn" | "taskRoleArn">;

/** The names in `requiresAttributes` of a definition whose network mode is awsvpc. */
export function findRequiredAttributes(definition: Described): string[] {
  const { containers, executionRoleArn, taskRoleArn } = definition;
  const awslogs = containers.filter(
    ({ logConfiguration }) => logConfiguration?.logDriver === "awslogs",
  );
  const hasEcrImage = containers.some(({ image }) => isEcrImage(image));
  const attributes = new Set<string>();
  if (awslogs.length > 0) {
    attributes.add("com.amazonaws.ecs.capability.logging-driver.awslogs");
    attributes.add(remoteApi("1.19"));
    if (executionRoleArn) attributes.add("ecs.capability.execution-role-awslogs");
  }
  if (awslogs.some((container) => container.logConfiguration?.options["awslogs-create-group"])) {
    attributes.add(remoteApi("1.29"));
  }
  if (hasEcrImage) {
    attributes.add("com.amazonaws.ecs.capability.ecr-auth");
    if (executionRoleArn) attributes.add("ecs.capability.execution-role-ecr-pull");
  }
  if (taskRoleArn) {
    attributes.add("com.amazonaws.ecs.capability.task-iam-role");
    attributes.add(remoteApi("1.17"));
  }
  for (const attribute of secretAttributes(containers)) attributes.add(attribute);
  if (containers.some(({ healthCheck }) => healthCheck !== undefined)) {
    attributes.add("ecs.capability.container-health-check");
    attributes.add(remoteApi("1.24"));
  }
  if (containers.some(isOrdered)) {
    attributes.add("ecs.capability.container-ordering");
  }
  attributes.add(remoteApi("1.18"));
  attributes.add("ecs.capability.task-eni");
  return [...attributes];
}

function secretAttributes(containers: readonly ContainerDefinition[]): string[] {
  const secrets = containers.flatMap((container) => container.secrets ?? []);
  const fromManager = secrets.filter(({ valueFrom }) => isSecretArn(valueFrom));
  const isPrivate = containers.some((container) => container.repositoryCredentials !== undefined);
  return [
    ...(fromManager.length > 0 ? ["ecs.capability.secrets.asm.environment-variables"] : []),
    ...(fromManager.length < secrets.length
      ? ["ecs.capability.secrets.ssm.environment-variables"]
      : []),
    ...(isPrivate ? ["ecs.capability.private-registry-authentication.secretsmanager"] : []),
  ];
}

/** Whether a value comes from Secrets Manager; all others are parameters. */
export const isSecretArn = (valueFrom: string): boolean =>
  parseArn(valueFrom)?.service === "secretsmanager";

const isOrdered = ({ stopTimeout, startTimeout, dependsOn }: ContainerDefinition): boolean =>
  stopTimeout !== undefined || startTimeout !== undefined || dependsOn !== undefined;

const remoteApi = (version: string): string =>
  `com.amazonaws.ecs.capability.docker-remote-api.${version}`;

/** Whether an image is of ECR, whose stand-in is this engine's own registry. */
export function isEcrImage(image: string): boolean {
  // Whose image it is does not depend on the port it is pulled through.
  return parseImageReference(image, 0)?.type === "own";
}
