/**
 * The ECS-optimized machine images that AWS publishes, as names and ids only: what runs here in place
 * of such an image is Neargate's own. An id is the same on every machine and differs by region.
 */

export type MachineImage = {
  /** Path under `/aws/service/ecs/optimized-ami/`. */
  readonly path: string;
  readonly name: string;
  readonly os: string;
  readonly architecture: "x86_64" | "arm64";
  readonly agentVersion: string;
  readonly runtimeVersion: string;
  /** The name of the image that it was made from. */
  readonly source: string;
};

export type BottlerocketImage = {
  /** Path under `/aws/service/bottlerocket/`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
};

const version = { agentVersion: "1.89.0", runtimeVersion: "Docker version 25.0.6" };
const released = "20250102";
const windowsRuntime = "Docker (CE) version 25.0.6";

type Kind = Pick<MachineImage, "path" | "architecture"> & { readonly kind: string };

const linux2 = ({ path, architecture, kind }: Kind): MachineImage => ({
  path,
  name: `amzn2-ami-ecs-${kind}hvm-2.0.${released}-${architecture}-ebs`,
  os: "Amazon Linux 2",
  architecture,
  ...version,
  source: `amzn2-ami-minimal-hvm-2.0.20241217.0-${architecture}-ebs`,
});

const linux2023 = ({ path, architecture, kind }: Kind): MachineImage => ({
  path,
  name: `al2023-ami-ecs-${kind}hvm-2023.0.${released}-kernel-6.1-${architecture}`,
  os: "Amazon Linux 2023",
  architecture,
  ...version,
  source: `al2023-ami-minimal-2023.6.20241212.0-kernel-6.1-${architecture}`,
});

/** Every image that is published. */
export const machineImages: readonly MachineImage[] = [
  linux2({ path: "amazon-linux-2", architecture: "x86_64", kind: "" }),
  linux2({ path: "amazon-linux-2/arm64", architecture: "arm64", kind: "" }),
  linux2({ path: "amazon-linux-2/gpu", architecture: "x86_64", kind: "gpu-" }),
  linux2({ path: "amazon-linux-2/inf", architecture: "x86_64", kind: "inf-" }),
  linux2({ path: "amazon-linux-2/kernel-5.10", architecture: "x86_64", kind: "kernel-5.10-" }),
  linux2({ path: "amazon-linux-2/kernel-5.10/arm64", architecture: "arm64", kind: "kernel-5.10-" }),
  linux2023({ path: "amazon-linux-2023", architecture: "x86_64", kind: "" }),
  linux2023({ path: "amazon-linux-2023/arm64", architecture: "arm64", kind: "" }),
  linux2023({ path: "amazon-linux-2023/gpu", architecture: "x86_64", kind: "gpu-" }),
  linux2023({ path: "amazon-linux-2023/neuron", architecture: "x86_64", kind: "neuron-" }),
];

const bottlerocketVersion = "1.29.0-c55d099c";

export const bottlerocketImages: readonly BottlerocketImage[] = [
  "aws-ecs-1",
  "aws-ecs-1-nvidia",
  "aws-ecs-2",
  "aws-ecs-2-nvidia",
].flatMap((variant) =>
  ["x86_64", "arm64"].map((architecture) => ({
    path: `${variant}/${architecture}`,
    name: `bottlerocket-${variant}-${architecture}-v${bottlerocketVersion}`,
    version: bottlerocketVersion,
  })),
);

export type WindowsImage = Pick<MachineImage, "name" | "agentVersion" | "runtimeVersion"> & {
  /** Path under `/aws/service/ami-windows-latest/`. */
  readonly path: string;
};

/** Windows Server with Amazon ECS. */
export const windowsImages: readonly WindowsImage[] = ["2016", "2019", "2022", "2025"].flatMap(
  (release) =>
    (release === "2016" ? ["Full"] : ["Full", "Core"]).map((edition) => {
      const path = `Windows_Server-${release}-English-${edition}-ECS_Optimized`;
      return { path, name: `${path}-2025.01.15`, ...version, runtimeVersion: windowsRuntime };
    }),
);

/** `ami-` and 17 hex digits. */
export const machineImageId = (image: Pick<MachineImage, "name">, region: string): string =>
  `ami-0${[1, 2].map((salt) => hash(`${salt}${region}${image.name}`)).join("")}`;

/** FNV-1a of 32 bits, as eight hex digits: it only has to spread. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (value >>> 0).toString(16).padStart(8, "0");
}
