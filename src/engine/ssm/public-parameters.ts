/** The parameters that AWS publishes for everybody: the machine images that are made for ECS. */
import {
  bottlerocketImages,
  type MachineImage,
  machineImageId,
  machineImages,
  type WindowsImage,
  windowsImages,
} from "../../model/machine-images.ts";

export type PublicParameter = { readonly name: string; readonly value: string };

export const isPublicName = (name: string): boolean => name.startsWith("/aws/service/");

const known = new Map<string, readonly PublicParameter[]>();

/** All of a region, in the order of their names. */
export function publicParameters(region: string): readonly PublicParameter[] {
  const made = known.get(region) ?? makeParameters(region);
  known.set(region, made);
  return made;
}

const makeParameters = (region: string): readonly PublicParameter[] =>
  [
    ...machineImages.flatMap((image) => parametersOf(image, region)),
    ...windowsImages.flatMap((image) => windowsParametersOf(image, region)),
    ...bottlerocketImages.flatMap((image) =>
      ["latest", image.version].flatMap((version) => [
        {
          name: `/aws/service/bottlerocket/${image.path}/${version}/image_id`,
          value: machineImageId(image, region),
        },
        {
          name: `/aws/service/bottlerocket/${image.path}/${version}/image_version`,
          value: image.version,
        },
      ]),
    ),
  ].toSorted((one, other) => (one.name < other.name ? -1 : 1));

/** Under `recommended` and under the image's own name: the facts together, and each by itself. */
function parametersOf(image: MachineImage, region: string): PublicParameter[] {
  const facts: Record<string, string> = {
    ecs_agent_version: image.agentVersion,
    ecs_runtime_version: image.runtimeVersion,
    image_id: machineImageId(image, region),
    image_name: image.name,
    image_version: image.name.replace(/^.*?(\d+(?:\.\d+)*\.\d{8}).*$/, "$1"),
    os: image.os,
    source_image_name: image.source,
  };
  const all = JSON.stringify({ ...facts, schema_version: 1 });
  const place = `/aws/service/ecs/optimized-ami/${image.path}`;
  const own = `/aws/service/ecs/optimized-ami/${image.path.split("/")[0]}/${image.name}`;
  return [`${place}/recommended`, own].flatMap((base) => [
    { name: base, value: all },
    ...Object.entries(facts).map(([part, value]) => ({ name: `${base}/${part}`, value })),
  ]);
}

function windowsParametersOf(image: WindowsImage, region: string): PublicParameter[] {
  const facts = {
    image_name: image.name,
    image_id: machineImageId(image, region),
    ecs_runtime_version: image.runtimeVersion,
    ecs_agent_version: image.agentVersion,
  };
  const place = `/aws/service/ami-windows-latest/${image.path}`;
  return [
    { name: place, value: JSON.stringify(facts) },
    ...Object.entries(facts).map(([part, value]) => ({ name: `${place}/${part}`, value })),
  ];
}
