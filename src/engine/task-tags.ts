/** The tags a new task gets: those AWS manages, those it inherits, and its own, which win. */
import type { Service, TaskDefinition } from "../model/ecs.ts";
import type { Tag } from "../model/scope.ts";

export type TaskTagSources = {
  readonly own: readonly Tag[];
  /** Of the task definition or the service, whichever propagates. */
  readonly inherited: readonly Tag[];
  /** Undefined without `enableECSManagedTags`. */
  readonly managed:
    | { readonly clusterName: string; readonly serviceName: string | undefined }
    | undefined;
};

export function mergeTaskTags({ own, inherited, managed }: TaskTagSources): Tag[] {
  const merged = new Map<string, Tag>();
  for (const tag of [...inherited, ...own]) merged.set(tag.key, tag);
  return [...(managed ? managedTags(managed) : []), ...merged.values()];
}

/** The tags of a task that `service` starts in the cluster of that name. */
export function serviceTaskTags(
  service: Service,
  definition: TaskDefinition,
  clusterName: string,
): Tag[] {
  const sources = { NONE: [], SERVICE: service.tags, TASK_DEFINITION: definition.tags };
  return mergeTaskTags({
    own: [],
    inherited: sources[service.propagateTags],
    managed: service.enableECSManagedTags ? { clusterName, serviceName: service.name } : undefined,
  });
}

function managedTags({ clusterName, serviceName }: NonNullable<TaskTagSources["managed"]>): Tag[] {
  const cluster = { key: "aws:ecs:clusterName", value: clusterName };
  return serviceName === undefined
    ? [cluster]
    : [cluster, { key: "aws:ecs:serviceName", value: serviceName }];
}
