/** Tables of Amazon ECR. Tasks that wait for an image watch `images`. */
import type { Image, Layer, Repository } from "../../model/ecr.ts";
import { defineTable } from "../table.ts";

export const repositories = defineTable<Repository>({
  name: "repositories",
  key: (repository) => repository.name,
});

export const images = defineTable<Image, "repository" | "tag" | "blob">({
  name: "images",
  key: (image) => imageKey(image.repository, image.digest),
  indexes: {
    repository: (image) => [image.repository],
    tag: (image) => image.tags.map((tag) => `${image.repository}:${tag}`),
    blob: (image) => image.blobs.map((digest) => imageKey(image.repository, digest)),
  },
});

export const layers = defineTable<Layer, "repository">({
  name: "layers",
  key: (layer) => imageKey(layer.repository, layer.digest),
  indexes: { repository: (layer) => [layer.repository] },
});

/** The key of an image or a layer within its scope. */
export const imageKey = (repository: string, digest: string): string => `${repository}@${digest}`;
