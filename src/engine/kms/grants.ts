/** Grants: what somebody may do with a key besides what policies say. */
import type { EncryptionContext, KmsGrant, KmsKey } from "../../model/kms.ts";
import { symmetricDefault } from "./key-specs.ts";

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
const symmetric = [
  "Decrypt",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "ReEncryptFrom",
  "ReEncryptTo",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
];
const ofEveryKey = ["CreateGrant", "RetireGrant", "DescribeKey"];

/** Those of `operations` that a key of this kind does not have, so that no grant on it can be about them. */
export function foreignOperations(
  key: Pick<KmsKey, "spec" | "usage">,
  operations: readonly string[],
): string[] {
  const own = [...ofEveryKey, ...operationsOf(key)];
  return operations.filter((operation) => !own.includes(operation));
}

function operationsOf({ spec, usage }: Pick<KmsKey, "spec" | "usage">): readonly string[] {
  switch (usage) {
    case "ENCRYPT_DECRYPT":
      return isSymmetric({ spec })
        ? symmetric
        : ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"];
    case "SIGN_VERIFY":
      return ["Sign", "Verify", "GetPublicKey"];
    case "GENERATE_VERIFY_MAC":
      return ["GenerateMac", "VerifyMac"];
    case "KEY_AGREEMENT":
      return ["DeriveSharedSecret", "GetPublicKey"];
  }
}

/** Whether its operations take an encryption context. */
export const isSymmetric = ({ spec }: Pick<KmsKey, "spec">): boolean => spec === symmetricDefault;

export function allowsByGrant(
  grant: KmsGrant,
  arns: readonly string[],
  operation: string,
  context: EncryptionContext,
): boolean {
  if (!arns.includes(grant.granteePrincipal) || !grant.operations.includes(operation)) return false;
  const { encryptionContextEquals: equal, encryptionContextSubset: subset } =
    grant.constraints ?? {};
  if (!symmetric.includes(operation)) return true;
  const holds = (wanted: EncryptionContext): boolean =>
    Object.entries(wanted).every(([key, value]) => context[key] === value);
  if (subset && !holds(subset)) return false;
  return !equal || (holds(equal) && Object.keys(context).length === Object.keys(equal).length);
}
