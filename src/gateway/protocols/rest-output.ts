/** Writes what REST services carry outside the body's document: headers, payload, status. */
import type { LinkedOperation, Member, Shape, StructureShape } from "../wire/shapes.ts";
import type { Encoded } from "./protocol.ts";
import { printBase64, printTimestamp } from "./scalars.ts";

export type RestWriter = {
  readonly contentType: string;
  /** The document of an answer or of a structure that is its payload. */
  readonly writeBody: (shape: StructureShape, value: unknown, rootName: string) => string;
};

/** `status` is the operation's own, unless a member has it. */
export function writeRest(
  operation: LinkedOperation | undefined,
  output: unknown,
  writer: RestWriter,
): Encoded {
  const shape = operation?.output;
  const content = (output ?? {}) as Readonly<Record<string, unknown>>;
  const status = operation?.route?.status ?? 200;
  if (!shape) return { status, contentType: undefined, body: "" };
  const own = shape.members.find(({ http }) => http === "status");
  const { body, contentType, messages } = writeBody(shape, content, writer);
  const bindsType = shape.members.some(
    ({ http }) => typeof http === "object" && "header" in http && http.header === "content-type",
  );
  return {
    status: own ? Number(content[own.name] ?? status) : status,
    body,
    ...(messages && { messages }),
    // Where a member is bound to it, it is not made up.
    contentType: (body.length === 0 && !messages) || bindsType ? undefined : contentType,
    headers: writeHeaders(shape, content),
  };
}

type Content = Pick<Encoded, "contentType" | "body" | "messages">;

const octets = "application/octet-stream";

function writeBody(
  shape: StructureShape,
  content: Readonly<Record<string, unknown>>,
  writer: RestWriter,
): Content {
  const payload = shape.members.find(({ http }) => http === "payload");
  if (payload) return writePayload(payload, content[payload.name], writer);
  const isDocument = shape.members.some(({ http }) => http === undefined);
  const body = isDocument ? writer.writeBody(shape, content, shape.xmlName) : "";
  return { contentType: writer.contentType, body };
}

function writePayload({ shape, rootName }: Member, value: unknown, writer: RestWriter): Content {
  switch (shape.kind) {
    case "structure":
    case "union": {
      const body = value === undefined ? "" : writer.writeBody(shape, value, rootName);
      return { contentType: writer.contentType, body };
    }
    case "string":
      return { contentType: "text/plain", body: String(value ?? "") };
    case "stream":
      return { contentType: octets, ...toStream(value) };
    default:
      return { contentType: octets, body: (value ?? "") as Uint8Array };
  }
}

/** Bytes that are all there go as a body, of a length that is known; others as they come. */
function toStream(value: unknown): Pick<Encoded, "body" | "messages"> {
  if (value === undefined || value === null) return { body: "" };
  if (typeof value === "string" || value instanceof Uint8Array) return { body: value };
  if (value instanceof Blob) return { body: "", messages: value.stream() };
  return { body: "", messages: value as AsyncIterable<Uint8Array> };
}

/** The members of `shape` that are headers, by their names on the wire. */
export function writeHeaders(
  shape: StructureShape,
  content: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { name, http, shape: held } of shape.members) {
    const value = content[name];
    if (value === undefined || value === null || typeof http !== "object") continue;
    if ("header" in http) headers[http.header] = headerText(held, value);
    if (!("prefix" in http)) continue;
    for (const [key, text] of Object.entries(value)) {
      headers[`${http.prefix}${key.toLowerCase()}`] = escapeHeader(String(text));
    }
  }
  return headers;
}

function headerText(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case "list":
      return (value as readonly unknown[])
        .map((each) => quote(shape.member.shape, headerText(shape.member.shape, each)))
        .join(", ");
    case "timestamp":
      return printTimestamp(value as Date, shape.own ? shape.format : "http-date");
    case "blob":
      return printBase64(value as Uint8Array);
    default:
      return escapeHeader(String(value));
  }
}

const quote = ({ kind }: Shape, text: string): string =>
  kind === "string" && /[",]/.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : text;

/** What a header cannot hold would end it and begin another; other scripts go as RFC 2047 words. */
function escapeHeader(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that a header cannot hold
  const plain = text.replace(/[\x00-\x1F\x7F]/g, " ");
  if (/^[\x20-\x7E]*$/.test(plain)) return plain;
  return `=?UTF-8?B?${Buffer.from(plain).toString("base64")}?=`;
}
