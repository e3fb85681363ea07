/** A container's definition as the runtime is told of it, with what Fargate adds. */
import type {
  ContainerDefinition,
  ContainerOverride,
  HealthCheck,
  ProcessSettings,
} from "../../model/ecs.ts";

/** Fargate's own limit of open files, where the definition says nothing. */
const openFiles = { name: "nofile", soft: 65_535, hard: 65_535 };

/**
 * What the container runs, its image's own where nothing is said. An empty text or list says nothing: to
 * Docker an empty entry point is one that takes the image's away.
 */
export const programOf = (
  container: ContainerDefinition,
  override: Pick<ContainerOverride, "command"> | undefined,
) => ({
  entryPoint: container.entryPoint?.length ? container.entryPoint : undefined,
  command: override?.command ?? (container.command?.length ? container.command : undefined),
  workingDirectory: container.workingDirectory || undefined,
  user: container.user || undefined,
});

/** Labels that the ECS agent sets go over those of the definition; the caller adds them. */
export const containerSettings = (container: ContainerDefinition) => ({
  ...processOf(container),
  healthCheck: container.healthCheck && healthCheckOf(container.healthCheck),
  mounts: container.mountPoints?.map(({ sourceVolume, containerPath, readOnly = false }) => ({
    volume: sourceVolume,
    path: containerPath,
    readOnly,
  })),
  mountsFrom: container.volumesFrom?.map(({ sourceContainer, readOnly = false }) => ({
    container: sourceContainer,
    readOnly,
  })),
});

/** A command that does not say how it is run is run as it stands. */
function healthCheckOf({ command, startPeriod = 0, ...times }: HealthCheck) {
  const isMarked = command[0] === "CMD" || command[0] === "CMD-SHELL";
  return { ...times, startPeriod, command: isMarked ? command : ["CMD", ...command] };
}

function processOf(settings: ProcessSettings) {
  const { linuxParameters, ulimits = [], systemControls } = settings;
  const limits = ulimits.map(({ name, softLimit, hardLimit }) => ({
    name,
    soft: softLimit,
    hard: hardLimit,
  }));
  const hasOpenFiles = limits.some(({ name }) => name === openFiles.name);
  return {
    init: linuxParameters?.initProcessEnabled,
    addCapabilities: linuxParameters?.capabilities?.add,
    dropCapabilities: linuxParameters?.capabilities?.drop,
    readonlyRootFilesystem: settings.readonlyRootFilesystem,
    memoryMounts: linuxParameters?.tmpfs?.map(({ containerPath, size, mountOptions = [] }) => ({
      path: containerPath,
      sizeMiB: size,
      options: mountOptions,
    })),
    terminal: settings.pseudoTerminal,
    openStdin: settings.interactive,
    ulimits: hasOpenFiles ? limits : [...limits, openFiles],
    kernelParameters:
      systemControls &&
      Object.fromEntries(systemControls.map(({ namespace, value }) => [namespace, value])),
  };
}
