/** The volumes that a task's containers share, and where they mount them. */
import type { ContainerDefinition as Input, Volume } from "@aws-sdk/client-ecs";
import type {
  ContainerDefinition,
  InstanceSettings,
  MountPoint,
  TaskDefinition,
  VolumesFrom,
} from "../../model/ecs.ts";
import { clientError } from "./errors.ts";
import { pickSettings } from "./instance-settings.ts";

export type Volumes = Pick<TaskDefinition, "volumes" | "volumesOnInstances">;

/** Names of the task's own volumes, and what instances make of them. */
export function readVolumes(inputs: readonly Volume[] | undefined, forFargate: boolean): Volumes {
  if (!inputs?.length) return {};
  const names = inputs.map((volume) => {
    if (forFargate) checkFargate(volume);
    if (!volume.name) throw clientError("Volume.name should not be null or empty.");
    if (!/^[\w-]{1,255}$/.test(volume.name)) {
      throw clientError("Volume.name contains invalid characters.");
    }
    return volume.name;
  });
  if (new Set(names).size < names.length) throw clientError("Volume names must be unique.");
  const settings = inputs.flatMap((volume): [string, InstanceSettings][] => {
    const kept = pickSettings(volume, onInstancesOnly);
    if (kept) return [[volume.name ?? "", kept]];
    return volume.host?.sourcePath ? [[volume.name ?? "", { host: volume.host }]] : [];
  });
  return {
    volumes: names,
    ...(settings.length > 0 && { volumesOnInstances: Object.fromEntries(settings) }),
  };
}

const onInstancesOnly = [
  "dockerVolumeConfiguration",
  "fsxWindowsFileServerVolumeConfiguration",
] as const;

function checkFargate(volume: Volume): void {
  const member =
    onInstancesOnly.find((one) => volume[one]) ?? (volume.host?.sourcePath && "host.sourcePath");
  if (!member) return;
  throw clientError(`Fargate compatible task definitions do not support ${member}`);
}

export function readMountPoints(inputs: Input["mountPoints"]): MountPoint[] | undefined {
  if (!inputs?.length) return undefined;
  return inputs.map(({ sourceVolume = "", containerPath = "", readOnly }) => {
    if (!containerPath.startsWith("/")) {
      throw clientError(`Invalid container path '${containerPath}': it must be absolute.`);
    }
    return { sourceVolume, containerPath, readOnly };
  });
}

export function readVolumesFrom(inputs: Input["volumesFrom"]): VolumesFrom[] | undefined {
  if (!inputs?.length) return undefined;
  return inputs.map(({ sourceContainer = "", readOnly }) => ({
    sourceContainer,
    readOnly,
  }));
}

/** Throws unless every mount names a volume, and every `volumesFrom` a container before it. */
export function checkMounts(
  containers: readonly ContainerDefinition[],
  volumes: readonly string[],
): void {
  for (const { sourceVolume } of containers.flatMap((one) => one.mountPoints ?? [])) {
    if (!volumes.includes(sourceVolume)) throw clientError(`Unknown volume '${sourceVolume}'.`);
  }
  const names = new Set(containers.map(({ name }) => name));
  for (const { sourceContainer } of containers.flatMap((one) => one.volumesFrom ?? [])) {
    if (!names.has(sourceContainer)) {
      throw clientError(`Unknown container '${sourceContainer}' in volumesFrom.`);
    }
  }
  let left = [...containers];
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    const waiting = new Set(left.map(({ name }) => name));
    left = left.filter((one) =>
      one.volumesFrom?.some(({ sourceContainer }) => waiting.has(sourceContainer)),
    );
  }
  if (left.length > 0) throw clientError("Containers must not take their volumes in a circle.");
}
