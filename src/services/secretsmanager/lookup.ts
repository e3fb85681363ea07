/** Finding the secret that a request is about, and whether the caller may do what is asked with it. */
import type { ConditionValues } from "../../engine/policy/condition-keys.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import type { RequestContext } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { Scope } from "../../model/scope.ts";
import type { Secret } from "../../model/secrets.ts";
import type { Sealing } from "../../seams/sealing.ts";
import type { KmsCall } from "../../state/kms.ts";
import { findSecret } from "../../state/secrets.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { markedForDeletion, secretNotFound } from "./errors.ts";

export type SecretsDependencies = { readonly sealing: Sealing };

export type Reading = RequestContext & { readonly tx: ReadTransaction };

/** What the random end of an ARN is made of. */
export const endAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

type SecretInput = { readonly SecretId?: string | undefined };

/** What an operation on a secret is authorised on; `own`, since the secret's policy has a say. */
export const onSecret = {
  authorization: "own",
  conditions: ({ SecretId }: SecretInput): ConditionValues => ({
    "secretsmanager:SecretId": SecretId,
  }),
  resources: (input: SecretInput, { scope }: { readonly scope: Scope }): string[] => [
    arnOfReference(scope, input.SecretId ?? "*"),
  ],
} as const;

const arnOfReference = (scope: Scope, reference: string): string =>
  reference.startsWith("arn:")
    ? reference
    : formatArn("secretsmanager", scope, `secret:${reference}`);

type Sought = {
  readonly secret: Secret | undefined;
  /** Of the request's secret, without an end where it was named. */
  readonly arn: string;
  /** Undefined when the request has an ARN. */
  readonly name: string | undefined;
};

/** The secret of a request, if there is one. `operation`: what the caller must be let. */
export function soughtSecret(context: Reading, input: SecretInput, operation: string): Sought {
  const reference = input.SecretId ?? "";
  checkConstraints([["secretId", reference, { length: [1, 2048] }]]);
  const secret = findSecret(context.tx, context.scope, reference);
  context.authorize({
    action: `secretsmanager:${operation}`,
    resource: secret?.arn ?? arnOfReference(context.scope, reference),
    resourcePolicy: secret?.policy ?? (secret && isForeign(context, secret) ? nothing : undefined),
    resourceAccount: secret?.account,
    conditions: Object.fromEntries(
      (secret?.tags ?? []).flatMap(({ key, value }) => [
        [`aws:ResourceTag/${key}`, value],
        [`secretsmanager:ResourceTag/${key}`, value],
      ]),
    ),
  });
  const name = reference.startsWith("arn:") ? undefined : reference;
  return { secret, arn: arnOfReference(context.scope, reference), name };
}

/** The secret of a request that may be marked for deletion. */
export function requireAnySecret(context: Reading, input: SecretInput, operation: string): Secret {
  const { secret } = soughtSecret(context, input, operation);
  if (secret) return secret;
  throw secretNotFound();
}

/** The secret of a request, in use. */
export function requireSecret(context: Reading, input: SecretInput, operation: string): Secret {
  const secret = requireAnySecret(context, input, operation);
  if (secret.deletion) throw markedForDeletion();
  return secret;
}

export const toCall = ({ scope, ids, now }: RequestContext, sealing: Sealing): KmsCall => ({
  scope,
  ids,
  now,
  sealing,
});

// Without a policy of its own a secret of another account lets nobody in, its root neither.
const nothing = JSON.stringify({ Statement: [] });

const isForeign = ({ scope }: Reading, secret: Secret): boolean => secret.account !== scope.account;
