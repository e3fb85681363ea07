/** The errors of IAM, in its words and with its statuses. */
import { ApiError } from "../../gateway/api-error.ts";
import type { Broken } from "../../gateway/constraints.ts";
import { coralPath } from "../../gateway/protocols/coral.ts";

export const noSuchEntity = (message: string): ApiError =>
  new ApiError("NoSuchEntity", message, { status: 404 });

export type NamedKind = "role" | "user" | "group";

export const nameNotFound = (kind: NamedKind, name: string): ApiError =>
  noSuchEntity(`The ${kind} with name ${name} cannot be found.`);

export const profileNotFound = (name: string): ApiError =>
  noSuchEntity(`Instance Profile ${name} cannot be found.`);

export const accessKeyNotFound = (id: string): ApiError =>
  noSuchEntity(`The Access Key with id ${id} cannot be found.`);

export const loginProfileNotFound = (userName: string): ApiError =>
  noSuchEntity(`Login Profile for User ${userName} cannot be found.`);

export const certificateNotFound = (name: string): ApiError =>
  noSuchEntity(`The Server Certificate with name ${name} cannot be found.`);

export const signingCertificateNotFound = (id: string): ApiError =>
  noSuchEntity(`The Certificate with id ${id} cannot be found.`);

export const sshKeyNotFound = (id: string): ApiError =>
  noSuchEntity(`The Public Key with id ${id} cannot be found.`);

export const samlProviderNotFound = (arn: string): ApiError =>
  noSuchEntity(`Manifest not found for arn ${arn}`);

export const serviceCredentialNotFound = (id: string): ApiError =>
  noSuchEntity(`No such credential ${id} exists`);

export const notSupportedService = (service: string): ApiError =>
  new ApiError(
    "NotSupportedService",
    `No such service ${service} is supported for Service Specific Credentials`,
    { status: 404 },
  );

export const mfaDeviceNotFound = (serialNumber: string): ApiError =>
  noSuchEntity(`VirtualMFADevice with serial number ${serialNumber} doesn't exist.`);

export const providerNotFound = (arn: string): ApiError =>
  noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);

export const policyNotFound = (arn: string): ApiError =>
  noSuchEntity(`Policy ${arn} was not found.`);

export const notAttachable = (arn: string): ApiError =>
  noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);

export const alreadyExists = (message: string): ApiError =>
  new ApiError("EntityAlreadyExists", message, { status: 409 });

export const deleteConflict = (message: string): ApiError =>
  new ApiError("DeleteConflict", message, { status: 409 });

/** `first` is what stands in the way: `must detach all policies first`. */
export const mustFirst = (first: string): ApiError =>
  deleteConflict(`Cannot delete entity, must ${first} first.`);

export const malformedPolicy = (message: string): ApiError =>
  new ApiError("MalformedPolicyDocument", message);

export const malformedCertificate = (message: string): ApiError =>
  new ApiError("MalformedCertificate", message);

export const keyPairMismatch = (): ApiError =>
  new ApiError("KeyPairMismatch", "The private key does not match the certificate.");

export const invalidAuthenticationCode = (): ApiError =>
  new ApiError("InvalidAuthenticationCode", "Authentication code for device is not valid.", {
    status: 403,
  });

export const passwordPolicyViolation = (): ApiError =>
  new ApiError(
    "PasswordPolicyViolation",
    "Password does not conform to the account password policy.",
  );

export const validationError = (message: string): ApiError =>
  new ApiError("ValidationError", message);

/** A member whose value is out of bounds: `Member must have length less than or equal to 64`. */
export const constraintError = (member: string, value: string | number, must: string): ApiError =>
  validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ` +
      `Member must have ${must}`,
  );

/** A member that is none of the values it may have. */
export const choiceError = (member: string, value: string, choices: readonly string[]): ApiError =>
  validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ` +
      `Member must satisfy enum value set: [${choices.join(", ")}]`,
  );

export const invalidInput = (message: string): ApiError => new ApiError("InvalidInput", message);

export const limitExceeded = (message: string): ApiError =>
  new ApiError("LimitExceeded", message, { status: 409 });

/** More than `most` of what the account may have, by the quota's name. */
export const quotaExceeded = (quota: string, most: number): ApiError =>
  limitExceeded(`Cannot exceed quota for ${quota}: ${most}`);

export const unmodifiable = (roleName: string): ApiError =>
  new ApiError(
    "UnmodifiableEntity",
    `Cannot perform the operation on the protected role '${roleName}' - this role is only modifiable by AWS`,
  );

/** What names and paths may hold, IAM says in words; of all else, and of lengths, the framework tells. */
export function explainBroken(
  broken: readonly Broken[],
  byDefault: (some: readonly Broken[]) => ApiError,
): ApiError {
  const worded = (one: Broken): boolean => one.sentence.includes("pattern") && !!formOf(one);
  const others = broken.filter((one) => !worded(one));
  const [first] = broken;
  if (others.length > 0 || !first) return byDefault(others);
  return validationError(
    `The specified value for ${coralPath(first.path)} is invalid. It must ${formOf(first)}`,
  );
}

function formOf({ path, constraint }: Broken): string | undefined {
  const member = coralPath(path);
  const slashes = "contain only alphanumeric characters and/or / characters.";
  if (member === "pathPrefix") return `begin with / and ${slashes}`;
  if (member === "path") return `begin and end with / and ${slashes}`;
  if (constraint.patternText !== String.raw`[\w+=,.@-]+`) return undefined;
  return "contain only alphanumeric characters and/or the following: +=,.@_-";
}
