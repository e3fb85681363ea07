/** An API request and its answer, apart from the connection they travel on. */
import { isAscii } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import type { VpcOrigin } from "../engine/network-path/origin.ts";
import { ApiError } from "./api-error.ts";
import { parseQueryString } from "./protocols/query-string.ts";

export type RequestHead = {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
};

export type ApiRequest = RequestHead & {
  /** Decoded: neither compressed nor in chunks. */
  readonly body: Buffer;
  /** As it came, which is what was signed; undefined where that is `body` itself. */
  readonly raw?: Buffer;
  /** In place of `body`: bytes as they come, for an operation that reads them so. */
  readonly incoming?: AsyncIterable<Buffer>;
  /** The client's address; undefined for a request without a connection. */
  readonly remoteAddress?: string;
  /** Where in a VPC it comes from. */
  readonly origin?: VpcOrigin;
};

export type ApiResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** In place of a body: an answer that goes on. */
  readonly messages?: AsyncIterable<Uint8Array>;
};

/** What a request says before anything of it is believed. */
export type Envelope = {
  readonly request: ApiRequest;
  /** From the URL and, where it is a form, the body. */
  readonly parameters: ReadonlyMap<string, string>;
  /** `X-Amz-Target`, or undefined. */
  readonly target: string | undefined;
};

export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Throws `MalformedQueryString`. */
export function openEnvelope(request: ApiRequest): Envelope {
  const parameters = new Map<string, string>();
  const question = request.url.indexOf("?");
  if (question >= 0) parseQueryString(request.url.slice(question + 1), parameters);
  if (isForm(request)) parseQueryString(formText(request.body), parameters);
  return { request, parameters, target: headerOf(request.headers, "x-amz-target") };
}

export function isForm(request: Pick<ApiRequest, "headers">): boolean {
  const type = headerOf(request.headers, "content-type") ?? "";
  return type.startsWith("application/x-www-form-urlencoded");
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function formText(body: Buffer): string {
  if (isAscii(body)) return body.toString("latin1");
  try {
    return utf8.decode(body);
  } catch {
    throw new ApiError("MalformedQueryString", "The query string is not UTF-8");
  }
}
