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
};

const version = { agentVersion: "1.89.0", runtimeVersion: "Docker version 25.0.6" };
const released = "20250102";

/** Every image that is published. */
export const machineImages: readonly MachineImage[] = [
  {
    path: "amazon-linux-2",
    name: `amzn2-ami-ecs-hvm-2.0.${released}-x86_64-ebs`,
    os: "Amazon Linux 2",
    architecture: "x86_64",
    ...version,
  },
  {
    path: "amazon-linux-2/arm64",
    name: `amzn2-ami-ecs-hvm-2.0.${released}-arm64-ebs`,
    os: "Amazon Linux 2",
    architecture: "arm64",
    ...version,
  },
  {
    path: "amazon-linux-2023",
    name: `al2023-ami-ecs-hvm-2023.0.${released}-kernel-6.1-x86_64`,
    os: "Amazon Linux 2023",
    architecture: "x86_64",
    ...version,
  },
  {
    path: "amazon-linux-2023/arm64",
    name: `al2023-ami-ecs-hvm-2023.0.${released}-kernel-6.1-arm64`,
    os: "Amazon Linux 2023",
    architecture: "arm64",
    ...version,
  },
];

/** `ami-` and 17 hex digits. */
export const machineImageId = (image: MachineImage, region: string): string =>
  `ami-0${[1, 2].map((salt) => hash(`${salt}${region}${image.name}`)).join("")}`;

/** FNV-1a of 32 bits, as eight hex digits: it only has to spread. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (value >>> 0).toString(16).padStart(8, "0");
}
