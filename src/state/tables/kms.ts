/** Tables of AWS KMS. */
import type { KmsAlias, KmsGrant, KmsKey } from "../../model/kms.ts";
import { defineTable } from "../table.ts";

export const kmsKeys = defineTable<KmsKey>({ name: "kms-keys", key: (key) => key.keyId });

export const kmsAliases = defineTable<KmsAlias, "key">({
  name: "kms-aliases",
  key: (alias) => alias.name,
  indexes: { key: (alias) => [alias.targetKeyId] },
});

export const kmsGrants = defineTable<KmsGrant, "key">({
  name: "kms-grants",
  key: (grant) => grant.grantId,
  indexes: { key: (grant) => [grant.keyId] },
});
