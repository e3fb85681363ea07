/** Tags of load balancers, target groups and listeners. */
import type {
  AddTagsInput,
  AddTagsOutput,
  DescribeTagsInput,
  DescribeTagsOutput,
  RemoveTagsInput,
  RemoveTagsOutput,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { read, write } from "../../gateway/service.ts";
import type { Scope, Tag } from "../../model/scope.ts";
import type { ReadTransaction, WriteTransaction } from "../../state/store.ts";
import { listeners, loadBalancers, targetGroups } from "../../state/tables/load-balancing.ts";
import { tooMany, validationError } from "./errors.ts";
import { findListener } from "./listeners.ts";
import { findBalancer } from "./load-balancers.ts";
import { findGroup } from "./target-groups.ts";
import { validateTags } from "./validation.ts";
import { toTagsView } from "./views.ts";

const maxTags = 50;

export const addTags = write<AddTagsInput, AddTagsOutput>({
  action: "elasticloadbalancing:AddTags",
  resources: (input) => input.ResourceArns ?? ["*"],
  accepts: { ResourceArns: true, Tags: true },
  run({ tx, scope }, input) {
    const added = validateTags(input.Tags);
    changeTags(tx, scope, input.ResourceArns, (tags) => {
      const kept = tags.filter((tag) => !added.some((one) => one.key === tag.key));
      if (kept.length + added.length > maxTags) {
        throw tooMany("Tags", `A resource can have at most ${maxTags} tags`);
      }
      return [...kept, ...added];
    });
    return {};
  },
});

export const removeTags = write<RemoveTagsInput, RemoveTagsOutput>({
  action: "elasticloadbalancing:RemoveTags",
  resources: (input) => input.ResourceArns ?? ["*"],
  accepts: { ResourceArns: true, TagKeys: true },
  run({ tx, scope }, input) {
    const keys = input.TagKeys ?? [];
    changeTags(tx, scope, input.ResourceArns, (tags) =>
      tags.filter((tag) => !keys.includes(tag.key)),
    );
    return {};
  },
});

export const describeTags = read<DescribeTagsInput, DescribeTagsOutput>({
  action: "elasticloadbalancing:DescribeTags",
  resources: () => ["*"],
  accepts: { ResourceArns: true },
  run({ tx, scope }, input) {
    return {
      TagDescriptions: (input.ResourceArns ?? []).map((arn) => ({
        ResourceArn: arn,
        Tags: toTagsView(findTagged(tx, scope, arn).record.tags),
      })),
    };
  },
});

type Tagged =
  | { readonly kind: "loadbalancer"; readonly record: ReturnType<typeof findBalancer> }
  | { readonly kind: "targetgroup"; readonly record: ReturnType<typeof findGroup> }
  | { readonly kind: "listener"; readonly record: ReturnType<typeof findListener> };

function findTagged(tx: ReadTransaction, scope: Scope, arn: string): Tagged {
  const kind = /^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:([^/]+)\//.exec(arn)?.[1];
  switch (kind) {
    case "loadbalancer":
      return { kind, record: findBalancer(tx, scope, arn) };
    case "targetgroup":
      return { kind, record: findGroup(tx, scope, arn) };
    case "listener":
      return { kind, record: findListener(tx, scope, arn) };
    default:
      throw validationError(`'${arn}' is not a valid ARN`);
  }
}

function changeTags(
  tx: WriteTransaction,
  scope: Scope,
  arns: readonly string[] | undefined,
  change: (tags: readonly Tag[]) => readonly Tag[],
): void {
  for (const arn of arns ?? []) {
    const { kind, record } = findTagged(tx, scope, arn);
    const tags = change(record.tags);
    switch (kind) {
      case "loadbalancer":
        tx.table(loadBalancers).put({ ...record, tags });
        break;
      case "targetgroup":
        tx.table(targetGroups).put({ ...record, tags });
        break;
      case "listener":
        tx.table(listeners).put({ ...record, tags });
        break;
    }
  }
}
