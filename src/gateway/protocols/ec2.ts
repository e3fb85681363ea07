/** EC2's own variety of AWS query: flat lists in, no result element out, errors of another form. */
import { ApiError } from "../api-error.ts";
import type { MemberPath } from "./member-path.ts";
import type { ProtocolCodec, Refusal } from "./protocol.ts";
import { decodeQuery, type QueryDialect } from "./query-input.ts";
import { element, encodeMembers, escapeXml } from "./xml.ts";

const contentType = "text/xml;charset=UTF-8";
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

const codes: Readonly<Record<Refusal, string>> = {
  "unknown-operation": "InvalidAction",
  "too-large": "RequestEntityTooLarge",
  "too-slow": "RequestTimeout",
  "too-busy": "Unavailable",
  malformed: "MalformedInput",
  internal: "InternalError",
};

const dialect: QueryDialect = {
  alwaysFlat: true,
  explainValue: (parameter, value, wanted) =>
    new ApiError(
      "InvalidParameterValue",
      `Invalid value '${value}' for ${parameter}. It is not a valid ${wanted}.`,
    ),
  explainForm: explainUnknown,
};

function explainUnknown(parameter: string): ApiError {
  return new ApiError("UnknownParameter", `The parameter ${parameter} is not recognized`);
}

export const ec2Codec: ProtocolCodec = {
  decode: (payload, operation) => decodeQuery(payload, operation?.input, dialect),
  encode(operation, output, model, requestId) {
    const shape = model.operation(operation)?.output;
    // An operation that has nothing to say says that it was done.
    const content = shape ? encodeMembers(shape, output) : "<return>true</return>";
    const name = `${operation}Response`;
    const namespace = escapeXml(model.model.metadata.xmlNamespace);
    return {
      status: 200,
      contentType,
      body: `${declaration}<${name} xmlns="${namespace}"><requestId>${requestId}</requestId>${content}</${name}>`,
    };
  },
  encodeError(error, _model, requestId) {
    const members = Object.entries(error.members).map(([name, value]) =>
      element(name, escapeXml(String(value))),
    );
    const fields = `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`;
    return {
      status: error.status,
      contentType,
      body: `${declaration}<Response><Errors><Error>${fields}${members.join("")}</Error></Errors><RequestID>${requestId}</RequestID></Response>`,
    };
  },
  explainMissing: ([path]) =>
    new ApiError(
      "MissingParameter",
      `The request must contain the parameter ${path ? parameterName(path) : ""}`,
    ),
  explainBroken: ([broken]) => {
    const { path = [], value } = broken ?? {};
    const parameter = lowerFirst(parameterName(path));
    return new ApiError(
      "InvalidParameterValue",
      `Value (${String(value).slice(0, longestShown)}) for parameter ${parameter} is invalid.`,
    );
  },
  explainUnknown,
  codeOf: (refusal) => codes[refusal],
};

const longestShown = 4096;
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const parameterName = (path: MemberPath): string =>
  path.map((step) => (typeof step === "object" ? step.inputName : step)).join(".");
