/** Parameters as Parameter Store shows them. */
import type * as Ssm from "@aws-sdk/client-ssm";
import { authorizeKeyUse } from "../../gateway/key-use.ts";
import type { ParameterVersion } from "../../model/ssm.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { findKmsKey } from "../../state/kms.ts";
import { type FoundParameter, parameterContext, readParameterValue } from "../../state/ssm.ts";
import { explainKeyFailure } from "./errors.ts";
import { type Reading, toCall } from "./lookup.ts";

/** The value as a caller gets it: of a SecureString its ciphertext, unless it is to be decrypted. */
export function shownValue(
  context: Reading,
  sealing: Sealing,
  arn: string,
  version: ParameterVersion,
  withDecryption: boolean | undefined,
): string {
  if (!withDecryption || version.type !== "SecureString") return version.value;
  const found = findKmsKey(context.tx, context.scope, version.keyId ?? "");
  if (found.type === "found") {
    const use = { operation: "Decrypt", context: parameterContext(arn), via: "ssm" };
    authorizeKeyUse(context, context.tx, found.key, use);
  }
  const read = readParameterValue(context.tx, toCall(context, sealing), arn, version);
  if (read.type === "value") return read.value;
  throw explainKeyFailure(read);
}

export const toParameter = (
  { arn, version, selector }: FoundParameter,
  value: string,
): Ssm.Parameter => ({
  Name: version.name,
  Type: version.type,
  Value: value,
  Version: version.version,
  ...(selector !== undefined && { Selector: selector }),
  LastModifiedDate: new Date(version.modifiedAt),
  ARN: arn,
  DataType: version.dataType,
});

export const toMetadata = (arn: string, version: ParameterVersion): Ssm.ParameterMetadata => ({
  Name: version.name,
  ARN: arn,
  Type: version.type,
  ...describe(version),
});

export const toHistory = (version: ParameterVersion, value: string): Ssm.ParameterHistory => ({
  Name: version.name,
  Type: version.type,
  Value: value,
  Labels: [...version.labels],
  ...describe(version),
});

const describe = (version: ParameterVersion) => ({
  ...(version.keyId !== undefined && { KeyId: version.keyId }),
  LastModifiedDate: new Date(version.modifiedAt),
  LastModifiedUser: version.modifiedBy,
  ...(version.description !== undefined && { Description: version.description }),
  ...(version.allowedPattern !== undefined && { AllowedPattern: version.allowedPattern }),
  Version: version.version,
  Tier: version.tier,
  Policies: version.policies.map(({ type, text, status }) => ({
    PolicyText: text,
    PolicyType: type,
    PolicyStatus: status,
  })),
  DataType: version.dataType,
});
