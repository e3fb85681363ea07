/** The body of an API request: read within limits, then out of chunks and compression. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import type { Clock } from "../seams/clock.ts";
import { headerOf } from "./request.ts";

export const bodyLimit = 10 * 1024 * 1024;
// From the headers to the end of the body; a client on this machine needs a fraction of it.
const bodyTimeoutMs = 30_000;

export class BodyError extends Error {
  readonly reason: "too-large" | "too-slow" | "malformed" | "aborted";

  constructor(reason: BodyError["reason"], message: string) {
    super(message);
    this.name = "BodyError";
    this.reason = reason;
  }
}

/** Whether the request says itself that its body is over the limit. */
export const announcesTooMuch = (headers: IncomingHttpHeaders): boolean =>
  Number(headers["content-length"] ?? 0) > bodyLimit;

/** A body as it came, and decoded. */
export type ReadBody = { readonly raw: Buffer; readonly body: Buffer };

/** Rejects with a `BodyError`. */
export async function readBody(request: IncomingMessage, clock: Clock): Promise<ReadBody> {
  if (announcesTooMuch(request.headers)) throw tooLarge();
  const raw = await collect(request, clock);
  return { raw, body: raw.length === 0 ? raw : await decodeBody(raw, request.headers) };
}

const tooLarge = (): BodyError =>
  new BodyError("too-large", `Request size exceeded ${bodyLimit} bytes`);

function collect(request: IncomingMessage, clock: Clock): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (outcome: () => void): void => {
      timer.cancel();
      request.removeAllListeners("data");
      outcome();
    };
    const timer = clock.wallAfter(bodyTimeoutMs, () =>
      end(() => reject(new BodyError("too-slow", "The request body did not arrive in time"))),
    );
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimit) end(() => reject(tooLarge()));
      else chunks.push(chunk);
    });
    request.once("end", () => end(() => resolve(Buffer.concat(chunks))));
    request.once("error", () => end(() => reject(new BodyError("aborted", "The client left"))));
  });
}

const inflaters: Readonly<
  Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Undoes Content-Encoding, last first. `maxOutputLength` is what stops a decompression bomb. */
async function decodeBody(raw: Buffer, headers: IncomingHttpHeaders): Promise<Buffer> {
  const encodings = (headerOf(headers, "content-encoding") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity");
  const streamed = headerOf(headers, "x-amz-content-sha256")?.startsWith("STREAMING-") ?? false;
  if (streamed && !encodings.includes("aws-chunked")) encodings.push("aws-chunked");
  // aws-chunked is named first and yet is the outermost: the SDKs compress before they chunk.
  let body = encodings.includes("aws-chunked") ? joinChunks(raw) : raw;
  for (const name of encodings.filter((each) => each !== "aws-chunked").toReversed()) {
    body = await expand(name, body);
  }
  return body;
}

async function expand(encoding: string, body: Buffer): Promise<Buffer> {
  const inflater = Object.hasOwn(inflaters, encoding) ? inflaters[encoding] : undefined;
  if (!inflater) throw new BodyError("malformed", `No content encoding ${encoding}`);
  try {
    return await inflater(body, { maxOutputLength: bodyLimit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new BodyError("malformed", `The body is not ${encoding}`);
  }
}

/** `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n`, until a chunk of length 0 and its trailers. */
function joinChunks(raw: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let at = 0;
  while (true) {
    const lineEnd = raw.indexOf("\r\n", at);
    const line = lineEnd < 0 ? "" : raw.toString("latin1", at, lineEnd);
    const digits = /^([0-9a-fA-F]{1,8})(?:;.*)?$/.exec(line)?.[1];
    if (digits === undefined) throw new BodyError("malformed", "The body is not aws-chunked");
    const size = Number.parseInt(digits, 16);
    if (size === 0) return Buffer.concat(chunks);
    const start = lineEnd + 2;
    if (raw.toString("latin1", start + size, start + size + 2) !== "\r\n") {
      throw new BodyError("malformed", "The body is not aws-chunked");
    }
    chunks.push(raw.subarray(start, start + size));
    at = start + size + 2;
  }
}
