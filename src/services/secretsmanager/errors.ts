/** The errors of Secrets Manager, in its words. */
import { ApiError } from "../../gateway/api-error.ts";
import type { Broken } from "../../gateway/constraints.ts";
import { coralPath } from "../../gateway/protocols/coral.ts";
import type { VersionFailure } from "../../state/secrets.ts";

export const invalidParameter = (message: string): ApiError =>
  new ApiError("InvalidParameterException", message);

export const invalidRequest = (message: string): ApiError =>
  new ApiError("InvalidRequestException", message);

export const validation = (message: string): ApiError =>
  new ApiError("ValidationException", message);

export const secretNotFound = (): ApiError =>
  notFound("Secrets Manager can't find the specified secret.");

export const markedForDeletion = (): ApiError =>
  invalidRequest(
    "You can't perform this operation on the secret because it was marked for deletion.",
  );

export const resourceExists = (message: string): ApiError =>
  new ApiError("ResourceExistsException", message);

export const tokenInUse = (token: string, arn: string): ApiError =>
  resourceExists(
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
  );

export const invalidToken = (): ApiError =>
  new ApiError("InvalidNextTokenException", "Invalid NextToken.");

export const encryptionFailure = (): ApiError =>
  new ApiError(
    "EncryptionFailure",
    "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, enabled, and not in an invalid state.",
  );

export const decryptionFailure = (): ApiError =>
  new ApiError(
    "DecryptionFailure",
    "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
  );

export const malformedPolicy = (message: string): ApiError =>
  new ApiError("MalformedPolicyDocumentException", message);

export const publicPolicy = (): ApiError =>
  new ApiError(
    "PublicPolicyException",
    "You can't attach a resource policy that allows broad access to the secret: BlockPublicPolicy is set.",
  );

export function explainVersionFailure(failure: VersionFailure): ApiError {
  const value = "Secrets Manager can't find the specified secret value";
  switch (failure.type) {
    case "no-such-stage":
      return notFound(`${value} for staging label: ${failure.stage}`);
    case "no-such-version":
      return notFound(`${value} for VersionId: ${failure.versionId}`);
    case "stage-elsewhere":
      return invalidRequest(
        `You provided a VersionStage that is not associated to the provided VersionId.`,
      );
  }
}

const notFound = (message: string): ApiError => new ApiError("ResourceNotFoundException", message);

/** Of tokens the service has words of its own; of the rules of rotation, its operation. */
export function explainBroken(
  broken: readonly Broken[],
  byDefault: (some: readonly Broken[]) => ApiError,
): ApiError | undefined {
  const [first] = broken;
  if (first && coralPath(first.path) === "clientRequestToken") return badToken();
  const others = broken.filter(({ path }) => !/^rotationRules\b/.test(coralPath(path)));
  return others.length > 0 ? byDefault(others) : undefined;
}

const badToken = (): ApiError =>
  invalidParameter("ClientRequestToken must be 32-64 characters long.");
