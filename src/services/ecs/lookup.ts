/**
 * Finding the nouns by what clients call them: a name, an id or an ARN. Only long ARNs are known, as
 * in every account whose settings are today's defaults.
 */
import type { ReadContext } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { Cluster, Service, Task, TaskDefinition } from "../../model/ecs.ts";
import type { Scope } from "../../model/scope.ts";
import { clusters, services, taskDefinitions, tasks } from "../../state/tables/ecs.ts";
import { clusterInactive, clusterNotFound, invalidParameter, serviceNotFound } from "./errors.ts";

/** The cluster's ARN; the one called `default` when none is named. */
export function clusterArnOf(scope: Scope, identifier: string | undefined): string {
  const name = identifier || "default";
  return name.startsWith("arn:") ? name : formatArn("ecs", scope, `cluster/${name}`);
}

/** Throws unless the cluster is there and ACTIVE. */
export function getCluster({ tx, scope }: ReadContext, identifier: string | undefined): Cluster {
  const cluster = tx.table(clusters).get(scope, clusterArnOf(scope, identifier));
  if (!cluster) throw clusterNotFound();
  if (cluster.status === "INACTIVE") throw clusterInactive();
  return cluster;
}

export const clusterNameOf = (clusterArn: string): string =>
  clusterArn.slice(clusterArn.indexOf("/") + 1);

/** The ARN of a service or task of that cluster. An ARN stays as it is, whatever its cluster. */
export function arnInCluster(
  scope: Scope,
  type: "service" | "task",
  clusterArn: string,
  identifier: string,
): string {
  if (identifier.startsWith("arn:")) return identifier;
  return formatArn("ecs", scope, `${type}/${clusterNameOf(clusterArn)}/${identifier}`);
}

export function findService(
  { tx, scope }: ReadContext,
  cluster: Cluster,
  identifier: string,
): Service | undefined {
  const arn = arnInCluster(scope, "service", cluster.arn, identifier);
  const service = tx.table(services).get(scope, arn);
  return service?.clusterArn === cluster.arn ? service : undefined;
}

/** Throws when there is no such service in the cluster. It may be DRAINING or INACTIVE. */
export function getService(
  context: ReadContext,
  cluster: Cluster,
  identifier: string | undefined,
): Service {
  const service = identifier ? findService(context, cluster, identifier) : undefined;
  if (!service) throw serviceNotFound();
  return service;
}

/**
 * Throws unless what a client calls a task can be one of the cluster: an id, or an ARN that ends in one
 * and is of this cluster. `noun` is what the operation calls it in its refusal.
 */
function checkTaskIdentifier(
  cluster: Cluster,
  identifier: string,
  noun: "taskId" | "task" = "taskId",
): void {
  const [, ownCluster, inCluster] = /^arn:[^/]*:task\/(?:([^/]*)\/)?(.*)$/.exec(identifier) ?? [];
  const id = inCluster ?? identifier;
  if (id.length !== 32 && id.length !== 36) {
    throw invalidParameter(`${noun} length should be one of [32,36]`);
  }
  if (ownCluster !== undefined && ownCluster !== cluster.name) {
    throw invalidParameter(
      `Invalid identifier: Identifier is for cluster ${ownCluster}. Your cluster is ${cluster.name}`,
    );
  }
}

/** Throws when the identifier can be of no task of the cluster; undefined when there is none of it. */
export function findTask(
  { tx, scope }: ReadContext,
  cluster: Cluster,
  identifier: string,
  noun?: "taskId" | "task",
): Task | undefined {
  checkTaskIdentifier(cluster, identifier, noun);
  const task = tx.table(tasks).get(scope, arnInCluster(scope, "task", cluster.arn, identifier));
  return task?.clusterArn === cluster.arn ? task : undefined;
}

export type TaskDefinitionName = { readonly family: string; readonly revision: number | undefined };

/** The parts of `family`, `family:revision` or an ARN. Throws when the revision is not a number. */
export function parseTaskDefinitionName(scope: Scope, identifier: string): TaskDefinitionName {
  const prefix = formatArn("ecs", scope, "task-definition/");
  const name = identifier.startsWith(prefix) ? identifier.slice(prefix.length) : identifier;
  const colon = name.startsWith("arn:") ? -1 : name.indexOf(":");
  if (colon < 0) return { family: name, revision: undefined };
  const revision = name.slice(colon + 1);
  if (!/^\d+$/.test(revision)) {
    throw invalidParameter(`Invalid revision number. Number: ${revision}`);
  }
  return { family: name.slice(0, colon), revision: Number(revision) };
}

/** The definition of that name, ACTIVE or not; without a revision the latest ACTIVE one. */
export function findTaskDefinition(
  { tx, scope }: ReadContext,
  identifier: string,
): TaskDefinition | undefined {
  const { family, revision } = parseTaskDefinitionName(scope, identifier);
  if (revision !== undefined) return tx.table(taskDefinitions).get(scope, `${family}:${revision}`);
  return tx
    .table(taskDefinitions)
    .by("family", scope, family)
    .findLast((definition) => definition.status === "ACTIVE");
}

/** The definition a task or service runs with: kept for as long as anything refers to it. */
export function definitionOf(
  { tx, scope }: ReadContext,
  taskDefinitionArn: string,
): TaskDefinition | undefined {
  const name = taskDefinitionArn.slice(taskDefinitionArn.indexOf("/") + 1);
  return tx.table(taskDefinitions).get(scope, name);
}
