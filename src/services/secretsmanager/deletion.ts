/** DeleteSecret and RestoreSecret: a marked secret waits for its window, and goes by the clock. */
import type * as Secrets from "@aws-sdk/client-secrets-manager";
import { write } from "../../gateway/service.ts";
import { deleteSecretRecord } from "../../state/secrets.ts";
import { secrets } from "../../state/tables/secrets.ts";
import { invalidParameter, markedForDeletion, secretNotFound } from "./errors.ts";
import { endAlphabet, onSecret, requireAnySecret, soughtSecret } from "./lookup.ts";

const dayMs = 86_400_000;

export const deleteSecret = write<Secrets.DeleteSecretRequest, Secrets.DeleteSecretResponse>({
  ...onSecret,
  conditions: (input) => ({
    "secretsmanager:SecretId": input.SecretId,
    "secretsmanager:ForceDeleteWithoutRecovery": input.ForceDeleteWithoutRecovery ?? false,
    "secretsmanager:RecoveryWindowInDays": input.RecoveryWindowInDays,
  }),
  action: "secretsmanager:DeleteSecret",
  accepts: { SecretId: true, RecoveryWindowInDays: true, ForceDeleteWithoutRecovery: true },
  run(context, input) {
    const { RecoveryWindowInDays: asked, ForceDeleteWithoutRecovery: force } = input;
    if (force && asked !== undefined) {
      throw invalidParameter(
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
      );
    }
    const days = asked ?? 30;
    if (days < 7 || days > 30) {
      throw invalidParameter(
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
      );
    }
    const { tx, now, ids } = context;
    const sought = soughtSecret(context, input, "DeleteSecret");
    // Who wants it gone whatever it is has it gone.
    if (force && !sought.secret) {
      const { arn, name } = sought;
      const ARN = name === undefined ? arn : `${arn}-${ids.pick(endAlphabet, 6)}`;
      return { ARN, Name: name ?? nameOf(arn), DeletionDate: new Date(now) };
    }
    const secret = sought.secret ?? notThere();
    if (force) {
      deleteSecretRecord(tx, secret);
      return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(now) };
    }
    if (secret.deletion) throw markedForDeletion();
    const at = now + days * dayMs;
    tx.table(secrets).put({ ...secret, deletion: { since: now, at } });
    return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(at) };
  },
});

function notThere(): never {
  throw secretNotFound();
}

const nameOf = (arn: string): string =>
  arn.replace(/^.*:secret:/, "").replace(/-[A-Za-z0-9]{6}$/, "");

export const restoreSecret = write<Secrets.RestoreSecretRequest, Secrets.RestoreSecretResponse>({
  ...onSecret,
  action: "secretsmanager:RestoreSecret",
  accepts: { SecretId: true },
  run(context, input) {
    const secret = requireAnySecret(context, input, "RestoreSecret");
    context.tx.table(secrets).put({ ...secret, deletion: undefined });
    return { ARN: secret.arn, Name: secret.name };
  },
});
