/** restXml (S3, Route 53): HTTP bindings and an XML document. */
import { ApiError } from "../api-error.ts";
import { explainBroken } from "../constraints.ts";
import { setEntry } from "../wire/entries.ts";
import { findError, statusOf } from "../wire/errors.ts";
import {
  type LinkedModel,
  type Member,
  nothing,
  type Shape,
  type StructureShape,
} from "../wire/shapes.ts";
import { explainNulls } from "./coral.ts";
import type { Encoded, ProtocolCodec, Refusal } from "./protocol.ts";
import { type RestDialect, readRest } from "./rest-input.ts";
import { type RestWriter, writeHeaders, writeRest } from "./rest-output.ts";
import { parseBase64, parseBoolean, parseNumber, parseTimestamp } from "./scalars.ts";
import { element, encodeContent, encodeMembers, escapeXml } from "./xml.ts";
import { readXml, type XmlElement, XmlError } from "./xml-reader.ts";

const contentType = "application/xml";
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

const codes: Readonly<Record<Refusal, string>> = {
  "unknown-operation": "NotImplemented",
  "too-large": "EntityTooLarge",
  "too-slow": "RequestTimeout",
  "too-busy": "SlowDown",
  malformed: "InvalidRequest",
  internal: "InternalError",
};

const dialect: RestDialect = {
  readBody: (shape, body, unknown) => readMembers(shape, parse(body), "", unknown),
  explainValue: (where, value, wanted) =>
    new ApiError("InvalidArgument", `'${value}' of ${where} is not a valid ${wanted}`),
};

export const restXmlCodec: ProtocolCodec = {
  decode(payload, operation) {
    const unknown: string[] = [];
    return { input: readRest(operation?.input ?? nothing, payload, dialect, unknown), unknown };
  },
  encode(operation, output, model, requestId) {
    const encoded = writeRest(model.operation(operation), output, writerOf(model));
    return { ...encoded, headers: { ...encoded.headers, ...idHeaders(model, requestId) } };
  },
  encodeError(error, model, requestId) {
    const known = model && findError(model.model, error.code);
    const shape = known?.model.shape === undefined ? undefined : model?.error(known.model.shape);
    const members = shape ? encodeMembers(shape, { ...error.members, message: undefined }) : "";
    const code = known ? (known.model.code ?? known.name) : error.code;
    const status = statusOf(error, known?.model);
    const headers = {
      ...(shape && writeHeaders(shape, error.members)),
      ...idHeaders(model, requestId),
    };
    const fields = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(error.message)}</Message>${members}`;
    return { status, contentType, body: errorBody(fields, status, model, requestId), headers };
  },
  explainMissing: (paths) => explainNulls("InvalidRequest", paths),
  explainBroken: (broken) => explainBroken("InvalidRequest", broken),
  codeOf: (refusal) => codes[refusal],
};

/** S3's errors stand alone; others have an element around them. Without a model it is taken for S3. */
function errorBody(
  fields: string,
  status: number,
  model: LinkedModel | undefined,
  requestId: string,
): string {
  const id = `<RequestId>${requestId}</RequestId>`;
  const metadata = model?.model.metadata;
  if (!metadata || metadata.bareErrors) return `${declaration}<Error>${fields}${id}</Error>`;
  const type = `<Type>${status < 500 ? "Sender" : "Receiver"}</Type>`;
  const namespace = escapeXml(metadata.xmlNamespace);
  return `${declaration}<ErrorResponse xmlns="${namespace}"><Error>${type}${fields}</Error>${id}</ErrorResponse>`;
}

/** The clients of S3 look for the request's id under a name of its own, and for a second one. */
function idHeaders(model: LinkedModel | undefined, requestId: string): Encoded["headers"] {
  const isBare = model === undefined || model.model.metadata.bareErrors;
  return isBare ? { "x-amz-request-id": requestId, "x-amz-id-2": requestId } : {};
}

const writerOf = ({ model }: LinkedModel): RestWriter => ({
  contentType,
  writeBody(shape, value, rootName) {
    const attribute = ` xmlns="${escapeXml(model.metadata.xmlNamespace)}"`;
    const [only] = shape.members;
    const held = only && (value as Readonly<Record<string, unknown>>)[only.name];
    if (!shape.unwrapped) return root(rootName, encodeMembers(shape, value), attribute);
    return root(rootName, only && held ? encodeContent(only.shape, held) : "", attribute);
  },
});

const root = (name: string, content: string, attribute: string): string =>
  declaration + element(name, content, attribute);

const malformed = (): ApiError =>
  new ApiError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );

function parse(body: Buffer): XmlElement {
  try {
    return readXml(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    if (error instanceof XmlError || error instanceof TypeError) throw malformed();
    throw error;
  }
}

function readMembers(
  shape: StructureShape,
  parent: XmlElement,
  path: string,
  unknown: string[],
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, elements] of grouped(parent)) {
    const member = shape.byInputName.get(name);
    const here = path === "" ? name : `${path}.${name}`;
    if (member && !member.http && !member.xmlAttribute) {
      result[member.name] = readMember(member, elements, here, unknown);
    } else if (elements.some(says)) {
      unknown.push(here);
    }
  }
  for (const member of shape.members) {
    const text = member.xmlAttribute ? parent.attributes.get(member.inputName) : undefined;
    if (text !== undefined) result[member.name] = text;
  }
  return result;
}

function grouped(parent: XmlElement): ReadonlyMap<string, readonly XmlElement[]> {
  return Map.groupBy(parent.children, ({ name }) => name);
}

const says = ({ children, text }: XmlElement): boolean => text.trim() !== "" || children.some(says);

function readMember(
  { shape, flattened }: Member,
  elements: readonly XmlElement[],
  path: string,
  unknown: string[],
): unknown {
  const last = elements.at(-1);
  if (!last) return undefined;
  if (shape.kind === "list") {
    const held = flattened ? elements : childrenOf(last, shape.member.inputName);
    return held.map((each) => readValue(shape.member.shape, each, path, unknown));
  }
  if (shape.kind === "map") {
    const entries = flattened ? elements : childrenOf(last, "entry");
    return readEntries(shape, entries, path, unknown);
  }
  return readValue(shape, last, path, unknown);
}

function childrenOf(parent: XmlElement, name: string): readonly XmlElement[] {
  if (parent.children.some((child) => child.name !== name)) throw malformed();
  return parent.children;
}

function readEntries(
  shape: Shape & { kind: "map" },
  entries: readonly XmlElement[],
  path: string,
  unknown: string[],
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const entry of entries) {
    const parts = grouped(entry);
    const key = parts.get(shape.key.inputName)?.at(-1);
    const value = parts.get(shape.value.inputName);
    if (!key || !value) throw malformed();
    setEntry(result, key.text, readMember(shape.value, value, path, unknown));
  }
  return result;
}

function readValue(shape: Shape, held: XmlElement, path: string, unknown: string[]): unknown {
  switch (shape.kind) {
    case "structure":
    case "union":
      if (held.text.trim() !== "") throw malformed();
      return readMembers(shape, held, path, unknown);
    case "list":
      return childrenOf(held, shape.member.inputName).map((each) =>
        readValue(shape.member.shape, each, path, unknown),
      );
    case "map":
      return readEntries(shape, childrenOf(held, "entry"), path, unknown);
    default:
      return readText(shape, held);
  }
}

function readText(shape: Shape, { text, children }: XmlElement): unknown {
  if (children.length > 0) throw malformed();
  const value = parseText(shape, text);
  if (value === undefined) throw malformed();
  return value;
}

function parseText(shape: Shape, text: string): unknown {
  switch (shape.kind) {
    case "string":
      return text;
    case "number":
      return parseNumber(text.trim());
    case "boolean":
      return parseBoolean(text.trim());
    case "timestamp":
      return parseTimestamp(text.trim());
    case "blob":
      return parseBase64(text.trim());
    default:
      return undefined;
  }
}
