/** Tags of repositories, by the repository's ARN. */
import type * as Ecr from "@aws-sdk/client-ecr";
import { ApiError } from "../../gateway/api-error.ts";
import { type RequestContext, read, write } from "../../gateway/service.ts";
import { parseArn } from "../../model/arn.ts";
import type { Repository } from "../../model/ecr.ts";
import type { Tag } from "../../model/scope.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { repositories } from "../../state/tables/ecr.ts";
import { invalidParameter, repositoryNotFound } from "./errors.ts";

type Context = RequestContext & { readonly tx: ReadTransaction };

const arnOf = (input: { resourceArn: string | undefined }): string[] => [input.resourceArn ?? "*"];

export const listTagsForResource = read<
  Ecr.ListTagsForResourceRequest,
  Ecr.ListTagsForResourceResponse
>({
  action: "ecr:ListTagsForResource",
  resources: arnOf,
  accepts: { resourceArn: true },
  run: (context, input) => ({
    tags: requireByArn(context, input.resourceArn).tags.map(({ key, value }) => ({
      Key: key,
      Value: value,
    })),
  }),
});

export const tagResource = write<Ecr.TagResourceRequest, Ecr.TagResourceResponse>({
  action: "ecr:TagResource",
  resources: arnOf,
  accepts: { resourceArn: true, tags: true },
  run(context, input) {
    const repository = requireByArn(context, input.resourceArn);
    const added = toTags(input.tags ?? []);
    const kept = repository.tags.filter((tag) => !added.some((other) => other.key === tag.key));
    const tags = [...kept, ...added];
    validateCount(tags);
    context.tx.table(repositories).put({ ...repository, tags });
    return {};
  },
});

export const untagResource = write<Ecr.UntagResourceRequest, Ecr.UntagResourceResponse>({
  action: "ecr:UntagResource",
  resources: arnOf,
  accepts: { resourceArn: true, tagKeys: true },
  run(context, input) {
    const repository = requireByArn(context, input.resourceArn);
    const tags = repository.tags.filter((tag) => !input.tagKeys?.includes(tag.key));
    context.tx.table(repositories).put({ ...repository, tags });
    return {};
  },
});

/** Tags of a request, checked. */
export function toTags(tags: readonly Ecr.Tag[]): readonly Tag[] {
  const result = tags.map(({ Key: key = "", Value: value = "" }) => ({ key, value }));
  for (const { key, value } of result) {
    const isGood = key.length >= 1 && key.length <= 128 && value.length <= 256;
    if (!isGood || /^aws:/i.test(key)) {
      throw new ApiError("InvalidTagParameterException", `The tag '${key}' is not a valid tag.`);
    }
  }
  if (new Set(result.map((tag) => tag.key)).size < result.length) {
    throw new ApiError("InvalidTagParameterException", "Tag keys must be unique.");
  }
  validateCount(result);
  return result;
}

function validateCount(tags: readonly Tag[]): void {
  if (tags.length <= 50) return;
  throw new ApiError("TooManyTagsException", "A repository can have at most 50 tags.");
}

function requireByArn({ tx, scope }: Context, text: string | undefined): Repository {
  const arn = parseArn(text ?? "");
  const name = /^repository\/(.+)$/.exec(arn?.resource ?? "")?.[1];
  if (arn?.service !== "ecr" || name === undefined) {
    throw invalidParameter("resourceArn", "must be the ARN of a repository");
  }
  const isHere = arn.account === scope.account && arn.region === scope.region;
  const found = isHere ? tx.table(repositories).get(scope, name) : undefined;
  if (!found) throw repositoryNotFound(name, arn.account);
  return found;
}
