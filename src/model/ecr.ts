/** The nouns of Amazon ECR: repositories, what was pushed into them, and the blobs they may serve. */
import type { Scope, Tag } from "./scope.ts";

export const tagMutabilities = [
  "MUTABLE",
  "IMMUTABLE",
  "MUTABLE_WITH_EXCLUSION",
  "IMMUTABLE_WITH_EXCLUSION",
] as const;
export type TagMutability = (typeof tagMutabilities)[number];

export type Repository = Scope & {
  readonly arn: string;
  readonly name: string;
  readonly tagMutability: TagMutability;
  /** Wildcards (`*`) of tags to which the opposite of the mutability applies. */
  readonly mutabilityExclusions: readonly string[];
  readonly scanOnPush: boolean;
  readonly encryption: { readonly type: string; readonly kmsKey: string | undefined };
  readonly policyText: string | undefined;
  readonly lifecyclePolicyText: string | undefined;
  readonly createdAt: number;
  readonly tags: readonly Tag[];
};

/** A pushed manifest and the tags that name it. Deleted with its last tag or by its digest. */
export type Image = Scope & {
  readonly repository: string;
  /** `sha256:<64 hex digits>` of the manifest's bytes. */
  readonly digest: string;
  /** The bytes that were pushed, as UTF-8 text: never parsed and written again. */
  readonly manifest: string;
  readonly mediaType: string;
  readonly artifactMediaType: string | undefined;
  /** Blobs it is made of: configuration and layers. */
  readonly blobs: readonly string[];
  /** Manifests that a list or index points at. */
  readonly children: readonly string[];
  /** The image that this one is about (a signature, an attestation). */
  readonly subject: string | undefined;
  /** Compressed bytes of its blobs and, for a list, of its children. */
  readonly sizeBytes: number;
  readonly pushedAt: number;
  readonly tags: readonly string[];
};

/** A blob that a repository has: the bytes themselves are kept once for all repositories. */
export type Layer = Scope & {
  readonly repository: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly uploadedAt: number;
};

/** Whether a tag that exists may not be moved. */
export function isTagImmutable(repository: Repository, tag: string): boolean {
  const excluded = repository.mutabilityExclusions.some((filter) => matchesWildcard(filter, tag));
  switch (repository.tagMutability) {
    case "MUTABLE":
      return false;
    case "IMMUTABLE":
      return true;
    case "MUTABLE_WITH_EXCLUSION":
      return excluded;
    case "IMMUTABLE_WITH_EXCLUSION":
      return !excluded;
  }
}

function matchesWildcard(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}

export const isDigest = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text);

export const isImageTag = (text: string): boolean =>
  /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(text);
