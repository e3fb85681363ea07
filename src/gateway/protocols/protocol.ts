/** What a wire protocol does, whatever the service: bytes to input, output and errors to bytes. */
import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { ApiError } from "../api-error.ts";
import type { Broken } from "../constraints.ts";
import type { LinkedModel, LinkedOperation } from "../wire/shapes.ts";
import type { MemberPath } from "./member-path.ts";

/** The members of a structure by the names that services use; what was absent is not there. */
export type Structure = Readonly<Record<string, unknown>>;

export type Decoded = {
  readonly input: Structure;
  /** Paths of what was sent with a value that says something and is in no model. */
  readonly unknown: readonly string[];
  /** Numbers that are written otherwise than whole ones are: an error where the model has those. */
  readonly unwhole?: readonly WrittenNumber[];
};

/** A number as it was written, and the member of a structure that it is. */
export type WrittenNumber = {
  readonly structure: string;
  readonly member: string;
  readonly explain: () => ApiError;
};

/** A request as far as codecs are concerned. */
export type Payload = {
  readonly body: Buffer;
  /** Parameters of a query protocol, from the URL and a form body; empty in others. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  /** Of a REST service: the parts of the path that its labels stand for, and the whole query. */
  readonly labels: ReadonlyMap<string, string>;
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** In place of `body`, where the operation reads it as it comes. */
  readonly stream?: Readable | undefined;
};

export type Encoded = {
  readonly status: number;
  /** Undefined for an answer without a body. */
  readonly contentType: string | undefined;
  readonly body: string | Uint8Array;
  /** In place of a body: an answer that goes on. */
  readonly messages?: AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What the gateway itself refuses, in the codes that the protocol's clients know. */
export type Refusal =
  | "unknown-operation"
  | "too-large"
  | "too-slow"
  | "too-busy"
  | "malformed"
  | "internal";

export type ErrorCodec = {
  /** `model` is undefined when the request never got as far as a service. */
  encodeError(error: ApiError, model: LinkedModel | undefined, requestId: string): Encoded;
  codeOf(refusal: Refusal): string;
};

export type ProtocolCodec = ErrorCodec & {
  /** Throws an `ApiError` for what is malformed. */
  decode(payload: Payload, operation: LinkedOperation | undefined): Decoded;
  encode(operation: string, output: unknown, model: LinkedModel, requestId: string): Encoded;
  /** Whether members of answers may be JSON already, and requests may be left as they came. */
  readonly takesEncoded?: true;
  /** The default error for required members that are missing, at least one. */
  explainMissing(paths: readonly MemberPath[]): ApiError;
  /** The error for a fraction where a whole number must be; without it services find out by themselves. */
  readonly explainFraction?: () => ApiError;
  /** The default error for values that break constraints of the model, at least one. */
  explainBroken(broken: readonly Broken[]): ApiError;
  /** Where AWS itself refuses what is in no model; where it would pass over it, we still refuse. */
  readonly explainUnknown?: (path: string) => ApiError;
};
