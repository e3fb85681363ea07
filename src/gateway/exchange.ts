/** What is known of a request while it is answered, and its answer when something goes wrong. */
import { DriverError } from "../dataplane/errors.ts";
import type { Logger } from "../seams/logger.ts";
import { UnwritableStateError } from "../state/store.ts";
import { ApiError } from "./api-error.ts";
import type { Credential } from "./identity.ts";
import { jsonCodec } from "./protocols/json.ts";
import type { Encoded, ErrorCodec } from "./protocols/protocol.ts";
import { queryCodec } from "./protocols/query.ts";
import { type ApiRequest, type Envelope, isForm } from "./request.ts";
import { type Asked, guessCodec } from "./routing/route.ts";

/** What is known of a request so far: enough to answer it when the rest cannot be read. */
export type Exchange = {
  readonly requestId: string;
  /** Monotonic milliseconds. */
  readonly started: number;
  envelope: Envelope | undefined;
  credential: Credential | undefined;
  asked: Asked | undefined;
};

/** In the protocol that the request is known to speak, or seems to. Logs what the caller did not cause. */
export function encodeFailure(
  error: unknown,
  request: ApiRequest,
  exchange: Exchange,
  logger: Logger,
): Encoded {
  const { asked, requestId } = exchange;
  const codec = codecOf(request, exchange);
  const linked = asked?.speech?.linked;
  if (error instanceof ApiError) return codec.encodeError(error, linked, requestId);
  if (isOutage(error)) {
    logger.error("a request was refused", { requestId, error: error.message });
    const refusal = new ApiError(codec.codeOf("too-busy"), `Neargate: ${error.message}.`, {
      status: 503,
    });
    return codec.encodeError(refusal, linked, requestId);
  }
  logger.error("an operation failed in a way it does not know", {
    service: asked?.service?.name,
    operation: asked?.name,
    requestId,
    error,
  });
  return codec.encodeError(internalFailure(codec), linked, requestId);
}

/** Nothing the caller did, and nothing unknown: a full disk, a store that does not answer. */
const isOutage = (error: unknown): error is Error =>
  error instanceof UnwritableStateError ||
  (error instanceof DriverError && error.kind === "unavailable");

function codecOf(request: ApiRequest, { envelope, credential, asked }: Exchange): ErrorCodec {
  if (envelope) return guessCodec(envelope, credential, asked);
  return isForm(request) ? queryCodec : jsonCodec;
}

/** Says nothing of what happened: that is in the log, under the request's id. */
function internalFailure(codec: ErrorCodec): ApiError {
  return new ApiError(
    codec.codeOf("internal"),
    "The request processing has failed because of an unknown error, exception or failure.",
    { status: 500 },
  );
}
