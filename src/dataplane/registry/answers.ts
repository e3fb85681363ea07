/** Answers of the distribution protocol and the refusals that several of its parts share. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RegistryRefusal } from "./port.ts";

export type Headers = Readonly<Record<string, string | number>>;

/** Thrown by the parts of the registry, answered by its door. */
export class RefusalError extends Error {
  readonly refusal: RegistryRefusal;
  readonly headers: Headers;
  constructor(refusal: RegistryRefusal, headers: Headers = {}) {
    super(refusal.message);
    this.name = "RefusalError";
    this.refusal = refusal;
    this.headers = headers;
  }
}

export function sendEmpty(response: ServerResponse, status: number, headers: Headers): void {
  response.writeHead(status, { "Content-Length": 0, ...headers }).end();
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Headers = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response
    .writeHead(status, {
      "Content-Type": "application/json; charset=utf-8",
      "Content-Length": bytes.length,
      ...headers,
    })
    .end(bytes);
}

export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  { status, ...error }: RegistryRefusal,
  headers: Headers = {},
): void {
  // What the client still sends is read and dropped, so that it comes to see the answer.
  request.resume();
  sendJson(response, status, { errors: [error] }, headers);
}

export const methodNotAllowed = (): RefusalError =>
  new RefusalError({
    status: 405,
    code: "UNSUPPORTED",
    message: "The operation is unsupported.",
  });

export const digestInvalid = (): RefusalError =>
  new RefusalError({
    status: 400,
    code: "DIGEST_INVALID",
    message: "provided digest did not match uploaded content",
  });

export const blobUnknown = (digest: string): RefusalError =>
  new RefusalError({
    status: 404,
    code: "BLOB_UNKNOWN",
    message: "blob unknown to registry",
    detail: digest,
  });
