/**
 * AWS JSON 1.1 (ECS, ECR, Logs): one JSON object each way, timestamps as seconds since the epoch.
 *
 * What does not fit its shape is a `SerializationException`, as on AWS, before any validation.
 */
import { ApiError } from "../api-error.ts";
import { isDefault, setEntry } from "../wire/entries.ts";
import type { Member, Shape, StructureShape } from "../wire/shapes.ts";
import { explainNulls } from "./coral.ts";
import type { Decoded, ProtocolCodec, Refusal } from "./protocol.ts";
import {
  fromEpochSeconds,
  parseBase64,
  parseTimestamp,
  printBase64,
  printTimestamp,
} from "./scalars.ts";

const contentType = "application/x-amz-json-1.1";

const codes: Readonly<Record<Refusal, string>> = {
  "unknown-operation": "UnknownOperationException",
  "too-large": "RequestEntityTooLargeException",
  "too-slow": "RequestTimeoutException",
  internal: "InternalFailure",
};

export const jsonCodec: ProtocolCodec = {
  decode({ body }, shape) {
    const content = parse(body);
    const unknown: string[] = [];
    const input = decodeStructure(shape ?? nothing, content, new Walk(unknown));
    return { input, unknown } satisfies Decoded;
  },
  encode(operation, output, model) {
    const shape = model.operation(operation)?.output;
    const body = shape ? JSON.stringify(encodeStructure(shape, output)) : "";
    return { status: 200, contentType, body };
  },
  encodeError(error, model) {
    const name = model?.model.errors[error.code]?.shape;
    const shape = name === undefined ? undefined : model?.error(name);
    const members = shape ? encodeStructure(shape, error.members) : error.members;
    const body = JSON.stringify({ __type: error.code, message: error.message, ...members });
    return { status: error.status, contentType, body };
  },
  explainMissing: (paths) => explainNulls("ValidationException", paths),
  codeOf: (refusal) => codes[refusal],
};

const nothing: StructureShape = { kind: "structure", members: [], byInputName: new Map() };

// Shapes may hold themselves; deeper than this is an attack on the stack.
const deepest = 64;

/** Where the decoder is, for messages, and what it met that is in no model. */
class Walk {
  readonly unknown: string[];
  readonly path: (string | number)[] = [];

  constructor(unknown: string[]) {
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

function parse(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw malformed("Unexpected token received from parser");
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
    if (held === null) continue;
    const member = shape.byInputName.get(key);
    if (member) result[member.name] = decodeMember(member, held, walk, key);
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
      return typeof value === "number" ? value : refuse(value, "Number");
    case "boolean":
      return typeof value === "boolean" ? value : refuse(value, "Boolean");
    case "timestamp": {
      const date =
        typeof value === "number"
          ? fromEpochSeconds(value)
          : typeof value === "string" && shape.format !== "epoch-seconds"
            ? parseTimestamp(value)
            : undefined;
      return date ?? refuse(value, "milliseconds since epoch");
    }
    case "blob":
      return (typeof value === "string" ? parseBase64(value) : undefined) ?? refuse(value, "Blob");
    case "document":
      return value;
  }
}

function toObject(value: unknown): Record<string, unknown> {
  if (Array.isArray(value)) throw malformed("Start of list found where not expected");
  if (typeof value !== "object" || value === null) {
    throw malformed("Unexpected value type in payload");
  }
  return value as Record<string, unknown>;
}

function toArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "object" && value !== null) {
    throw malformed("Start of structure or map found where not expected.");
  }
  throw malformed("Unexpected value type in payload");
}

/** Throws, in the words of AWS's JSON reader, that a value is not of the wanted type. */
function refuse(value: unknown, wanted: string): never {
  if (Array.isArray(value)) throw malformed("Start of list found where not expected");
  if (typeof value === "object" && value !== null) {
    throw malformed("Start of structure or map found where not expected.");
  }
  throw malformed(`${tokenOf(value)} cannot be converted to ${wanted}`);
}

function tokenOf(value: unknown): string {
  if (typeof value === "boolean") return value ? "TRUE_VALUE" : "FALSE_VALUE";
  if (value === null) return "NULL_VALUE";
  return typeof value === "number" ? "NUMBER_VALUE" : "STRING_VALUE";
}

const malformed = (message: string): ApiError => new ApiError("SerializationException", message);

function encodeStructure(shape: StructureShape, value: unknown): Record<string, unknown> {
  const content = (value ?? {}) as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const member of shape.members) {
    const held = content[member.name];
    if (held !== undefined && held !== null) result[member.outputName] = encode(member.shape, held);
  }
  return result;
}

function encode(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case "structure":
    case "union":
      return encodeStructure(shape, value);
    case "list":
      return (value as readonly unknown[]).map((element) =>
        element === null ? null : encode(shape.member.shape, element),
      );
    case "map": {
      const result: Record<string, unknown> = {};
      for (const [key, held] of Object.entries(value as object)) {
        if (held !== undefined) setEntry(result, key, encode(shape.value.shape, held));
      }
      return result;
    }
    case "timestamp":
      return shape.format === "epoch-seconds"
        ? (value as Date).getTime() / 1000
        : printTimestamp(value as Date, shape.format);
    case "blob":
      return printBase64(value as Uint8Array);
    default:
      return value;
  }
}
