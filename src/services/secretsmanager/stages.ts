/** UpdateSecretVersionStage: a label moved, put on or taken off. */
import type * as Secrets from "@aws-sdk/client-secrets-manager";
import { checkConstraints } from "../../gateway/constraints.ts";
import { type WriteContext, write } from "../../gateway/service.ts";
import { currentStage, type Secret } from "../../model/secrets.ts";
import { findSecretVersion, secretVersionsOf } from "../../state/secrets.ts";
import { secrets } from "../../state/tables/secrets.ts";
import { explainVersionFailure, invalidParameter, invalidRequest } from "./errors.ts";
import { onSecret, requireSecret } from "./lookup.ts";
import { moveStage } from "./versions.ts";

export const updateSecretVersionStage = write<
  Secrets.UpdateSecretVersionStageRequest,
  Secrets.UpdateSecretVersionStageResponse
>({
  ...onSecret,
  action: "secretsmanager:UpdateSecretVersionStage",
  accepts: { SecretId: true, VersionStage: true, RemoveFromVersionId: true, MoveToVersionId: true },
  run(context, input) {
    checkConstraints([["versionStage", input.VersionStage, { length: [1, 256] }]]);
    const secret = requireSecret(context, input, "UpdateSecretVersionStage");
    const stage = input.VersionStage ?? "";
    const { RemoveFromVersionId: from, MoveToVersionId: to } = input;
    requireVersion(context, secret, from);
    requireVersion(context, secret, to);
    const holder = secretVersionsOf(context.tx, secret).find(({ stages }) =>
      stages.includes(stage),
    );
    if (holder && holder.versionId !== to && holder.versionId !== from) {
      throw invalidParameter(
        from === undefined
          ? `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.versionId}, so you must explicitly reference that version in RemoveFromVersionId.`
          : `The staging label ${stage} is currently attached to version ${holder.versionId}, not to version ${from}.`,
      );
    }
    if (stage === currentStage && to === undefined) {
      throw invalidRequest(
        `You can only move staging label ${currentStage} to a different secret version. It can't be completely removed.`,
      );
    }
    moveStage(context.tx, secret, stage, to);
    context.tx.table(secrets).put({ ...secret, changedAt: context.now });
    return { ARN: secret.arn, Name: secret.name };
  },
});

function requireVersion(
  context: WriteContext,
  secret: Secret,
  versionId: string | undefined,
): void {
  if (versionId === undefined) return;
  const found = findSecretVersion(context.tx, secret, { versionId, stage: undefined });
  if (found.type !== "found") throw explainVersionFailure(found);
}
