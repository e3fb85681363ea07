/** AWS STS: who is calling. */
import type { ServiceModule } from "../../gateway/service.ts";
import { getCallerIdentity } from "./identity.ts";

export function stsService(): ServiceModule {
  return { name: "sts", operations: { GetCallerIdentity: getCallerIdentity } };
}
