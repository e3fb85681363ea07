/**
 * The secrets that a task definition refers to, `secrets[].valueFrom`: a parameter by name or ARN, or a
 * secret's ARN, with the JSON key, stage and version that may follow it. They are read with the
 * execution role's permissions; what fails is told in the words of the service, from which the task's
 * reason to stop is made.
 */

import type { VpcOrigin } from "../engine/network-path/origin.ts";
import { readJsonKey } from "../engine/secrets/json-key.ts";
import { parseReference } from "../engine/ssm/names.ts";
import { parseArn } from "../model/arn.ts";
import type { KmsKey } from "../model/kms.ts";
import type { Scope } from "../model/scope.ts";
import type { Sealing } from "../seams/sealing.ts";
import type { AccessQuestion, Verdict } from "./authorization.ts";
import { findKmsKey, type KmsFailure } from "./kms.ts";
import { isGranted, type KeyUse, keyQuestion } from "./kms-access.ts";
import { type ActingRole, askRole } from "./role-access.ts";
import {
  findSecret,
  findSecretVersion,
  managedKey,
  readSecretValue,
  secretContext,
} from "./secrets.ts";
import { findParameter, parameterArn, parameterContext, readParameterValue } from "./ssm.ts";
import type { ReadTransaction } from "./store.ts";

export type SecretReferenceFailure =
  /** `message`: the service's own words, without its code. */
  | {
      readonly type: "denied";
      readonly source: SecretSource;
      readonly arn: string;
      readonly message: string;
    }
  /** No such parameter: `name` as it was referred to. */
  | { readonly type: "invalid-parameter"; readonly name: string; readonly region: string }
  /** No such secret, version or stage; or one that is marked for deletion. */
  | {
      readonly type: "secret-unavailable";
      readonly arn: string;
      /** `ResourceNotFoundException`, `InvalidRequestException`, … */
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: "missing-json-key"; readonly arn: string; readonly key: string }
  /** A key is asked for of what is no JSON object. */
  | { readonly type: "not-json"; readonly arn: string; readonly message: string }
  /** KMS does not open it: the key is disabled, going or gone. */
  | {
      readonly type: "key-unusable";
      readonly source: SecretSource;
      readonly arn: string;
      readonly code: string;
      readonly message: string;
    };

export type SecretSource = "ssm" | "secretsmanager";

export type SecretReader = {
  readonly tx: ReadTransaction;
  readonly sealing: Sealing;
  /** Of the task: a name without an ARN is looked up here. */
  readonly scope: Scope;
  /** The execution role and the session's name; undefined reads as the account's root. */
  readonly role: ActingRole | undefined;
  /** Engine time. */
  readonly now: number;
  /** Where in a VPC the service is asked from. KMS is asked by the service itself, from elsewhere. */
  readonly origin: VpcOrigin | undefined;
};

export type SecretReading =
  | { readonly type: "value"; readonly value: string }
  | SecretReferenceFailure;

/** The value of a reference, or why there is none. */
export function readSecretReference(reader: SecretReader, valueFrom: string): SecretReading {
  const arn = parseArn(valueFrom);
  if (arn?.service !== "secretsmanager") return readParameter(reader, valueFrom);
  return readSecret(reader, parseSecretReference(valueFrom));
}

export type SecretReference = {
  readonly arn: string;
  readonly jsonKey: string | undefined;
  readonly stage: string | undefined;
  readonly versionId: string | undefined;
};

/** `arn:aws:secretsmanager:R:A:secret:name-suffix:json-key:stage:version-id`, the last three optional. */
export function parseSecretReference(valueFrom: string): SecretReference {
  const parts = valueFrom.split(":");
  const [jsonKey, stage, versionId] = parts.slice(7);
  return {
    arn: parts.slice(0, 7).join(":"),
    jsonKey: jsonKey || undefined,
    stage: stage || undefined,
    versionId: versionId || undefined,
  };
}

function readParameter(reader: SecretReader, reference: string): SecretReading {
  const { tx, sealing, scope } = reader;
  const region = parseArn(reference)?.region ?? scope.region;
  const where = { account: scope.account, region };
  const bare = parseReference(reference)?.name ?? reference;
  const arn = reference.startsWith("arn:") ? reference : parameterArn(where, bare);
  const { origin } = reader;
  const verdict = ask(reader, { action: "ssm:GetParameters", resource: arn, origin });
  if (verdict.type === "denied") {
    return { type: "denied", source: "ssm", arn, message: verdict.message };
  }
  const found = findParameter(tx, where, reference);
  if (found.type !== "found") return { type: "invalid-parameter", name: reference, region };
  const { version } = found;
  if (version.type === "SecureString") {
    const use = { operation: "Decrypt", context: parameterContext(found.arn), via: "ssm" };
    const denied = askKey(reader, where, version.keyId ?? "", use);
    if (denied) return { type: "denied", source: "ssm", arn, message: denied };
  }
  const read = readParameterValue(tx, { scope: where, sealing }, found.arn, version);
  return read.type === "value" ? read : toKeyFailure("ssm", arn, read);
}

function readSecret(reader: SecretReader, reference: SecretReference): SecretReading {
  const { tx, sealing } = reader;
  const { arn, versionId, stage } = reference;
  const parsed = parseArn(arn);
  const scope = { account: reader.scope.account, region: parsed?.region ?? reader.scope.region };
  const secret = findSecret(tx, scope, arn);
  const verdict = ask(reader, {
    action: "secretsmanager:GetSecretValue",
    origin: reader.origin,
    resource: secret?.arn ?? arn,
    resourcePolicy: secret?.policy,
    resourceAccount: secret?.account ?? parsed?.account,
    conditions: {
      "secretsmanager:SecretId": secret?.arn ?? arn,
      "secretsmanager:VersionId": versionId,
      "secretsmanager:VersionStage": stage,
    },
  });
  if (verdict.type === "denied") {
    return { type: "denied", source: "secretsmanager", arn, message: verdict.message };
  }
  const unavailable = (code: string, message: string): SecretReading => ({
    type: "secret-unavailable",
    arn,
    code,
    message,
  });
  if (versionId !== undefined && versionId.length < shortestVersionId) {
    return unavailable("InvalidParameter", shortVersionId);
  }
  const missing = "ResourceNotFoundException";
  if (!secret) return unavailable(missing, "Secrets Manager can't find the specified secret.");
  if (secret.deletion) {
    return unavailable(
      "InvalidRequestException",
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
  const found = findSecretVersion(tx, secret, { versionId, stage });
  if (found.type !== "found") {
    const which =
      found.type === "no-such-stage"
        ? `staging label: ${found.stage}`
        : `VersionId: ${found.versionId}`;
    return unavailable(
      missing,
      `Secrets Manager can't find the specified secret value for ${which}`,
    );
  }
  const context = secretContext(secret.arn, found.version.versionId);
  const use = { operation: "Decrypt", context, via: "secretsmanager" };
  const denied = askKey(reader, scope, secret.kmsKeyId ?? managedKey, use);
  if (denied) {
    return {
      type: "denied",
      source: "secretsmanager",
      arn,
      message: "Access to KMS is not allowed",
    };
  }
  const read = readSecretValue(tx, { scope, sealing }, secret, found.version);
  if (read.type !== "value") return toKeyFailure("secretsmanager", arn, read);
  return pickKey(read.value.toString("utf8"), arn, reference.jsonKey);
}

/** What the SDK's own check of the request says. */
const shortestVersionId = 32;
const shortVersionId =
  `1 validation error(s) found. - minimum field size of ${shortestVersionId}, ` +
  "GetSecretValueInput.VersionId.";

function pickKey(text: string, arn: string, key: string | undefined): SecretReading {
  if (key === undefined) return { type: "value", value: text };
  const read = readJsonKey(text, key);
  switch (read.type) {
    case "value":
      return read;
    case "no-such-key":
      return { type: "missing-json-key", arn, key };
    case "not-an-object":
      return { type: "not-json", arn, message: read.message };
  }
}

const ask = ({ tx, role, scope, now }: SecretReader, question: AccessQuestion): Verdict =>
  askRole(tx, role, scope, now, question);

/** The words of the denial, or undefined when the key may be used or is not there. */
function askKey(
  reader: SecretReader,
  scope: Scope,
  reference: string,
  use: KeyUse,
): string | undefined {
  const found = findKmsKey(reader.tx, scope, reference);
  if (found.type !== "found") return undefined;
  const verdict = ask(reader, keyQuestion(reader.tx, found.key, scope, use));
  if (verdict.type === "allowed" || !reader.role) return undefined;
  const isDenied = verdict.decision.type === "explicitDeny";
  return !isDenied && isLetInByGrant(reader, found.key, use) ? undefined : verdict.message;
}

const isLetInByGrant = ({ tx, role }: SecretReader, key: KmsKey, use: KeyUse): boolean =>
  role !== undefined && isGranted(tx, key, [role.roleArn], use);

function toKeyFailure(source: SecretSource, arn: string, failure: KmsFailure): SecretReading {
  const key = "key" in failure ? failure.key.arn : "the KMS key";
  switch (failure.type) {
    case "disabled":
      return {
        type: "key-unusable",
        source,
        arn,
        code: "DisabledException",
        message: `${key} is disabled.`,
      };
    case "pending-deletion":
    case "pending-import":
      return {
        type: "key-unusable",
        source,
        arn,
        code: "KMSInvalidStateException",
        message: `${key} is ${failure.type.replace("-", " ")}.`,
      };
    default:
      return {
        type: "key-unusable",
        source,
        arn,
        code: "InvalidCiphertextException",
        message: "The value cannot be decrypted: its KMS key is gone.",
      };
  }
}
