import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { memoryBlobStore } from "../dataplane/registry/blob-memory.ts";
import { manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
import { putLayer, removeImage } from "../state/images.ts";
import { openStore } from "../state/store.ts";
import { images } from "../state/tables/ecr.ts";
import { createBlobCollectionLoop } from "./blob-collection.ts";

const scope = { account: "000000000000", region: "us-east-1" };
const day = 24 * 60 * 60 * 1000;

async function start() {
  const store = openStore(undefined);
  const clock = manualClock();
  const blobs = memoryBlobStore();
  const logger = recordingLogger();
  const loop = createBlobCollectionLoop({ store, clock, ids: sequentialIds(), logger, blobs });
  const push = async (repository: string, content: string): Promise<string> => {
    const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
    const upload = await blobs.beginUpload(content);
    await upload.append(Readable.from([Buffer.from(content)]));
    await upload.commit(digest, (sizeBytes) =>
      store.write((tx) =>
        putLayer(tx, { ...scope, repository, digest, sizeBytes, uploadedAt: clock.now() }),
      ),
    );
    return digest;
  };
  const image = (repository: string, blobDigests: readonly string[]) => ({
    ...scope,
    repository,
    digest: `sha256:image-of-${blobDigests.join()}`,
    manifest: "{}",
    mediaType: "x",
    artifactMediaType: undefined,
    blobs: blobDigests,
    children: [],
    subject: undefined,
    sizeBytes: 1,
    pushedAt: clock.now(),
    tags: [],
  });
  loop.start();
  await clock.advance(0);
  return { store, clock, blobs, loop, push, image };
}

describe("blob collection", () => {
  it("an image deleted: its blobs go, those of another image or repository stay", async () => {
    const { store, clock, blobs, push, image } = await start();
    const own = await push("app", "own");
    const shared = await push("app", "shared in the repository");
    const elsewhere = await push("app", "in two repositories");
    await push("base", "in two repositories");
    const doomed = image("app", [own, shared, elsewhere]);
    store.write((tx) => {
      tx.table(images).put(doomed);
      tx.table(images).put(image("app", [shared]));
    });

    store.write((tx) => removeImage(tx, doomed));
    await clock.advance(0);

    expect((await blobs.list()).toSorted()).toEqual([shared, elsewhere].toSorted());
  });

  it("layers of a push that never ended: kept for a day, then collected", async () => {
    const { clock, blobs, push } = await start();
    const digest = await push("app", "abandoned");
    await clock.advance(day - 1);
    expect(await blobs.list()).toEqual([digest]);
    await clock.advance(1);
    expect(await blobs.list()).toEqual([]);
  });

  it("bytes that no record knows, as a crash may leave: gone at the first pass", async () => {
    const { blobs, clock, loop } = await start();
    await loop.stop();
    const upload = await blobs.beginUpload("x");
    await upload.append(Readable.from([Buffer.from("hi")]));
    const hi = "sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";
    expect(await upload.commit(hi, () => {})).toBe(true);
    loop.start();
    await clock.advance(0);
    expect(await blobs.list()).toEqual([]);
  });
});
