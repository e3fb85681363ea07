/** JSON as the body of a request or an answer, whichever protocol it travels in. */
import { isUtf8 } from "node:buffer";
import type { StructureShape } from "../wire/shapes.ts";
import { hasTooManyValues } from "./complexity.ts";
import { type DocumentForm, malformed, readDocument, writeDocument } from "./document.ts";
import {
  fromEpochSeconds,
  parseBase64,
  parseTimestamp,
  printBase64,
  printTimestamp,
} from "./scalars.ts";

// Node has it, TypeScript's library does not know of it yet.
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

const jsonForm: DocumentForm = {
  readTimestamp(value, format) {
    if (typeof value === "number") return fromEpochSeconds(value);
    const isText = typeof value === "string" && format !== "epoch-seconds";
    return isText ? parseTimestamp(value) : undefined;
  },
  readBlob: (value) => (typeof value === "string" ? parseBase64(value) : undefined),
  writeTimestamp: (date, format) =>
    format === "epoch-seconds" ? date.getTime() / 1000 : printTimestamp(date, format),
  writeBlob: printBase64,
  writeNumber(value) {
    if (typeof value === "bigint") return rawJSON(String(value));
    // JSON has no such numbers; AWS writes them as text.
    return Number.isFinite(value) ? value : String(value);
  },
};

/** An empty body is an empty structure. Throws a `SerializationException`. */
export function readJson(
  shape: StructureShape,
  body: Buffer,
  unknown: string[],
): Record<string, unknown> {
  return readDocument(shape, parseJson(body), jsonForm, unknown);
}

export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  if (hasTooManyValues(body)) throw malformed("The request has too many values");
  if (!isUtf8(body)) throw malformed("Unexpected token received from parser");
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw malformed("Unexpected token received from parser");
  }
}

export function writeJson(shape: StructureShape, value: unknown): Record<string, unknown> {
  return writeDocument(shape, value, jsonForm);
}
