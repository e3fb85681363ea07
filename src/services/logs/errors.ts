/** The errors of CloudWatch Logs, in its words. */
import { ApiError } from "../../gateway/api-error.ts";
import type { Broken } from "../../gateway/constraints.ts";
import { coralPath } from "../../gateway/protocols/coral.ts";

export const groupNotFound = (): ApiError =>
  new ApiError("ResourceNotFoundException", "The specified log group does not exist.");

export const streamNotFound = (): ApiError =>
  new ApiError("ResourceNotFoundException", "The specified log stream does not exist.");

export const groupAlreadyExists = (): ApiError =>
  new ApiError("ResourceAlreadyExistsException", "The specified log group already exists");

export const streamAlreadyExists = (): ApiError =>
  new ApiError("ResourceAlreadyExistsException", "The specified log stream already exists");

export const invalidParameter = (message: string): ApiError =>
  new ApiError("InvalidParameterException", message);

/** A member that breaks a constraint of the API's model. */
export const failedConstraint = (member: string, value: string, constraint: string): ApiError =>
  invalidParameter(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );

/** What stands in a group's identifier is not repeated, as AWS does not. */
export const withoutIdentifiers = (broken: readonly Broken[]): readonly Broken[] =>
  broken.map((one) =>
    /^logGroupIdentifiers?\b/.test(coralPath(one.path))
      ? { ...one, constraint: { ...one.constraint, hidden: true } }
      : one,
  );

export const limitExceeded = (): ApiError =>
  new ApiError("LimitExceededException", "Resource limit exceeded.");

export const filterNotFound = (kind: "metric" | "subscription"): ApiError =>
  new ApiError("ResourceNotFoundException", `The specified ${kind} filter does not exist.`);

/** Of a group whose class has less than the standard one. */
export const onlyStandard = (): ApiError =>
  new ApiError(
    "ValidationException",
    "This operation is only supported on the Standard log class.",
  );

export const deletionProtected = (name: string): ApiError =>
  new ApiError(
    "ValidationException",
    `The log group ${name} is protected from deletion. Disable its deletion protection first.`,
  );

export const policyNotFound = (name: string): ApiError =>
  new ApiError("ResourceNotFoundException", `Policy with name [${name}] does not exist`);

export const definitionNotFound = (): ApiError =>
  new ApiError("ResourceNotFoundException", "The specified query definition does not exist.");
