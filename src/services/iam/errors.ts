/** The errors of IAM, in its words and with its statuses. */
import { ApiError } from "../../gateway/api-error.ts";

export const noSuchEntity = (message: string): ApiError =>
  new ApiError("NoSuchEntity", message, { status: 404 });

export const roleNotFound = (name: string): ApiError =>
  noSuchEntity(`The role with name ${name} cannot be found.`);

export const policyNotFound = (arn: string): ApiError =>
  noSuchEntity(`Policy ${arn} was not found.`);

export const alreadyExists = (message: string): ApiError =>
  new ApiError("EntityAlreadyExists", message, { status: 409 });

export const deleteConflict = (message: string): ApiError =>
  new ApiError("DeleteConflict", message, { status: 409 });

export const malformedPolicy = (message: string): ApiError =>
  new ApiError("MalformedPolicyDocument", message);

export const validationError = (message: string): ApiError =>
  new ApiError("ValidationError", message);

export const invalidInput = (message: string): ApiError => new ApiError("InvalidInput", message);

export const limitExceeded = (message: string): ApiError =>
  new ApiError("LimitExceeded", message, { status: 409 });

export const unmodifiable = (roleName: string): ApiError =>
  new ApiError(
    "UnmodifiableEntity",
    `Cannot perform the operation on the protected role '${roleName}' - this role is only modifiable by AWS`,
  );
