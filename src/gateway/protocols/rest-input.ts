/** Reads what REST services carry outside the body's document: labels, query, headers, payload. */
import type { ApiError } from "../api-error.ts";
import { headerOf } from "../request.ts";
import { setEntry } from "../wire/entries.ts";
import type { HttpBinding } from "../wire/model.ts";
import type { Member, Shape, StructureShape } from "../wire/shapes.ts";
import type { Payload } from "./protocol.ts";
import { parseBase64, parseBoolean, parseNumber, parseTimestamp } from "./scalars.ts";

export type RestDialect = {
  /** A value that is not of its type: `where` is the parameter or header as sent. */
  readonly explainValue: (where: string, value: string, wanted: string) => ApiError;
  /** The document of a structure, from the body. */
  readonly readBody: (shape: StructureShape, body: Buffer, unknown: string[]) => unknown;
};

/** Paths of what was sent and is in no model are added to `unknown`. */
export function readRest(
  shape: StructureShape,
  payload: Payload,
  dialect: RestDialect,
  unknown: string[],
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const set = (member: Member, value: unknown): void => {
    if (value !== undefined) result[member.name] = value;
  };
  for (const member of shape.members) {
    if (member.http) set(member, readBound(member, member.http, shape, payload, dialect, unknown));
  }
  const isDocument = shape.members.some(({ http }) => http === undefined);
  if (isDocument && payload.body.length > 0) {
    Object.assign(result, dialect.readBody(shape, payload.body, unknown));
  }
  unknown.push(...unboundParameters(shape, payload));
  return result;
}

function readBound(
  member: Member,
  binding: HttpBinding,
  shape: StructureShape,
  payload: Payload,
  dialect: RestDialect,
  unknown: string[],
): unknown {
  if (binding === "label") return readText(member, payload.labels.get(member.name), dialect);
  if (binding === "payload") return readPayload(member.shape, payload, dialect, unknown);
  if (binding === "query-params") return readParameters(member.shape, shape, payload);
  if (binding === "status") return undefined;
  if ("query" in binding) {
    return readQuery(member.shape, binding.query, payload.query.get(binding.query), dialect);
  }
  if ("prefix" in binding) return readPrefixed(binding.prefix, payload);
  return readHeader(
    member.shape,
    binding.header,
    headerOf(payload.headers, binding.header),
    dialect,
  );
}

function readText(
  { shape, name }: Member,
  text: string | undefined,
  dialect: RestDialect,
): unknown {
  return text === undefined ? undefined : readScalar(shape, name, text, dialect);
}

function readQuery(
  shape: Shape,
  name: string,
  values: readonly string[] | undefined,
  dialect: RestDialect,
): unknown {
  if (values === undefined) return undefined;
  if (shape.kind === "list") {
    return values.map((text) => readScalar(shape.member.shape, name, text, dialect));
  }
  return readScalar(shape, name, values[0] ?? "", dialect);
}

function readHeader(
  shape: Shape,
  name: string,
  text: string | undefined,
  dialect: RestDialect,
): unknown {
  if (text === undefined) return undefined;
  if (shape.kind !== "list") return readScalar(shape, name, text, dialect);
  const element = shape.member.shape;
  const isHttpDate =
    element.kind === "timestamp" && (!element.own || element.format === "http-date");
  const values = isHttpDate ? splitDates(text) : splitValues(text);
  return values.map((value) => readScalar(element, name, value, dialect));
}

function readPrefixed(prefix: string, { headers }: Payload): Record<string, string> | undefined {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(headers)) {
    if (name.startsWith(prefix))
      setEntry(result, name.slice(prefix.length), headerOf(headers, name));
  }
  return Object.keys(result).length > 0 ? (result as Record<string, string>) : undefined;
}

function readPayload(
  shape: Shape,
  { body, stream }: Payload,
  dialect: RestDialect,
  unknown: string[],
): unknown {
  if (shape.kind === "stream") return stream;
  if (body.length === 0) return undefined;
  if (shape.kind === "structure" || shape.kind === "union") {
    return dialect.readBody(shape, body, unknown);
  }
  return shape.kind === "string" ? body.toString("utf8") : new Uint8Array(body);
}

function readScalar(shape: Shape, where: string, text: string, dialect: RestDialect): unknown {
  const refuse = (wanted: string): never => {
    throw dialect.explainValue(where, text, wanted);
  };
  switch (shape.kind) {
    case "string":
      return text;
    case "number":
      return parseNumber(text) ?? refuse("number");
    case "boolean":
      return parseBoolean(text) ?? refuse("boolean");
    case "timestamp":
      return parseTimestamp(text) ?? refuse("timestamp");
    case "blob":
      return parseBase64(text) ?? refuse("base64");
    default:
      return refuse("value");
  }
}

function readParameters(
  map: Shape,
  shape: StructureShape,
  { query }: Payload,
): Record<string, unknown> | undefined {
  const bound = boundNames(shape);
  const isLists = map.kind === "map" && map.value.shape.kind === "list";
  const result: Record<string, unknown> = {};
  for (const [name, values] of query) {
    if (!bound.has(name) && !isCommon(name)) setEntry(result, name, isLists ? values : values[0]);
  }
  return Object.keys(result).length > 0 ? result : undefined;
}

function unboundParameters(shape: StructureShape, { query }: Payload): string[] {
  if (shape.members.some(({ http }) => http === "query-params")) return [];
  const bound = boundNames(shape);
  return [...query]
    .filter(([name, values]) => !bound.has(name) && !isCommon(name) && values.some(Boolean))
    .map(([name]) => name);
}

const boundNames = (shape: StructureShape): ReadonlySet<string> =>
  new Set(
    shape.members.flatMap(({ http }) =>
      typeof http === "object" && "query" in http ? [http.query] : [],
    ),
  );

const isCommon = (name: string): boolean => /^X-Amz-/i.test(name);

/** Commas separate dates and stand in each of them. */
const splitDates = (text: string): string[] =>
  text.match(/[^,]+,[^,]+/g)?.map((d) => d.trim()) ?? [];

/** `a, "b, c"` is two values; within quotes a backslash escapes. */
function splitValues(text: string): string[] {
  const values = text.matchAll(/\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)/g);
  const result: string[] = [];
  for (const [whole, quoted, plain] of values) {
    if (whole === "" && result.length > 0 && !text.endsWith(",")) break;
    result.push(quoted === undefined ? (plain ?? "").trim() : quoted.replace(/\\(.)/g, "$1"));
  }
  return result;
}
