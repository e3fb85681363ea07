/** Keys as KMS shows them. */
import type * as Kms from "@aws-sdk/client-kms";
import { specOf, symmetricDefault } from "../../engine/kms/key-specs.ts";
import { keyStateOf } from "../../engine/kms/key-state.ts";
import type { KmsKey } from "../../model/kms.ts";
import { currentMaterialId } from "../../state/kms.ts";

/** `relatives`: of a multi-Region key itself and those that share its material. */
export function toKeyMetadata(key: KmsKey, relatives: readonly KmsKey[]): Kms.KeyMetadata {
  const { encryption, signing, mac } = specOf(key);
  const encrypts = key.usage === "ENCRYPT_DECRYPT";
  const signs = key.usage === "SIGN_VERIFY";
  const agrees = key.usage === "KEY_AGREEMENT";
  return {
    AWSAccountId: key.account,
    KeyId: key.keyId,
    Arn: key.arn,
    CreationDate: new Date(key.createdAt),
    Enabled: keyStateOf(key) === "Enabled",
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: keyStateOf(key),
    Origin: key.origin ?? "AWS_KMS",
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec as Kms.CustomerMasterKeySpec,
    KeySpec: key.spec as Kms.KeySpec,
    MultiRegion: key.multiRegion !== undefined,
    ...toMultiRegion(key, relatives),
    ...(keyStateOf(key) === "PendingDeletion" && { DeletionDate: new Date(key.deletionAt ?? 0) }),
    ...(encrypts && { EncryptionAlgorithms: [...encryption] as Kms.EncryptionAlgorithmSpec[] }),
    ...(signs && { SigningAlgorithms: [...signing] as Kms.SigningAlgorithmSpec[] }),
    ...(mac.length > 0 && { MacAlgorithms: [...mac] as Kms.MacAlgorithmSpec[] }),
    ...(agrees && { KeyAgreementAlgorithms: ["ECDH"] }),
    ...toImport(key),
    ...(key.spec === symmetricDefault && { CurrentKeyMaterialId: currentMaterialId(key) }),
  };
}

/** When imported material goes; nothing while it is not there. */
export function toImport({
  imported,
  materials,
}: KmsKey): Pick<Kms.KeyMetadata, "ExpirationModel" | "ValidTo"> {
  if (!imported || materials.length === 0) return {};
  if (imported.expiresAt === undefined) return { ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE" };
  return { ExpirationModel: "KEY_MATERIAL_EXPIRES", ValidTo: new Date(imported.expiresAt) };
}

function toMultiRegion(
  { multiRegion, region, deletionWaits }: KmsKey,
  relatives: readonly KmsKey[],
): Pick<Kms.KeyMetadata, "MultiRegionConfiguration" | "PendingDeletionWindowInDays"> {
  if (!multiRegion) return {};
  const { primaryRegion } = multiRegion;
  const shown = relatives.map((one) => ({ Arn: one.arn, Region: one.region }));
  return {
    MultiRegionConfiguration: {
      MultiRegionKeyType: region === primaryRegion ? "PRIMARY" : "REPLICA",
      PrimaryKey: shown.find(({ Region }) => Region === primaryRegion),
      ReplicaKeys: shown.filter(({ Region }) => Region !== primaryRegion),
    },
    ...(deletionWaits !== undefined && { PendingDeletionWindowInDays: deletionWaits }),
  };
}
