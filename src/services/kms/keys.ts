/** Keys: made, shown, described. */
import type * as Kms from "@aws-sdk/client-kms";
import { defaultKeyPolicy } from "../../engine/kms/key-policy.ts";
import { type KeySpec, keySpecs, symmetricDefault } from "../../engine/kms/key-specs.ts";
import {
  type LiveOperation,
  live,
  type RequestContext,
  read,
  type WriteOperation,
  write,
} from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { KeyMaterial, KeyUsage, KmsKey } from "../../model/kms.ts";
import { makeKeyPair } from "../../seams/crypto.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { makeOctets } from "../../state/kms.ts";
import { relativesOf } from "../../state/kms-relatives.ts";
import { kmsKeys } from "../../state/tables/kms.ts";
import { unsupported, validation } from "./errors.ts";
import {
  check,
  checkSpec,
  ensureKey,
  type KmsDependencies,
  onKey,
  requireChangeable,
  toCall,
} from "./lookup.ts";
import { pageOf } from "./pages.ts";
import { checkKeyPolicy } from "./policies.ts";
import { toTags } from "./tags.ts";
import { toKeyMetadata } from "./views.ts";

const usages = ["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"];
const descriptionBounds = { length: [0, 8192] } as const;

export function createKey({
  sealing,
}: KmsDependencies): LiveOperation<Kms.CreateKeyRequest, Kms.CreateKeyResponse> {
  return live<Kms.CreateKeyRequest, Kms.CreateKeyResponse>({
    action: "kms:CreateKey",
    resources: () => ["*"],
    conditions: (input) => ({
      "kms:KeySpec": input.KeySpec ?? input.CustomerMasterKeySpec ?? symmetricDefault,
      "kms:KeyUsage": input.KeyUsage ?? "ENCRYPT_DECRYPT",
      "kms:KeyOrigin": input.Origin ?? "AWS_KMS",
      "kms:MultiRegion": input.MultiRegion ?? false,
      "kms:MultiRegionKeyType": input.MultiRegion ? "PRIMARY" : undefined,
      "kms:BypassPolicyLockoutSafetyCheck": input.BypassPolicyLockoutSafetyCheck ?? false,
    }),
    accepts: {
      Policy: true,
      Description: true,
      KeyUsage: true,
      KeySpec: true,
      CustomerMasterKeySpec: true,
      Origin: true,
      MultiRegion: true,
      BypassPolicyLockoutSafetyCheck: true,
      Tags: true,
    },
    async run(context, input) {
      const wanted = validateKey(context, input);
      const material =
        wanted.origin === "EXTERNAL"
          ? undefined
          : await makeMaterial(context, sealing, wanted.spec);
      const key = toKey(context, wanted, material);
      context.write((tx) => tx.table(kmsKeys).put(key));
      return { KeyMetadata: toKeyMetadata(key, [key]) };
    },
  });
}

type WantedKey = Pick<KmsKey, "usage" | "description" | "policy" | "tags" | "origin"> & {
  readonly isMultiRegion: boolean;
  readonly specName: string;
  readonly spec: KeySpec;
};

function validateKey(context: RequestContext, input: Kms.CreateKeyRequest): WantedKey {
  check(
    ["description", input.Description, descriptionBounds],
    ["keyUsage", input.KeyUsage, { oneOf: usages }],
  );
  if (input.KeySpec && input.CustomerMasterKeySpec) {
    throw validation(
      "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.",
    );
  }
  const specName = input.KeySpec ?? input.CustomerMasterKeySpec ?? symmetricDefault;
  checkSpec("keySpec", specName, Object.keys(keySpecs));
  const spec = keySpecs[specName] as KeySpec;
  const origin = input.Origin ?? "AWS_KMS";
  if (origin !== "AWS_KMS" && origin !== "EXTERNAL") {
    throw unsupported(`Keys of origin ${origin} are not supported by Neargate yet`);
  }
  if (origin === "EXTERNAL" && input.MultiRegion) {
    throw unsupported("Multi-Region keys of origin EXTERNAL are not supported by Neargate yet");
  }
  const policy = input.Policy
    ? checkKeyPolicy(context, input.Policy, input.BypassPolicyLockoutSafetyCheck ?? false)
    : defaultKeyPolicy(context.scope.account);
  return {
    specName,
    spec,
    usage: validateUsage(specName, spec, input.KeyUsage),
    description: input.Description ?? "",
    policy,
    tags: toTags(input.Tags),
    isMultiRegion: input.MultiRegion ?? false,
    ...(origin === "EXTERNAL" && { origin }),
  };
}

function validateUsage(specName: string, spec: KeySpec, asked: string | undefined): KeyUsage {
  if (asked === undefined && specName !== symmetricDefault) {
    throw validation(
      "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
    );
  }
  const usage = spec.usages.find((one) => one === (asked ?? "ENCRYPT_DECRYPT"));
  if (usage) return usage;
  throw validation(`KeyUsage ${asked} is not compatible with KeySpec ${specName}`);
}

/** The first material of a key. */
async function makeMaterial(
  context: RequestContext,
  sealing: Sealing,
  spec: KeySpec,
): Promise<KeyMaterial> {
  if (spec.material.type === "octets")
    return makeOctets(toCall(context, sealing), spec.material.length);
  const { privateKey, publicKey } = await makeKeyPair(spec.material);
  return {
    id: context.ids.hex(64),
    sealed: sealing.seal(privateKey),
    publicKey: publicKey.toString("base64"),
    createdAt: context.now,
    rotation: undefined,
  };
}

function toKey(
  { scope, ids, now }: RequestContext,
  wanted: WantedKey,
  material: KeyMaterial | undefined,
): KmsKey {
  const keyId = wanted.isMultiRegion ? `mrk-${ids.hex(32)}` : ids.uuid();
  return {
    account: scope.account,
    region: scope.region,
    keyId,
    arn: formatArn("kms", scope, `key/${keyId}`),
    spec: wanted.specName,
    usage: wanted.usage,
    description: wanted.description,
    manager: "CUSTOMER",
    enabled: true,
    deletionAt: undefined,
    policy: wanted.policy,
    ...(wanted.isMultiRegion && { multiRegion: { primaryRegion: scope.region } }),
    ...(wanted.origin && { origin: wanted.origin }),
    materials: material ? [material] : [],
    rotation: undefined,
    createdAt: now,
    tags: wanted.tags,
  };
}

/** A write, since asking for `alias/aws/ssm` is what makes that key. */
export function describeKey({
  sealing,
}: KmsDependencies): WriteOperation<Kms.DescribeKeyRequest, Kms.DescribeKeyResponse> {
  return write<Kms.DescribeKeyRequest, Kms.DescribeKeyResponse>({
    action: "kms:DescribeKey",
    ...onKey,
    accepts: { KeyId: true, GrantTokens: true },
    run(context, input) {
      const key = ensureKey(context, sealing, input.KeyId, { operation: "DescribeKey" });
      return { KeyMetadata: toKeyMetadata(key, relativesOf(context.tx, key)) };
    },
  });
}

export const listKeys = read<Kms.ListKeysRequest, Kms.ListKeysResponse>({
  action: "kms:ListKeys",
  resources: () => ["*"],
  accepts: { Limit: true, Marker: true },
  run({ tx, scope }, input) {
    const keys = tx.table(kmsKeys).list(scope);
    const { items, rest } = pageOf(keys, (key) => key.keyId, "ListKeys", input);
    return { Keys: items.map((key) => ({ KeyId: key.keyId, KeyArn: key.arn })), ...rest };
  },
});

export const updateKeyDescription = write<Kms.UpdateKeyDescriptionRequest, void>({
  action: "kms:UpdateKeyDescription",
  ...onKey,
  accepts: { KeyId: true, Description: true },
  run(context, input) {
    check(["description", input.Description, descriptionBounds]);
    const key = requireChangeable(context, input.KeyId, "UpdateKeyDescription");
    context.tx.table(kmsKeys).put({ ...key, description: input.Description ?? "" });
  },
});
