/** What the registry's door asks of the state, and its refusals in AWS's words. */
import type {
  RegistryCatalog,
  RegistryRefusal,
  StoredManifest,
} from "../../dataplane/registry/port.ts";
import { type Image, isDigest, type Repository } from "../../model/ecr.ts";
import { parseManifest } from "../../model/manifest.ts";
import type { Scope } from "../../model/scope.ts";
import type { Clock } from "../../seams/clock.ts";
import { findImage, findLayer, type ImageRefusal, putImage, putLayer } from "../../state/images.ts";
import type { ReadTransaction, Store } from "../../state/store.ts";
import { images, repositories } from "../../state/tables/ecr.ts";
import { immutableTagText, missingRepositoryText } from "./errors.ts";

export function createRegistryCatalog(options: {
  readonly store: Store;
  readonly clock: Clock;
}): RegistryCatalog {
  const { store, clock } = options;
  const findRepository = (
    tx: ReadTransaction,
    name: Scope & { readonly repository: string },
  ): Repository | undefined => tx.table(repositories).get(name, name.repository);
  return {
    explainMissing: (name) =>
      store.read((tx) =>
        findRepository(tx, name) ? undefined : nameUnknown(name.account, name.repository),
      ),
    hasBlob: (name) => store.read((tx) => findLayer(tx, name) !== undefined),
    addBlob({ account, region, repository, digest }, sizeBytes) {
      store.write((tx) => {
        // The repository may have been deleted while the bytes came.
        if (!findRepository(tx, { account, region, repository })) return;
        const uploadedAt = clock.now();
        putLayer(tx, { account, region, repository, digest, sizeBytes, uploadedAt });
      });
    },
    mountBlob: (name, from) =>
      store.write((tx) => {
        const source = findLayer(tx, { ...from, digest: name.digest });
        if (!source) return false;
        const { region, repository } = name;
        putLayer(tx, { ...source, region, repository, uploadedAt: clock.now() });
        return true;
      }),
    findManifest: (name, reference) =>
      store.read((tx) => {
        const key = isDigest(reference) ? { digest: reference } : { tag: reference };
        const image = findImage(tx, { ...name, ...key });
        return image && toStoredManifest(image);
      }),
    putManifest(push) {
      const manifest = parseManifest(push.text, push.contentType);
      if (typeof manifest === "string") {
        return { status: 400, code: "MANIFEST_INVALID", message: manifest };
      }
      return store.write((tx) => {
        const repository = findRepository(tx, push);
        if (!repository) return nameUnknown(push.account, push.repository);
        const { digest, text, tag } = push;
        const put = putImage(tx, { repository, digest, text, manifest, tag, now: clock.now() });
        return put.type === "refused" ? toRefusal(put.refusal, push.repository) : undefined;
      });
    },
    listTags: (name) =>
      store.read((tx) =>
        tx
          .table(images)
          .by("repository", name, name.repository)
          .flatMap((image) => image.tags),
      ),
    listReferrers: (name) =>
      store.read((tx) =>
        tx
          .table(images)
          .by("repository", name, name.repository)
          .filter((image) => image.subject === name.digest)
          .map(toStoredManifest),
      ),
  };
}

const toStoredManifest = (image: Image): StoredManifest => ({
  digest: image.digest,
  mediaType: image.mediaType,
  artifactMediaType: image.artifactMediaType,
  text: image.manifest,
});

const nameUnknown = (account: string, repository: string): RegistryRefusal => ({
  status: 404,
  code: "NAME_UNKNOWN",
  message: missingRepositoryText(repository, account),
});

function toRefusal(refusal: ImageRefusal, repository: string): RegistryRefusal {
  switch (refusal.type) {
    case "tag-immutable":
      return {
        status: 400,
        code: "TAG_INVALID",
        message: immutableTagText(refusal.tag, repository),
      };
    case "missing-blobs":
      return {
        status: 400,
        code: "MANIFEST_BLOB_UNKNOWN",
        message: "blob unknown to registry",
        detail: refusal.digests,
      };
    case "missing-images":
      return {
        status: 400,
        code: "MANIFEST_BLOB_UNKNOWN",
        message: "manifest unknown to registry",
        detail: refusal.digests,
      };
  }
}
