/** Blobs in memory: for engines without a state directory, and for tests. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { DriverError } from "../errors.ts";
import type { BlobStore, BlobUpload } from "./port.ts";

export function memoryBlobStore(): BlobStore {
  const blobs = new Map<string, Buffer>();
  return {
    start: async () => {},
    beginUpload: async () => memoryUpload(blobs),
    sizeOf: async (digest) => blobs.get(digest)?.length,
    async read(digest, range) {
      const bytes = blobs.get(digest);
      if (!bytes) throw new DriverError("not-found", `no blob ${digest}`);
      return Readable.from([range ? bytes.subarray(range.start, range.end + 1) : bytes]);
    },
    list: async () => [...blobs.keys()],
    removeUnless(digest, isWanted) {
      if (!isWanted()) blobs.delete(digest);
    },
    clear: async () => blobs.clear(),
  };
}

function memoryUpload(blobs: Map<string, Buffer>): BlobUpload {
  let chunks: Buffer[] = [];
  let size = 0;
  const discard = async (): Promise<void> => {
    chunks = [];
  };
  return {
    size: () => size,
    async append(source) {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        size += chunk.length;
      }
    },
    async commit(digest, onPlaced) {
      const bytes = Buffer.concat(chunks);
      await discard();
      if (`sha256:${createHash("sha256").update(bytes).digest("hex")}` !== digest) return false;
      blobs.set(digest, bytes);
      onPlaced(size);
      return true;
    },
    discard,
  };
}
