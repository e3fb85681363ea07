/**
 * AWS KMS. Keys are records whose material is sealed; every computation is the real one. Custom key
 * stores, imported material and multi-Region keys are refused by name.
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
import { cancelKeyDeletion, disableKey, enableKey, scheduleKeyDeletion } from "./key-state.ts";
import { createKey, describeKey, listKeys, updateKeyDescription } from "./keys.ts";
import type { KmsDependencies } from "./lookup.ts";
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from "./policies.ts";
import { listResourceTags, tagResource, untagResource } from "./tags.ts";

export function kmsService(dependencies: KmsDependencies): ServiceModule {
  return {
    name: "kms",
    operations: {
      CancelKeyDeletion: cancelKeyDeletion,
      CreateAlias: createAlias,
      CreateKey: createKey(dependencies),
      Decrypt: decrypt(dependencies),
      DeleteAlias: deleteAlias,
      DescribeKey: describeKey(dependencies),
      DisableKey: disableKey,
      EnableKey: enableKey,
      Encrypt: encrypt(dependencies),
      GenerateDataKey: generateDataKey(dependencies),
      GenerateDataKeyPair: generateDataKeyPair(dependencies),
      GenerateDataKeyPairWithoutPlaintext: generateDataKeyPairWithoutPlaintext(dependencies),
      GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext(dependencies),
      GenerateRandom: generateRandom,
      GetKeyPolicy: getKeyPolicy,
      ListAliases: listAliases,
      ListKeyPolicies: listKeyPolicies,
      ListKeys: listKeys,
      ListResourceTags: listResourceTags,
      PutKeyPolicy: putKeyPolicy,
      ReEncrypt: reEncrypt(dependencies),
      ScheduleKeyDeletion: scheduleKeyDeletion,
      TagResource: tagResource,
      UntagResource: untagResource,
      UpdateAlias: updateAlias,
      UpdateKeyDescription: updateKeyDescription,
    },
  };
}
