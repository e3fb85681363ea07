import {
  BatchCheckLayerAvailabilityCommand,
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ListImagesCommand,
  PutImageCommand,
  type TagStatus,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { findImage } from "../../state/images.ts";
import { digestOf, manifestOf, startTestRegistry } from "./testing.ts";

const repositoryName = "app";

async function startWithRepository(imageTagMutability: "MUTABLE" | "IMMUTABLE" = "MUTABLE") {
  const registry = await startTestRegistry();
  await registry.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability }));
  return registry;
}

describe("pushing", () => {
  it("an image pushed: described with its size and tag, and resolved for tasks", async () => {
    await using registry = await startWithRepository();
    const pushed = await registry.push("app", "v1", "layer");
    expect(pushed.status).toBe(201);
    const digest = digestOf(manifestOf("layer"));
    const described = await registry.ecr.send(new DescribeImagesCommand({ repositoryName }));
    expect(described.imageDetails).toMatchObject([
      {
        imageDigest: digest,
        imageTags: ["v1"],
        imageSizeInBytes: 2 + "layer".length,
        imageManifestMediaType: "application/vnd.oci.image.manifest.v1+json",
        imageStatus: "ACTIVE",
      },
    ]);
    const { store, scope } = registry.cloud;
    const resolve = (tag: string) =>
      store.read((tx) => findImage(tx, { ...scope, repository: "app", tag })?.digest);
    expect(resolve("v1")).toBe(digest);
    expect(resolve("v2")).toBeUndefined();
  });

  it("to a repository that is not there: AWS's words, and no repository appears", async () => {
    await using registry = await startTestRegistry();
    const answer = await registry.push("app", "v1", "layer");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      errors: [
        {
          code: "NAME_UNKNOWN",
          message:
            "The repository with name 'app' does not exist in the registry with id '000000000000'",
        },
      ],
    });
  });

  it("a manifest whose layer was never pushed: refused, not kept", async () => {
    await using registry = await startWithRepository();
    const answer = await registry.call("app/manifests/v1", {
      method: "PUT",
      body: manifestOf("never pushed"),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("MANIFEST_BLOB_UNKNOWN");
    const listed = await registry.ecr.send(new ListImagesCommand({ repositoryName }));
    expect(listed.imageIds).toEqual([]);
  });

  it("an index whose image was never pushed: refused; once it is there: taken", async () => {
    await using registry = await startWithRepository();
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const digest = digestOf(manifestOf("layer"));
    const body = JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [{ mediaType, digest, size: 1 }],
    });
    const put = () => registry.call("app/manifests/multi", { method: "PUT", body });
    expect(await (await put()).text()).toContain("MANIFEST_BLOB_UNKNOWN");
    await registry.push("app", digest, "layer");
    expect((await put()).status).toBe(201);
    const single = { imageDigest: digest };
    const removed = await registry.ecr.send(
      new BatchDeleteImageCommand({ repositoryName, imageIds: [single] }),
    );
    expect(removed.failures).toMatchObject([{ failureCode: "ImageReferencedByManifestList" }]);
  });

  it("another image under the same tag: the tag moves, the old image stays untagged", async () => {
    await using registry = await startWithRepository();
    await registry.push("app", "latest", "one");
    await registry.push("app", "latest", "two");
    const list = async (tagStatus: TagStatus) =>
      (await registry.ecr.send(new ListImagesCommand({ repositoryName, filter: { tagStatus } })))
        .imageIds;
    expect(await list("TAGGED")).toEqual([
      { imageDigest: digestOf(manifestOf("two")), imageTag: "latest" },
    ]);
    expect(await list("UNTAGGED")).toEqual([{ imageDigest: digestOf(manifestOf("one")) }]);
  });

  it("an immutable tag: the same image again is fine, another one is refused", async () => {
    await using registry = await startWithRepository("IMMUTABLE");
    await registry.push("app", "v1", "one");
    expect((await registry.push("app", "v1", "one")).status).toBe(201);
    const other = await registry.push("app", "v1", "two");
    expect(other.status).toBe(400);
    expect(await other.json()).toMatchObject({
      errors: [
        {
          code: "TAG_INVALID",
          message:
            "The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.",
        },
      ],
    });
  });
});

describe("PutImage", () => {
  it("another tag for an image: both tags name it; once more: ImageAlreadyExistsException", async () => {
    await using registry = await startWithRepository();
    await registry.push("app", "v1", "layer");
    const put = new PutImageCommand({
      repositoryName,
      imageManifest: manifestOf("layer"),
      imageTag: "stable",
    });
    const { image } = await registry.ecr.send(put);
    expect(image?.imageId).toEqual({
      imageDigest: digestOf(manifestOf("layer")),
      imageTag: "stable",
    });
    await expect(registry.ecr.send(put)).rejects.toMatchObject({
      name: "ImageAlreadyExistsException",
    });
    const described = await registry.ecr.send(new DescribeImagesCommand({ repositoryName }));
    expect(described.imageDetails?.[0]?.imageTags).toEqual(["v1", "stable"]);
  });

  it("a layer that is not there: LayersNotFoundException", async () => {
    await using registry = await startWithRepository();
    const put = new PutImageCommand({ repositoryName, imageManifest: manifestOf("nope") });
    await expect(registry.ecr.send(put)).rejects.toMatchObject({ name: "LayersNotFoundException" });
  });
});

describe("looking and deleting", () => {
  it("BatchGetImage: the pushed bytes; the unknown one is a failure", async () => {
    await using registry = await startWithRepository();
    await registry.push("app", "v1", "layer");
    const imageIds = [{ imageTag: "v1" }, { imageTag: "v2" }, {}];
    const answer = await registry.ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }));
    expect(answer.images?.map((image) => image.imageManifest)).toEqual([manifestOf("layer")]);
    expect(answer.failures?.map((failure) => failure.failureCode)).toEqual([
      "ImageNotFound",
      "MissingDigestAndTag",
    ]);
  });

  it("DescribeImages of an unknown tag: ImageNotFoundException", async () => {
    await using registry = await startWithRepository();
    const ask = new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: "t" }] });
    await expect(registry.ecr.send(ask)).rejects.toMatchObject({
      name: "ImageNotFoundException",
      message:
        "The image with imageId {imageDigest:'null', imageTag:'t'} does not exist within the repository with name 'app' in the registry with id '000000000000'",
    });
  });

  it("deleted by one of two tags: only the tag goes; by the last: the image and its layers", async () => {
    await using registry = await startWithRepository();
    await registry.push("app", "v1", "layer");
    await registry.push("app", "v2", "layer");
    const remove = (imageTag: string) =>
      registry.ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag }] }));
    await remove("v1");
    expect((await registry.call("app/manifests/v2")).status).toBe(200);
    expect((await registry.call("app/manifests/v1")).status).toBe(404);
    await remove("v2");
    const layers = await registry.ecr.send(
      new BatchCheckLayerAvailabilityCommand({
        repositoryName,
        layerDigests: [digestOf("layer"), "nonsense"],
      }),
    );
    expect(layers.layers).toMatchObject([{ layerAvailability: "UNAVAILABLE" }]);
    expect(layers.failures).toMatchObject([{ failureCode: "InvalidLayerDigest" }]);
    expect((await remove("v2")).failures).toMatchObject([{ failureCode: "ImageNotFound" }]);
  });
});
