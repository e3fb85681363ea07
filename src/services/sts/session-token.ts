/** GetSessionToken: credentials of the caller's own that end. */
import type { GetSessionTokenRequest, GetSessionTokenResponse } from "@aws-sdk/client-sts";
import { type ReadOperation, read } from "../../gateway/service.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { issueSession } from "../../state/sessions.ts";
import { readSecondFactor } from "./second-factor.ts";
import { sponsorOf } from "./sponsor.ts";
import { toCredentials } from "./views.ts";

const defaultSeconds = 43_200;

export const getSessionToken = (
  sealing: Sealing,
): ReadOperation<GetSessionTokenRequest, GetSessionTokenResponse> =>
  read<GetSessionTokenRequest, GetSessionTokenResponse>({
    action: "sts:GetSessionToken",
    resources: () => ["*"],
    accepts: { DurationSeconds: true, SerialNumber: true, TokenCode: true },
    authorization: "none",
    run(context, input) {
      const { caller, ids, wall } = context;
      const { DurationSeconds = defaultSeconds } = input;
      const { account } = caller;
      const { holder, seconds } = sponsorOf(caller, "GetSessionToken", DurationSeconds);
      const content = {
        account,
        holder,
        ...(readSecondFactor(context, input) && { secondFactorAt: wall }),
      };
      const issued = issueSession({ sealing, ids, wall }, content, seconds);
      return { Credentials: toCredentials(issued) };
    },
  });
