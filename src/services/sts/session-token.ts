/** GetSessionToken: credentials of the caller's own that end. */
import type { GetSessionTokenRequest, GetSessionTokenResponse } from "@aws-sdk/client-sts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { type ReadOperation, read } from "../../gateway/service.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { issueSession, type SessionHolder } from "../../state/sessions.ts";
import { accessDenied } from "./errors.ts";
import { toCredentials } from "./views.ts";

const defaultSeconds = 43_200;
/** More is not given to an account's root, whatever it asks for. */
const longestOfRoot = 3_600;

export const getSessionToken = (
  sealing: Sealing,
): ReadOperation<GetSessionTokenRequest, GetSessionTokenResponse> =>
  read<GetSessionTokenRequest, GetSessionTokenResponse>({
    action: "sts:GetSessionToken",
    resources: () => ["*"],
    accepts: { DurationSeconds: true },
    authorization: "none",
    run({ caller, ids, wall }, { DurationSeconds = defaultSeconds }) {
      checkConstraints(
        [["durationSeconds", DurationSeconds, { range: [900, 129_600] }]],
        "ValidationError",
      );
      const { account, arn, principal, userId } = caller;
      if (caller.session || principal.type === "session") {
        throw accessDenied("Cannot call GetSessionToken with session credentials");
      }
      const isRoot = principal.type === "root";
      const name = arn.split("/").at(-1) ?? "";
      const holder: SessionHolder = isRoot
        ? { type: "root" }
        : { type: "user", name, id: userId, arn };
      const seconds = isRoot ? Math.min(DurationSeconds, longestOfRoot) : DurationSeconds;
      const issued = issueSession({ sealing, ids, wall }, { account, holder }, seconds);
      return { Credentials: toCredentials(issued) };
    },
  });
