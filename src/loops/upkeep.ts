/**
 * What time does to keys, parameters and secrets: keys and secrets whose window has passed are deleted,
 * keys whose period has are rotated, imported material expires, policies of parameters act. It sleeps until the first is due.
 */
import { nextChange, nextRotationAt } from "../engine/kms/rotation.ts";
import type { KmsKey } from "../model/kms.ts";
import type { ParameterVersion } from "../model/ssm.ts";
import type { Sealing } from "../seams/sealing.ts";
import { deleteKmsKey, makeOctets } from "../state/kms.ts";
import { giveMaterial, releasePrimary } from "../state/kms-relatives.ts";
import { deleteSecretRecord } from "../state/secrets.ts";
import { deleteParameterRecord, latestVersion, parameterArn } from "../state/ssm.ts";
import type { WriteTransaction } from "../state/store.ts";
import { kmsKeys } from "../state/tables/kms.ts";
import { secrets } from "../state/tables/secrets.ts";
import { parameters, parameterVersions } from "../state/tables/ssm.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

export function createUpkeepLoop(
  dependencies: LoopDependencies & { readonly sealing: Sealing },
): Loop {
  const { store, clock, ids, sealing, logger } = dependencies;

  const rotate = (tx: WriteTransaction, key: KmsKey, now: number): void => {
    const periodDays = key.rotation?.periodDays ?? 365;
    const rotation = { periodDays, nextAt: nextRotationAt(now, periodDays) };
    giveMaterial(tx, key, makeOctets({ ids, sealing, now }, 32, "AUTOMATIC"), rotation);
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
          if (what === "delete") {
            deleteKmsKey(tx, key);
            releasePrimary(tx, key, now);
          } else if (what === "rotate") rotate(tx, key, now);
          else tx.table(kmsKeys).put({ ...key, materials: [] });
        }
      });
      for (const { key, what } of ripe) logger.info(`upkeep: ${what} of a key`, { key: key.arn });
    }
    return earliest(due.filter(({ at }) => at > now).map(({ at }) => at));
  };

  const carryOutPolicies = (now: number): number | undefined => {
    const due = store
      .read((tx) =>
        tx
          .table(parameters)
          .all()
          .map((parameter) => latestVersion(tx, parameter)),
      )
      .flatMap((version) =>
        version.policies
          .filter(({ status }) => status === "Pending")
          .map((policy) => ({ version, policy, at: policy.at })),
      );
    const ripe = due.filter(({ at }) => at <= now);
    if (ripe.length > 0) {
      store.write((tx) => {
        for (const { version } of ripe) applyPolicies(tx, version, now);
      });
    }
    for (const { version, policy } of ripe) {
      const parameter = parameterArn(version, version.name);
      logger.info(`upkeep: ${policy.type} of a parameter`, { parameter, policy: policy.text });
    }
    return earliest(due.filter(({ at }) => at > now).map(({ at }) => at));
  };

  const deleteSecrets = (now: number): number | undefined => {
    const due = store
      .read((tx) => tx.table(secrets).all())
      .flatMap((secret) => (secret.deletion ? [{ secret, at: secret.deletion.at }] : []));
    const ripe = due.filter(({ at }) => at <= now);
    if (ripe.length > 0) {
      store.write((tx) => {
        for (const { secret } of ripe) deleteSecretRecord(tx, secret);
      });
    }
    return earliest(due.filter(({ at }) => at > now).map(({ at }) => at));
  };

  return createLoop({
    ...dependencies,
    name: "upkeep",
    concerns: ({ table }) => watched.includes(table),
    async pass() {
      const now = clock.now();
      const times = [changeKeys(now), carryOutPolicies(now), deleteSecrets(now)];
      const next = earliest(times.filter((time) => time !== undefined));
      return next === undefined ? undefined : next - now;
    },
  });
}

const watched = [kmsKeys.name, parameterVersions.name, secrets.name];

/** An expired parameter goes; a notification has been given once its time has come. */
function applyPolicies(tx: WriteTransaction, version: ParameterVersion, now: number): void {
  const parameter = tx.table(parameters).get(version, version.name);
  if (!parameter) return;
  if (version.policies.some(({ type, at }) => type === "Expiration" && at <= now)) {
    deleteParameterRecord(tx, parameter);
    return;
  }
  const policies = version.policies.map((policy) =>
    policy.at <= now ? { ...policy, status: "Finished" as const } : policy,
  );
  tx.table(parameterVersions).put({ ...version, policies });
}

const earliest = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : Math.min(...times);
