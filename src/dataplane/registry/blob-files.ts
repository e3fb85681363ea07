/**
 * Blobs as files: `<directory>/sha256/ab/<hex>`, uploads beside them under `uploads/`.
 *
 * A blob appears by a rename, after its bytes are synced, so it is whole or absent. Whatever lies in
 * `uploads/` when the engine starts belonged to a former process and is thrown away.
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream, mkdirSync, renameSync, rmSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { DriverError } from "../errors.ts";
import type { BlobStore, BlobUpload } from "./port.ts";

/** Keeps blobs under `directory`, which is made on `start`. */
export function fileBlobStore(directory: string): BlobStore {
  const blobs = path.join(directory, "sha256");
  const uploads = path.join(directory, "uploads");
  const fileOf = (digest: string): string => {
    const hex = digest.slice("sha256:".length);
    return path.join(blobs, hex.slice(0, 2), hex);
  };
  const sizeOf = async (digest: string): Promise<number | undefined> => {
    const found = await stat(fileOf(digest)).catch(ignoreMissing);
    return found?.size;
  };
  const sweep = async (): Promise<void> => {
    await rm(uploads, { recursive: true, force: true });
    await mkdir(uploads, { recursive: true });
    await mkdir(blobs, { recursive: true });
  };
  // Once only: later it would take uploads of this process away.
  let swept: Promise<void> | undefined;
  const start = (): Promise<void> => {
    swept ??= sweep();
    return swept;
  };
  return {
    start,
    async beginUpload(id) {
      await start();
      const file = path.join(uploads, id);
      return fileUpload(file, await open(file, "wx", 0o600), fileOf);
    },
    sizeOf,
    async read(digest, range) {
      const handle = await open(fileOf(digest)).catch(ignoreMissing);
      if (!handle) throw new DriverError("not-found", `no blob ${digest}`);
      return createReadStream("", { fd: handle, ...range });
    },
    async list() {
      const names = await readdir(blobs, { recursive: true }).catch(ignoreMissing);
      return (names ?? [])
        .map((name) => path.basename(name))
        .filter((name) => name.length === 64)
        .map((hex) => `sha256:${hex}`);
    },
    removeUnless(digest, isWanted) {
      if (!isWanted()) rmSync(fileOf(digest), { force: true });
    },
    async clear() {
      await rm(blobs, { recursive: true, force: true });
      await mkdir(blobs, { recursive: true });
    },
  };
}

function fileUpload(
  file: string,
  handle: FileHandle,
  fileOf: (digest: string) => string,
): BlobUpload {
  const hash: Hash = createHash("sha256");
  let size = 0;
  const discard = async (): Promise<void> => {
    await handle.close();
    await rm(file, { force: true });
  };
  return {
    size: () => size,
    async append(source: Readable) {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        await writeWhole(handle, chunk, size);
        hash.update(chunk);
        size += chunk.length;
      }
    },
    async commit(digest, onPlaced) {
      if (`sha256:${hash.digest("hex")}` !== digest) {
        await discard();
        return false;
      }
      try {
        await handle.datasync();
      } catch (error) {
        await discard();
        throw error;
      }
      await handle.close();
      // One turn for both, so that no collection of unused blobs comes in between.
      const place = fileOf(digest);
      mkdirSync(path.dirname(place), { recursive: true });
      renameSync(file, place);
      onPlaced(size);
      return true;
    },
    discard,
  };
}

/** A write at a fixed place: a part that failed is written over by the next attempt. */
async function writeWhole(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
