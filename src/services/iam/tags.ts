/** Tags of users, roles, instance profiles, policies and providers. */
import type * as Iam from "@aws-sdk/client-iam";
import type { Tag } from "../../model/scope.ts";
import { type PageRequest, pageOf } from "./paging.ts";
import { foldTagKey, mergeTags, type TagCase, toTags, validateLength } from "./validate.ts";

type Tagged = { readonly tags: readonly Tag[] };

export const toTagView = ({ key, value }: Tag): Iam.Tag => ({ Key: key, Value: value });

/** As answers have them that leave out an empty list. */
export const toTagViews = (tags: readonly Tag[]): Iam.Tag[] | undefined =>
  tags.length === 0 ? undefined : tags.map(toTagView);

export const withTags = <T extends Tagged>(
  record: T,
  { Tags }: { readonly Tags?: readonly Iam.Tag[] | undefined },
  tagCase: TagCase = "exact",
): T => ({ ...record, tags: mergeTags(record.tags, toTags(Tags, tagCase), tagCase) });

export function withoutTags<T extends Tagged>(
  record: T,
  { TagKeys = [] }: { readonly TagKeys?: readonly string[] | undefined },
  tagCase: TagCase = "exact",
): T {
  TagKeys.forEach((key, at) => {
    validateLength(key, `tagKeys.${at + 1}.member`, 1, 128);
  });
  const keys = new Set(TagKeys.map((key) => foldTagKey(key, tagCase)));
  return { ...record, tags: record.tags.filter(({ key }) => !keys.has(foldTagKey(key, tagCase))) };
}

export function listTags(operation: string, { tags }: Tagged, request: PageRequest) {
  const { items, rest } = pageOf(
    operation,
    tags,
    ({ key }) => `${key.toLowerCase()} ${key}`,
    request,
  );
  return { Tags: items.map(toTagView), ...rest };
}
