import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { fileBlobStore } from "./blob-files.ts";
import { memoryBlobStore } from "./blob-memory.ts";
import { describeBlobStore } from "./conformance.ts";

const directories: string[] = [];
const makeDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(path.join(os.tmpdir(), "neargate-blobs-"));
  directories.push(directory);
  return directory;
};
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

describeBlobStore("blobs in memory", async () => memoryBlobStore());
describeBlobStore("blobs in files", async () => {
  const store = fileBlobStore(await makeDirectory());
  await store.start();
  return store;
});

describe("blobs in files, across processes", () => {
  it("a start after a crash: half an upload is gone, whole blobs are there", async () => {
    const directory = await makeDirectory();
    const before = fileBlobStore(directory);
    await before.start();
    const whole = await before.beginUpload("whole");
    await whole.append(Readable.from([Buffer.from("hi")]));
    const digest = "sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";
    expect(await whole.commit(digest, () => {})).toBe(true);
    const half = await before.beginUpload("half");
    await half.append(Readable.from([Buffer.from("ha")]));

    const after = fileBlobStore(directory);
    await after.start();

    expect(await after.list()).toEqual([digest]);
    expect(await readdir(path.join(directory, "uploads"))).toEqual([]);
  });

  it("started again, as a reset does: an upload under way goes on", async () => {
    const store = fileBlobStore(await makeDirectory());
    const upload = await store.beginUpload("one");
    await upload.append(Readable.from([Buffer.from("hi")]));
    await store.start();
    const digest = "sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";
    expect(await upload.commit(digest, () => {})).toBe(true);
  });
});
