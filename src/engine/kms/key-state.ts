/** The state a KMS key is in, and whether that forbids using it. */
import type { KeyUsage, KmsKey } from "../../model/kms.ts";

export type KeyState =
  | "Enabled"
  | "Disabled"
  | "PendingDeletion"
  | "PendingReplicaDeletion"
  | "PendingImport";

export const keyStateOf = (
  key: Pick<KmsKey, "deletionAt" | "deletionWaits" | "enabled" | "materials">,
): KeyState => {
  if (key.deletionWaits !== undefined) return "PendingReplicaDeletion";
  if (key.deletionAt !== undefined) return "PendingDeletion";
  if (key.materials.length === 0) return "PendingImport";
  return key.enabled ? "Enabled" : "Disabled";
};

/** Why a key cannot be used. */
export type KeyRefusal =
  | { readonly type: "disabled"; readonly key: KmsKey }
  | { readonly type: "pending-deletion"; readonly key: KmsKey }
  | { readonly type: "pending-import"; readonly key: KmsKey }
  | { readonly type: "wrong-usage"; readonly key: KmsKey; readonly operation: string };

export function explainUnusable(
  key: KmsKey,
  usage: KeyUsage,
  operation: string,
): KeyRefusal | undefined {
  const state = keyStateOf(key);
  if (state === "PendingDeletion" || state === "PendingReplicaDeletion")
    return { type: "pending-deletion", key };
  if (state === "PendingImport") return { type: "pending-import", key };
  if (state === "Disabled") return { type: "disabled", key };
  return key.usage === usage ? undefined : { type: "wrong-usage", key, operation };
}
