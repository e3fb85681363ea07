/** The parameters that AWS publishes for everybody: the ECS-optimized machine images. */
import { type MachineImage, machineImageId, machineImages } from "../../model/machine-images.ts";

export type PublicParameter = { readonly name: string; readonly value: string };

export const isPublicName = (name: string): boolean => name.startsWith("/aws/service/");

/** All of a region, in the order of their names. */
export function publicParameters(region: string): readonly PublicParameter[] {
  return machineImages
    .flatMap((image) => parametersOf(image, region))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function parametersOf(image: MachineImage, region: string): PublicParameter[] {
  const base = `/aws/service/ecs/optimized-ami/${image.path}/recommended`;
  const facts = {
    ecs_agent_version: image.agentVersion,
    ecs_runtime_version: image.runtimeVersion,
    image_id: machineImageId(image, region),
    image_name: image.name,
    image_version: image.name.replace(/^.*?(\d+(?:\.\d+)*\.\d{8}).*$/, "$1"),
    os: image.os,
    schema_version: 1,
  };
  const parts = [
    "ecs_agent_version",
    "ecs_runtime_version",
    "image_id",
    "image_name",
    "os",
  ] as const;
  return [
    { name: base, value: JSON.stringify(facts) },
    ...parts.map((part) => ({ name: `${base}/${part}`, value: facts[part] })),
  ];
}
