/** What every blob store must do, run against the files and against the one in memory. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { BlobStore } from "./port.ts";

const digestOf = (content: string): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;
const streamOf = (...parts: string[]): Readable =>
  Readable.from(parts.map((part) => Buffer.from(part)));
const ignore = (): void => {};

export function describeBlobStore(name: string, make: () => Promise<BlobStore>): void {
  const push = async (store: BlobStore, content: string): Promise<string> => {
    const upload = await store.beginUpload(content);
    await upload.append(streamOf(content));
    expect(await upload.commit(digestOf(content), ignore)).toBe(true);
    return digestOf(content);
  };

  describe(name, () => {
    it("an upload in parts: the blob is there, whole, once it is committed", async () => {
      const store = await make();
      const upload = await store.beginUpload("one");
      await upload.append(streamOf("he", "llo"));
      expect(upload.size()).toBe(5);
      await upload.append(streamOf(" there"));
      const digest = digestOf("hello there");
      expect(await store.sizeOf(digest)).toBeUndefined();
      let placed = 0;
      const committed = await upload.commit(digest, (size) => {
        placed = size;
      });
      expect(committed).toBe(true);
      expect(placed).toBe(11);
      expect(await store.sizeOf(digest)).toBe(11);
      expect(await text(await store.read(digest, undefined))).toBe("hello there");
    });

    it("a range: only those bytes, both ends included", async () => {
      const store = await make();
      const digest = await push(store, "0123456789");
      expect(await text(await store.read(digest, { start: 2, end: 5 }))).toBe("2345");
    });

    it("bytes that hash to something else: refused and nothing is kept", async () => {
      const store = await make();
      const upload = await store.beginUpload("one");
      await upload.append(streamOf("this"));
      expect(await upload.commit(digestOf("that"), ignore)).toBe(false);
      expect(await store.list()).toEqual([]);
    });

    it("a stream that breaks: what came stays and the upload goes on from there", async () => {
      const store = await make();
      const upload = await store.beginUpload("one");
      const broken = Readable.from(
        (async function* () {
          yield Buffer.from("first ");
          throw new Error("connection reset");
        })(),
      );
      await expect(upload.append(broken)).rejects.toThrow("connection reset");
      expect(upload.size()).toBe(6);
      await upload.append(streamOf("second"));
      expect(await upload.commit(digestOf("first second"), ignore)).toBe(true);
    });

    it("the same blob twice: kept once", async () => {
      const store = await make();
      const digest = await push(store, "same");
      const again = await store.beginUpload("again");
      await again.append(streamOf("same"));
      expect(await again.commit(digest, ignore)).toBe(true);
      expect(await store.list()).toEqual([digest]);
    });

    it("an upload thrown away: leaves no blob", async () => {
      const store = await make();
      const upload = await store.beginUpload("one");
      await upload.append(streamOf("gone"));
      await upload.discard();
      expect(await store.list()).toEqual([]);
    });

    it("removing: a wanted blob stays, an unwanted one goes", async () => {
      const store = await make();
      const kept = await push(store, "kept");
      const unwanted = await push(store, "unwanted");
      store.removeUnless(kept, () => true);
      store.removeUnless(unwanted, () => false);
      expect(await store.list()).toEqual([kept]);
      await expect(store.read(unwanted, undefined)).rejects.toMatchObject({ kind: "not-found" });
    });

    it("clear: nothing stays, and new blobs are taken", async () => {
      const store = await make();
      await push(store, "old");
      await store.clear();
      expect(await store.list()).toEqual([]);
      const fresh = await push(store, "fresh");
      expect(await store.list()).toEqual([fresh]);
    });
  });
}
