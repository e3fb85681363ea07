/** Whether the caller of a request may use a KMS key: by policies or by a grant. */
import type { KmsKey } from "../model/kms.ts";
import { isGranted, type KeyUse, keyQuestion } from "../state/kms-access.ts";
import type { ReadTransaction } from "../state/store.ts";
import { ApiError } from "./api-error.ts";
import type { RequestContext } from "./service.ts";

/** Throws the denial unless the caller may. */
export function authorizeKeyUse(
  { caller, scope, authorize }: Pick<RequestContext, "caller" | "scope" | "authorize">,
  tx: ReadTransaction,
  key: KmsKey,
  use: KeyUse,
): void {
  try {
    authorize(keyQuestion(tx, key, scope, use));
  } catch (error) {
    // A grant makes up for a permission that is missing, not for one that is denied.
    const denied =
      error instanceof ApiError && / explicit deny | VPC endpoint policy /.test(error.message);
    const { principal } = caller;
    const arns = "arn" in principal ? [principal.arn] : [];
    const all = "roleArn" in principal ? [...arns, principal.roleArn] : arns;
    if (denied || !isGranted(tx, key, all, use)) throw error;
  }
}
