/** Keys as KMS shows them. */
import type * as Kms from "@aws-sdk/client-kms";
import { specOf, symmetricDefault } from "../../engine/kms/key-specs.ts";
import { keyStateOf } from "../../engine/kms/key-state.ts";
import type { KmsKey } from "../../model/kms.ts";
import { currentMaterial } from "../../state/kms.ts";

export function toKeyMetadata(key: KmsKey): Kms.KeyMetadata {
  const { encryption, signing, mac } = specOf(key);
  const encrypts = key.usage === "ENCRYPT_DECRYPT";
  const signs = key.usage === "SIGN_VERIFY";
  return {
    AWSAccountId: key.account,
    KeyId: key.keyId,
    Arn: key.arn,
    CreationDate: new Date(key.createdAt),
    Enabled: key.enabled && key.deletionAt === undefined,
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: keyStateOf(key),
    Origin: "AWS_KMS",
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec as Kms.CustomerMasterKeySpec,
    KeySpec: key.spec as Kms.KeySpec,
    MultiRegion: false,
    ...(key.deletionAt !== undefined && { DeletionDate: new Date(key.deletionAt) }),
    ...(encrypts && { EncryptionAlgorithms: [...encryption] as Kms.EncryptionAlgorithmSpec[] }),
    ...(signs && { SigningAlgorithms: [...signing] as Kms.SigningAlgorithmSpec[] }),
    ...(mac.length > 0 && { MacAlgorithms: [...mac] as Kms.MacAlgorithmSpec[] }),
    ...(key.spec === symmetricDefault && { CurrentKeyMaterialId: currentMaterial(key).id }),
  };
}
