/** Multi-Region keys: replicas made in other regions, and another of them made the primary. */
import type * as Kms from "@aws-sdk/client-kms";
import { defaultKeyPolicy } from "../../engine/kms/key-policy.ts";
import { keyStateOf } from "../../engine/kms/key-state.ts";
import { write } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { KmsKey } from "../../model/kms.ts";
import { regionNames } from "../../model/regions.ts";
import { isPrimary, relativesOf } from "../../state/kms-relatives.ts";
import { kmsKeys } from "../../state/tables/kms.ts";
import { disabled, keyExists, unsupported, validation } from "./errors.ts";
import { check, onKeyWith, requireChangeable } from "./lookup.ts";
import { checkKeyPolicy } from "./policies.ts";
import { toTags } from "./tags.ts";
import { toKeyMetadata } from "./views.ts";

export const replicateKey = write<Kms.ReplicateKeyRequest, Kms.ReplicateKeyResponse>({
  action: "kms:ReplicateKey",
  ...onKeyWith((input: Kms.ReplicateKeyRequest) => ({ "kms:ReplicaRegion": input.ReplicaRegion })),
  accepts: {
    KeyId: true,
    ReplicaRegion: true,
    Policy: true,
    BypassPolicyLockoutSafetyCheck: true,
    Description: true,
    Tags: true,
  },
  run(context, input) {
    const { tx, now } = context;
    check(["description", input.Description, { length: [0, 8192] }]);
    const region = requireRegion(input.ReplicaRegion);
    const primary = requirePrimary(requireChangeable(context, input.KeyId, "ReplicateKey"));
    if (keyStateOf(primary) !== "Enabled") throw disabled(primary.arn);
    context.authorize({ action: "kms:CreateKey", resource: "*" });
    const { account, keyId } = primary;
    const arn = formatArn("kms", { account, region }, `key/${keyId}`);
    if (tx.table(kmsKeys).get({ account, region }, keyId)) throw keyExists(arn);
    const mayLockOut = input.BypassPolicyLockoutSafetyCheck ?? false;
    const policy = input.Policy
      ? checkKeyPolicy(context, input.Policy, mayLockOut)
      : defaultKeyPolicy(account);
    const tags = toTags(input.Tags);
    const description = input.Description ?? "";
    const own = { region, arn, policy, tags, description, createdAt: now, rotation: undefined };
    const replica: KmsKey = { ...primary, ...own };
    tx.table(kmsKeys).put(replica);
    return {
      ReplicaKeyMetadata: toKeyMetadata(replica, relativesOf(tx, replica)),
      ReplicaPolicy: policy,
      ReplicaTags: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })),
    };
  },
});

export const updatePrimaryRegion = write<Kms.UpdatePrimaryRegionRequest, void>({
  action: "kms:UpdatePrimaryRegion",
  ...onKeyWith((input: Kms.UpdatePrimaryRegionRequest) => ({
    "kms:PrimaryRegion": input.PrimaryRegion,
  })),
  accepts: { KeyId: true, PrimaryRegion: true },
  run(context, input) {
    const primaryRegion = requireRegion(input.PrimaryRegion);
    const primary = requirePrimary(requireChangeable(context, input.KeyId, "UpdatePrimaryRegion"));
    const relatives = relativesOf(context.tx, primary);
    const next = relatives.find(({ region }) => region === primaryRegion);
    if (!next || next.region === primary.region) {
      throw unsupported(`${primary.arn} has no replica in ${primaryRegion}.`);
    }
    if (keyStateOf(next) !== "Enabled") throw disabled(next.arn);
    for (const one of relatives) {
      // Rotation is set on the primary for all.
      const rotation = one === next ? primary.rotation : undefined;
      context.tx.table(kmsKeys).put({ ...one, multiRegion: { primaryRegion }, rotation });
    }
  },
});

function requireRegion(region: string | undefined): string {
  if (region !== undefined && regionNames.includes(region)) return region;
  throw validation(`${region} is not a region of this account`);
}

function requirePrimary(key: KmsKey): KmsKey {
  if (key.multiRegion && isPrimary(key)) return key;
  throw unsupported(`${key.arn} is not a multi-Region primary key.`);
}
