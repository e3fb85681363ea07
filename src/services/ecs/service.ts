/** Amazon ECS. */
import type { ServiceModule } from "../../gateway/service.ts";

export function ecsService(): ServiceModule {
  return { name: "ecs", operations: {} };
}
