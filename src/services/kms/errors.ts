/** The errors of AWS KMS, in its words. */
import { ApiError } from "../../gateway/api-error.ts";
import type { KmsFailure } from "../../state/kms.ts";

export const notFound = (message: string): ApiError => new ApiError("NotFoundException", message);

export const invalidKeyId = (keyId: string): ApiError => notFound(`Invalid keyId '${keyId}'`);

const keyNotFound = (arn: string): ApiError => notFound(`Key '${arn}' does not exist`);

export const aliasNotFound = (arn: string): ApiError => notFound(`Alias ${arn} is not found.`);

export const validation = (message: string): ApiError =>
  new ApiError("ValidationException", message);

export const invalidState = (message: string): ApiError =>
  new ApiError("KMSInvalidStateException", message);

export const pendingDeletion = (arn: string): ApiError =>
  invalidState(`${arn} is pending deletion.`);

export const pendingImport = (arn: string): ApiError => invalidState(`${arn} is pending import.`);

/** An operation that is not for keys whose material comes from there. */
export const wrongOrigin = (arn: string, origin: string): ApiError =>
  unsupported(`${arn} origin is ${origin} which is not valid for this operation.`);

export const disabled = (arn: string): ApiError =>
  new ApiError("DisabledException", `${arn} is disabled.`);

// AWS sends no words with this one: what is wrong with a ciphertext is nobody's to learn.
export const invalidCiphertext = (): ApiError => new ApiError("InvalidCiphertextException", "");

export const incorrectKey = (): ApiError =>
  new ApiError(
    "IncorrectKeyException",
    "The key ID in the request does not identify a CMK that can perform this operation.",
  );

const wrongUsage = (arn: string, usage: string, operation: string): ApiError =>
  new ApiError(
    "InvalidKeyUsageException",
    `${arn} key usage is ${usage} which is not valid for ${operation}.`,
  );

export const wrongAlgorithm = (algorithm: string, spec: string): ApiError =>
  new ApiError(
    "InvalidKeyUsageException",
    `Algorithm ${algorithm} is incompatible with key spec ${spec}.`,
  );

export const unsupported = (message: string): ApiError =>
  new ApiError("UnsupportedOperationException", message);

export const malformedPolicy = (message: string): ApiError =>
  new ApiError("MalformedPolicyDocumentException", message);

export const aliasExists = (arn: string): ApiError =>
  new ApiError("AlreadyExistsException", `An alias with the name ${arn} already exists`);

export const keyExists = (arn: string): ApiError =>
  new ApiError("AlreadyExistsException", `A key with the ARN ${arn} already exists`);

/** What was encrypted under a key that another region has. */
export const unreachableKey = (): ApiError =>
  new ApiError(
    "AccessDeniedException",
    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
  );

export const invalidMarker = (): ApiError =>
  new ApiError("InvalidMarkerException", "Could not deserialize marker.");

export const limitExceeded = (message: string): ApiError =>
  new ApiError("LimitExceededException", message);

export const tagError = (message: string): ApiError => new ApiError("TagException", message);

/** AWS-managed keys and their aliases are not the account's to change. */
export const notAuthorized = (arn: string, operation: string): ApiError =>
  new ApiError(
    "AccessDeniedException",
    `${arn} is an AWS managed key: ${operation} is not allowed`,
  );

/** What goes wrong inside KMS's own computations, as an error. */
export function explainFailure(failure: KmsFailure): ApiError {
  switch (failure.type) {
    case "disabled":
      return disabled(failure.key.arn);
    case "pending-import":
      return pendingImport(failure.key.arn);
    case "pending-deletion":
      return pendingDeletion(failure.key.arn);
    case "wrong-usage":
      return wrongUsage(failure.key.arn, failure.key.usage, failure.operation);
    case "invalid-ciphertext":
      return invalidCiphertext();
    case "incorrect-key":
      return incorrectKey();
    case "no-such-key":
      if (failure.arn === undefined) return invalidKeyId(failure.reference);
      return failure.arn.includes(":alias/")
        ? aliasNotFound(failure.arn)
        : keyNotFound(failure.arn);
  }
}
