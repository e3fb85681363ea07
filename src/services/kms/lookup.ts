/** Finding the key that a request is about, and the bounds that many requests share. */
import { type Check, type Constraint, checkConstraints } from "../../gateway/constraints.ts";
import type { RequestContext, WriteContext } from "../../gateway/service.ts";
import { formatArn, parseArn } from "../../model/arn.ts";
import type { KmsKey } from "../../model/kms.ts";
import type { Scope } from "../../model/scope.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { ensureKmsKey, findKmsKey, type KmsCall } from "../../state/kms.ts";
import type { ReadTransaction } from "../../state/store.ts";
import {
  explainFailure,
  invalidKeyId,
  notAuthorized,
  notFound,
  pendingDeletion,
} from "./errors.ts";

export type KmsDependencies = { readonly sealing: Sealing };

type Reading = { readonly tx: ReadTransaction; readonly scope: Scope };

export const keyIdBounds: Constraint = { length: [1, 2048] };

/** The ARN that a request on a key is authorised on; an alias stands for its key. */
export const keyArns = (
  input: { readonly KeyId?: string | undefined },
  { scope }: { readonly scope: Scope },
): string[] => {
  const reference = input.KeyId;
  if (reference === undefined) return ["*"];
  if (reference.startsWith("arn:")) return [reference];
  return [formatArn("kms", scope, reference.startsWith("alias/") ? reference : `key/${reference}`)];
};

/** A key by id or ARN, as operations that manage a key want it: they take no alias. */
export function requireKey({ tx, scope }: Reading, keyId: string | undefined): KmsKey {
  const reference = checkReference(scope, keyId);
  if (isAlias(reference)) throw invalidKeyId(reference);
  return requireAnyKey({ tx, scope }, reference);
}

/** A key by id, ARN, alias or alias ARN. */
export function requireAnyKey({ tx, scope }: Reading, keyId: string | undefined): KmsKey {
  const found = findKmsKey(tx, scope, checkReference(scope, keyId));
  if (found.type === "found") return found.key;
  throw explainFailure(found);
}

/** As `requireAnyKey`; an AWS-managed key is made when it is first asked for. */
export function ensureKey(
  context: WriteContext,
  sealing: Sealing,
  keyId: string | undefined,
): KmsKey {
  const reference = checkReference(context.scope, keyId);
  const found = ensureKmsKey(context.tx, toCall(context, sealing), reference);
  if (found.type === "found") return found.key;
  throw explainFailure(found);
}

/** A customer's key that is not on its way out: one that may be changed. */
export function requireChangeable(
  context: Reading,
  keyId: string | undefined,
  operation: string,
): KmsKey {
  const key = requireKey(context, keyId);
  if (key.manager === "AWS") throw notAuthorized(key.arn, operation);
  if (key.deletionAt !== undefined) throw pendingDeletion(key.arn);
  return key;
}

export const toCall = ({ scope, ids, now }: RequestContext, sealing: Sealing): KmsCall => ({
  scope,
  ids,
  now,
  sealing,
});

export const check = (...checks: Check[]): void => checkConstraints(checks);

function checkReference(scope: Scope, keyId: string | undefined): string {
  check(["keyId", keyId ?? "", keyIdBounds]);
  const reference = keyId ?? "";
  if (!reference.startsWith("arn:")) return reference;
  const arn = parseArn(reference);
  if (arn?.service !== "kms" || !/^(?:key|alias)\//.test(arn.resource)) {
    throw notFound(`Invalid arn ${reference}`);
  }
  if (arn.region !== scope.region) throw notFound(`Invalid arn ${arn.region}`);
  return reference;
}

const isAlias = (reference: string): boolean => /^(?:arn:.*:)?alias\//.test(reference);
