/** The processors that Fargate has tasks on, in the words of images and in those of ECS. */
import type { TaskDefinition } from "../../model/ecs.ts";

/** As Go, and so every image, names it. */
export type Architecture = "amd64" | "arm64";

export const architectureOf = ({
  runtimePlatform,
}: Pick<TaskDefinition, "runtimePlatform">): Architecture =>
  runtimePlatform?.cpuArchitecture === "ARM64" ? "arm64" : "amd64";

/** The attributes of a task of the definition, which may be gone. */
export function taskAttributes(
  definition: Pick<TaskDefinition, "runtimePlatform"> | undefined,
): { name: string; value: string }[] {
  const isArm = definition !== undefined && architectureOf(definition) === "arm64";
  return [{ name: "ecs.cpu-architecture", value: isArm ? "arm64" : "x86_64" }];
}
