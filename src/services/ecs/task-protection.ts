/** Task scale-in protection, which the service scheduler heeds. */
import type {
  Failure,
  GetTaskProtectionRequest,
  GetTaskProtectionResponse,
  ProtectedTask,
  UpdateTaskProtectionRequest,
  UpdateTaskProtectionResponse,
} from "@aws-sdk/client-ecs";
import { protectedUntil, protectionMinutes, withProtection } from "../../engine/task-protection.ts";
import { type ReadContext, read, write } from "../../gateway/service.ts";
import type { Cluster, Task } from "../../model/ecs.ts";
import { tasks } from "../../state/tables/ecs.ts";
import { explainUnprotectable } from "../../state/task-protection.ts";
import { checkAtMost, checkRange } from "./checks.ts";
import { invalidParameter } from "./errors.ts";
import { arnInCluster, clusterArnOf, findTask, getCluster } from "./lookup.ts";
import { clusterCondition } from "./permissions.ts";

export const UpdateTaskProtection = write<
  UpdateTaskProtectionRequest,
  UpdateTaskProtectionResponse
>({
  action: "ecs:UpdateTaskProtection",
  resources: ({ cluster, tasks: names }, { scope }) =>
    (names ?? []).map((name) => arnInCluster(scope, "task", clusterArnOf(scope, cluster), name)),
  conditions: clusterCondition,
  accepts: { cluster: true, tasks: true, protectionEnabled: true, expiresInMinutes: true },
  run: (context, input) => {
    const cluster = getCluster(context, input.cluster);
    const names = input.tasks ?? [];
    if (names.length === 0) throw invalidParameter("Tasks cannot be empty.");
    checkAtMost("tasks", names, 10);
    const { least, most } = protectionMinutes;
    checkRange("expiresInMinutes", input.expiresInMinutes, least, most);
    const enabled = input.protectionEnabled ?? false;
    const { found, failures } = sortOut(context, cluster, names, enabled);
    const changed = found.map((task) =>
      withProtection(task, enabled, input.expiresInMinutes, context.now),
    );
    for (const task of changed) context.tx.table(tasks).put(task);
    return { protectedTasks: changed.map((task) => toProtectedTask(task, context.now)), failures };
  },
});

export const GetTaskProtection = read<GetTaskProtectionRequest, GetTaskProtectionResponse>({
  action: "ecs:GetTaskProtection",
  resources: ({ cluster, tasks: names }, { scope }) => {
    const arns = (names ?? []).map((name) =>
      arnInCluster(scope, "task", clusterArnOf(scope, cluster), name),
    );
    return arns.length > 0 ? arns : ["*"];
  },
  conditions: clusterCondition,
  accepts: { cluster: true, tasks: true },
  run: (context, input) => {
    const cluster = getCluster(context, input.cluster);
    checkAtMost("tasks", input.tasks ?? [], 100);
    const names = input.tasks ?? serviceTasks(context, cluster);
    const { found, failures } = sortOut(context, cluster, names, false);
    return { protectedTasks: found.map((task) => toProtectedTask(task, context.now)), failures };
  },
});

const serviceTasks = ({ tx, scope }: ReadContext, cluster: Cluster): string[] =>
  tx
    .table(tasks)
    .by("cluster", scope, cluster.arn)
    .filter((task) => task.serviceArn !== undefined && task.desiredStatus === "RUNNING")
    .map(({ arn }) => arn);

function sortOut(
  context: ReadContext,
  cluster: Cluster,
  names: readonly string[],
  gives: boolean,
): { found: Task[]; failures: Failure[] } {
  const found: Task[] = [];
  const failures: Failure[] = [];
  for (const name of new Set(names)) {
    const arn = arnInCluster(context.scope, "task", cluster.arn, name);
    const task = findTask(context, cluster, name);
    const refusal = task && explainUnprotectable(context.tx, task, gives);
    if (!task) failures.push({ arn, reason: "MISSING" });
    else if (refusal) failures.push({ arn, ...refusal });
    else found.push(task);
  }
  return { found, failures };
}

function toProtectedTask(task: Task, now: number): ProtectedTask {
  const until = protectedUntil(task, now);
  return {
    taskArn: task.arn,
    protectionEnabled: until !== undefined,
    expirationDate: until === undefined ? undefined : new Date(until),
  };
}
