/** Tags of clusters, services, tasks and task definitions, by ARN. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from "@aws-sdk/client-ecs";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import { parseArn } from "../../model/arn.ts";
import type { Scope, Tag } from "../../model/scope.ts";
import type { ReadTransaction } from "../../state/store.ts";
import type { TableDefinition } from "../../state/table.ts";
import { clusters, services, taskDefinitions, tasks } from "../../state/tables/ecs.ts";
import { checkTagCount, readTags, toTagViews } from "./checks.ts";
import { invalidParameter } from "./errors.ts";

export const TagResource = write<TagResourceRequest, TagResourceResponse>({
  action: "ecs:TagResource",
  resources: ({ resourceArn }) => [resourceArn ?? "*"],
  accepts: { resourceArn: true, tags: true },
  run: (context, input) => {
    if (!input.tags?.length) throw invalidParameter("Tags can not be empty.");
    const added = readTags(input.tags);
    changeTags(context, input.resourceArn, (tags) => {
      const merged = new Map([...tags, ...added].map((tag) => [tag.key, tag]));
      return [...merged.values()];
    });
    return {};
  },
});

export const UntagResource = write<UntagResourceRequest, UntagResourceResponse>({
  action: "ecs:UntagResource",
  resources: ({ resourceArn }) => [resourceArn ?? "*"],
  accepts: { resourceArn: true, tagKeys: true },
  run: (context, input) => {
    const keys = input.tagKeys ?? [];
    if (keys.length === 0) throw invalidParameter("Tag keys can not be empty.");
    changeTags(context, input.resourceArn, (tags) => tags.filter(({ key }) => !keys.includes(key)));
    return {};
  },
});

export const ListTagsForResource = read<ListTagsForResourceRequest, ListTagsForResourceResponse>({
  action: "ecs:ListTagsForResource",
  resources: ({ resourceArn }) => [resourceArn ?? "*"],
  accepts: { resourceArn: true },
  run: ({ tx, scope }, input) => {
    const { noun, key } = parseResource(scope, input.resourceArn);
    if (noun === "cluster") checkActive(tx, scope, key);
    const tags = kinds[noun].read(tx, scope, key);
    if (!tags) throw notFound(noun);
    return { tags: toTagViews(tags) };
  },
});

type Noun = "cluster" | "service" | "task" | "task-definition";

/** Tagging records of one table. Neither finds a record: undefined and false. */
type Taggable = {
  read(tx: ReadTransaction, scope: Scope, key: string): readonly Tag[] | undefined;
  change(context: WriteContext, key: string, change: (tags: readonly Tag[]) => Tag[]): boolean;
};

function taggable<T extends Scope & { readonly tags: readonly Tag[] }>(
  table: TableDefinition<T>,
): Taggable {
  return {
    read: (tx, scope, key) => tx.table(table).get(scope, key)?.tags,
    change({ tx, scope }, key, change) {
      const record = tx.table(table).get(scope, key);
      if (!record) return false;
      const tags = change(record.tags);
      checkTagCount(tags);
      tx.table(table).put({ ...record, tags });
      return true;
    },
  };
}

const kinds: { readonly [noun in Noun]: Taggable } = {
  cluster: taggable(clusters),
  service: taggable(services),
  task: taggable(tasks),
  "task-definition": taggable(taskDefinitions),
};

function changeTags(
  context: WriteContext,
  resourceArn: string | undefined,
  change: (tags: readonly Tag[]) => Tag[],
): void {
  const { noun, key } = parseResource(context.scope, resourceArn);
  if (noun === "task") checkRunning(context, key);
  if (noun === "cluster") checkActive(context.tx, context.scope, key);
  if (!kinds[noun].change(context, key, change)) throw notFound(noun);
}

/** A task that has ended keeps the tags that it had. */
function checkRunning({ tx, scope }: WriteContext, taskArn: string): void {
  if (tx.table(tasks).get(scope, taskArn)?.lastStatus !== "STOPPED") return;
  throw invalidParameter("The specified task is stopped. Specify a running task and try again.");
}

function checkActive(tx: ReadTransaction, scope: Scope, clusterArn: string): void {
  if (tx.table(clusters).get(scope, clusterArn)?.status !== "INACTIVE") return;
  throw invalidParameter(
    "The specified cluster is inactive. Specify an active cluster and try again.",
  );
}

/** The kind of the resource, and its key in that kind's table. */
function parseResource(scope: Scope, resourceArn = ""): { noun: Noun; key: string } {
  const arn = parseArn(resourceArn);
  const [noun = "", name = "", inCluster] = arn?.resource.split("/") ?? [];
  if (arn?.service !== "ecs" || !Object.hasOwn(kinds, noun))
    throw invalidParameter("Invalid resource ARN.");
  if ((noun === "service" || noun === "task") && inCluster === undefined) {
    throw invalidParameter("Long arn format must be used for tagging operations");
  }
  const isHere = arn.account === scope.account && arn.region === scope.region;
  const isNamed = noun === "task-definition" && isHere;
  return { noun: noun as Noun, key: isNamed ? name : resourceArn };
}

const notFound = (noun: Noun) => {
  const words = noun.replace("-", " ");
  return invalidParameter(
    `The specified ${words} was not found. Specify a valid ${words} and try again.`,
  );
};
