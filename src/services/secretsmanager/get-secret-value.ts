/** GetSecretValue and BatchGetSecretValue. Reading stamps the day of it on the secret. */
import type * as Secrets from "@aws-sdk/client-secrets-manager";
import { ApiError } from "../../gateway/api-error.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { authorizeKeyUse } from "../../gateway/key-use.ts";
import { paginate } from "../../gateway/pagination.ts";
import { type WriteContext, type WriteOperation, write } from "../../gateway/service.ts";
import { currentStage, type Secret, type SecretVersion } from "../../model/secrets.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { findKmsKey } from "../../state/kms.ts";
import {
  findSecretVersion,
  managedKey,
  readSecretValue,
  secretContext,
} from "../../state/secrets.ts";
import { secrets, secretVersions } from "../../state/tables/secrets.ts";
import {
  decryptionFailure,
  explainVersionFailure,
  invalidParameter,
  invalidToken,
} from "./errors.ts";
import { matchesFilters } from "./filters.ts";
import { onSecret, requireSecret, type SecretsDependencies, toCall } from "./lookup.ts";

const dayMs = 86_400_000;

export function getSecretValue({
  sealing,
}: SecretsDependencies): WriteOperation<
  Secrets.GetSecretValueRequest,
  Secrets.GetSecretValueResponse
> {
  return write<Secrets.GetSecretValueRequest, Secrets.GetSecretValueResponse>({
    ...onSecret,
    conditions: ({ SecretId, VersionId, VersionStage }) => ({
      "secretsmanager:SecretId": SecretId,
      "secretsmanager:VersionId": VersionId,
      "secretsmanager:VersionStage": VersionStage ?? currentStage,
    }),
    action: "secretsmanager:GetSecretValue",
    accepts: { SecretId: true, VersionId: true, VersionStage: true },
    run(context, input) {
      checkConstraints([
        ["versionId", input.VersionId, { length: [32, 64] }],
        ["versionStage", input.VersionStage, { length: [1, 256] }],
      ]);
      const secret = requireSecret(context, input, "GetSecretValue");
      return readOne(context, sealing, secret, input);
    },
  });
}

export function batchGetSecretValue({
  sealing,
}: SecretsDependencies): WriteOperation<
  Secrets.BatchGetSecretValueRequest,
  Secrets.BatchGetSecretValueResponse
> {
  return write<Secrets.BatchGetSecretValueRequest, Secrets.BatchGetSecretValueResponse>({
    action: "secretsmanager:BatchGetSecretValue",
    resources: () => ["*"],
    accepts: { SecretIdList: true, Filters: true, MaxResults: true, NextToken: true },
    run(context, input) {
      checkConstraints([
        ["secretIdList", input.SecretIdList, { length: [1, 20] }],
        ["maxResults", input.MaxResults, { range: [1, 20] }],
      ]);
      if ((input.SecretIdList === undefined) === (input.Filters === undefined)) {
        throw invalidParameter("You must provide either SecretIdList or Filters, but not both.");
      }
      if (input.SecretIdList && input.MaxResults !== undefined) {
        throw invalidParameter("You can't use MaxResults without Filters.");
      }
      const { ids, NextToken } = chooseIds(context, input);
      const SecretValues: Secrets.SecretValueEntry[] = [];
      const Errors: Secrets.APIErrorType[] = [];
      for (const SecretId of ids) {
        try {
          const secret = requireSecret(context, { SecretId }, "GetSecretValue");
          SecretValues.push(readOne(context, sealing, secret, {}));
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          Errors.push({ SecretId, ErrorCode: error.code, Message: error.message });
        }
      }
      return { SecretValues, Errors, ...(NextToken && { NextToken }) };
    },
  });
}

function chooseIds(
  { tx, scope }: WriteContext,
  input: Secrets.BatchGetSecretValueRequest,
): { ids: readonly string[]; NextToken: string | undefined } {
  if (input.SecretIdList) return { ids: input.SecretIdList, NextToken: undefined };
  const match = matchesFilters(input.Filters);
  const page = paginate({
    items: tx
      .table(secrets)
      .list(scope)
      .filter((secret) => !secret.deletion && match(secret)),
    keyOf: ({ name }) => name,
    limit: input.MaxResults ?? 20,
    token: input.NextToken,
    operation: "secretsmanager:BatchGetSecretValue",
    explainToken: invalidToken,
  });
  return { ids: page.items.map(({ arn }) => arn), NextToken: page.nextToken };
}

function readOne(
  context: WriteContext,
  sealing: Sealing,
  secret: Secret,
  input: {
    readonly VersionId?: string | undefined;
    readonly VersionStage?: string | undefined;
  },
) {
  const { tx } = context;
  const found = findSecretVersion(tx, secret, {
    versionId: input.VersionId,
    stage: input.VersionStage,
  });
  if (found.type !== "found") throw explainVersionFailure(found);
  const { version } = found;
  checkKeyUse(context, secret, version);
  const read = readSecretValue(tx, toCall(context, sealing), secret, version);
  if (read.type !== "value") throw decryptionFailure();
  stampAccess(context, secret, version);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.versionId,
    ...(version.form === "string"
      ? { SecretString: read.value.toString("utf8") }
      : { SecretBinary: read.value }),
    VersionStages: [...version.stages],
    CreatedDate: new Date(version.createdAt),
  };
}

function checkKeyUse(context: WriteContext, secret: Secret, version: SecretVersion): void {
  const owner = { account: secret.account, region: secret.region };
  const found = findKmsKey(context.tx, owner, secret.kmsKeyId ?? managedKey);
  if (found.type !== "found") return;
  try {
    authorizeKeyUse(context, context.tx, found.key, {
      operation: "Decrypt",
      context: secretContext(secret.arn, version.versionId),
      via: "secretsmanager",
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError("AccessDeniedException", "Access to KMS is not allowed");
  }
}

function stampAccess({ tx, now }: WriteContext, secret: Secret, version: SecretVersion): void {
  const accessedAt = now - (now % dayMs);
  if (secret.accessedAt !== accessedAt) tx.table(secrets).put({ ...secret, accessedAt });
  if (version.accessedAt !== accessedAt) tx.table(secretVersions).put({ ...version, accessedAt });
}
