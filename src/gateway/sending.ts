/** Makes answers of what a protocol encoded, and writes those that are whole. */
import type { ServerResponse } from "node:http";
import type { Encoded } from "./protocols/protocol.ts";
import type { ApiResponse } from "./request.ts";

export function plain(status: number, sentence: string): ApiResponse {
  return { status, headers: { "content-type": "text/plain" }, body: `${sentence}\n` };
}

export function toResponse(encoded: Encoded, requestId: string): ApiResponse {
  const { status, contentType, headers, body, messages } = encoded;
  return {
    status,
    headers: toHeaders(contentType, headers, requestId),
    body,
    ...(messages && { messages }),
  };
}

function toHeaders(
  contentType: string | undefined,
  headers: Encoded["headers"],
  requestId: string,
): ApiResponse["headers"] {
  if (contentType !== undefined && headers === undefined) {
    return { "content-type": contentType, "x-amzn-requestid": requestId };
  }
  return {
    ...(contentType !== undefined && { "content-type": contentType }),
    ...headers,
    "x-amzn-requestid": requestId,
  };
}

/** `length` is the body's, in bytes. */
export function send(
  response: ServerResponse,
  { status, headers, body }: ApiResponse,
  length = Buffer.byteLength(body),
): void {
  const told = isLengthTold(response, status, headers);
  response.writeHead(status, told ? headers : withLength(headers, length));
  // With a byte a character it is ASCII, which is written in one go with the head; UTF-8 is not.
  if (typeof body === "string" && length === body.length) response.end(body, "latin1");
  else response.end(body);
}

/** Names and values in turns, which is how Node takes them without a copy. */
function withLength(headers: ApiResponse["headers"], length: number): string[] {
  const told: string[] = [];
  for (const name of Object.keys(headers)) {
    if (name !== "content-length") told.push(name, headers[name] ?? "");
  }
  told.push("content-length", String(length));
  return told;
}

/** What HEAD would have had as its body may be told by the operation; of some there is never one. */
function isLengthTold(
  { req }: ServerResponse,
  status: number,
  headers: ApiResponse["headers"],
): boolean {
  if (status === 204 || status === 304) return true;
  return req.method === "HEAD" && headers["content-length"] !== undefined;
}
