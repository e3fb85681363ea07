/** Tables of Secrets Manager. */
import type { Secret, SecretVersion } from "../../model/secrets.ts";
import { defineTable } from "../table.ts";

export const secrets = defineTable<Secret>({ name: "secrets", key: (secret) => secret.name });

export const secretVersions = defineTable<SecretVersion, "name">({
  name: "secret-versions",
  key: (version) => secretVersionKey(version.name, version.versionId),
  indexes: { name: (version) => [version.name] },
});

/** Names hold no colon, so that no two versions share a key. */
export const secretVersionKey = (name: string, versionId: string): string => `${name}:${versionId}`;
