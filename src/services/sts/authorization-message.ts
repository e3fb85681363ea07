/** What the encoded message of a denial says. */
import type {
  DecodeAuthorizationMessageRequest,
  DecodeAuthorizationMessageResponse,
} from "@aws-sdk/client-sts";
import { type ReadOperation, read } from "../../gateway/service.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { openAuthorizationMessage } from "../../state/authorization-messages.ts";
import { invalidAuthorizationMessage } from "./errors.ts";

export const decodeAuthorizationMessage = (
  sealing: Sealing,
): ReadOperation<DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse> =>
  read<DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse>({
    action: "sts:DecodeAuthorizationMessage",
    resources: () => ["*"],
    accepts: { EncodedMessage: true },
    run({ scope }, { EncodedMessage = "" }) {
      const text = openAuthorizationMessage(sealing, scope.account, EncodedMessage);
      if (text === undefined) throw invalidAuthorizationMessage();
      return { DecodedMessage: text };
    },
  });
