/** Making versions and moving staging labels among them. */
import { ApiError } from "../../gateway/api-error.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { authorizeKeyUse } from "../../gateway/key-use.ts";
import type { WriteContext } from "../../gateway/service.ts";
import {
  currentStage,
  previousStage,
  type Secret,
  type SecretVersion,
} from "../../model/secrets.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { encryptUnder, ensureKmsKey } from "../../state/kms.ts";
import {
  findSecretVersion,
  managedKey,
  readSecretValue,
  secretContext,
  secretVersionsOf,
} from "../../state/secrets.ts";
import type { WriteTransaction } from "../../state/store.ts";
import { secretVersionKey, secretVersions } from "../../state/tables/secrets.ts";
import { encryptionFailure, invalidParameter, tokenInUse } from "./errors.ts";
import { toCall } from "./lookup.ts";

const mostVersions = 100;
const mostBytes = 65_536;

export type SecretValue = { readonly form: "string" | "binary"; readonly bytes: Buffer };

type ValueInput = {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
};

/** The value of a request, undefined when it has none. */
export function toValue(input: ValueInput): SecretValue | undefined {
  const { SecretString: text, SecretBinary: binary } = input;
  if (text !== undefined && binary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  checkConstraints([
    ["secretString", text && Buffer.from(text), { length: [1, mostBytes] }],
    ["secretBinary", binary, { length: [1, mostBytes] }],
  ]);
  if (text !== undefined) return { form: "string", bytes: Buffer.from(text) };
  return binary && { form: "binary", bytes: Buffer.from(binary) };
}

export function checkToken(token: string | undefined): void {
  if (token !== undefined && (token.length < 32 || token.length > 64)) {
    throw invalidParameter("ClientRequestToken must be 32-64 characters long.");
  }
}

export const checkStages = (stages: readonly string[] | undefined): void => {
  checkConstraints([["versionStages", stages, { length: [1, 20] }]]);
  for (const [at, stage] of (stages ?? []).entries()) {
    checkConstraints([[`versionStages.${at + 1}.member`, stage, { length: [1, 256] }]]);
  }
};

/** Adds a version with these stages, which leave the versions that had them. */
export function addVersion(
  context: WriteContext,
  sealing: Sealing,
  secret: Secret,
  value: SecretValue,
  options: { readonly token: string | undefined; readonly stages: readonly string[] },
): SecretVersion {
  const { tx, ids, now } = context;
  const versionId = options.token ?? ids.uuid();
  const existing = findSecretVersion(tx, secret, { versionId, stage: undefined });
  if (existing.type === "found") {
    if (isSameValue(context, sealing, secret, existing.version, value)) return existing.version;
    throw tokenInUse(versionId, secret.arn);
  }
  // A first version is current whatever it is asked to be: a secret has no value otherwise.
  const isFirst = secretVersionsOf(tx, secret).length === 0;
  const stages = new Set(isFirst ? [...options.stages, currentStage] : options.stages);
  const version: SecretVersion = {
    account: secret.account,
    region: secret.region,
    name: secret.name,
    versionId,
    stages: [],
    form: value.form,
    value: encryptValue(context, sealing, secret, versionId, value.bytes),
    createdAt: now,
    accessedAt: undefined,
  };
  tx.table(secretVersions).put(version);
  for (const stage of stages) moveStage(tx, secret, stage, versionId);
  dropOldest(tx, secret);
  const key = secretVersionKey(secret.name, versionId);
  return tx.table(secretVersions).get(secret, key) ?? version;
}

/** Puts a stage on one version, off all others. What loses AWSCURRENT becomes AWSPREVIOUS. */
export function moveStage(
  tx: WriteTransaction,
  secret: Secret,
  stage: string,
  to: string | undefined,
): void {
  const table = tx.table(secretVersions);
  const holder = secretVersionsOf(tx, secret).find(({ stages }) => stages.includes(stage));
  if (holder?.versionId === to) return;
  if (holder) table.put({ ...holder, stages: holder.stages.filter((one) => one !== stage) });
  const next = to === undefined ? undefined : table.get(secret, secretVersionKey(secret.name, to));
  if (next) table.put({ ...next, stages: [...next.stages, stage] });
  if (stage === currentStage && holder) moveStage(tx, secret, previousStage, holder.versionId);
  if (stage === currentStage && next?.stages.includes(previousStage)) {
    const now = table.get(secret, secretVersionKey(secret.name, next.versionId)) ?? next;
    table.put({ ...now, stages: now.stages.filter((one) => one !== previousStage) });
  }
}

export function encryptValue(
  context: WriteContext,
  sealing: Sealing,
  secret: Secret,
  versionId: string,
  bytes: Uint8Array,
): string {
  const call = toCall(context, sealing);
  const found = ensureKmsKey(context.tx, call, secret.kmsKeyId ?? managedKey);
  if (found.type !== "found") throw encryptionFailure();
  const encryption = secretContext(secret.arn, versionId);
  const use = { operation: "GenerateDataKey", context: encryption, via: "secretsmanager" };
  authorizeKey(context, found.key, use);
  const made = encryptUnder(found.key, sealing, bytes, encryption, "Encrypt");
  if (made.type !== "encrypted") throw encryptionFailure();
  return made.ciphertext.toString("base64");
}

const authorizeKey = (
  context: WriteContext,
  key: Parameters<typeof authorizeKeyUse>[2],
  use: Parameters<typeof authorizeKeyUse>[3],
): void => {
  try {
    authorizeKeyUse(context, context.tx, key, use);
  } catch (error) {
    if (error instanceof ApiError)
      throw new ApiError("AccessDeniedException", "Access to KMS is not allowed");
    throw error;
  }
};

function isSameValue(
  context: WriteContext,
  sealing: Sealing,
  secret: Secret,
  version: SecretVersion,
  value: SecretValue,
): boolean {
  const read = readSecretValue(context.tx, toCall(context, sealing), secret, version);
  return version.form === value.form && read.type === "value" && read.value.equals(value.bytes);
}

/** Versions without a stage make way once there are too many. */
function dropOldest(tx: WriteTransaction, secret: Secret): void {
  const versions = secretVersionsOf(tx, secret);
  const idle = versions.filter(({ stages }) => stages.length === 0);
  for (const { versionId } of idle.slice(0, Math.max(0, versions.length - mostVersions))) {
    tx.table(secretVersions).delete(secret, secretVersionKey(secret.name, versionId));
  }
}
