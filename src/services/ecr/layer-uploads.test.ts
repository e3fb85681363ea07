import {
  BatchCheckLayerAvailabilityCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  InitiateLayerUploadCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { digestOf, startTestRegistry } from "./testing.ts";

const repositoryName = "app";

async function start() {
  const registry = await startTestRegistry();
  await registry.ecr.send(new CreateRepositoryCommand({ repositoryName }));
  const begin = async () =>
    (await registry.ecr.send(new InitiateLayerUploadCommand({ repositoryName }))).uploadId;
  const send = (uploadId: string | undefined, partFirstByte: number, content: string) =>
    registry.ecr.send(
      new UploadLayerPartCommand({
        repositoryName,
        uploadId,
        partFirstByte,
        partLastByte: partFirstByte + content.length - 1,
        layerPartBlob: Buffer.from(content),
      }),
    );
  const complete = (uploadId: string | undefined, content: string) =>
    registry.ecr.send(
      new CompleteLayerUploadCommand({
        repositoryName,
        uploadId,
        layerDigests: [digestOf(content)],
      }),
    );
  return { ...registry, begin, send, complete };
}

describe("layers by the API", () => {
  it("two parts and the end: the layer is there, for the registry too", async () => {
    await using at = await start();
    const uploadId = await at.begin();
    await at.send(uploadId, 0, "hello ");
    const second = await at.send(uploadId, 6, "world");
    expect(second.lastByteReceived).toBe(10);
    const done = await at.complete(uploadId, "hello world");
    expect(done.layerDigest).toBe(digestOf("hello world"));
    const layerDigests = [digestOf("hello world")];
    const check = new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests });
    expect((await at.ecr.send(check)).layers).toMatchObject([
      { layerAvailability: "AVAILABLE", layerSize: 11 },
    ]);
    const blob = await at.call(`app/blobs/${digestOf("hello world")}`);
    expect(await blob.text()).toBe("hello world");
  });

  it("a part that does not follow: refused with the last good byte, and the upload goes on", async () => {
    await using at = await start();
    const uploadId = await at.begin();
    await at.send(uploadId, 0, "abc");
    await expect(at.send(uploadId, 7, "xyz")).rejects.toMatchObject({
      name: "InvalidLayerPartException",
      lastValidByteReceived: 2,
    });
    await at.send(uploadId, 3, "def");
    await at.complete(uploadId, "abcdef");
  });

  it("nothing sent, another digest, a layer that is there: each its own error, the upload is over", async () => {
    await using at = await start();
    await expect(at.complete(await at.begin(), "x")).rejects.toMatchObject({
      name: "EmptyUploadException",
    });
    const wrong = await at.begin();
    await at.send(wrong, 0, "this");
    await expect(at.complete(wrong, "that")).rejects.toMatchObject({
      name: "InvalidLayerException",
    });
    expect(await at.blobs.list()).toEqual([]);
    await expect(at.complete(wrong, "this")).rejects.toMatchObject({
      name: "UploadNotFoundException",
    });
    for (const name of [undefined, "LayerAlreadyExistsException"]) {
      const uploadId = await at.begin();
      await at.send(uploadId, 0, "twice");
      if (name) await expect(at.complete(uploadId, "twice")).rejects.toMatchObject({ name });
      else await at.complete(uploadId, "twice");
    }
  });

  it("an upload left alone for a day: gone when the next begins", async () => {
    await using at = await start();
    const old = await at.begin();
    await at.cloud.clock.advance(24 * 60 * 60 * 1000);
    await at.begin();
    await expect(at.send(old, 0, "x")).rejects.toMatchObject({ name: "UploadNotFoundException" });
  });
});
