/** PutImage: a manifest, or another tag for one that is there. */
import { createHash } from "node:crypto";
import type * as Ecr from "@aws-sdk/client-ecr";
import { ApiError } from "../../gateway/api-error.ts";
import { write } from "../../gateway/service.ts";
import { isImageTag, type Repository } from "../../model/ecr.ts";
import { parseManifest } from "../../model/manifest.ts";
import { type ImageRefusal, putImage } from "../../state/images.ts";
import { immutableTagText, invalidParameter } from "./errors.ts";
import { toImageView } from "./images.ts";
import { repositoryArns, requireRepository } from "./repositories.ts";

export const putImageOperation = write<Ecr.PutImageRequest, Ecr.PutImageResponse>({
  action: "ecr:PutImage",
  resources: repositoryArns,
  accepts: {
    registryId: true,
    repositoryName: true,
    imageManifest: true,
    imageManifestMediaType: true,
    imageTag: true,
    imageDigest: true,
  },
  run(context, input) {
    const repository = requireRepository(context, input);
    const text = input.imageManifest ?? "";
    const manifest = parseManifest(text, input.imageManifestMediaType);
    if (typeof manifest === "string") throw invalidParameter("imageManifest", manifest);
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
    validatePut(input, digest);
    const tag = input.imageTag;
    const put = putImage(context.tx, { repository, digest, text, manifest, tag, now: context.now });
    if (put.type === "refused") throw toPutError(put.refusal, repository);
    if (put.type === "unchanged") throw imageAlreadyExists(repository, digest, tag);
    return { image: toImageView(put.image, { imageDigest: digest, imageTag: tag }) };
  },
});

function validatePut(input: Ecr.PutImageRequest, digest: string): void {
  if (input.imageDigest !== undefined && input.imageDigest !== digest) {
    throw new ApiError(
      "ImageDigestDoesNotMatchException",
      "The specified image digest does not match the digest that Amazon ECR calculated for the image.",
    );
  }
  if (input.imageTag !== undefined && !isImageTag(input.imageTag)) {
    throw invalidParameter("imageTag", "must be a valid image tag");
  }
}

function toPutError(refusal: ImageRefusal, { name, account }: Repository): ApiError {
  switch (refusal.type) {
    case "tag-immutable":
      return new ApiError("ImageTagAlreadyExistsException", immutableTagText(refusal.tag, name));
    case "missing-blobs":
      return new ApiError(
        "LayersNotFoundException",
        `Layers with digests '[${refusal.digests.join(", ")}]' required for pushing image into ` +
          `repository with name '${name}' in the registry with id '${account}' do not exist`,
      );
    case "missing-images":
      return new ApiError(
        "ReferencedImagesNotFoundException",
        `Images with digests '[${refusal.digests.join(", ")}]' required for pushing image into ` +
          `repository with name '${name}' in the registry with id '${account}' do not exist`,
      );
  }
}

const imageAlreadyExists = (
  { name, account }: Repository,
  digest: string,
  tag: string | undefined,
): ApiError =>
  new ApiError(
    "ImageAlreadyExistsException",
    `Image with digest '${digest}' and tag '${tag ?? "null"}' already exists in the repository ` +
      `with name '${name}' in registry with id '${account}'`,
  );
