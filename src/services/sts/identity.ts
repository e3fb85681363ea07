/** Who a caller is. */
import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from "@aws-sdk/client-sts";
import { read } from "../../gateway/service.ts";

/** Needs no permission, on AWS either, whatever a policy says. */
export const getCallerIdentity = read<GetCallerIdentityRequest, GetCallerIdentityResponse>({
  action: "sts:GetCallerIdentity",
  resources: () => ["*"],
  accepts: {},
  run: ({ caller }) => ({ Account: caller.account, Arn: caller.arn, UserId: caller.userId }),
});
