/** The body of a request that is read whole: within limits, then out of chunks and compression. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import type { ApiRequest } from "../request.ts";
import type { ChunkSigner } from "./aws-chunked.ts";
import { type ContentCodings, contentCodings } from "./content-codings.ts";
import type { Deadlines } from "./deadlines.ts";
import { chunkedBody } from "./incoming.ts";
import { type IntegrityOptions, startIntegrity } from "./integrity.ts";

export const bodyLimit = 10 * 1024 * 1024;
// From the headers to the end of the body; a client on this machine needs a fraction of it.
export const bodyTimeoutMs = 30_000;
/** Of all bodies that are held at once: beyond it large ones are turned away, and small ones are not. */
export const mostHeldBytes = 192 * 1024 * 1024;
const smallBytes = 64 * 1024;
const mostCompressions = 3;

export class BodyError extends Error {
  readonly reason: "too-large" | "too-slow" | "too-busy" | "malformed" | "aborted";

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

/** The bytes of bodies that are held now, and how many may be. */
export type HeldBodies = { bytes: number; readonly most: number };

/** Who waits for a body. One of the two is called, once. */
export type BodyTaker = {
  /** What it is given counts as held until the taker takes it off `held`. */
  readonly take: (body: ReadBody) => void;
  /** With a `BodyError`, or an `ApiError` of `body-errors.ts`. */
  readonly fail: (error: unknown) => void;
};

/** Reads a body whole. Without promises where there is nothing to decode: that is nearly always. */
export function readBody(
  request: IncomingMessage,
  deadlines: Deadlines,
  held: HeldBodies,
  { take, fail }: BodyTaker,
): void {
  const { headers } = request;
  if (announcesTooMuch(headers)) {
    fail(tooLarge());
    return;
  }
  const decode = (raw: Buffer): void => {
    const codings = contentCodings(headers);
    const isPlain = raw.length === 0 || (!codings.isChunked && codings.compressions.length === 0);
    if (isPlain) take({ raw, body: raw });
    else decodeBody(raw, headers, codings).then((body) => take({ raw, body }), fail);
  };
  collect(request, deadlines, held, { take: decode, fail });
}

const tooLarge = (): BodyError =>
  new BodyError("too-large", `Request size exceeded ${bodyLimit} bytes`);

type Collector = {
  readonly take: (raw: Buffer) => void;
  readonly fail: (error: BodyError) => void;
};

function collect(
  request: IncomingMessage,
  deadlines: Deadlines,
  held: HeldBodies,
  { take, fail }: Collector,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let isOver = false;
  const giveUp = (error: BodyError): void => {
    if (isOver) return;
    isOver = true;
    timer.cancel();
    held.bytes -= size;
    chunks.length = 0;
    fail(error);
  };
  const timer = deadlines.start(() =>
    giveUp(new BodyError("too-slow", "The request body did not arrive in time")),
  );
  request.on("data", (chunk: Buffer) => {
    if (isOver) return;
    size += chunk.length;
    held.bytes += chunk.length;
    chunks.push(chunk);
    if (size > bodyLimit) giveUp(tooLarge());
    else if (size > smallBytes && held.bytes > held.most) {
      giveUp(
        new BodyError("too-busy", "Too many large requests at once: reduce your request rate"),
      );
    }
  });
  request.on("end", () => {
    if (isOver) return;
    isOver = true;
    timer.cancel();
    const [first] = chunks;
    take(first && chunks.length === 1 ? first : Buffer.concat(chunks));
  });
  request.on("error", () => giveUp(new BodyError("aborted", "The client left")));
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
async function decodeBody(
  raw: Buffer,
  headers: IncomingHttpHeaders,
  { isChunked, compressions }: ContentCodings,
): Promise<Buffer> {
  if (compressions.length > mostCompressions) {
    throw new BodyError("malformed", "The body is in too many encodings");
  }
  let body = isChunked ? joinChunks(raw, headers) : raw;
  for (const name of compressions.toReversed()) body = await expand(name, body);
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

function joinChunks(raw: Buffer, headers: IncomingHttpHeaders): Buffer {
  const reader = chunkedBody(headers, undefined);
  const body = Buffer.concat(reader.push(raw));
  reader.end();
  return body;
}

/** Throws an `ApiError` for a body that is not what its request says of it. */
export function checkCollected(
  { headers, body, raw = body }: ApiRequest,
  options: IntegrityOptions & { readonly signer: ChunkSigner | undefined },
): void {
  const integrity = startIntegrity(headers, options);
  if (!contentCodings(headers).isChunked) {
    integrity.update(raw);
    integrity.end(new Map());
    return;
  }
  const reader = chunkedBody(headers, options.signer);
  for (const piece of reader.push(raw)) integrity.update(piece);
  integrity.end(reader.end());
}
