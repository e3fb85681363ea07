/** IAM. */
import type { ServiceModule } from "../../gateway/service.ts";

export function iamService(): ServiceModule {
  return { name: "iam", operations: {} };
}
