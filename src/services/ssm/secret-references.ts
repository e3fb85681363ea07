/** `/aws/reference/secretsmanager/<secret>`: a secret of Secrets Manager, got as if it were a parameter. */
import type * as Ssm from "@aws-sdk/client-ssm";
import { ApiError } from "../../gateway/api-error.ts";
import { authorizeKeyUse } from "../../gateway/key-use.ts";
import type { Secret, SecretVersion } from "../../model/secrets.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { findKmsKey } from "../../state/kms.ts";
import {
  findSecret,
  findSecretVersion,
  managedKey,
  readSecretValue,
  secretContext,
} from "../../state/secrets.ts";
import { explainKeyFailure, validation } from "./errors.ts";
import { type Reading, toCall } from "./lookup.ts";

const prefix = "/aws/reference/secretsmanager/";

export const isSecretReference = (name: string): boolean => name.startsWith(prefix);

/** Throws, as AWS does, when the secret is not asked for in plain text. */
export function getSecretParameter(
  context: Reading,
  sealing: Sealing,
  name: string,
  withDecryption: boolean | undefined,
): Ssm.Parameter {
  if (!withDecryption) {
    throw validation("WithDecryption flag must be True for retrieving a Secret Manager secret.");
  }
  const { secret, version } = requireVersion(context, name);
  authorizeSecret(context, secret, version);
  const read = readSecretValue(context.tx, toCall(context, sealing), secret, version);
  if (read.type !== "value") throw explainKeyFailure(read);
  const value = read.value.toString(version.form === "string" ? "utf8" : "base64");
  const source = {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.versionId,
    [version.form === "string" ? "SecretString" : "SecretBinary"]: value,
    VersionStages: version.stages,
    CreatedDate: new Date(version.createdAt).toISOString(),
  };
  return {
    Name: name,
    Type: "SecureString",
    Value: value,
    Version: 0,
    SourceResult: JSON.stringify(source),
    LastModifiedDate: new Date(version.createdAt),
    ARN: secret.arn,
    DataType: "text",
  };
}

/** A version id or a stage may follow the secret's name after a colon. */
function requireVersion(context: Reading, name: string) {
  const [reference = "", selector] = name.slice(prefix.length).split(":");
  const { tx, scope } = context;
  const secret = findSecret(tx, scope, reference);
  if (!secret || secret.deletion) throw notFound(name);
  const isId = selector !== undefined && /^[0-9a-zA-Z-]{32,64}$/.test(selector);
  const choice = { versionId: isId ? selector : undefined, stage: isId ? undefined : selector };
  const found = findSecretVersion(tx, secret, choice);
  if (found.type !== "found") throw notFound(name);
  return { secret, version: found.version };
}

const notFound = (name: string): ApiError =>
  new ApiError(
    "ParameterNotFound",
    `An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret ${name} not found.`,
  );

function authorizeSecret(context: Reading, secret: Secret, version: SecretVersion): void {
  context.authorize({
    action: "secretsmanager:GetSecretValue",
    resource: secret.arn,
    resourcePolicy: secret.policy,
    conditions: Object.fromEntries(
      secret.tags.flatMap(({ key, value }) => [
        [`aws:ResourceTag/${key}`, value],
        [`secretsmanager:ResourceTag/${key}`, value],
      ]),
    ),
  });
  const key = findKmsKey(context.tx, secret, secret.kmsKeyId ?? managedKey);
  if (key.type !== "found") return;
  authorizeKeyUse(context, context.tx, key.key, {
    operation: "Decrypt",
    context: secretContext(secret.arn, version.versionId),
    via: "secretsmanager",
  });
}
