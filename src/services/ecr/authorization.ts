/** Passwords for `docker login`. */
import type * as Ecr from "@aws-sdk/client-ecr";
import { type ReadOperation, read } from "../../gateway/service.ts";
import type { RegistryCredentials } from "./credentials.ts";
import { invalidParameter } from "./errors.ts";

export function getAuthorizationToken(
  credentials: RegistryCredentials,
): ReadOperation<Ecr.GetAuthorizationTokenRequest, Ecr.GetAuthorizationTokenResponse> {
  return read<Ecr.GetAuthorizationTokenRequest, Ecr.GetAuthorizationTokenResponse>({
    action: "ecr:GetAuthorizationToken",
    resources: () => ["*"],
    accepts: { registryIds: true },
    run({ scope, caller, endpoint }, input) {
      const registries = input.registryIds?.length ? input.registryIds : [scope.account];
      if (registries.some((id) => !/^\d{12}$/.test(id))) {
        throw invalidParameter("registryIds", "must satisfy regular expression '[0-9]{12}'");
      }
      const issued = credentials.issue({ account: scope.account, callerArn: caller.arn });
      const authorizationToken = Buffer.from(`AWS:${issued.password}`).toString("base64");
      return {
        authorizationData: registries.map(() => ({
          authorizationToken,
          expiresAt: new Date(issued.expiresAt),
          proxyEndpoint: `http://localhost:${endpoint.port}`,
        })),
      };
    },
  });
}
