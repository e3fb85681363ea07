/**
 * A body that is not collected: it comes as fast as the operation takes it, and no faster, since what
 * nobody has asked for stays with the client. It fails instead of ending when it is not what was said.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { Clock } from "../../seams/clock.ts";
import { headerOf } from "../request.ts";
import { type ChunkSigner, readChunked } from "./aws-chunked.ts";
import { incompleteBody, missingLength, tooSlow, wrongLength } from "./body-errors.ts";
import { contentCodings } from "./content-codings.ts";
import { type IntegrityOptions, startIntegrity } from "./integrity.ts";

// So much has to come in so much waiting, or the client is taken for one that only holds the place.
const leastBytes = 1_024;
const leastBytesMs = 30_000;

/**
 * The bytes of a request as they come. Throws an `ApiError` for a client that leaves or is too slow.
 * `begin` is called when they are first asked for.
 */
export async function* arrivingBytes(
  request: IncomingMessage,
  clock: Clock,
  begin: () => void,
): AsyncGenerator<Buffer> {
  begin();
  const source = request.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
  let waited = 0;
  let came = 0;
  try {
    for (;;) {
      const asked = clock.monotonic();
      const next: IteratorResult<Buffer> = await within(
        source.next(),
        clock,
        leastBytesMs - waited,
      );
      if (next.done) return;
      came += next.value.length;
      waited += clock.monotonic() - asked;
      if (came >= leastBytes) [waited, came] = [0, 0];
      yield next.value;
    }
  } finally {
    // Not waited for: it may stand behind bytes that never come.
    source.return?.().catch(() => {});
  }
}

// Behind a route beside the API there may be an application: as long as a balancer waits.
const stalledMs = 60_000;

/** Calls `cut` when a body that others read stops arriving, though nothing of it waits to be read. */
export function watchArrival(request: IncomingMessage, clock: Clock, cut: () => void): void {
  if (request.complete) return;
  let before = request.socket.bytesRead;
  const look = (): void => {
    if (request.complete || request.destroyed) return;
    const { bytesRead } = request.socket;
    if (bytesRead - before < leastBytes && request.readableLength === 0) {
      cut();
      return;
    }
    before = bytesRead;
    timer = clock.wallAfter(stalledMs, look);
  };
  let timer = clock.wallAfter(stalledMs, look);
  request.once("close", () => timer.cancel());
}

/** Time counts only while it is the client that is waited for, not the operation. */
function within<T>(arrival: Promise<T>, clock: Clock, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.wallAfter(ms, () => reject(tooSlow()));
    arrival.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      () => {
        timer.cancel();
        reject(incompleteBody());
      },
    );
  });
}

export type OpenOptions = IntegrityOptions & {
  readonly headers: IncomingHttpHeaders;
  /** For chunks that are signed by a key that was issued here. */
  readonly signer: ChunkSigner | undefined;
};

/**
 * What the operation reads. Throws an `ApiError` at once for headers that cannot be, and the stream
 * ends in one for a body that is not what they say.
 */
export function openBody(source: AsyncIterable<Buffer>, options: OpenOptions): Readable {
  const { headers, signer } = options;
  const integrity = startIntegrity(headers, options);
  const { isChunked } = contentCodings(headers);
  if (isChunked && headers["x-amz-decoded-content-length"] === undefined) throw missingLength();
  const content = isChunked
    ? unchunked(source, chunkedBody(headers, signer), integrity.update)
    : counted(source, lengthOf(headers, "content-length"), integrity.update);
  return Readable.from(untilEnd(content, integrity.end), { objectMode: false });
}

type Trailers = ReadonlyMap<string, string>;

/** A reader of chunks as the headers announce them. */
export function chunkedBody(headers: IncomingHttpHeaders, signer: ChunkSigner | undefined) {
  const isSigned =
    headerOf(headers, "x-amz-content-sha256")?.startsWith("STREAMING-AWS4-") ?? false;
  const isTrailed = headers["x-amz-trailer"] !== undefined;
  return readChunked({
    signer,
    length: lengthOf(headers, "x-amz-decoded-content-length"),
    trailers: !isTrailed ? "none" : isSigned ? "signed" : "plain",
  });
}

async function* unchunked(
  source: AsyncIterable<Buffer>,
  reader: ReturnType<typeof readChunked>,
  see: (bytes: Buffer) => void,
): AsyncGenerator<Buffer, Trailers> {
  for await (const bytes of source) {
    for (const piece of reader.push(bytes)) {
      see(piece);
      yield piece;
    }
  }
  return reader.end();
}

const noTrailers: Trailers = new Map();

async function* counted(
  source: AsyncIterable<Buffer>,
  length: number | undefined,
  see: (bytes: Buffer) => void,
): AsyncGenerator<Buffer, Trailers> {
  let total = 0;
  for await (const bytes of source) {
    total += bytes.length;
    see(bytes);
    yield bytes;
  }
  if (length !== undefined && total !== length) throw wrongLength();
  return noTrailers;
}

async function* untilEnd(
  content: AsyncGenerator<Buffer, Trailers>,
  judge: (trailers: Trailers) => void,
): AsyncGenerator<Buffer> {
  judge(yield* content);
}

/** Throws when there is something else than a length. */
export function lengthOf(headers: IncomingHttpHeaders, name: string): number | undefined {
  const text = headerOf(headers, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw missingLength();
  return Number(text);
}
