/**
 * Images in repositories, for everyone who reads or changes them: the ECR API, the registry that
 * `docker push` speaks to, and tasks that look up what to pull.
 */
import { type Image, isTagImmutable, type Layer, type Repository } from "../model/ecr.ts";
import type { Manifest } from "../model/manifest.ts";
import type { Scope } from "../model/scope.ts";
import type { ReadTransaction, WriteTransaction } from "./store.ts";
import { imageKey, images, layers } from "./tables/ecr.ts";

export type ImageName = Scope & {
  readonly repository: string;
  readonly tag?: string | undefined;
  /** Decides when both are given. */
  readonly digest?: string | undefined;
};

/** The image of that tag or digest, or undefined. */
export function findImage(tx: ReadTransaction, name: ImageName): Image | undefined {
  if (name.digest) return tx.table(images).get(name, imageKey(name.repository, name.digest));
  return tx.table(images).by("tag", name, `${name.repository}:${name.tag ?? "latest"}`)[0];
}

export type NewImage = {
  readonly repository: Repository;
  readonly digest: string;
  /** The pushed bytes as text. */
  readonly text: string;
  readonly manifest: Manifest;
  /** Undefined when pushed by digest. */
  readonly tag: string | undefined;
  readonly now: number;
};

/** Why an image is not kept. */
export type ImageRefusal =
  | { readonly type: "tag-immutable"; readonly tag: string }
  | { readonly type: "missing-blobs"; readonly digests: readonly string[] }
  | { readonly type: "missing-images"; readonly digests: readonly string[] };

export type PutImageResult =
  | { readonly type: "put"; readonly image: Image }
  /** The very same digest is there under the very same tag. */
  | { readonly type: "unchanged"; readonly image: Image }
  | { readonly type: "refused"; readonly refusal: ImageRefusal };

/** Keeps a manifest and moves its tag to it. The image that had the tag stays, untagged. */
export function putImage(tx: WriteTransaction, input: NewImage): PutImageResult {
  const { repository, digest, tag } = input;
  const refusal = missingParts(tx, repository, input.manifest);
  if (refusal) return { type: "refused", refusal };
  const existing = findImage(tx, { ...scopeOf(repository), repository: repository.name, digest });
  const holder = tag === undefined ? undefined : findTagged(tx, repository, tag);
  if (existing && (tag === undefined || holder?.digest === digest)) {
    return { type: "unchanged", image: existing };
  }
  if (tag !== undefined && holder) {
    if (isTagImmutable(repository, tag)) {
      return { type: "refused", refusal: { type: "tag-immutable", tag } };
    }
    tx.table(images).put({ ...holder, tags: holder.tags.filter((other) => other !== tag) });
  }
  const base = existing ?? newImage(tx, input);
  const image = tag === undefined ? base : { ...base, tags: [...base.tags, tag] };
  tx.table(images).put(image);
  return { type: "put", image };
}

/** Takes one tag off its image; the image goes with its last tag. */
export function removeTag(tx: WriteTransaction, image: Image, tag: string): void {
  const tags = image.tags.filter((other) => other !== tag);
  if (tags.length === 0) removeImage(tx, image);
  else tx.table(images).put({ ...image, tags });
}

/** Deletes an image and the repository's hold on blobs that no other image of it uses. */
export function removeImage(tx: WriteTransaction, image: Image): void {
  tx.table(images).delete(image, imageKey(image.repository, image.digest));
  for (const digest of image.blobs) {
    const key = imageKey(image.repository, digest);
    if (tx.table(images).by("blob", image, key).length === 0) tx.table(layers).delete(image, key);
  }
}

/** Deletes everything that a repository holds. */
export function removeContents(tx: WriteTransaction, repository: Repository): void {
  for (const image of tx.table(images).by("repository", repository, repository.name)) {
    tx.table(images).delete(image, imageKey(image.repository, image.digest));
  }
  for (const layer of tx.table(layers).by("repository", repository, repository.name)) {
    tx.table(layers).delete(layer, imageKey(layer.repository, layer.digest));
  }
}

/** Lets a repository have a blob; one it has already is left as it is. */
export function putLayer(tx: WriteTransaction, layer: Layer): void {
  const key = imageKey(layer.repository, layer.digest);
  if (!tx.table(layers).get(layer, key)) tx.table(layers).put(layer);
}

export function findLayer(
  tx: ReadTransaction,
  name: Scope & { readonly repository: string; readonly digest: string },
): Layer | undefined {
  return tx.table(layers).get(name, imageKey(name.repository, name.digest));
}

function missingParts(
  tx: ReadTransaction,
  repository: Repository,
  manifest: Manifest,
): ImageRefusal | undefined {
  const missing = <T extends string>(digests: readonly T[], has: (digest: T) => boolean): T[] =>
    [...new Set(digests)].filter((digest) => !has(digest));
  const name = { ...scopeOf(repository), repository: repository.name };
  const blobs = missing(
    manifest.blobs.map((blob) => blob.digest),
    (digest) => findLayer(tx, { ...name, digest }) !== undefined,
  );
  if (blobs.length > 0) return { type: "missing-blobs", digests: blobs };
  const children = missing(
    manifest.children,
    (digest) => findImage(tx, { ...name, digest }) !== undefined,
  );
  return children.length > 0 ? { type: "missing-images", digests: children } : undefined;
}

function newImage(tx: ReadTransaction, input: NewImage): Image {
  const { repository, digest, manifest } = input;
  const scope = scopeOf(repository);
  const sizes = manifest.children.map(
    (child) =>
      findImage(tx, { ...scope, repository: repository.name, digest: child })?.sizeBytes ?? 0,
  );
  return {
    ...scope,
    repository: repository.name,
    digest,
    manifest: input.text,
    mediaType: manifest.mediaType,
    artifactMediaType: manifest.artifactMediaType,
    blobs: [...new Set(manifest.blobs.map((blob) => blob.digest))],
    children: manifest.children,
    subject: manifest.subject,
    sizeBytes: [...sizes, ...manifest.blobs.map((blob) => blob.size)].reduce((a, b) => a + b, 0),
    pushedAt: input.now,
    tags: [],
  };
}

function findTagged(tx: ReadTransaction, repository: Repository, tag: string): Image | undefined {
  return findImage(tx, { ...scopeOf(repository), repository: repository.name, tag });
}

const scopeOf = ({ account, region }: Scope): Scope => ({ account, region });
