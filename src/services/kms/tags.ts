/** Tags of keys. */
import type * as Kms from "@aws-sdk/client-kms";
import { read, write } from "../../gateway/service.ts";
import type { Tag } from "../../model/scope.ts";
import { kmsKeys } from "../../state/tables/kms.ts";
import { tagError } from "./errors.ts";
import { check, onKey, requireChangeable, requireKey } from "./lookup.ts";
import { pageOf } from "./pages.ts";

/** Tags of a request, checked. */
export function toTags(tags: readonly Kms.Tag[] | undefined): Tag[] {
  const result = (tags ?? []).map(({ TagKey, TagValue }) => ({
    key: TagKey ?? "",
    value: TagValue ?? "",
  }));
  for (const [at, { key, value }] of result.entries()) {
    check(
      [`tags.${at + 1}.member.tagKey`, key, { length: [1, 128] }],
      [`tags.${at + 1}.member.tagValue`, value, { length: [0, 256] }],
    );
    if (/^aws:/i.test(key))
      throw tagError("aws: prefixed tag key names are not allowed for external use.");
  }
  if (new Set(result.map(({ key }) => key)).size < result.length) {
    throw tagError("Duplicate tag keys");
  }
  if (result.length > 50) throw tagError("Too many tags");
  return result;
}

export const tagResource = write<Kms.TagResourceRequest, void>({
  action: "kms:TagResource",
  ...onKey,
  accepts: { KeyId: true, Tags: true },
  run(context, input) {
    const key = requireChangeable(context, input.KeyId, "TagResource");
    const added = toTags(input.Tags);
    const kept = key.tags.filter((tag) => !added.some((other) => other.key === tag.key));
    if (kept.length + added.length > 50) throw tagError("Too many tags");
    context.tx.table(kmsKeys).put({ ...key, tags: [...kept, ...added] });
  },
});

export const untagResource = write<Kms.UntagResourceRequest, void>({
  action: "kms:UntagResource",
  ...onKey,
  accepts: { KeyId: true, TagKeys: true },
  run(context, input) {
    const key = requireChangeable(context, input.KeyId, "UntagResource");
    const tags = key.tags.filter((tag) => !input.TagKeys?.includes(tag.key));
    context.tx.table(kmsKeys).put({ ...key, tags });
  },
});

export const listResourceTags = read<Kms.ListResourceTagsRequest, Kms.ListResourceTagsResponse>({
  action: "kms:ListResourceTags",
  ...onKey,
  accepts: { KeyId: true, Limit: true, Marker: true },
  run(context, input) {
    const key = requireKey(context, input.KeyId, "ListResourceTags");
    const { items, rest } = pageOf(key.tags, (tag) => tag.key, "ListResourceTags", input, 50);
    return { Tags: items.map((tag) => ({ TagKey: tag.key, TagValue: tag.value })), ...rest };
  },
});
