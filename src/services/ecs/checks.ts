/** Checks of single values that several operations share. Each throws AWS's error. */
import type { Tag as WireTag } from "@aws-sdk/client-ecs";
import type { ApiError } from "../../gateway/api-error.ts";
import type { Tag } from "../../model/scope.ts";
import { invalidParameter } from "./errors.ts";

/** `value` is one of `allowed`, or absent. `member` is its path in the input. */
export function checkEnum(
  member: string,
  value: string | undefined,
  allowed: readonly string[],
): void {
  if (value === undefined || allowed.includes(value)) return;
  throw invalidParameter(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ` +
      `Member must satisfy enum value set: [${allowed.join(", ")}]`,
  );
}

/** A name of a cluster, service or family: letters, digits, `-` and `_`, at most 255. */
export function checkName(
  noun: string,
  name: string | undefined,
  refuse: (message: string) => ApiError,
): string {
  if (!name) throw refuse(`${noun} should not be null or empty.`);
  if (name.length > 255) throw refuse(`${noun} must be at most 255 characters long.`);
  if (!/^[A-Za-z0-9_-]+$/.test(name)) throw refuse(`${noun} contains invalid characters.`);
  return name;
}

export function checkAtMost(member: string, list: readonly unknown[], most: number): void {
  if (list.length > most) throw invalidParameter(`${member} can have at most ${most} items.`);
}

/** A whole number of a range; absent passes. */
export function checkRange(
  member: string,
  value: number | undefined,
  least: number,
  most: number,
): void {
  if (value === undefined) return;
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalidParameter(`${member} must be between ${least} and ${most}.`);
}

const mostTags = 50;
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The tags as they are kept. */
export function readTags(tags: readonly WireTag[] | undefined): Tag[] {
  const read = (tags ?? []).map(readTag);
  const keys = new Set(read.map((tag) => tag.key));
  if (keys.size < read.length) throw invalidParameter("Duplicate tag keys are not allowed.");
  checkTagCount(read);
  return read;
}

export function checkTagCount(tags: readonly Tag[]): void {
  // Tags that AWS itself sets do not count.
  const own = tags.filter((tag) => !tag.key.startsWith("aws:"));
  if (own.length > mostTags) {
    throw invalidParameter(`The number of tags has exceeded the limit of ${mostTags}.`);
  }
}

function readTag({ key = "", value = "" }: WireTag): Tag {
  if (key.length < 1 || key.length > 128) {
    throw invalidParameter("Tag keys must be between 1 and 128 characters long.");
  }
  if (value.length > 256) throw invalidParameter("Tag values must be at most 256 characters long.");
  if (/^aws:/i.test(key)) throw invalidParameter("Tag keys must not start with aws:.");
  if (!tagText.test(key)) throw invalidParameter(`Tag key '${key}' has invalid characters.`);
  if (!tagText.test(value)) throw invalidParameter(`Tag value '${value}' has invalid characters.`);
  return { key, value };
}

export const toTagViews = (tags: readonly Tag[]): WireTag[] =>
  tags.map(({ key, value }) => ({ key, value }));
