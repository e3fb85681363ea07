/** The errors of Parameter Store, in its words. */
import { ApiError } from "../../gateway/api-error.ts";
import type { KmsFailure } from "../../state/kms.ts";
import type { ParameterFailure } from "../../state/ssm.ts";

export const validation = (message: string): ApiError =>
  new ApiError("ValidationException", message);

// AWS sends no words with this one.
export const parameterNotFound = (): ApiError => new ApiError("ParameterNotFound", "");

export const versionNotFound = (name: string, selector: string): ApiError =>
  new ApiError(
    "ParameterVersionNotFound",
    `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
  );

export const explainParameterFailure = (failure: ParameterFailure): ApiError =>
  failure.type === "no-such-parameter"
    ? parameterNotFound()
    : versionNotFound(failure.name, failure.selector);

export const parameterExists = (): ApiError =>
  new ApiError(
    "ParameterAlreadyExists",
    "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
  );

export const reservedName = (message: string): ApiError =>
  new ApiError("AccessDeniedException", message);

export const typeChanged = (from: string, to: string): ApiError =>
  new ApiError(
    "HierarchyTypeMismatchException",
    `Parameter Store does not support changing a parameter's type: this one is a ${from} parameter, not a ${to} parameter. ` +
      "Create a new, unique parameter.",
  );

export const invalidFilterKey = (message: string): ApiError =>
  new ApiError("InvalidFilterKey", message);

export const invalidFilterOption = (message: string): ApiError =>
  new ApiError("InvalidFilterOption", message);

export const invalidFilterValue = (message: string): ApiError =>
  new ApiError("InvalidFilterValue", message);

export const invalidToken = (): ApiError =>
  new ApiError("InvalidNextToken", "The specified token is not valid.");

export const invalidResource = (): ApiError =>
  new ApiError(
    "InvalidResourceId",
    "The resource ID is not valid. Verify that you entered the correct ID and try again.",
  );

export const tooManyTags = (): ApiError =>
  new ApiError(
    "TooManyTagsError",
    "The Targets parameter includes too many tags. Remove one or more tags and try the command again.",
  );

/** A key that a SecureString cannot be encrypted or decrypted with. */
export function explainKeyFailure(failure: KmsFailure): ApiError {
  const of = (message: string, kms: string): ApiError =>
    new ApiError(
      "InvalidKeyId",
      `${message} (Service: AWSKMS; Status Code: 400; Error Code: ${kms})`.trim(),
    );
  switch (failure.type) {
    case "disabled":
      return of(`${failure.key.arn} is disabled.`, "DisabledException");
    case "pending-deletion":
      return of(`${failure.key.arn} is pending deletion.`, "KMSInvalidStateException");
    case "pending-import":
      return of(`${failure.key.arn} is pending import.`, "KMSInvalidStateException");
    case "wrong-usage":
      return of(
        `${failure.key.arn} key usage is ${failure.key.usage} which is not valid for ${failure.operation}.`,
        "InvalidKeyUsageException",
      );
    case "no-such-key":
      return of(`Invalid keyId '${failure.reference}'`, "NotFoundException");
    case "invalid-ciphertext":
      return of("The ciphertext cannot be decrypted.", "InvalidCiphertextException");
    case "incorrect-key":
      return of("The key is not the one that encrypted the value.", "IncorrectKeyException");
  }
}
