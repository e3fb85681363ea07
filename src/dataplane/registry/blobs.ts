/** Serving blobs: streamed from where they are kept, whole or in part. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { blobUnknown, type Headers, methodNotAllowed, RefusalError } from "./answers.ts";
import type { BlobName, BlobStore, ByteRange, RegistryCatalog } from "./port.ts";

/** Answers GET and HEAD of a blob that the repository has. */
export async function serveBlob(
  options: { readonly blobs: BlobStore; readonly catalog: RegistryCatalog },
  request: IncomingMessage,
  response: ServerResponse,
  name: BlobName,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") throw methodNotAllowed();
  const size = options.catalog.hasBlob(name) ? await options.blobs.sizeOf(name.digest) : undefined;
  if (size === undefined) throw blobUnknown(name.digest);
  const range = parseRange(request.headers.range, size);
  const headers: Headers = {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": name.digest,
    "Accept-Ranges": "bytes",
    ETag: `"${name.digest}"`,
    "Content-Length": range ? range.end - range.start + 1 : size,
    ...(range && { "Content-Range": `bytes ${range.start}-${range.end}/${size}` }),
  };
  if (request.method === "HEAD") {
    response.writeHead(200, headers).end();
    return;
  }
  const bytes = await options.blobs.read(name.digest, range);
  response.writeHead(range ? 206 : 200, headers);
  await pipeline(bytes, response);
}

/** The one range asked for; undefined for the whole, which also answers what is not understood. */
function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(size - 1, Number(last));
  if (start <= end) return { start, end };
  throw new RefusalError(
    { status: 416, code: "RANGE_INVALID", message: "requested range not satisfiable" },
    { "Content-Range": `bytes */${size}` },
  );
}
