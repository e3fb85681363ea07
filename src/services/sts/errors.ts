/** The errors of STS, in its words. */
import { ApiError } from "../../gateway/api-error.ts";

export const validationError = (message: string): ApiError =>
  new ApiError("ValidationError", message);

export const invalidParameter = (message: string): ApiError =>
  new ApiError("InvalidParameterValue", message);

export const accessDenied = (message: string): ApiError =>
  new ApiError("AccessDenied", message, { status: 403 });

export const malformedPolicy = (message: string): ApiError =>
  new ApiError("MalformedPolicyDocument", message);

export const invalidIdentityToken = (message: string): ApiError =>
  new ApiError("InvalidIdentityToken", message);

export const noVerificationKey = (): ApiError =>
  invalidIdentityToken(
    "Couldn't retrieve verification key from your identity provider,  please reference " +
      "AssumeRoleWithWebIdentity documentation for requirements",
  );

export const identityProviderTimedOut = (): ApiError =>
  new ApiError("IDPCommunicationErrorException", "Error communicating with the identity provider");

export const invalidAuthorizationMessage = (): ApiError =>
  new ApiError("InvalidAuthorizationMessageException", "Message is not valid");

export const expiredToken = (message: string): ApiError =>
  new ApiError("ExpiredTokenException", message);
