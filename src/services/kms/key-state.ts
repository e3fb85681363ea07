/** Keys enabled, disabled, scheduled to go and kept after all. */
import type * as Kms from "@aws-sdk/client-kms";
import { keyStateOf } from "../../engine/kms/key-state.ts";
import { write } from "../../gateway/service.ts";
import { isPrimary, relativesOf } from "../../state/kms-relatives.ts";
import { kmsKeys } from "../../state/tables/kms.ts";
import { invalidState, notAuthorized, pendingImport } from "./errors.ts";
import { check, onKey, onKeyWith, requireChangeable, requireKey } from "./lookup.ts";

const dayMs = 86_400_000;

export const enableKey = write<Kms.EnableKeyRequest, void>({
  action: "kms:EnableKey",
  ...onKey,
  accepts: { KeyId: true },
  run(context, input) {
    const key = requireChangeable(context, input.KeyId, "EnableKey");
    if (keyStateOf(key) === "PendingImport") throw pendingImport(key.arn);
    context.tx.table(kmsKeys).put({ ...key, enabled: true });
  },
});

export const disableKey = write<Kms.DisableKeyRequest, void>({
  action: "kms:DisableKey",
  ...onKey,
  accepts: { KeyId: true },
  run(context, input) {
    const key = requireChangeable(context, input.KeyId, "DisableKey");
    if (keyStateOf(key) === "PendingImport") throw pendingImport(key.arn);
    context.tx.table(kmsKeys).put({ ...key, enabled: false });
  },
});

export const scheduleKeyDeletion = write<
  Kms.ScheduleKeyDeletionRequest,
  Kms.ScheduleKeyDeletionResponse
>({
  action: "kms:ScheduleKeyDeletion",
  ...onKeyWith((input: Kms.ScheduleKeyDeletionRequest) => ({
    "kms:ScheduleKeyDeletionPendingWindowInDays": input.PendingWindowInDays ?? 30,
  })),
  accepts: { KeyId: true, PendingWindowInDays: true },
  run(context, input) {
    check(["pendingWindowInDays", input.PendingWindowInDays, { range: [7, 30] }]);
    const key = requireChangeable(context, input.KeyId, "ScheduleKeyDeletion");
    const days = input.PendingWindowInDays ?? 30;
    // A primary waits for its replicas.
    const waits = isPrimary(key) && relativesOf(context.tx, key).length > 1;
    const deletionAt = waits ? Number.MAX_SAFE_INTEGER : context.now + days * dayMs;
    const going = { ...key, deletionAt, deletionWaits: waits ? days : undefined };
    context.tx.table(kmsKeys).put(going);
    return {
      KeyId: key.arn,
      ...(!waits && { DeletionDate: new Date(deletionAt) }),
      KeyState: keyStateOf(going),
      PendingWindowInDays: days,
    };
  },
});

export const cancelKeyDeletion = write<Kms.CancelKeyDeletionRequest, Kms.CancelKeyDeletionResponse>(
  {
    action: "kms:CancelKeyDeletion",
    ...onKey,
    accepts: { KeyId: true },
    run(context, input) {
      const key = requireKey(context, input.KeyId, "CancelKeyDeletion");
      if (key.manager === "AWS") throw notAuthorized(key.arn, "CancelKeyDeletion");
      if (key.deletionAt === undefined) throw invalidState(`${key.arn} is not pending deletion.`);
      // As on AWS, what was to go comes back disabled.
      const kept = { deletionAt: undefined, deletionWaits: undefined };
      context.tx.table(kmsKeys).put({ ...key, enabled: false, ...kept });
      return { KeyId: key.arn };
    },
  },
);
