/** Pages of a list: a marker says how many items have been given out. */
import { invalidInput, validationError } from "./errors.ts";

export type PageRequest = {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
};

export type Page<T> = {
  readonly items: T[];
  /** To be spread into the answer. */
  readonly rest: { readonly IsTruncated: boolean; readonly Marker: string | undefined };
};

export function pageOf<T>(items: readonly T[], { Marker, MaxItems }: PageRequest): Page<T> {
  const size = MaxItems ?? 100;
  if (size < 1 || size > 1000) {
    throw validationError(
      `1 validation error detected: Value '${size}' at 'maxItems' failed to satisfy constraint: ` +
        "Member must have value between 1 and 1000",
    );
  }
  const start = Marker === undefined ? 0 : parseMarker(Marker);
  const end = start + size;
  const isTruncated = end < items.length;
  const next = isTruncated ? Buffer.from(`from:${end}`).toString("base64url") : undefined;
  return { items: items.slice(start, end), rest: { IsTruncated: isTruncated, Marker: next } };
}

function parseMarker(marker: string): number {
  const text = Buffer.from(marker, "base64url").toString("utf8");
  const start = /^from:(\d+)$/.exec(text)?.[1];
  if (start === undefined) throw invalidInput("Invalid Marker.");
  return Number(start);
}
