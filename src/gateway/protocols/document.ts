/**
 * Structures as documents of objects, lists and scalars: what JSON and CBOR have in common. They differ
 * in how a few scalars are written, which is a `DocumentForm`.
 *
 * What does not fit its shape is a `SerializationException`, as on AWS, before any validation.
 */
import { ApiError } from "../api-error.ts";
import { isDefault, setEntry } from "../wire/entries.ts";
import type { Member, Shape, StructureShape, TimestampFormat } from "../wire/shapes.ts";

export type DocumentForm = {
  /** Each undefined for what is none. */
  readonly readTimestamp: (value: unknown, format: TimestampFormat) => Date | undefined;
  readonly readBlob: (value: unknown) => Uint8Array | undefined;
  readonly writeTimestamp: (date: Date, format: TimestampFormat) => unknown;
  readonly writeBlob: (bytes: Uint8Array) => unknown;
  readonly writeNumber: (value: number | bigint) => unknown;
};

/** The members of `shape` that `content` has; paths of what is in no model are added to `unknown`. */
export function readDocument(
  shape: StructureShape,
  content: unknown,
  form: DocumentForm,
  unknown: string[],
): Record<string, unknown> {
  return decodeStructure(shape, content, new Walk(form, unknown));
}

export const malformed = (message: string): ApiError =>
  new ApiError("SerializationException", message);

// Shapes may hold themselves; deeper than this is an attack on the stack.
const deepest = 64;

/** Where the decoder is, for messages, and what it met that is in no model. */
class Walk {
  readonly form: DocumentForm;
  readonly unknown: string[];
  readonly path: (string | number)[] = [];

  constructor(form: DocumentForm, unknown: string[]) {
    this.form = form;
    this.unknown = unknown;
  }

  below<T>(step: string | number, work: () => T): T {
    if (this.path.length >= deepest) throw malformed("The structure is nested too deeply");
    this.path.push(step);
    const result = work();
    this.path.pop();
    return result;
  }
}

function decodeStructure(
  shape: StructureShape,
  value: unknown,
  walk: Walk,
): Record<string, unknown> {
  const content = toObject(value);
  const result: Record<string, unknown> = {};
  for (const [key, held] of Object.entries(content)) {
    if (held === null || held === undefined) continue;
    const member = shape.byInputName.get(key);
    if (member && !member.http) result[member.name] = decodeMember(member, held, walk, key);
    // The JavaScript SDK marks a union's type with this when it has to.
    else if (key !== "__type" && !isDefault(held)) walk.unknown.push([...walk.path, key].join("."));
  }
  return result;
}

function decodeMember(member: Member, value: unknown, walk: Walk, step: string | number): unknown {
  return walk.below(step, () => decode(member.shape, value, walk));
}

function decode(shape: Shape, value: unknown, walk: Walk): unknown {
  switch (shape.kind) {
    case "structure":
    case "union":
      return decodeStructure(shape, value, walk);
    case "list":
      return toArray(value).map((element, at) => {
        if (element === null && shape.sparse) return null;
        return decodeMember(shape.member, element, walk, at + 1);
      });
    case "map": {
      const result: Record<string, unknown> = {};
      for (const [key, held] of Object.entries(toObject(value))) {
        if (held === null && !shape.sparse) continue;
        const decoded = held === null ? null : decodeMember(shape.value, held, walk, key);
        setEntry(result, key, decoded);
      }
      return result;
    }
    case "string":
      return typeof value === "string" ? value : refuse(value, "String");
    case "number":
      // What is beyond the range of doubles, or none of them, would pass every check of a service.
      return typeof value === "number" && Number.isFinite(value) ? value : refuse(value, "Number");
    case "boolean":
      return typeof value === "boolean" ? value : refuse(value, "Boolean");
    case "timestamp":
      return (
        walk.form.readTimestamp(value, shape.format) ?? refuse(value, "milliseconds since epoch")
      );
    case "blob":
    case "stream":
      return walk.form.readBlob(value) ?? refuse(value, "Blob");
    case "document":
      return value;
  }
}

function toObject(value: unknown): Record<string, unknown> {
  if (Array.isArray(value)) throw malformed("Start of list found where not expected");
  if (!isPlain(value)) throw malformed("Unexpected value type in payload");
  return value;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" &&
  value !== null &&
  !(value instanceof Date) &&
  !(value instanceof Uint8Array);

function toArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isPlain(value)) throw malformed("Start of structure or map found where not expected.");
  throw malformed("Unexpected value type in payload");
}

/** Throws, in the words of AWS's JSON reader, that a value is not of the wanted type. */
function refuse(value: unknown, wanted: string): never {
  if (Array.isArray(value)) throw malformed("Start of list found where not expected");
  if (isPlain(value)) throw malformed("Start of structure or map found where not expected.");
  throw malformed(`${tokenOf(value)} cannot be converted to ${wanted}`);
}

function tokenOf(value: unknown): string {
  if (typeof value === "boolean") return value ? "TRUE_VALUE" : "FALSE_VALUE";
  if (value === null || value === undefined) return "NULL_VALUE";
  return typeof value === "number" ? "NUMBER_VALUE" : "STRING_VALUE";
}

/** The members of `shape` that are in the body's document, as far as `value` has them. */
export function writeDocument(
  shape: StructureShape,
  value: unknown,
  form: DocumentForm,
): Record<string, unknown> {
  const content = (value ?? {}) as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const member of shape.members) {
    const held = content[member.name];
    if (held === undefined || held === null || member.http) continue;
    result[member.outputName] = encode(member.shape, held, form);
  }
  return result;
}

function encode(shape: Shape, value: unknown, form: DocumentForm): unknown {
  switch (shape.kind) {
    case "structure":
    case "union":
      return writeDocument(shape, value, form);
    case "list":
      return (value as readonly unknown[]).map((element) =>
        element === null ? null : encode(shape.member.shape, element, form),
      );
    case "map": {
      const result: Record<string, unknown> = {};
      for (const [key, held] of Object.entries(value as object)) {
        if (held === undefined) continue;
        setEntry(result, key, held === null ? null : encode(shape.value.shape, held, form));
      }
      return result;
    }
    case "timestamp":
      return form.writeTimestamp(value as Date, shape.format);
    case "blob":
    case "stream":
      return form.writeBlob(value as Uint8Array);
    case "number":
      return form.writeNumber(value as number | bigint);
    default:
      return value;
  }
}
