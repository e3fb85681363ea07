/**
 * What is asked of whom for the use of a KMS key: by KMS itself, and by the services that use a key on
 * a caller's behalf, who needs permission on the key then too.
 */
import { allowsByGrant } from "../engine/kms/grants.ts";
import type { EncryptionContext, KmsKey } from "../model/kms.ts";
import type { Scope } from "../model/scope.ts";
import type { AccessQuestion } from "./authorization.ts";
import { isPrimary } from "./kms-relatives.ts";
import type { ReadTransaction } from "./store.ts";
import { kmsAliases, kmsGrants } from "./tables/kms.ts";

export type KeyUse = {
  /** `Decrypt`, `GenerateDataKey`, … */
  readonly operation: string;
  readonly context?: EncryptionContext | undefined;
  /** The service that asks on the caller's behalf, such as `ssm`. */
  readonly via?: string;
};

/** The question whether `account`'s caller may use a key: its own policy must let them in. */
export function keyQuestion(
  tx: ReadTransaction,
  key: KmsKey,
  { account, region }: Scope,
  { operation, context, via }: KeyUse,
): AccessQuestion {
  const pairs = Object.entries(context ?? {});
  const aliases = tx.table(kmsAliases).by("key", key, key.keyId);
  return {
    action: `kms:${operation}`,
    resource: key.arn,
    resourcePolicy: key.policy,
    resourceMustAllow: true,
    resourceAccount: key.account,
    conditions: {
      "kms:CallerAccount": account,
      "kms:KeySpec": key.spec,
      "kms:KeyUsage": key.usage,
      "kms:KeyOrigin": key.origin ?? "AWS_KMS",
      "kms:MultiRegion": key.multiRegion !== undefined,
      "kms:MultiRegionKeyType": key.multiRegion && (isPrimary(key) ? "PRIMARY" : "REPLICA"),
      "kms:ResourceAliases": aliases.map(({ name }) => name),
      "kms:ViaService": via && `${via}.${region}.amazonaws.com`,
      "aws:ViaAWSService": via === undefined ? undefined : true,
      "kms:EncryptionContextKeys": pairs.map(([name]) => name),
      ...Object.fromEntries(pairs.map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
      ...Object.fromEntries(key.tags.map((tag) => [`aws:ResourceTag/${tag.key}`, tag.value])),
    },
  };
}

/** Whether a grant on the key lets somebody with these ARNs (a session's and its role's) use it so. */
export const isGranted = (
  tx: ReadTransaction,
  key: KmsKey,
  arns: readonly string[],
  { operation, context }: KeyUse,
): boolean =>
  tx
    .table(kmsGrants)
    .by("key", key, key.keyId)
    .some((grant) => allowsByGrant(grant, arns, operation, context ?? {}));
