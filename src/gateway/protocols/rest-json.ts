/** restJson1 (EFS, Lambda): HTTP bindings and a JSON document. */
import { ApiError } from "../api-error.ts";
import { explainBroken } from "../constraints.ts";
import { findError } from "../wire/errors.ts";
import { nothing } from "../wire/shapes.ts";
import { explainNulls } from "./coral.ts";
import { jsonCodeOf, jsonErrors } from "./json.ts";
import { readJson, writeJson } from "./json-body.ts";
import type { ProtocolCodec } from "./protocol.ts";
import { type RestDialect, readRest } from "./rest-input.ts";
import { type RestWriter, writeHeaders, writeRest } from "./rest-output.ts";

const contentType = "application/json";

const dialect: RestDialect = {
  readBody: readJson,
  explainValue: (where, value, wanted) =>
    new ApiError("SerializationException", `'${value}' of ${where} is not a valid ${wanted}`),
};

const writer: RestWriter = {
  contentType,
  writeBody: (shape, value) => JSON.stringify(writeJson(shape, value)),
};

const encodeError = jsonErrors(contentType);

export const restJsonCodec: ProtocolCodec = {
  decode(payload, operation) {
    const unknown: string[] = [];
    return { input: readRest(operation?.input ?? nothing, payload, dialect, unknown), unknown };
  },
  encode: (operation, output, model) => writeRest(model.operation(operation), output, writer),
  encodeError(error, model, requestId) {
    const known = model && findError(model.model, error.code);
    const shape = known?.model.shape === undefined ? undefined : model?.error(known.model.shape);
    const headers = {
      "x-amzn-errortype": known?.name ?? error.code,
      ...(shape && writeHeaders(shape, error.members)),
    };
    return { ...encodeError(error, model, requestId), headers };
  },
  explainMissing: (paths) => explainNulls("ValidationException", paths),
  explainBroken: (broken) => explainBroken("ValidationException", broken),
  codeOf: jsonCodeOf,
};
