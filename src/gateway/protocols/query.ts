/** AWS query (ELBv2, IAM, STS): a form in, `<XResponse><XResult>` out. */
import { ApiError } from "../api-error.ts";
import { explainBroken } from "../constraints.ts";
import { findError, statusOf } from "../wire/errors.ts";
import type { LinkedModel } from "../wire/shapes.ts";
import { explainNulls } from "./coral.ts";
import type { ProtocolCodec, Refusal } from "./protocol.ts";
import { decodeQuery, type QueryDialect } from "./query-input.ts";
import { element, encodeMembers, escapeXml } from "./xml.ts";

const contentType = "text/xml";

const codes: Readonly<Record<Refusal, string>> = {
  "unknown-operation": "InvalidAction",
  "too-large": "RequestEntityTooLarge",
  "too-slow": "RequestTimeout",
  "too-busy": "ServiceUnavailable",
  malformed: "MalformedInput",
  internal: "InternalFailure",
};

const dialect: QueryDialect = {
  alwaysFlat: false,
  explainValue: (parameter, value, wanted) =>
    new ApiError("MalformedInput", `Value '${value}' at '${parameter}' is not a valid ${wanted}`),
  explainForm: (parameter) =>
    new ApiError("MalformedInput", `Unexpected structure of the parameter ${parameter}`),
};

export const queryCodec: ProtocolCodec = {
  decode: (payload, operation) => decodeQuery(payload, operation?.input, dialect),
  encode(operation, output, model, requestId) {
    const shape = model.operation(operation)?.output;
    const result = shape ? element(`${operation}Result`, encodeMembers(shape, output)) : "";
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    const name = `${operation}Response`;
    const namespace = escapeXml(model.model.metadata.xmlNamespace);
    return {
      status: 200,
      contentType,
      body: `<${name} xmlns="${namespace}">${result}${metadata}</${name}>`,
    };
  },
  encodeError(error, linked, requestId) {
    const known = linked && findError(linked.model, error.code);
    const status = statusOf(error, known?.model);
    const fields = [
      `<Type>${status < 500 ? "Sender" : "Receiver"}</Type>`,
      `<Code>${escapeXml(known ? (known.model.code ?? known.name) : error.code)}</Code>`,
      `<Message>${escapeXml(error.message)}</Message>`,
      encodeErrorMembers(error, linked, known?.model.shape),
    ];
    const namespace = linked ? ` xmlns="${escapeXml(linked.model.metadata.xmlNamespace)}"` : "";
    return {
      status,
      contentType,
      body: `<ErrorResponse${namespace}><Error>${fields.join("")}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    };
  },
  explainMissing: (paths) => explainNulls("ValidationError", paths),
  explainBroken: (broken) => explainBroken("ValidationError", broken),
  codeOf: (refusal) => codes[refusal],
};

function encodeErrorMembers(
  error: ApiError,
  linked: LinkedModel | undefined,
  shapeName: string | undefined,
): string {
  const shape = shapeName === undefined ? undefined : linked?.error(shapeName);
  if (shape) return encodeMembers(shape, { ...error.members, message: undefined });
  return Object.entries(error.members)
    .map(([name, value]) => element(name, escapeXml(String(value))))
    .join("");
}
