/** Amazon CloudWatch Logs. */
import type { ServiceModule } from "../../gateway/service.ts";

export function logsService(): ServiceModule {
  return { name: "logs", operations: {} };
}
