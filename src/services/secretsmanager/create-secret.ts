/** CreateSecret, PutSecretValue and UpdateSecret. */
import type * as Secrets from "@aws-sdk/client-secrets-manager";
import { checkConstraints } from "../../gateway/constraints.ts";
import { type WriteContext, type WriteOperation, write } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import { currentStage, type Secret, type SecretVersion } from "../../model/secrets.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { findSecretVersion, readSecretValue, secretVersionsOf } from "../../state/secrets.ts";
import { secrets, secretVersions } from "../../state/tables/secrets.ts";
import { decryptionFailure, invalidRequest, resourceExists, validation } from "./errors.ts";
import {
  endAlphabet,
  onSecret,
  requireSecret,
  type SecretsDependencies,
  toCall,
} from "./lookup.ts";
import { toTags } from "./tags.ts";
import {
  addVersion,
  checkStages,
  checkToken,
  encryptValue,
  type SecretValue,
  toValue,
} from "./versions.ts";

export function createSecret({
  sealing,
}: SecretsDependencies): WriteOperation<Secrets.CreateSecretRequest, Secrets.CreateSecretResponse> {
  return write<Secrets.CreateSecretRequest, Secrets.CreateSecretResponse>({
    action: "secretsmanager:CreateSecret",
    resources: (input, { scope }) => [
      formatArn("secretsmanager", scope, `secret:${input.Name ?? ""}-??????`),
    ],
    conditions: (input) => ({
      "secretsmanager:Name": input.Name,
      "secretsmanager:Description": input.Description,
      "secretsmanager:KmsKeyId": input.KmsKeyId,
    }),
    accepts: {
      Name: true,
      ClientRequestToken: true,
      Description: true,
      KmsKeyId: true,
      SecretBinary: true,
      SecretString: true,
      Tags: true,
    },
    run(context, input) {
      const name = validateName(input);
      const value = toValue(input);
      checkToken(input.ClientRequestToken);
      const tags = toTags(input.Tags);
      const { tx, scope, now } = context;
      const existing = tx.table(secrets).get(scope, name);
      if (existing) return repeat(context, sealing, existing, input.ClientRequestToken, value);
      const secret: Secret = {
        account: scope.account,
        region: scope.region,
        name,
        arn: formatArn(
          "secretsmanager",
          scope,
          `secret:${name}-${context.ids.pick(endAlphabet, 6)}`,
        ),
        description: input.Description || undefined,
        kmsKeyId: input.KmsKeyId || undefined,
        policy: undefined,
        rotation: undefined,
        createdAt: now,
        changedAt: now,
        accessedAt: undefined,
        deletion: undefined,
        tags,
      };
      tx.table(secrets).put(secret);
      const stages = [currentStage];
      const token = input.ClientRequestToken;
      const version = value && addVersion(context, sealing, secret, value, { token, stages });
      return toAnswer(secret, version);
    },
  });
}

function validateName(input: Secrets.CreateSecretRequest): string {
  checkConstraints([
    ["name", input.Name, { length: [1, 512] }],
    ["description", input.Description, { length: [0, 2048] }],
    ["kmsKeyId", input.KmsKeyId, { length: [0, 2048] }],
  ]);
  const name = input.Name ?? "";
  if (/^[a-zA-Z0-9/_+=.@-]+$/.test(name)) return name;
  throw validation(
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
  );
}

/** The same request once more gives the same answer; any other one finds the name taken. */
function repeat(
  context: WriteContext,
  sealing: Sealing,
  secret: Secret,
  token: string | undefined,
  value: SecretValue | undefined,
): Secrets.CreateSecretResponse {
  if (secret.deletion) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const made =
    token !== undefined && value
      ? findSecretVersion(context.tx, secret, { versionId: token, stage: undefined })
      : undefined;
  if (made?.type === "found" && value) {
    const version = addVersion(context, sealing, secret, value, { token, stages: [] });
    return toAnswer(secret, version);
  }
  throw resourceExists(`The operation failed because the secret ${secret.name} already exists.`);
}

export function putSecretValue({
  sealing,
}: SecretsDependencies): WriteOperation<
  Secrets.PutSecretValueRequest,
  Secrets.PutSecretValueResponse
> {
  return write<Secrets.PutSecretValueRequest, Secrets.PutSecretValueResponse>({
    ...onSecret,
    action: "secretsmanager:PutSecretValue",
    accepts: {
      SecretId: true,
      ClientRequestToken: true,
      SecretBinary: true,
      SecretString: true,
      VersionStages: true,
    },
    run(context, input) {
      const value = toValue(input);
      if (!value) throw invalidRequest("You must provide either SecretString or SecretBinary.");
      const secret = requireSecret(context, input, "PutSecretValue");
      checkToken(input.ClientRequestToken);
      checkStages(input.VersionStages);
      const version = addVersion(context, sealing, secret, value, {
        token: input.ClientRequestToken,
        stages: input.VersionStages ?? [currentStage],
      });
      context.tx.table(secrets).put({ ...secret, changedAt: context.now });
      return { ...toAnswer(secret, version), VersionStages: [...version.stages] };
    },
  });
}

export function updateSecret({
  sealing,
}: SecretsDependencies): WriteOperation<Secrets.UpdateSecretRequest, Secrets.UpdateSecretResponse> {
  return write<Secrets.UpdateSecretRequest, Secrets.UpdateSecretResponse>({
    ...onSecret,
    action: "secretsmanager:UpdateSecret",
    accepts: {
      SecretId: true,
      ClientRequestToken: true,
      Description: true,
      KmsKeyId: true,
      SecretBinary: true,
      SecretString: true,
    },
    run(context, input) {
      const before = requireSecret(context, input, "UpdateSecret");
      checkConstraints([["description", input.Description, { length: [0, 2048] }]]);
      checkToken(input.ClientRequestToken);
      const value = toValue(input);
      const secret: Secret = {
        ...before,
        description: input.Description ?? before.description,
        kmsKeyId: input.KmsKeyId ?? before.kmsKeyId,
        changedAt: context.now,
      };
      context.tx.table(secrets).put(secret);
      if (secret.kmsKeyId !== before.kmsKeyId) reEncrypt(context, sealing, before, secret);
      if (!value) return { ARN: secret.arn, Name: secret.name };
      const stages = [currentStage];
      const token = input.ClientRequestToken;
      return toAnswer(secret, addVersion(context, sealing, secret, value, { token, stages }));
    },
  });
}

/** Another key: the versions in use are encrypted under it, so that they are no longer lost with the old. */
function reEncrypt(context: WriteContext, sealing: Sealing, before: Secret, secret: Secret): void {
  const { tx } = context;
  for (const version of secretVersionsOf(tx, before)) {
    if (version.stages.length === 0) continue;
    const read = readSecretValue(tx, toCall(context, sealing), before, version);
    if (read.type !== "value") throw decryptionFailure();
    const value = encryptValue(context, sealing, secret, version.versionId, read.value);
    tx.table(secretVersions).put({ ...version, value });
  }
}

const toAnswer = (secret: Secret, version: SecretVersion | undefined) => ({
  ARN: secret.arn,
  Name: secret.name,
  ...(version && { VersionId: version.versionId }),
});
