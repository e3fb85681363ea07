/** Grants: what somebody may do with a key besides what policies say. */
import type { EncryptionContext, KmsGrant } from "../../model/kms.ts";

/** The operations that a grant may be about. */
export const grantOperations = [
  "Decrypt",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "ReEncryptFrom",
  "ReEncryptTo",
  "Sign",
  "Verify",
  "GetPublicKey",
  "CreateGrant",
  "RetireGrant",
  "DescribeKey",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
  "GenerateMac",
  "VerifyMac",
  "DeriveSharedSecret",
];

/** Operations whose encryption context a constraint can be held against; others pass over it. */
const symmetric = new Set([
  "Decrypt",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "ReEncryptFrom",
  "ReEncryptTo",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
]);

export function allowsByGrant(
  grant: KmsGrant,
  arns: readonly string[],
  operation: string,
  context: EncryptionContext,
): boolean {
  if (!arns.includes(grant.granteePrincipal) || !grant.operations.includes(operation)) return false;
  const { encryptionContextEquals: equal, encryptionContextSubset: subset } =
    grant.constraints ?? {};
  if (!symmetric.has(operation)) return true;
  const holds = (wanted: EncryptionContext): boolean =>
    Object.entries(wanted).every(([key, value]) => context[key] === value);
  if (subset && !holds(subset)) return false;
  return !equal || (holds(equal) && Object.keys(context).length === Object.keys(equal).length);
}
