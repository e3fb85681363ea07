/** Finding, listing and stopping tasks. */
import type {
  DescribeTasksRequest,
  DescribeTasksResponse,
  ListTasksRequest,
  ListTasksResponse,
  StopTaskRequest,
  StopTaskResponse,
} from "@aws-sdk/client-ecs";
import { requestStop } from "../../engine/task-lifecycle/transitions.ts";
import { type ReadContext, read, write } from "../../gateway/service.ts";
import type { Cluster, Task } from "../../model/ecs.ts";
import { tasks } from "../../state/tables/ecs.ts";
import { checkAtMost, checkEnum } from "./checks.ts";
import { invalidParameter } from "./errors.ts";
import { arnInCluster, clusterArnOf, findTask, getCluster, getService } from "./lookup.ts";
import { page } from "./pages.ts";
import { clusterCondition } from "./permissions.ts";
import { toTaskView } from "./views/task.ts";

export const DescribeTasks = read<DescribeTasksRequest, DescribeTasksResponse>({
  action: "ecs:DescribeTasks",
  resources: ({ cluster, tasks: names }, { scope }) =>
    (names ?? []).map((name) => arnInCluster(scope, "task", clusterArnOf(scope, cluster), name)),
  conditions: clusterCondition,
  accepts: { cluster: true, tasks: true, include: true },
  run: (context, input) => {
    const names = input.tasks ?? [];
    if (names.length === 0) throw invalidParameter("Tasks cannot be empty.");
    checkAtMost("tasks", names, 100);
    for (const field of input.include ?? []) checkEnum("include", field, ["TAGS"]);
    const cluster = getCluster(context, input.cluster);
    const found: Task[] = [];
    const failures = [];
    for (const name of new Set(names)) {
      const task = findTask(context, cluster, name);
      const arn = arnInCluster(context.scope, "task", cluster.arn, name);
      if (task) found.push(task);
      else failures.push({ arn, reason: "MISSING" });
    }
    const showTags = input.include?.includes("TAGS") ?? false;
    return { tasks: found.map((task) => toTaskView(context, task, showTags)), failures };
  },
});

export const ListTasks = read<ListTasksRequest, ListTasksResponse>({
  action: "ecs:ListTasks",
  resources: () => ["*"],
  conditions: clusterCondition,
  accepts: {
    cluster: true,
    containerInstance: true,
    family: true,
    serviceName: true,
    startedBy: true,
    desiredStatus: true,
    launchType: true,
    maxResults: true,
    nextToken: true,
  },
  run: (context, input) => {
    checkFilters(input);
    const cluster = getCluster(context, input.cluster);
    const isListed = filterOf(context, cluster, input);
    const listed = context.tx
      .table(tasks)
      .by("cluster", context.scope, cluster.arn)
      .filter(isListed);
    const { items, nextToken } = page(
      "ListTasks",
      listed.map((task) => task.arn),
      input,
    );
    return { taskArns: items, nextToken };
  },
});

export const StopTask = write<StopTaskRequest, StopTaskResponse>({
  action: "ecs:StopTask",
  resources: ({ cluster, task }, { scope }) => [
    arnInCluster(scope, "task", clusterArnOf(scope, cluster), task ?? "*"),
  ],
  conditions: clusterCondition,
  accepts: { cluster: true, task: true, reason: true },
  run: (context, input) => {
    const cluster = getCluster(context, input.cluster);
    const task = findTask(context, cluster, input.task ?? "");
    if (!task) throw invalidParameter("The referenced task was not found.");
    const reason = input.reason || "Task stopped by user";
    const stopped = requestStop(task, { code: "UserInitiated", reason, at: context.now });
    if (stopped !== task) context.tx.table(tasks).put(stopped);
    return { task: toTaskView(context, stopped, true) };
  },
});

function checkFilters(input: ListTasksRequest): void {
  checkEnum("desiredStatus", input.desiredStatus, ["PENDING", "RUNNING", "STOPPED"]);
  checkEnum("launchType", input.launchType, ["EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES"]);
  if (input.startedBy && (input.family || input.serviceName || input.containerInstance)) {
    throw invalidParameter("startedBy can not be combined with other filters.");
  }
}

function filterOf(
  context: ReadContext,
  cluster: Cluster,
  input: ListTasksRequest,
): (task: Task) => boolean {
  const { family, serviceName, startedBy, desiredStatus = "RUNNING", launchType } = input;
  // Fargate's tasks are on none.
  if (input.containerInstance) return () => false;
  const serviceArn = serviceName ? getService(context, cluster, serviceName).arn : undefined;
  return (task) =>
    task.desiredStatus === desiredStatus &&
    (!family || familyOf(task) === family) &&
    (!serviceArn || task.serviceArn === serviceArn) &&
    (!startedBy || task.startedBy === startedBy) &&
    (!launchType || task.launchType === launchType);
}

const familyOf = ({ taskDefinitionArn }: Task): string | undefined =>
  /task-definition\/([^:]+):/.exec(taskDefinitionArn)?.[1];
