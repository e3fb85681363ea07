/**
 * Collects what the registry no longer needs: layers that were pushed but never became part of an
 * image, and the bytes of blobs that no repository has any more.
 *
 * A layer that no image uses may belong to a push that is under way, so it is given a day. The store
 * of blobs asks once more in the very turn in which it deletes, so that nothing pushed meanwhile goes.
 */
import type { BlobStore } from "../dataplane/registry/port.ts";
import type { Layer } from "../model/ecr.ts";
import type { ReadTransaction } from "../state/store.ts";
import { imageKey, images, layers } from "../state/tables/ecr.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

const unusedLayerMs = 24 * 60 * 60 * 1000;

export function createBlobCollectionLoop(
  dependencies: LoopDependencies & { readonly blobs: Pick<BlobStore, "list" | "removeUnless"> },
): Loop {
  const { store, clock, blobs } = dependencies;

  const dropUnusedLayers = (): number | undefined => {
    const unused = store.read((tx) => tx.table(layers).all().filter(isUnused(tx)));
    const isDue = (layer: Layer): boolean => layer.uploadedAt + unusedLayerMs <= clock.now();
    const due = unused.filter(isDue);
    if (due.length > 0) {
      store.write((tx) => {
        for (const layer of due) {
          tx.table(layers).delete(layer, imageKey(layer.repository, layer.digest));
        }
      });
    }
    const waiting = unused.filter((layer) => !isDue(layer)).map((layer) => layer.uploadedAt);
    if (waiting.length === 0) return undefined;
    return Math.min(...waiting) + unusedLayerMs - clock.now();
  };

  const removeBytes = async (): Promise<void> => {
    const present = await blobs.list();
    const held = store.read(
      (tx) =>
        new Set(
          tx
            .table(layers)
            .all()
            .map(({ digest }) => digest),
        ),
    );
    // Nothing is awaited from here on, so `held` stays true for the whole sweep.
    for (const digest of present) blobs.removeUnless(digest, () => held.has(digest));
  };

  return createLoop({
    ...dependencies,
    name: "blob-collection",
    // A layer goes with its last image; new layers only set the time of the next look.
    concerns: (change) => change.table === layers.name,
    async pass() {
      const again = dropUnusedLayers();
      await removeBytes();
      return again;
    },
  });
}

const isUnused =
  (tx: ReadTransaction) =>
  (layer: Layer): boolean =>
    tx.table(images).by("blob", layer, imageKey(layer.repository, layer.digest)).length === 0;
