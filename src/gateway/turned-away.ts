/** Requests that no operation sees: answered in the shape of their protocol, as far as it can be told, and cut off. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../seams/clock.ts";
import type { Ids } from "../seams/ids.ts";
import type { Logger } from "../seams/logger.ts";
import { ApiError } from "./api-error.ts";
import { BodyError } from "./bodies/collected.ts";
import { type Credential, readCredential } from "./identity.ts";
import type { ErrorCodec, Refusal } from "./protocols/protocol.ts";
import { type ApiResponse, type Envelope, openEnvelope } from "./request.ts";
import { guessCodec } from "./routing/route.ts";
import { plain, send, toResponse } from "./sending.ts";

type Seams = { readonly ids: Ids; readonly clock: Clock };

const nothing = Buffer.alloc(0);
/** Milliseconds in which a client that is still sending may read its answer. */
const readingGraceMs = 1_000;

/** No operation is to blame; the client is told no more than that. */
export function giveUp(
  response: ServerResponse,
  error: unknown,
  { logger }: { readonly logger: Logger },
): void {
  const { url, destroyed, complete } = response.req;
  // A client that is gone in the middle of its request has not found a mistake of ours.
  const level = destroyed && !complete ? "debug" : "error";
  logger[level]("a request failed outside any operation", { url, error });
  if (response.headersSent) response.destroy();
  else send(response, plain(500, "Internal failure"));
}

const bodyRefusals: Readonly<
  Record<Exclude<BodyError["reason"], "aborted">, { refusal: Refusal; status: number }>
> = {
  "too-large": { refusal: "too-large", status: 413 },
  "too-slow": { refusal: "too-slow", status: 408 },
  "too-busy": { refusal: "too-busy", status: 503 },
  malformed: { refusal: "malformed", status: 400 },
};

/** In the shape of the protocol, as far as it can be told without the body. */
export function explainBody(
  error: unknown,
  { method = "GET", url = "/", headers }: IncomingMessage,
  { ids }: Pick<Seams, "ids">,
): ApiResponse {
  const requestId = ids.uuid();
  const [path = "/"] = url.split("?");
  const envelope = openEnvelope({ method, url: path, headers, body: nothing });
  const codec = guessCodec(envelope, credentialOf(envelope), undefined);
  const encoded = codec.encodeError(toApiError(error, codec), undefined, requestId);
  return toResponse(encoded, requestId);
}

function credentialOf(envelope: Envelope): Credential | undefined {
  try {
    return readCredential(envelope);
  } catch {
    return undefined;
  }
}

/** Answers a request that is not let in, in the shape of its protocol. */
export const refuseRequest = (
  request: IncomingMessage,
  response: ServerResponse,
  error: ApiError,
  options: Seams,
): void => cutOff(request, response, explainBody(error, request, options), options);

function toApiError(error: unknown, codec: ErrorCodec): ApiError {
  if (error instanceof ApiError) return error;
  if (!(error instanceof BodyError) || error.reason === "aborted") throw error;
  const { refusal, status } = bodyRefusals[error.reason];
  return new ApiError(codec.codeOf(refusal), error.message, { status });
}

/** Answers a request that is not read to its end, and then closes its connection. */
export function cutOff(
  request: IncomingMessage,
  response: ServerResponse,
  answer: ApiResponse,
  { clock }: Pick<Seams, "clock">,
): void {
  send(response, { ...answer, headers: { ...answer.headers, connection: "close" } });
  if (request.complete) return;
  // Throwing the rest away for a moment lets the client read the answer before the reset.
  request.resume();
  const timer = clock.wallAfter(readingGraceMs, () => request.destroy());
  request.once("close", () => timer.cancel());
}
