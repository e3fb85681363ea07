/** Tags of log groups: by ARN, and by name as the older operations do it. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import { type RequestContext, read, type WriteContext, write } from "../../gateway/service.ts";
import { parseArn } from "../../model/arn.ts";
import type { LogGroup } from "../../model/logs.ts";
import type { Tag } from "../../model/scope.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { logGroups } from "../../state/tables/logs.ts";
import { failedConstraint, groupNotFound, invalidParameter } from "./errors.ts";
import { groupArns, nameOfIdentifier, requireGroup } from "./lookup.ts";

const arnOf = (input: { resourceArn: string | undefined }): string[] => [input.resourceArn ?? "*"];

export const listTagsForResource = read<
  Logs.ListTagsForResourceRequest,
  Logs.ListTagsForResourceResponse
>({
  action: "logs:ListTagsForResource",
  resources: arnOf,
  accepts: { resourceArn: true },
  run: (context, input) => ({ tags: toTagMap(requireByArn(context, input.resourceArn)) }),
});

export const tagResource = write<Logs.TagResourceRequest, Record<string, never>>({
  action: "logs:TagResource",
  resources: arnOf,
  accepts: { resourceArn: true, tags: true },
  run: (context, input) => addTags(context, requireByArn(context, input.resourceArn), input.tags),
});

export const untagResource = write<Logs.UntagResourceRequest, Record<string, never>>({
  action: "logs:UntagResource",
  resources: arnOf,
  accepts: { resourceArn: true, tagKeys: true },
  run: (context, input) =>
    removeTags(context, requireByArn(context, input.resourceArn), input.tagKeys),
});

export const listTagsLogGroup = read<Logs.ListTagsLogGroupRequest, Logs.ListTagsLogGroupResponse>({
  action: "logs:ListTagsLogGroup",
  resources: groupArns,
  accepts: { logGroupName: true },
  run: (context, input) => ({ tags: toTagMap(requireGroup(context, input.logGroupName)) }),
});

export const tagLogGroup = write<Logs.TagLogGroupRequest, Record<string, never>>({
  action: "logs:TagLogGroup",
  resources: groupArns,
  accepts: { logGroupName: true, tags: true },
  run: (context, input) => addTags(context, requireGroup(context, input.logGroupName), input.tags),
});

export const untagLogGroup = write<Logs.UntagLogGroupRequest, Record<string, never>>({
  action: "logs:UntagLogGroup",
  resources: groupArns,
  accepts: { logGroupName: true, tags: true },
  run: (context, input) =>
    removeTags(context, requireGroup(context, input.logGroupName), input.tags),
});

/** Tags of a request, checked. */
export function toTags(tags: Readonly<Record<string, string>> | undefined): Tag[] {
  const result = Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }));
  for (const { key, value } of result) {
    if (key.length < 1 || key.length > 128 || value.length > 256) {
      throw failedConstraint("tags", `${key}=${value}`, "Map keys and values must be valid tags");
    }
    if (/^aws:/i.test(key)) throw invalidParameter("Tag keys must not begin with aws:");
  }
  return result;
}

function addTags(
  { tx }: WriteContext,
  group: LogGroup,
  tags: Readonly<Record<string, string>> | undefined,
): Record<string, never> {
  const added = toTags(tags);
  const kept = group.tags.filter((tag) => !added.some((other) => other.key === tag.key));
  if (kept.length + added.length > 50) {
    throw invalidParameter("A resource can have no more than 50 tags.");
  }
  tx.table(logGroups).put({ ...group, tags: [...kept, ...added] });
  return {};
}

function removeTags(
  { tx }: WriteContext,
  group: LogGroup,
  keys: readonly string[] | undefined,
): Record<string, never> {
  const tags = group.tags.filter((tag) => !keys?.includes(tag.key));
  tx.table(logGroups).put({ ...group, tags });
  return {};
}

const toTagMap = (group: LogGroup): Record<string, string> =>
  Object.fromEntries(group.tags.map(({ key, value }) => [key, value]));

/** AWS takes the ARN without `:*` here; with it, it is forgiven. */
function requireByArn(
  context: RequestContext & { readonly tx: ReadTransaction },
  text: string | undefined,
): LogGroup {
  const arn = parseArn(text ?? "");
  if (arn?.service !== "logs" || !arn.resource.startsWith("log-group:")) {
    throw failedConstraint("resourceArn", text ?? "", "Member must be the ARN of a log group");
  }
  const { account, region } = context.scope;
  if (arn.account !== account || arn.region !== region) throw groupNotFound();
  return requireGroup(context, nameOfIdentifier(text ?? "", context.scope));
}
