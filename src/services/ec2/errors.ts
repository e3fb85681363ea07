/** EC2's errors that more than one resource raises. Those of one resource stand in its file. */
import { ApiError } from "../../gateway/api-error.ts";

export const missingParameter = (parameter: string): ApiError =>
  new ApiError("MissingParameter", `The request must contain the parameter ${parameter}`);

export const invalidParameterValue = (message: string): ApiError =>
  new ApiError("InvalidParameterValue", message);

/** A value that the parameter cannot have; `detail` is a sentence that says what it can have. */
export const invalidValue = (parameter: string, value: string | number, detail: string): ApiError =>
  invalidParameterValue(`Value (${value}) for parameter ${parameter} is invalid. ${detail}`);

export const invalidParameterCombination = (message: string): ApiError =>
  new ApiError("InvalidParameterCombination", message);

/** The resource still has something that needs it. */
export const hasDependencies = (noun: string, id: string): ApiError =>
  new ApiError(
    "DependencyViolation",
    `The ${noun} '${id}' has dependencies and cannot be deleted.`,
  );

export const dependencyViolation = (message: string): ApiError =>
  new ApiError("DependencyViolation", message);

export const alreadyAssociated = (message: string): ApiError =>
  new ApiError("Resource.AlreadyAssociated", message);

export const associationNotFound = (associationId: string): ApiError =>
  new ApiError(
    "InvalidAssociationID.NotFound",
    `The association ID '${associationId}' does not exist`,
  );

/** What belongs to AWS, not to the caller. */
export const notPermitted = (): ApiError =>
  new ApiError("AuthFailure", "You do not have permission to access the specified resource.");

export const insufficientFreeAddresses = (): ApiError =>
  new ApiError(
    "InsufficientFreeAddressesInSubnet",
    "The specified subnet does not have enough free addresses to satisfy the request.",
  );

/** Everything was in order, and the caller had asked for nothing to be done. */
export const dryRunSucceeded = (): ApiError =>
  new ApiError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", {
    status: 412,
  });
