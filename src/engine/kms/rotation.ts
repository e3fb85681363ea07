/** What time does to keys: they are rotated by themselves, and go when their window has passed. */
import type { KmsKey } from "../../model/kms.ts";
import { keyStateOf } from "./key-state.ts";

const dayMs = 86_400_000;

export type DueChange = { readonly at: number; readonly what: "delete" | "rotate" | "expire" };

/** What is to happen to a key next by itself, if anything. */
export function nextChange(key: KmsKey): DueChange | undefined {
  if (key.deletionWaits !== undefined) return undefined;
  if (key.deletionAt !== undefined) return { at: key.deletionAt, what: "delete" };
  const expiresAt = key.materials.length > 0 ? key.imported?.expiresAt : undefined;
  if (expiresAt !== undefined) return { at: expiresAt, what: "expire" };
  // A disabled key is not rotated; the rotation that it missed follows when it is enabled.
  if (!key.rotation || keyStateOf(key) !== "Enabled") return undefined;
  return { at: key.rotation.nextAt, what: "rotate" };
}

/** When a rotation that is done at `now` is to be followed by the next. */
export const nextRotationAt = (now: number, periodDays: number): number => now + periodDays * dayMs;
