/**
 * KMS as other services use it inside their own transactions: find a key, encrypt, decrypt. A service
 * may not import another; they meet here. What goes wrong is a value, for each to tell in its words.
 */
import { parseCiphertext, printHeader } from "../engine/kms/ciphertext.ts";
import { printContext } from "../engine/kms/encryption-context.ts";
import { managedKeyPolicy } from "../engine/kms/key-policy.ts";
import { symmetricDefault } from "../engine/kms/key-specs.ts";
import { explainUnusable, type KeyRefusal } from "../engine/kms/key-state.ts";
import { nextRotationAt } from "../engine/kms/rotation.ts";
import { formatArn, parseArn } from "../model/arn.ts";
import type { EncryptionContext, KeyMaterial, KmsKey } from "../model/kms.ts";
import type { Scope } from "../model/scope.ts";
import { decryptAead, encryptAead, randomOctets } from "../seams/crypto.ts";
import type { Ids } from "../seams/ids.ts";
import type { Sealing } from "../seams/sealing.ts";
import type { ReadTransaction, WriteTransaction } from "./store.ts";
import { kmsAliases, kmsGrants, kmsKeys } from "./tables/kms.ts";

export type KmsFailure =
  | KeyRefusal
  | { readonly type: "no-such-key"; readonly reference: string; readonly arn: string | undefined }
  | { readonly type: "invalid-ciphertext" }
  | { readonly type: "incorrect-key" };

/** What a request brings along for KMS. */
export type KmsCall = {
  readonly scope: Scope;
  readonly sealing: Sealing;
  readonly ids: Ids;
  readonly now: number;
};

export type Encrypted = {
  readonly type: "encrypted";
  readonly ciphertext: Buffer;
  readonly key: KmsKey;
};
export type Decrypted = {
  readonly type: "decrypted";
  readonly plaintext: Buffer;
  readonly key: KmsKey;
  readonly materialId: string;
};
export type Found = { readonly type: "found"; readonly key: KmsKey };

/** The services whose AWS-managed key `alias/aws/<name>` is made when it is first needed. */
export const managedServices = [
  "acm",
  "backup",
  "dynamodb",
  "ebs",
  "ecr",
  "elasticfilesystem",
  "lambda",
  "rds",
  "s3",
  "secretsmanager",
  "sns",
  "ssm",
];

/**
 * The key of a reference: key id, key ARN, alias name or alias ARN. An ARN may be of another account
 * or region, where the key is looked up then.
 */
export function findKmsKey(
  tx: ReadTransaction,
  scope: Scope,
  reference: string,
): Found | KmsFailure {
  const { owner, name } = locate(scope, reference);
  const isAlias = name.startsWith("alias/");
  const keyId = isAlias ? tx.table(kmsAliases).get(owner, name)?.targetKeyId : name;
  const key = keyId === undefined ? undefined : tx.table(kmsKeys).get(owner, keyId);
  if (key) return { type: "found", key };
  return { type: "no-such-key", reference, arn: arnOf(owner, name) };
}

/** As `findKmsKey`; makes the AWS-managed key of an `alias/aws/…` that is not there yet. */
export function ensureKmsKey(
  tx: WriteTransaction,
  call: KmsCall,
  reference: string,
): Found | KmsFailure {
  const found = findKmsKey(tx, call.scope, reference);
  if (found.type === "found") return found;
  const { owner, name } = locate(call.scope, reference);
  const service = managedServices.find((known) => name === `alias/aws/${known}`);
  const isOwn = owner.account === call.scope.account && owner.region === call.scope.region;
  return service && isOwn ? { type: "found", key: makeManagedKey(tx, call, service) } : found;
}

/** Encrypts up to 4 KB (more is the caller's to refuse) under a symmetric key. */
export function encryptWith(
  tx: WriteTransaction,
  call: KmsCall,
  reference: string,
  plaintext: Uint8Array,
  context?: EncryptionContext,
): Encrypted | KmsFailure {
  const found = ensureKmsKey(tx, call, reference);
  if (found.type !== "found") return found;
  return encryptUnder(found.key, call.sealing, plaintext, context, "Encrypt");
}

/** Encrypts under a key that was found. `operation` is named where the key is not for encryption. */
export function encryptUnder(
  key: KmsKey,
  sealing: Sealing,
  plaintext: Uint8Array,
  context: EncryptionContext | undefined,
  operation: string,
): Encrypted | KmsFailure {
  const refusal = explainUnusable(key, "ENCRYPT_DECRYPT", operation);
  if (refusal) return refusal;
  if (key.spec !== symmetricDefault) return { type: "wrong-usage", key, operation };
  const material = currentMaterial(key);
  const header = printHeader(key.arn, material.id);
  const secret = sealing.open(material.sealed);
  const box = encryptAead(secret, plaintext, authenticated(header, context));
  return { type: "encrypted", ciphertext: Buffer.concat([header, box]), key };
}

/** Decrypts what `encryptWith` made. `reference`, when given, must be the key that made it. */
export function decryptWith(
  tx: ReadTransaction,
  call: Pick<KmsCall, "scope" | "sealing">,
  ciphertext: Uint8Array,
  context?: EncryptionContext,
  reference?: string,
): Decrypted | KmsFailure {
  const parts = parseCiphertext(ciphertext);
  const made = parts && findMaker(tx, call.scope, parts.keyArn);
  if (!parts || made?.type !== "found") return { type: "invalid-ciphertext" };
  const { key } = made;
  if (reference !== undefined) {
    const named = findKmsKey(tx, call.scope, reference);
    if (named.type !== "found") return named;
    if (named.key.arn !== key.arn) return { type: "incorrect-key" };
  }
  const refusal = explainUnusable(key, "ENCRYPT_DECRYPT", "Decrypt");
  if (refusal) return refusal;
  const material = key.materials.find(({ id }) => id === parts.materialId);
  if (!material) return { type: "invalid-ciphertext" };
  const secret = call.sealing.open(material.sealed);
  const plaintext = decryptAead(secret, parts.box, authenticated(parts.header, context));
  if (!plaintext) return { type: "invalid-ciphertext" };
  return { type: "decrypted", plaintext, key, materialId: material.id };
}

/** The key that made a ciphertext; undefined for what is no ciphertext of KMS. */
export function findMakerOf(
  tx: ReadTransaction,
  scope: Scope,
  ciphertext: Uint8Array,
): Found | KmsFailure | undefined {
  const parts = parseCiphertext(ciphertext);
  return parts && findMaker(tx, scope, parts.keyArn);
}

/** Of a multi-Region key the relative that is in the caller's region opens it just as well. */
function findMaker(tx: ReadTransaction, scope: Scope, keyArn: string): Found | KmsFailure {
  const { owner, name } = locate(scope, keyArn);
  const here = { account: owner.account, region: scope.region };
  const relative = name.startsWith("mrk-") ? tx.table(kmsKeys).get(here, name) : undefined;
  return relative ? { type: "found", key: relative } : findKmsKey(tx, scope, keyArn);
}

/** New backing material of random bytes. */
export function makeOctets(
  call: Pick<KmsCall, "sealing" | "ids" | "now">,
  length: number,
  rotation: KeyMaterial["rotation"] = undefined,
): KeyMaterial {
  return {
    id: call.ids.hex(64),
    sealed: call.sealing.seal(randomOctets(length)),
    publicKey: undefined,
    createdAt: call.now,
    rotation,
  };
}

/** Of imported material also while it is not there. */
export const currentMaterialId = (key: KmsKey): string | undefined =>
  key.materials.at(-1)?.id ?? key.imported?.id;

export function currentMaterial(key: KmsKey): KeyMaterial {
  const material = key.materials.at(-1);
  if (!material) throw new Error(`key ${key.keyId} has no material`);
  return material;
}

function locate(scope: Scope, reference: string): { owner: Scope; name: string } {
  const arn = parseArn(reference);
  if (arn?.service !== "kms") return { owner: scope, name: reference };
  const owner = { account: arn.account, region: arn.region };
  return { owner, name: arn.resource.replace(/^key\//, "") };
}

function arnOf(owner: Scope, name: string): string | undefined {
  if (name.startsWith("alias/")) return formatArn("kms", owner, name);
  return /^[0-9a-f-]{36}$/.test(name) ? formatArn("kms", owner, `key/${name}`) : undefined;
}

function makeManagedKey(tx: WriteTransaction, call: KmsCall, service: string): KmsKey {
  const { scope, ids, now } = call;
  const keyId = ids.uuid();
  const { account, region } = scope;
  const key: KmsKey = {
    account,
    region,
    keyId,
    arn: formatArn("kms", scope, `key/${keyId}`),
    spec: symmetricDefault,
    usage: "ENCRYPT_DECRYPT",
    description: `Default key that protects my ${service} data when no other key is defined`,
    manager: "AWS",
    enabled: true,
    deletionAt: undefined,
    policy: managedKeyPolicy(account, region, service),
    materials: [makeOctets(call, 32)],
    rotation: { periodDays: 365, nextAt: nextRotationAt(now, 365) },
    createdAt: now,
    tags: [],
  };
  const name = `alias/aws/${service}`;
  const arn = formatArn("kms", scope, name);
  tx.table(kmsKeys).put(key);
  tx.table(kmsAliases).put({
    account,
    region,
    name,
    arn,
    targetKeyId: keyId,
    createdAt: now,
    updatedAt: now,
  });
  return key;
}

const authenticated = (header: Uint8Array, context: EncryptionContext | undefined): Buffer =>
  Buffer.concat([header, Buffer.from(printContext(context))]);

/** Takes a key away for good, with its aliases and grants. What it encrypted stays encrypted. */
export function deleteKmsKey(tx: WriteTransaction, key: KmsKey): void {
  for (const alias of tx.table(kmsAliases).by("key", key, key.keyId)) {
    tx.table(kmsAliases).delete(key, alias.name);
  }
  for (const grant of tx.table(kmsGrants).by("key", key, key.keyId)) {
    tx.table(kmsGrants).delete(key, grant.grantId);
  }
  tx.table(kmsKeys).delete(key, key.keyId);
}
