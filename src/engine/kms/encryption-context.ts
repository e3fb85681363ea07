/** The encryption context as bytes to be authenticated: the same pairs give the same bytes. */
import type { EncryptionContext } from "../../model/kms.ts";

/** Pairs in the order of their keys, each part under its length, so that no two contexts look alike. */
export function printContext(context: EncryptionContext | undefined): string {
  return Object.entries(context ?? {})
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key.length}:${key}${value.length}:${value}`)
    .join("");
}
