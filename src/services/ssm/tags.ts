/** Tags of parameters. */
import type * as Ssm from "@aws-sdk/client-ssm";
import { ApiError } from "../../gateway/api-error.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { read, write } from "../../gateway/service.ts";
import { parseArn } from "../../model/arn.ts";
import type { Scope, Tag } from "../../model/scope.ts";
import type { Parameter } from "../../model/ssm.ts";
import { parameterNamed } from "../../state/ssm.ts";
import { parameters } from "../../state/tables/ssm.ts";
import { invalidResource, tooManyTags, validation } from "./errors.ts";
import { arnOfName, type Reading } from "./lookup.ts";

const resourceTypes = [
  "Document",
  "ManagedInstance",
  "MaintenanceWindow",
  "Parameter",
  "PatchBaseline",
  "OpsItem",
  "OpsMetadata",
  "Automation",
  "Association",
];

/** Tags of a request, checked. */
export function toTags(tags: readonly Ssm.Tag[] | undefined): Tag[] {
  const result = (tags ?? []).map(({ Key, Value }) => ({ key: Key ?? "", value: Value ?? "" }));
  const text = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  for (const [at, { key, value }] of result.entries()) {
    checkConstraints([
      [`tags.${at + 1}.member.key`, key, { length: [1, 128], pattern: text }],
      [`tags.${at + 1}.member.value`, value, { length: [0, 256], pattern: text }],
    ]);
    if (/^aws:/i.test(key)) throw validation("Tag keys can't be prefixed with aws:");
  }
  if (new Set(result.map(({ key }) => key)).size < result.length) {
    throw validation("Duplicate tag keys are not allowed");
  }
  if (result.length > 50) throw tooManyTags();
  return result;
}

type TagInput = {
  readonly ResourceType: string | undefined;
  readonly ResourceId: string | undefined;
};

const tagArns = (input: TagInput, { scope }: { readonly scope: Scope }): string[] => [
  arnOfName(scope, input.ResourceId ?? "*"),
];

export const addTagsToResource = write<Ssm.AddTagsToResourceRequest, Ssm.AddTagsToResourceResult>({
  action: "ssm:AddTagsToResource",
  resources: tagArns,
  accepts: { ResourceType: true, ResourceId: true, Tags: true },
  run(context, input) {
    const parameter = requireTagged(context, input);
    const added = toTags(input.Tags);
    const kept = parameter.tags.filter((tag) => !added.some((other) => other.key === tag.key));
    if (kept.length + added.length > 50) throw tooManyTags();
    context.tx.table(parameters).put({ ...parameter, tags: [...kept, ...added] });
    return {};
  },
});

export const removeTagsFromResource = write<
  Ssm.RemoveTagsFromResourceRequest,
  Ssm.RemoveTagsFromResourceResult
>({
  action: "ssm:RemoveTagsFromResource",
  resources: tagArns,
  accepts: { ResourceType: true, ResourceId: true, TagKeys: true },
  run(context, input) {
    const parameter = requireTagged(context, input);
    const tags = parameter.tags.filter((tag) => !input.TagKeys?.includes(tag.key));
    context.tx.table(parameters).put({ ...parameter, tags });
    return {};
  },
});

export const listTagsForResource = read<
  Ssm.ListTagsForResourceRequest,
  Ssm.ListTagsForResourceResult
>({
  action: "ssm:ListTagsForResource",
  resources: tagArns,
  accepts: { ResourceType: true, ResourceId: true },
  run: (context, input) => ({
    TagList: requireTagged(context, input).tags.map(({ key, value }) => ({
      Key: key,
      Value: value,
    })),
  }),
});

/** The parameter by its name, or by the ARN that some clients send in its place. */
function requireTagged(context: Reading, input: TagInput): Parameter {
  checkConstraints([["resourceType", input.ResourceType, { oneOf: resourceTypes }]]);
  if (input.ResourceType !== "Parameter") {
    const message = `Neargate has no resources of type ${input.ResourceType} yet`;
    throw new ApiError("InvalidResourceType", message, { status: 501 });
  }
  const { tx, scope } = context;
  const id = input.ResourceId ?? "";
  const name = id.startsWith("arn:")
    ? (parseArn(id)?.resource.replace(/^parameter\//, "") ?? "")
    : id;
  const found = id.startsWith("arn:")
    ? (parameterNamed(tx, scope, `/${name}`) ?? parameterNamed(tx, scope, name))
    : parameterNamed(tx, scope, name);
  if (found) return found;
  throw invalidResource();
}
