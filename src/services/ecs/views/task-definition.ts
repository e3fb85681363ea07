/** Task definitions as answers show them, with what ECS fills in. */
import type {
  ContainerDefinition as ContainerView,
  TaskDefinition as TaskDefinitionView,
} from "@aws-sdk/client-ecs";
import type { ContainerDefinition, TaskDefinition } from "../../../model/ecs.ts";

export function toTaskDefinitionView(definition: TaskDefinition): TaskDefinitionView {
  const { runtimePlatform, ephemeralStorageGiB, deregisteredAt } = definition;
  return {
    taskDefinitionArn: definition.arn,
    containerDefinitions: definition.containers.map(toContainerView),
    family: definition.family,
    taskRoleArn: definition.taskRoleArn,
    executionRoleArn: definition.executionRoleArn,
    networkMode: definition.networkMode,
    revision: definition.revision,
    volumes: [],
    status: definition.status,
    requiresAttributes: definition.requiresAttributes.map((name) => ({ name })),
    placementConstraints: [],
    compatibilities: definition.compatibilities as TaskDefinitionView["compatibilities"],
    runtimePlatform: runtimePlatform as TaskDefinitionView["runtimePlatform"],
    requiresCompatibilities:
      definition.requiresCompatibilities as TaskDefinitionView["requiresCompatibilities"],
    cpu: definition.cpu?.toString(),
    memory: definition.memory?.toString(),
    ephemeralStorage:
      ephemeralStorageGiB === undefined ? undefined : { sizeInGiB: ephemeralStorageGiB },
    registeredAt: new Date(definition.registeredAt),
    deregisteredAt: deregisteredAt === undefined ? undefined : new Date(deregisteredAt),
    registeredBy: definition.registeredBy,
  };
}

function toContainerView(container: ContainerDefinition): ContainerView {
  const { logConfiguration: log } = container;
  return {
    name: container.name,
    image: container.image,
    cpu: container.cpu,
    memory: container.memory,
    memoryReservation: container.memoryReservation,
    portMappings: container.portMappings.map((mapping) => ({
      containerPort: mapping.containerPort,
      hostPort: mapping.hostPort,
      protocol: mapping.protocol,
      name: mapping.name,
      appProtocol: mapping.appProtocol as "http" | "http2" | "grpc" | undefined,
    })),
    essential: container.essential,
    entryPoint: container.entryPoint && [...container.entryPoint],
    command: container.command && [...container.command],
    environment: [...container.environment],
    mountPoints: [],
    volumesFrom: [],
    stopTimeout: container.stopTimeout,
    user: container.user,
    workingDirectory: container.workingDirectory,
    logConfiguration: log && { logDriver: "awslogs", options: { ...log.options } },
    systemControls: [],
  };
}
