/**
 * Multi-Region keys: records of several regions with one id and one material. Which is the primary is kept
 * in each of them; what they share is written to all.
 */
import type { KeyMaterial, KeyRotation, KmsKey } from "../model/kms.ts";
import type { ReadTransaction, WriteTransaction } from "./store.ts";
import { kmsKeys } from "./tables/kms.ts";

const dayMs = 86_400_000;

/** A key and those it shares its material with, by region; of a key of one region just itself. */
export function relativesOf(tx: ReadTransaction, key: KmsKey): KmsKey[] {
  if (!key.multiRegion) return [key];
  return [...tx.table(kmsKeys).all()]
    .filter(({ account, keyId }) => account === key.account && keyId === key.keyId)
    .toSorted((one, other) => (one.region < other.region ? -1 : 1));
}

export const isPrimary = (key: KmsKey): boolean =>
  key.multiRegion === undefined || key.multiRegion.primaryRegion === key.region;

/** The key and its relatives compute with new material from now on. */
export function giveMaterial(
  tx: WriteTransaction,
  key: KmsKey,
  material: KeyMaterial,
  rotation: KeyRotation | undefined,
): void {
  for (const one of relativesOf(tx, key)) {
    const own = one.region === key.region ? { rotation } : {};
    tx.table(kmsKeys).put({ ...one, materials: [...one.materials, material], ...own });
  }
}

/** A primary that was to go after its last replica: its own window begins. */
export function releasePrimary(tx: WriteTransaction, replica: KmsKey, now: number): void {
  const [primary, ...others] = relativesOf(tx, replica);
  if (primary?.deletionWaits === undefined || others.length > 0) return;
  const deletionAt = now + primary.deletionWaits * dayMs;
  tx.table(kmsKeys).put({ ...primary, deletionAt, deletionWaits: undefined });
}
