/**
 * Finding a secret and reading its value, for Secrets Manager itself and for what refers to secrets
 * from elsewhere.
 */
import { parseArn } from "../model/arn.ts";
import type { Scope } from "../model/scope.ts";
import { currentStage, type Secret, type SecretVersion } from "../model/secrets.ts";
import { decryptWith, type KmsCall, type KmsFailure } from "./kms.ts";
import type { ReadTransaction, WriteTransaction } from "./store.ts";
import { secrets, secretVersionKey, secretVersions } from "./tables/secrets.ts";

export const managedKey = "alias/aws/secretsmanager";

/** The secret of a name, an ARN, or an ARN without its random end. */
export function findSecret(
  tx: ReadTransaction,
  scope: Scope,
  reference: string,
): Secret | undefined {
  if (!reference.startsWith("arn:")) return tx.table(secrets).get(scope, reference);
  const arn = parseArn(reference);
  const name = /^secret:(.+)$/.exec(arn?.resource ?? "")?.[1];
  if (arn?.service !== "secretsmanager" || arn.region !== scope.region || !name) return undefined;
  const owner = { account: arn.account, region: arn.region };
  const whole = tx.table(secrets).get(owner, name.slice(0, -7));
  return whole?.arn === reference ? whole : tx.table(secrets).get(owner, name);
}

export type VersionChoice = {
  readonly versionId: string | undefined;
  readonly stage: string | undefined;
};

export type VersionFailure =
  | { readonly type: "no-such-version"; readonly versionId: string }
  | { readonly type: "no-such-stage"; readonly stage: string }
  /** The version is there, but the stage is not on it. */
  | { readonly type: "stage-elsewhere"; readonly stage: string; readonly versionId: string };

/** The version of an id, of a stage, or of both together; the current one when neither is given. */
export function findSecretVersion(
  tx: ReadTransaction,
  secret: Secret,
  { versionId, stage }: VersionChoice,
): { readonly type: "found"; readonly version: SecretVersion } | VersionFailure {
  if (versionId !== undefined) {
    const key = secretVersionKey(secret.name, versionId);
    const version = tx.table(secretVersions).get(secret, key);
    if (!version) return { type: "no-such-version", versionId };
    if (stage === undefined || version.stages.includes(stage)) return { type: "found", version };
    return { type: "stage-elsewhere", stage, versionId };
  }
  const wanted = stage ?? currentStage;
  const version = secretVersionsOf(tx, secret).find(({ stages }) => stages.includes(wanted));
  return version ? { type: "found", version } : { type: "no-such-stage", stage: wanted };
}

/** In order of creation. */
export const secretVersionsOf = (tx: ReadTransaction, secret: Secret): SecretVersion[] =>
  tx.table(secretVersions).by("name", secret, secret.name);

/** The value of a version in plain bytes. */
export function readSecretValue(
  tx: ReadTransaction,
  call: Pick<KmsCall, "scope" | "sealing">,
  secret: Secret,
  version: SecretVersion,
): { readonly type: "value"; readonly value: Buffer } | KmsFailure {
  const ciphertext = Buffer.from(version.value, "base64");
  const context = secretContext(secret.arn, version.versionId);
  const opened = decryptWith(tx, call, ciphertext, context);
  return opened.type === "decrypted" ? { type: "value", value: opened.plaintext } : opened;
}

/** What Secrets Manager authenticates along with a value. */
export const secretContext = (arn: string, versionId: string) => ({
  SecretARN: arn,
  SecretVersionId: versionId,
});

export function deleteSecretRecord(tx: WriteTransaction, secret: Secret): void {
  for (const { name, versionId } of secretVersionsOf(tx, secret)) {
    tx.table(secretVersions).delete(secret, secretVersionKey(name, versionId));
  }
  tx.table(secrets).delete(secret, secret.name);
}
