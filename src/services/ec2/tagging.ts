/** CreateTags, DeleteTags and DescribeTags, on any resource by its id. */
import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  TagDescription,
  Tag as WireTag,
} from "@aws-sdk/client-ec2";
import type { Tag } from "../../model/scope.ts";
import { acceptsDescribe, describePage } from "./describe.ts";
import { invalidId, missingParameter } from "./errors.ts";
import type { FilterTable } from "./filters.ts";
import { operation } from "./operation.ts";
import type { Context } from "./resources.ts";
import { listTagged, retag } from "./taggable.ts";
import { checkTags, mergeTags } from "./tags.ts";

export const createTags = operation<CreateTagsRequest, Record<string, never>>({
  name: "CreateTags",
  accepts: { Resources: true, Tags: true },
  run(context, input) {
    if (!input.Tags?.length) throw missingParameter("Tag");
    const tags = checkTags(input.Tags);
    changeEach(context, input.Resources, (old) => mergeTags(old, tags));
    return {};
  },
});

export const deleteTags = operation<DeleteTagsRequest, Record<string, never>>({
  name: "DeleteTags",
  accepts: { Resources: true, Tags: true },
  run(context, input) {
    const gone = input.Tags ?? [];
    // Tags of AWS's own are refused by name and survive a deletion of all.
    checkTags(gone.map(({ Key, Value }) => ({ Key, Value })));
    const isGone = (tag: Tag): boolean =>
      gone.length === 0 ? !tag.key.startsWith("aws:") : gone.some((given) => isMeant(given, tag));
    changeEach(context, input.Resources, (old) => old.filter((tag) => !isGone(tag)));
    return {};
  },
});

/** A value that is given, even an empty one, must be the tag's. */
const isMeant = ({ Key, Value }: WireTag, tag: Tag): boolean =>
  Key === tag.key && (Value === undefined || Value === tag.value);

function changeEach(
  context: Context,
  ids: readonly string[] | undefined,
  change: (old: readonly Tag[]) => Tag[],
): void {
  if (!ids?.length) throw missingParameter("resourceIdSet");
  for (const id of ids) {
    if (retag(context, id, change)) continue;
    throw invalidId(id);
  }
}

type TagRow = TagDescription & { Tags: WireTag[] };

const filters: FilterTable<TagRow> = {
  key: (row) => row.Key,
  "resource-id": (row) => row.ResourceId,
  "resource-type": (row) => row.ResourceType,
  value: (row) => row.Value,
};

export const describeTags = operation<DescribeTagsRequest, DescribeTagsResult>({
  name: "DescribeTags",
  accepts: acceptsDescribe,
  run(context, input) {
    const rows = listTagged(context).flatMap(({ id, type, tags }) =>
      tags.map(
        ({ key, value }): TagRow => ({
          Key: key,
          Value: value,
          ResourceId: id,
          ResourceType: type as TagDescription["ResourceType"],
          Tags: [{ Key: key, Value: value }],
        }),
      ),
    );
    const { items, NextToken } = describePage(rows, input, {
      operation: "DescribeTags",
      keyOf: (row) => `${row.ResourceId}/${row.Key}`,
      filters,
    });
    return { Tags: items.map(({ Tags: _, ...description }) => description), NextToken };
  },
});
