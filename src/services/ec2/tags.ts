/** Tags: what they may be, as given on creation and as shown. */
import type { TagSpecification, Tag as WireTag } from "@aws-sdk/client-ec2";
import type { Tag } from "../../model/scope.ts";
import {
  emptyTagSpecification,
  invalidParameterValue,
  tooManyTags,
  untypedTags,
} from "./errors.ts";

const mostTags = 50;
const longestKey = 128;
const longestValue = 256;

/** The tags that a creation gives a resource of `type`. */
export function tagsFrom(specifications: TagSpecification[] | undefined, type: string): Tag[] {
  for (const { ResourceType, Tags } of specifications ?? []) {
    if (!ResourceType) throw untypedTags();
    if (ResourceType !== type) {
      throw invalidParameterValue(
        `'${ResourceType}' is not a valid taggable resource type for this operation.`,
      );
    }
    if (!Tags?.length) throw emptyTagSpecification();
  }
  return checkTags((specifications ?? []).flatMap((specification) => specification.Tags ?? []));
}

/** The tags as they are kept. Throws when one breaks AWS's rules. */
export function checkTags(tags: readonly WireTag[]): Tag[] {
  const checked = tags.map(({ Key, Value }) => checkTag(Key ?? "", Value ?? ""));
  checked.forEach(({ key }, at) => {
    if (checked.findIndex((other) => other.key === key) === at) return;
    throw invalidParameterValue(`Duplicate tag key '${key}' specified.`);
  });
  checkTagCount(checked);
  return checked;
}

/** `old` with `added` in it; an added tag replaces the one of the same key. */
export function mergeTags(old: readonly Tag[], added: readonly Tag[]): Tag[] {
  const merged = new Map([...old, ...added].map((tag) => [tag.key, tag]));
  return checkTagCount([...merged.values()]);
}

export const toTagViews = (tags: readonly Tag[]): WireTag[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }));

function checkTag(key: string, value: string): Tag {
  if (key === "") throw invalidParameterValue("Tag key cannot be empty.");
  if (key.length > longestKey) {
    throw invalidParameterValue(`Tag key exceeds the maximum length of ${longestKey} characters`);
  }
  if (value.length > longestValue) {
    throw invalidParameterValue(
      `Tag value exceeds the maximum length of ${longestValue} characters`,
    );
  }
  if (/^aws:/i.test(key)) {
    throw invalidParameterValue(
      `Value ( ${key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use`,
    );
  }
  return { key, value };
}

function checkTagCount(tags: Tag[]): Tag[] {
  // Tags that AWS itself sets do not count.
  if (tags.filter((tag) => !tag.key.startsWith("aws:")).length <= mostTags) return tags;
  throw tooManyTags(mostTags);
}
