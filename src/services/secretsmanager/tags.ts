/** Tags of secrets. */
import type * as Secrets from "@aws-sdk/client-secrets-manager";
import { checkConstraints } from "../../gateway/constraints.ts";
import { write } from "../../gateway/service.ts";
import type { Tag } from "../../model/scope.ts";
import { secrets } from "../../state/tables/secrets.ts";
import { invalidParameter, invalidRequest } from "./errors.ts";
import { onSecret, requireSecret } from "./lookup.ts";

const mostTags = 50;

/** Tags of a request, checked. */
export function toTags(tags: readonly Secrets.Tag[] | undefined): Tag[] {
  const result = (tags ?? []).map(({ Key, Value }) => ({ key: Key ?? "", value: Value ?? "" }));
  for (const [at, { key, value }] of result.entries()) {
    checkConstraints([
      [`tags.${at + 1}.member.key`, key, { length: [1, 128] }],
      [`tags.${at + 1}.member.value`, value, { length: [0, 256] }],
    ]);
    if (/^aws:/i.test(key)) {
      throw invalidRequest(
        "You can't use tags that start with 'aws:'. They are reserved for AWS use.",
      );
    }
  }
  if (new Set(result.map(({ key }) => key)).size < result.length) {
    throw invalidParameter("You can't use the same tag key more than once.");
  }
  if (result.length > mostTags) throw tooMany();
  return result;
}

const tooMany = () => invalidParameter(`A secret can have no more than ${mostTags} tags.`);

export const tagResource = write<Secrets.TagResourceRequest, void>({
  ...onSecret,
  action: "secretsmanager:TagResource",
  accepts: { SecretId: true, Tags: true },
  run(context, input) {
    const secret = requireSecret(context, input, "TagResource");
    const added = toTags(input.Tags);
    const kept = secret.tags.filter((tag) => !added.some((other) => other.key === tag.key));
    if (kept.length + added.length > mostTags) throw tooMany();
    context.tx.table(secrets).put({ ...secret, tags: [...kept, ...added] });
  },
});

export const untagResource = write<Secrets.UntagResourceRequest, void>({
  ...onSecret,
  action: "secretsmanager:UntagResource",
  accepts: { SecretId: true, TagKeys: true },
  run(context, input) {
    const secret = requireSecret(context, input, "UntagResource");
    const tags = secret.tags.filter((tag) => !input.TagKeys?.includes(tag.key));
    context.tx.table(secrets).put({ ...secret, tags });
  },
});
