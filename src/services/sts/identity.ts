/** Who a caller is, and whose a key. */
import type {
  GetAccessKeyInfoRequest,
  GetAccessKeyInfoResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
} from "@aws-sdk/client-sts";
import { read } from "../../gateway/service.ts";
import { accountOfAccessKeyId } from "../../model/access-key-id.ts";
import { validationError } from "./errors.ts";

/** Needs no permission, on AWS either, whatever a policy says. */
export const getCallerIdentity = read<GetCallerIdentityRequest, GetCallerIdentityResponse>({
  action: "sts:GetCallerIdentity",
  resources: () => ["*"],
  accepts: {},
  authorization: "none",
  run: ({ caller }) => ({ Account: caller.account, Arn: caller.arn, UserId: caller.userId }),
});

/** The account of a key, which its id tells, whether the key is still there or not. */
export const getAccessKeyInfo = read<GetAccessKeyInfoRequest, GetAccessKeyInfoResponse>({
  action: "sts:GetAccessKeyInfo",
  resources: () => ["*"],
  accepts: { AccessKeyId: true },
  run(_context, { AccessKeyId }) {
    const account = accountOfAccessKeyId(AccessKeyId ?? "");
    if (account === undefined) throw validationError("Invalid AccessKeyId.");
    return { Account: account };
  },
});
