/** Task definitions as answers show them, with what ECS fills in. */
import type {
  ContainerDefinition as ContainerView,
  LogDriver,
  PortMapping as PortView,
  TaskDefinition as TaskDefinitionView,
  UlimitName,
} from "@aws-sdk/client-ecs";
import type {
  ContainerDefinition,
  HealthCheck,
  PortMapping,
  ProcessSettings,
  TaskDefinition,
} from "../../../model/ecs.ts";

export function toTaskDefinitionView(definition: TaskDefinition): TaskDefinitionView {
  const { runtimePlatform, ephemeralStorageGiB, deregisteredAt, deleteRequestedAt } = definition;
  return {
    taskDefinitionArn: definition.arn,
    containerDefinitions: definition.containers.map(toContainerView),
    family: definition.family,
    taskRoleArn: definition.taskRoleArn,
    executionRoleArn: definition.executionRoleArn,
    networkMode: definition.networkMode,
    pidMode: definition.pidMode,
    revision: definition.revision,
    volumes: (definition.volumes ?? []).map((name) => ({
      name,
      ...(definition.volumesOnInstances?.[name] ?? { host: {} }),
    })),
    status: definition.status,
    requiresAttributes: definition.requiresAttributes.map((name) => ({ name })),
    placementConstraints: [],
    ...(definition.onInstances as Partial<TaskDefinitionView>),
    compatibilities: definition.compatibilities as TaskDefinitionView["compatibilities"],
    runtimePlatform: runtimePlatform as TaskDefinitionView["runtimePlatform"],
    requiresCompatibilities:
      definition.requiresCompatibilities.length > 0
        ? (definition.requiresCompatibilities as TaskDefinitionView["requiresCompatibilities"])
        : undefined,
    cpu: definition.cpu?.toString(),
    memory: definition.memory?.toString(),
    ephemeralStorage:
      ephemeralStorageGiB === undefined ? undefined : { sizeInGiB: ephemeralStorageGiB },
    registeredAt: new Date(definition.registeredAt),
    deregisteredAt: deregisteredAt === undefined ? undefined : new Date(deregisteredAt),
    deleteRequestedAt: deleteRequestedAt === undefined ? undefined : new Date(deleteRequestedAt),
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
    portMappings: container.portMappings.map(toPortView),
    essential: container.essential,
    entryPoint: container.entryPoint && [...container.entryPoint],
    command: container.command && [...container.command],
    environment: [...container.environment],
    secrets: container.secrets && [...container.secrets],
    repositoryCredentials: container.repositoryCredentials && {
      ...container.repositoryCredentials,
    },
    versionConsistency: container.versionConsistency,
    ...toProcessView(container),
    mountPoints: [...(container.mountPoints ?? [])],
    volumesFrom: [...(container.volumesFrom ?? [])],
    startTimeout: container.startTimeout,
    stopTimeout: container.stopTimeout,
    healthCheck: toHealthCheckView(container.healthCheck),
    dependsOn: container.dependsOn && [...container.dependsOn],
    restartPolicy: container.restartPolicy && {
      ...container.restartPolicy,
      ignoredExitCodes: container.restartPolicy.ignoredExitCodes && [
        ...container.restartPolicy.ignoredExitCodes,
      ],
    },
    user: container.user,
    workingDirectory: container.workingDirectory,
    logConfiguration: log && {
      logDriver: log.logDriver as LogDriver,
      options: { ...log.options },
      secretOptions: log.secretOptions?.map((one) => ({ ...one })),
    },
    ...(container.onInstances as Partial<ContainerView>),
  };
}

function toPortView(mapping: PortMapping): PortView {
  const { containerPortRange, containerPort, hostPort, protocol, name, appProtocol } = mapping;
  if (containerPortRange !== undefined) return { containerPortRange, protocol };
  return {
    ...{ containerPort, hostPort, protocol, name },
    appProtocol: appProtocol as PortView["appProtocol"],
  };
}

const toHealthCheckView = (check: HealthCheck | undefined): ContainerView["healthCheck"] =>
  check && { ...check, command: [...check.command] };

function toProcessView(settings: ProcessSettings): Partial<ContainerView> {
  const { linuxParameters: linux, ulimits, systemControls, dockerLabels } = settings;
  const { capabilities } = linux ?? {};
  return {
    linuxParameters: linux && {
      initProcessEnabled: linux.initProcessEnabled,
      capabilities: capabilities && {
        add: capabilities.add && [...capabilities.add],
        drop: capabilities.drop && [...capabilities.drop],
      },
      tmpfs: linux.tmpfs?.map(({ containerPath, size, mountOptions }) => ({
        ...{ containerPath, size },
        mountOptions: mountOptions && [...mountOptions],
      })),
      ...(linux.onInstances as Partial<NonNullable<ContainerView["linuxParameters"]>>),
    },
    readonlyRootFilesystem: settings.readonlyRootFilesystem,
    pseudoTerminal: settings.pseudoTerminal,
    interactive: settings.interactive,
    ulimits: ulimits?.map((limit) => ({ ...limit, name: limit.name as UlimitName })),
    systemControls: [...(systemControls ?? [])],
    dockerLabels: dockerLabels && { ...dockerLabels },
  };
}
