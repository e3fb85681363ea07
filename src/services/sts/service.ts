/** AWS STS: who is calling, and credentials that end. */
import type { ServiceModule } from "../../gateway/service.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { assumeRole } from "./assume-role.ts";
import { getAccessKeyInfo, getCallerIdentity } from "./identity.ts";
import { getSessionToken } from "./session-token.ts";
import { assumeRoleWithWebIdentity } from "./web-identity.ts";

export function stsService({ sealing }: { readonly sealing: Sealing }): ServiceModule {
  return {
    name: "sts",
    operations: {
      AssumeRole: assumeRole(sealing),
      AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
      GetAccessKeyInfo: getAccessKeyInfo,
      GetCallerIdentity: getCallerIdentity,
      GetSessionToken: getSessionToken(sealing),
    },
  };
}
