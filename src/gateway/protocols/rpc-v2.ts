/** Smithy's RPC v2 (CloudWatch and newer services): the operation in the path, CBOR or JSON both ways. */

import { explainBroken } from "../constraints.ts";
import { findError, statusOf } from "../wire/errors.ts";
import { nothing } from "../wire/shapes.ts";
import { CborError, readCbor, writeCbor } from "./cbor.ts";
import { explainNulls } from "./coral.ts";
import { type DocumentForm, malformed, readDocument, writeDocument } from "./document.ts";
import { jsonCodeOf, jsonErrors } from "./json.ts";
import { readJson, writeJson } from "./json-body.ts";
import type { ProtocolCodec } from "./protocol.ts";
import { queryErrorHeader } from "./query-errors.ts";

const cborForm: DocumentForm = {
  readTimestamp: (value) => (value instanceof Date ? value : undefined),
  readBlob: (value) => (value instanceof Uint8Array ? value : undefined),
  writeTimestamp: (date) => date,
  writeBlob: (bytes) => bytes,
  writeNumber: (value) => value,
};

const cborType = "application/cbor";
const cborHeaders = { "smithy-protocol": "rpc-v2-cbor" };

export const rpcV2CborCodec: ProtocolCodec = {
  decode({ body }, operation) {
    const unknown: string[] = [];
    const content = body.length === 0 ? {} : parseCbor(body);
    return {
      input: readDocument(operation?.input ?? nothing, content, cborForm, unknown),
      unknown,
    };
  },
  encode(operation, output, model) {
    const shape = model.operation(operation)?.output;
    const body = shape ? writeCbor(writeDocument(shape, output, cborForm)) : "";
    return { status: 200, contentType: cborType, body, headers: cborHeaders };
  },
  encodeError(error, model) {
    const known = model && findError(model.model, error.code);
    const shape = known?.model.shape === undefined ? undefined : model?.error(known.model.shape);
    const body = writeCbor({
      __type: known?.name ?? error.code,
      [known?.model.message ?? "message"]: error.message,
      ...(shape ? writeDocument(shape, error.members, cborForm) : error.members),
    });
    return {
      status: statusOf(error, known?.model),
      contentType: cborType,
      body,
      headers: { ...cborHeaders, ...queryErrorHeader(error, model) },
    };
  },
  explainMissing: (paths) => explainNulls("ValidationException", paths),
  explainBroken: (broken) => explainBroken("ValidationException", broken),
  codeOf: jsonCodeOf,
};

function parseCbor(body: Buffer): unknown {
  try {
    return readCbor(body);
  } catch (error) {
    if (error instanceof CborError) throw malformed(`The body is not CBOR: ${error.message}`);
    throw error;
  }
}

const jsonHeaders = { "smithy-protocol": "rpc-v2-json" };
const encodeJsonError = jsonErrors("application/json");

export const rpcV2JsonCodec: ProtocolCodec = {
  decode({ body }, operation) {
    const unknown: string[] = [];
    return { input: readJson(operation?.input ?? nothing, body, unknown), unknown };
  },
  encode(operation, output, model) {
    const shape = model.operation(operation)?.output;
    const body = shape ? JSON.stringify(writeJson(shape, output)) : "";
    return { status: 200, contentType: "application/json", body, headers: jsonHeaders };
  },
  encodeError(error, model, requestId) {
    const encoded = encodeJsonError(error, model, requestId);
    return { ...encoded, headers: { ...encoded.headers, ...jsonHeaders } };
  },
  explainMissing: (paths) => explainNulls("ValidationException", paths),
  explainBroken: (broken) => explainBroken("ValidationException", broken),
  codeOf: jsonCodeOf,
};
