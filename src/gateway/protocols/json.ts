/** AWS JSON 1.0 and 1.1 (ECS, ECR, Logs): one JSON object each way, timestamps as seconds since the epoch. */

import { joinEncoded, partEncoded } from "../bulk.ts";
import { explainBroken } from "../constraints.ts";
import { findError, statusOf } from "../wire/errors.ts";
import { nothing } from "../wire/shapes.ts";
import { explainNulls } from "./coral.ts";
import { malformed } from "./document.ts";
import { eventStreamType, toEventMessages } from "./event-stream.ts";
import { readJson, writeJson } from "./json-body.ts";
import type { ErrorCodec, ProtocolCodec, Refusal } from "./protocol.ts";
import { queryErrorHeader } from "./query-errors.ts";

const codes: Readonly<Record<Refusal, string>> = {
  "unknown-operation": "UnknownOperationException",
  "too-large": "RequestEntityTooLargeException",
  "too-slow": "RequestTimeoutException",
  "too-busy": "ServiceUnavailableException",
  malformed: "SerializationException",
  internal: "InternalFailure",
};

export const jsonCodeOf = (refusal: Refusal): string => codes[refusal];

function makeCodec(contentType: string): ProtocolCodec {
  return {
    decode({ body }, operation) {
      const unknown: string[] = [];
      return { input: readJson(operation?.input ?? nothing, body, unknown), unknown };
    },
    encode(operation, output, model) {
      const shape = model.operation(operation)?.output;
      const messages = shape && toEventMessages(shape, output);
      if (messages) return { status: 200, contentType: eventStreamType, body: "", messages };
      const parted = partEncoded(output);
      const text = shape ? JSON.stringify(writeJson(shape, parted.plain)) : "";
      const body = parted.encoded.length > 0 ? joinEncoded(text, parted) : text;
      return { status: 200, contentType, body };
    },
    takesEncoded: true,
    encodeError: oneStatus(jsonErrors(contentType)),
    explainFraction: () => malformed("NUMBER_VALUE cannot be converted to Integer"),
    explainMissing: (paths) => explainNulls("ValidationException", paths),
    explainBroken: (broken) => explainBroken("ValidationException", broken),
    codeOf: jsonCodeOf,
  };
}

/**
 * Whatever the model says of a client's error, services answer it with 400, unless they once spoke AWS
 * query; a status that it was thrown with is its own.
 */
const oneStatus =
  (encodeError: ErrorCodec["encodeError"]): ErrorCodec["encodeError"] =>
  (error, model, requestId) => {
    const encoded = encodeError(error, model, requestId);
    const keeps = model?.model.metadata.awsQueryCompatible === true;
    return encoded.status < 500 && !keeps ? { ...encoded, status: error.status } : encoded;
  };

/** `{"__type": …, "message": …}` and the members of the error's shape. */
export function jsonErrors(contentType: string): ErrorCodec["encodeError"] {
  return (error, model) => {
    const known = model && findError(model.model, error.code);
    const shape = known?.model.shape === undefined ? undefined : model?.error(known.model.shape);
    const members = shape ? writeJson(shape, error.members) : error.members;
    const body = {
      __type: known?.name ?? error.code,
      [known?.model.message ?? "message"]: error.message,
      ...members,
    };
    return {
      status: statusOf(error, known?.model),
      contentType,
      body: JSON.stringify(body),
      headers: queryErrorHeader(error, model),
    };
  };
}

export const jsonCodec: ProtocolCodec = makeCodec("application/x-amz-json-1.1");
export const json10Codec: ProtocolCodec = makeCodec("application/x-amz-json-1.0");
