/** Task scale-in protection, which the service scheduler heeds. */
import type {
  Failure,
  GetTaskProtectionRequest,
  GetTaskProtectionResponse,
  ProtectedTask,
  UpdateTaskProtectionRequest,
  UpdateTaskProtectionResponse,
} from "@aws-sdk/client-ecs";
import {
  defaultProtectionMinutes,
  isDeploymentBlocked,
  protectedUntil,
} from "../../engine/task-protection.ts";
import { type ReadContext, read, write } from "../../gateway/service.ts";
import type { Cluster, Task } from "../../model/ecs.ts";
import { services, tasks } from "../../state/tables/ecs.ts";
import { checkAtMost, checkRange } from "./checks.ts";
import { invalidParameter } from "./errors.ts";
import { arnInCluster, clusterArnOf, findTask, getCluster } from "./lookup.ts";

export const UpdateTaskProtection = write<
  UpdateTaskProtectionRequest,
  UpdateTaskProtectionResponse
>({
  action: "ecs:UpdateTaskProtection",
  resources: ({ cluster, tasks: names }, { scope }) =>
    (names ?? []).map((name) => arnInCluster(scope, "task", clusterArnOf(scope, cluster), name)),
  accepts: { cluster: true, tasks: true, protectionEnabled: true, expiresInMinutes: true },
  run: (context, input) => {
    const cluster = getCluster(context, input.cluster);
    const names = input.tasks ?? [];
    if (names.length === 0) throw invalidParameter("Tasks cannot be empty.");
    checkAtMost("tasks", names, 10);
    checkRange("expiresInMinutes", input.expiresInMinutes, 1, 2880);
    const minutes = input.expiresInMinutes ?? defaultProtectionMinutes;
    const expiresAt = context.now + minutes * 60_000;
    const sorted = sortOut(context, cluster, names);
    const isBlocked = (task: Task): boolean =>
      input.protectionEnabled === true && isHeldUp(context, task);
    const found = sorted.found.filter((task) => !isBlocked(task));
    const failures = [...sorted.failures, ...sorted.found.filter(isBlocked).map(toBlocked)];
    const changed = found.map((task): Task => {
      const protection = input.protectionEnabled ? { expiresAt } : undefined;
      return { ...task, protection };
    });
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
  accepts: { cluster: true, tasks: true },
  run: (context, input) => {
    const cluster = getCluster(context, input.cluster);
    checkAtMost("tasks", input.tasks ?? [], 100);
    const names = input.tasks ?? serviceTasks(context, cluster);
    const { found, failures } = sortOut(context, cluster, names);
    return { protectedTasks: found.map((task) => toProtectedTask(task, context.now)), failures };
  },
});

function isHeldUp({ tx }: ReadContext, task: Task): boolean {
  const service = task.serviceArn && tx.table(services).get(task, task.serviceArn);
  return service ? isDeploymentBlocked(task, service) : false;
}

const toBlocked = ({ arn }: Task): Failure => ({
  arn,
  reason: "DEPLOYMENT_BLOCKED",
  detail: "Protected tasks keep the service's deployment from completing.",
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
): { found: Task[]; failures: Failure[] } {
  const found: Task[] = [];
  const failures: Failure[] = [];
  for (const name of new Set(names)) {
    const arn = arnInCluster(context.scope, "task", cluster.arn, name);
    const task = findTask(context, cluster, name);
    if (!task) failures.push({ arn, reason: "MISSING" });
    else if (task.serviceArn === undefined || task.desiredStatus === "STOPPED") {
      const detail = "Task is not part of an Amazon ECS service or has been stopped.";
      failures.push({ arn, reason: "TASK_NOT_VALID", detail });
    } else found.push(task);
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
