/** Finding the key that a request is about, and the bounds that many requests share. */
import { unmadeSpecs } from "../../engine/kms/key-specs.ts";
import type { ConditionValues } from "../../engine/policy/condition-keys.ts";
import { type Check, type Constraint, checkConstraints } from "../../gateway/constraints.ts";
import { authorizeKeyUse } from "../../gateway/key-use.ts";
import type { RequestContext, WriteContext } from "../../gateway/service.ts";
import { formatArn, parseArn } from "../../model/arn.ts";
import type { KmsKey } from "../../model/kms.ts";
import type { Scope } from "../../model/scope.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { ensureKmsKey, findKmsKey, type KmsCall } from "../../state/kms.ts";
import type { KeyUse } from "../../state/kms-access.ts";
import type { ReadTransaction } from "../../state/store.ts";
import {
  explainFailure,
  invalidKeyId,
  notAuthorized,
  notFound,
  pendingDeletion,
  unsupported,
} from "./errors.ts";

export type KmsDependencies = { readonly sealing: Sealing };

export type Reading = RequestContext & { readonly tx: ReadTransaction };

const keyIdBounds: Constraint = { length: [1, 2048] };

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

/** What an operation on a key is authorised on; `own`, since the key's policy must let callers in. */
export const onKey = {
  resources: keyArns,
  authorization: "own",
  conditions: aliasCondition,
} as const;

type KeyInput = { readonly KeyId?: string | undefined };

/** `kms:RequestAlias`: the alias by which a request names its key. */
function aliasCondition({ KeyId = "" }: KeyInput): ConditionValues {
  return { "kms:RequestAlias": /(?:^|:)(alias\/.+)$/.exec(KeyId)?.[1] };
}

/** As `onKey`, with what else conditions may know of the request. */
export const onKeyWith = <Input extends KeyInput>(more: (input: Input) => ConditionValues) => ({
  ...onKey,
  conditions: (input: Input): ConditionValues => ({ ...aliasCondition(input), ...more(input) }),
});

/** A key by id or ARN, as operations that manage a key want it: they take no alias. */
export function requireKey(context: Reading, keyId: string | undefined, operation: string): KmsKey {
  const reference = checkReference(context.scope, keyId);
  if (isAlias(reference)) throw invalidKeyId(reference);
  return requireAnyKey(context, reference, { operation });
}

/** A key by id, ARN, alias or alias ARN that the caller may use so. */
export function requireAnyKey(context: Reading, keyId: string | undefined, use: KeyUse): KmsKey {
  const found = findKmsKey(context.tx, context.scope, checkReference(context.scope, keyId));
  if (found.type !== "found") throw explainFailure(found);
  authorizeKeyUse(context, context.tx, found.key, use);
  return found.key;
}

/** As `requireAnyKey`; an AWS-managed key is made when it is first asked for. */
export function ensureKey(
  context: WriteContext,
  sealing: Sealing,
  keyId: string | undefined,
  use: KeyUse,
): KmsKey {
  const reference = checkReference(context.scope, keyId);
  const found = ensureKmsKey(context.tx, toCall(context, sealing), reference);
  if (found.type !== "found") throw explainFailure(found);
  authorizeKeyUse(context, context.tx, found.key, use);
  return found.key;
}

/** A customer's key that is not on its way out: one that may be changed. */
export function requireChangeable(
  context: Reading,
  keyId: string | undefined,
  operation: string,
): KmsKey {
  const key = requireKey(context, keyId, operation);
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

/** `made` are the specs that the engine makes keys or pairs of. */
export function checkSpec(member: string, spec: string | undefined, made: readonly string[]): void {
  if (spec !== undefined && unmadeSpecs.includes(spec)) {
    throw unsupported(`Keys of spec ${spec} are not supported by Neargate yet`);
  }
  check([member, spec, { oneOf: made }]);
}

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
