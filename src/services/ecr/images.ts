/** Images as the API sees them: listed, described, given out and deleted. */
import type * as Ecr from "@aws-sdk/client-ecr";
import { type RequestContext, read, type WriteContext, write } from "../../gateway/service.ts";
import { type Image, isDigest, type Repository } from "../../model/ecr.ts";
import { findImage, removeImage, removeTag } from "../../state/images.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { images } from "../../state/tables/ecr.ts";
import { imageNotFound } from "./errors.ts";
import { pageOf } from "./paging.ts";
import { repositoryArns, requireRepository } from "./repositories.ts";

type Context = RequestContext & { readonly tx: ReadTransaction };

/** What one id of a batch came to. */
type Outcome<Name extends string, Value> =
  | ({ readonly [Key in Name]: Value } & { readonly failure?: never })
  | ({ readonly [Key in Name]?: never } & { readonly failure: Ecr.ImageFailure });

export const listImages = read<Ecr.ListImagesRequest, Ecr.ListImagesResponse>({
  action: "ecr:ListImages",
  resources: repositoryArns,
  accepts: {
    registryId: true,
    repositoryName: true,
    nextToken: true,
    maxResults: true,
    filter: { tagStatus: true, imageStatus: true },
  },
  run(context, input) {
    const repository = requireRepository(context, input);
    const all = imagesOf(context, repository)
      .filter((image) => passes(image, input.filter))
      .flatMap(toImageIds);
    const key = (id: Ecr.ImageIdentifier): string => `${id.imageDigest}:${id.imageTag}`;
    const { page, nextToken } = pageOf("ListImages", all, key, input);
    return { imageIds: page, nextToken };
  },
});

export const describeImages = read<Ecr.DescribeImagesRequest, Ecr.DescribeImagesResponse>({
  action: "ecr:DescribeImages",
  resources: repositoryArns,
  accepts: {
    registryId: true,
    repositoryName: true,
    imageIds: true,
    nextToken: true,
    maxResults: true,
    filter: { tagStatus: true, imageStatus: true },
  },
  run(context, input) {
    const repository = requireRepository(context, input);
    const named = input.imageIds?.map((id) => {
      const { image } = lookUp(context, repository, id);
      if (!image) throw imageNotFound(id, repository.name, repository.account);
      return image;
    });
    const chosen = named && new Map(named.map((image) => [image.digest, image])).values();
    const all = [...(chosen ?? imagesOf(context, repository))].filter((image) =>
      passes(image, input.filter),
    );
    const { page, nextToken } = pageOf("DescribeImages", all, (image) => image.digest, input);
    return { imageDetails: page.map(toImageDetail), nextToken };
  },
});

export const batchGetImage = read<Ecr.BatchGetImageRequest, Ecr.BatchGetImageResponse>({
  action: "ecr:BatchGetImage",
  resources: repositoryArns,
  accepts: { registryId: true, repositoryName: true, imageIds: true, acceptedMediaTypes: true },
  run(context, input) {
    const repository = requireRepository(context, input);
    const found: Ecr.Image[] = [];
    const failures: Ecr.ImageFailure[] = [];
    for (const id of input.imageIds ?? []) {
      const { image, failure } = lookUp(context, repository, id);
      if (!image) failures.push(failure);
      else if (isAccepted(image, input.acceptedMediaTypes)) found.push(toImageView(image, id));
      else failures.push(toFailure(id, "ImageNotFound", "Requested image not found"));
    }
    return { images: found, failures };
  },
});

export const batchDeleteImage = write<Ecr.BatchDeleteImageRequest, Ecr.BatchDeleteImageResponse>({
  action: "ecr:BatchDeleteImage",
  resources: repositoryArns,
  accepts: { registryId: true, repositoryName: true, imageIds: true },
  run(context, input) {
    const repository = requireRepository(context, input);
    const imageIds: Ecr.ImageIdentifier[] = [];
    const failures: Ecr.ImageFailure[] = [];
    for (const id of input.imageIds ?? []) {
      const { deleted, failure } = deleteOne(context, repository, id);
      if (deleted) imageIds.push(...deleted);
      else failures.push(failure);
    }
    return { imageIds, failures };
  },
});

function deleteOne(
  context: WriteContext,
  repository: Repository,
  id: Ecr.ImageIdentifier,
): Outcome<"deleted", Ecr.ImageIdentifier[]> {
  const { image, failure } = lookUp(context, repository, id);
  if (!image) return { failure };
  if (id.imageTag !== undefined && image.tags.length > 1) {
    removeTag(context.tx, image, id.imageTag);
    return { deleted: [{ imageDigest: image.digest, imageTag: id.imageTag }] };
  }
  const lists = imagesOf(context, repository).filter((other) =>
    other.children.includes(image.digest),
  );
  if (lists.length > 0) {
    const names = lists.map((list) => list.digest).join(", ");
    const reason = `Requested image referenced by manifest list: [${names}]`;
    return { failure: toFailure(id, "ImageReferencedByManifestList", reason) };
  }
  removeImage(context.tx, image);
  return { deleted: toImageIds(image) };
}

/** The image that an id names, or what is wrong with the id, as batch calls report it. */
function lookUp(
  { tx }: Context,
  repository: Repository,
  id: Ecr.ImageIdentifier,
): Outcome<"image", Image> {
  const failed = (code: Ecr.ImageFailureCode, reason: string) => ({
    failure: toFailure(id, code, reason),
  });
  const { imageDigest: digest, imageTag: tag } = id;
  if (digest === undefined && tag === undefined) {
    return failed(
      "MissingDigestAndTag",
      "Invalid request parameters: both tag and digest cannot be null",
    );
  }
  if (digest !== undefined && !isDigest(digest)) {
    return failed(
      "InvalidImageDigest",
      "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    );
  }
  const { account, region, name } = repository;
  const image = findImage(tx, { account, region, repository: name, digest, tag });
  if (!image) return failed("ImageNotFound", "Requested image not found");
  if (digest !== undefined && tag !== undefined && !image.tags.includes(tag)) {
    const reason = `Image tag '${tag}' does not match image digest '${digest}'`;
    return failed("ImageTagDoesNotMatchDigest", reason);
  }
  return { image };
}

const toFailure = (
  imageId: Ecr.ImageIdentifier,
  failureCode: Ecr.ImageFailureCode,
  failureReason: string,
): Ecr.ImageFailure => ({ imageId, failureCode, failureReason });

const imagesOf = ({ tx, scope }: Context, repository: Repository): Image[] =>
  tx.table(images).by("repository", scope, repository.name);

function passes(
  image: Image,
  filter: Ecr.ListImagesFilter | Ecr.DescribeImagesFilter | undefined,
): boolean {
  const { tagStatus = "ANY", imageStatus = "ANY" } = filter ?? {};
  if (tagStatus !== "ANY" && (tagStatus === "TAGGED") !== image.tags.length > 0) return false;
  // No image is ever archived here.
  return imageStatus === "ANY" || imageStatus === "ACTIVE";
}

const isAccepted = (image: Image, mediaTypes: readonly string[] | undefined): boolean =>
  !mediaTypes || mediaTypes.length === 0 || mediaTypes.includes(image.mediaType);

function toImageIds({ digest, tags }: Image): Ecr.ImageIdentifier[] {
  if (tags.length === 0) return [{ imageDigest: digest }];
  return tags.map((imageTag) => ({ imageDigest: digest, imageTag }));
}

/** The pushed bytes, under the name they were asked by. */
export const toImageView = (image: Image, id: Ecr.ImageIdentifier): Ecr.Image => ({
  registryId: image.account,
  repositoryName: image.repository,
  imageId: { imageDigest: image.digest, imageTag: id.imageTag },
  imageManifest: image.manifest,
  imageManifestMediaType: image.mediaType,
});

const toImageDetail = (image: Image): Ecr.ImageDetail => ({
  registryId: image.account,
  repositoryName: image.repository,
  imageDigest: image.digest,
  imageTags: image.tags.length === 0 ? undefined : [...image.tags],
  imageSizeInBytes: image.sizeBytes,
  imagePushedAt: new Date(image.pushedAt),
  imageManifestMediaType: image.mediaType,
  artifactMediaType: image.artifactMediaType,
  subjectManifestDigest: image.subject,
  imageStatus: "ACTIVE",
});
