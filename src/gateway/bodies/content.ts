/** What an operation is given of a body, judged by what its request says of it. */
import { Readable } from "node:stream";
import type { Arrival, Callers } from "../callers.ts";
import { headerOf } from "../request.ts";
import type { Route } from "../routing/route.ts";
import { checkCollected } from "./collected.ts";
import { contentCodings } from "./content-codings.ts";
import { type OpenOptions, openBody } from "./incoming.ts";

/**
 * The stream that an operation reads; undefined for one whose body is collected, which is judged here.
 * Throws an `ApiError`.
 */
export function openContent(
  arrival: Arrival,
  { name, linked }: Pick<Route, "name" | "linked">,
  callers: Callers,
): Readable | undefined {
  const { request, service } = arrival;
  const { headers } = request;
  const isS3 = service === "s3";
  const operation = linked.operation(name);
  const { isStreamed = false, hasChecksum = false } = operation ?? {};
  const isSigned =
    headerOf(headers, "x-amz-content-sha256")?.startsWith("STREAMING-AWS4-") ?? false;
  const isTold = isSigned || hasChecksum || headers["content-md5"] !== undefined;
  if (!isStreamed && !isS3 && !isTold) return undefined;
  const options: OpenOptions = {
    headers,
    hasChecksum,
    signedHash: isS3 ? "s3" : isStreamed ? "other" : undefined,
    signer:
      isSigned && contentCodings(headers).isChunked ? callers.chunkSigner(arrival) : undefined,
  };
  if (isStreamed) return openBody(request.incoming ?? whole(request.raw ?? request.body), options);
  checkCollected(request, options);
  return undefined;
}

const whole = (body: Buffer): AsyncIterable<Buffer> =>
  Readable.from(body.length > 0 ? [body] : [], { objectMode: true });
