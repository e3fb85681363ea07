/**
 * What time does to keys: deletes those whose window has passed, rotates those whose period has.
 * It sleeps until the first of them is due.
 */
import { nextChange, nextRotationAt } from "../engine/kms/rotation.ts";
import type { KmsKey } from "../model/kms.ts";
import type { Sealing } from "../seams/sealing.ts";
import { deleteKmsKey, makeOctets } from "../state/kms.ts";
import type { WriteTransaction } from "../state/store.ts";
import { kmsKeys } from "../state/tables/kms.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

export function createUpkeepLoop(
  dependencies: LoopDependencies & { readonly sealing: Sealing },
): Loop {
  const { store, clock, ids, sealing, logger } = dependencies;

  const rotate = (tx: WriteTransaction, key: KmsKey, now: number): void => {
    const periodDays = key.rotation?.periodDays ?? 365;
    tx.table(kmsKeys).put({
      ...key,
      materials: [...key.materials, makeOctets({ ids, sealing, now }, 32, "AUTOMATIC")],
      rotation: { periodDays, nextAt: nextRotationAt(now, periodDays) },
    });
  };

  const changeKeys = (now: number): number | undefined => {
    const due = store
      .read((tx) => tx.table(kmsKeys).all())
      .flatMap((key) => {
        const change = nextChange(key);
        return change ? [{ key, ...change }] : [];
      });
    const ripe = due.filter(({ at }) => at <= now);
    if (ripe.length > 0) {
      store.write((tx) => {
        for (const { key, what } of ripe) {
          if (what === "delete") deleteKmsKey(tx, key);
          else rotate(tx, key, now);
        }
      });
      for (const { key, what } of ripe) logger.info(`upkeep: ${what} of a key`, { key: key.arn });
    }
    return earliest(due.filter(({ at }) => at > now).map(({ at }) => at));
  };

  return createLoop({
    ...dependencies,
    name: "upkeep",
    concerns: ({ table }) => table === kmsKeys.name,
    async pass() {
      const now = clock.now();
      const next = changeKeys(now);
      return next === undefined ? undefined : next - now;
    },
  });
}

const earliest = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : Math.min(...times);
