/**
 * AWS KMS. Keys are records whose material is sealed; every computation is the real one. Custom key
 * stores are refused by name.
 */
import type { ServiceModule } from "../../gateway/service.ts";
import { createAlias, deleteAlias, listAliases, updateAlias } from "./aliases.ts";
import { decrypt, encrypt, reEncrypt } from "./cipher.ts";
import {
  generateDataKey,
  generateDataKeyPair,
  generateDataKeyPairWithoutPlaintext,
  generateDataKeyWithoutPlaintext,
  generateRandom,
} from "./data-keys.ts";
import { liveOrTry, readOrTry, writeOrTry } from "./dry-run.ts";
import { withGrantTokens } from "./grant-tokens.ts";
import {
  createGrant,
  listGrants,
  listRetirableGrants,
  retireGrant,
  revokeGrant,
} from "./grants.ts";
import { deleteImportedKeyMaterial, getParametersForImport, importKeyMaterial } from "./imports.ts";
import { cancelKeyDeletion, disableKey, enableKey, scheduleKeyDeletion } from "./key-state.ts";
import { createKey, describeKey, listKeys, updateKeyDescription } from "./keys.ts";
import type { KmsDependencies } from "./lookup.ts";
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from "./policies.ts";
import { replicateKey, updatePrimaryRegion } from "./replicas.ts";
import {
  disableKeyRotation,
  enableKeyRotation,
  getKeyRotationStatus,
  listKeyRotations,
  rotateKeyOnDemand,
} from "./rotation.ts";
import {
  deriveSharedSecret,
  generateMac,
  getPublicKey,
  sign,
  verify,
  verifyMac,
} from "./signatures.ts";
import { listResourceTags, tagResource, untagResource } from "./tags.ts";

export function kmsService(dependencies: KmsDependencies): ServiceModule {
  return {
    name: "kms",
    tagOnCreate: {
      CreateKey: { action: "kms:TagResource" },
      ReplicateKey: { action: "kms:TagResource" },
    },
    operations: withGrantTokens({
      CancelKeyDeletion: cancelKeyDeletion,
      CreateAlias: createAlias,
      CreateGrant: writeOrTry(createGrant),
      CreateKey: createKey(dependencies),
      Decrypt: readOrTry(decrypt(dependencies)),
      DeleteAlias: deleteAlias,
      DeleteImportedKeyMaterial: deleteImportedKeyMaterial,
      DeriveSharedSecret: readOrTry(deriveSharedSecret(dependencies)),
      DescribeKey: describeKey(dependencies),
      DisableKey: disableKey,
      DisableKeyRotation: disableKeyRotation,
      EnableKey: enableKey,
      EnableKeyRotation: enableKeyRotation,
      Encrypt: writeOrTry(encrypt(dependencies)),
      GenerateDataKey: writeOrTry(generateDataKey(dependencies)),
      GenerateDataKeyPair: liveOrTry(generateDataKeyPair(dependencies)),
      GenerateDataKeyPairWithoutPlaintext: liveOrTry(
        generateDataKeyPairWithoutPlaintext(dependencies),
      ),
      GenerateDataKeyWithoutPlaintext: writeOrTry(generateDataKeyWithoutPlaintext(dependencies)),
      GenerateMac: readOrTry(generateMac(dependencies)),
      GenerateRandom: generateRandom,
      GetKeyPolicy: getKeyPolicy,
      GetKeyRotationStatus: getKeyRotationStatus,
      GetParametersForImport: getParametersForImport(dependencies),
      GetPublicKey: getPublicKey,
      ImportKeyMaterial: importKeyMaterial(dependencies),
      ListAliases: listAliases,
      ListGrants: listGrants,
      ListKeyPolicies: listKeyPolicies,
      ListKeyRotations: listKeyRotations,
      ListKeys: listKeys,
      ListResourceTags: listResourceTags,
      ListRetirableGrants: listRetirableGrants,
      PutKeyPolicy: putKeyPolicy,
      ReEncrypt: writeOrTry(reEncrypt(dependencies)),
      ReplicateKey: replicateKey,
      RetireGrant: writeOrTry(retireGrant),
      RevokeGrant: writeOrTry(revokeGrant),
      RotateKeyOnDemand: rotateKeyOnDemand(dependencies),
      ScheduleKeyDeletion: scheduleKeyDeletion,
      Sign: readOrTry(sign(dependencies)),
      TagResource: tagResource,
      UntagResource: untagResource,
      UpdateAlias: updateAlias,
      UpdateKeyDescription: updateKeyDescription,
      UpdatePrimaryRegion: updatePrimaryRegion,
      Verify: readOrTry(verify),
      VerifyMac: readOrTry(verifyMac(dependencies)),
    }),
  };
}
