/** RunTask: tasks are accepted here, PROVISIONING; the task loop brings them up. */
import type { RunTaskRequest, RunTaskResponse } from "@aws-sdk/client-ecs";
import { distributeTasks } from "../../engine/capacity.ts";
import { chooseSubnet, countTasksPerZone } from "../../engine/placement.ts";
import { effectiveDefinition } from "../../engine/task-lifecycle/effective-definition.ts";
import { mergeTaskTags } from "../../engine/task-tags.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { type WriteContext, write } from "../../gateway/service.ts";
import type { Cluster, Task } from "../../model/ecs.ts";
import { tasks } from "../../state/tables/ecs.ts";
import { createTask } from "../../state/tasks.ts";
import { checkEnum, checkRange, readTags } from "./checks.ts";
import { invalidParameter } from "./errors.ts";
import { judgeToken, rememberToken, type TokenUse } from "./idempotency.ts";
import { getLaunchable, readLaunch, resolvePlatform } from "./launch.ts";
import { getCluster, parseTaskDefinitionName } from "./lookup.ts";
import { getSubnets, readNetwork } from "./network.ts";
import { readOverrides } from "./overrides.ts";
import { authorizePassing, checkAssumable, newLaunchConditions } from "./permissions.ts";
import { checkEnvironmentFiles } from "./validate-environment-files.ts";
import { toTaskView } from "./views/task.ts";

const mostTasks = 10;

export const RunTask = write<RunTaskRequest, RunTaskResponse>({
  action: "ecs:RunTask",
  resources: ({ taskDefinition = "" }, { scope }) => {
    const { family, revision } = parseTaskDefinitionName(scope, taskDefinition);
    const name = `${family || "*"}:${revision ?? "*"}`;
    return [`arn:aws:ecs:${scope.region}:${scope.account}:task-definition/${name}`];
  },
  conditions: newLaunchConditions,
  accepts: {
    cluster: true,
    count: true,
    launchType: true,
    capacityProviderStrategy: true,
    taskDefinition: true,
    networkConfiguration: true,
    platformVersion: true,
    // Taken to be refused for Fargate in AWS's words.
    placementConstraints: true,
    placementStrategy: true,
    group: true,
    startedBy: true,
    referenceId: true,
    overrides: {
      containerOverrides: {
        name: true,
        command: true,
        environment: { name: true, value: true },
        cpu: true,
        memory: true,
        memoryReservation: true,
        // Taken to be refused for Fargate in AWS's words.
        resourceRequirements: true,
      },
      inferenceAcceleratorOverrides: true,
      cpu: true,
      memory: true,
      ephemeralStorage: { sizeInGiB: true },
      executionRoleArn: true,
      taskRoleArn: true,
    },
    enableECSManagedTags: true,
    enableExecuteCommand: true,
    propagateTags: true,
    tags: true,
    clientToken: true,
  },
  stored: ["referenceId"],
  checkUnbuilt: ({ overrides }) => {
    for (const container of overrides?.containerOverrides ?? []) checkEnvironmentFiles(container);
  },
  run: (context, input) => {
    const cluster = getCluster(context, input.cluster);
    const use: TokenUse = { operation: "RunTask", token: input.clientToken, input };
    const made = findRepeated(context, use) ?? runTasks(context, cluster, input, use);
    return { tasks: made.map((task) => toTaskView(context, task, true)), failures: [] };
  },
});

function findRepeated(context: WriteContext, use: TokenUse): Task[] | undefined {
  const verdict = judgeToken(context, use);
  if (verdict.type === "new") return undefined;
  if (verdict.type === "mismatch") {
    throw new ApiError(
      "ConflictException",
      "The client token was used before with other parameters.",
      { members: { resourceIds: verdict.arns } },
    );
  }
  const { tx, scope } = context;
  return verdict.arns.flatMap((arn) => tx.table(tasks).get(scope, arn) ?? []);
}

function runTasks(
  context: WriteContext,
  cluster: Cluster,
  input: RunTaskRequest,
  use: TokenUse,
): Task[] {
  const { tx, ids, scope, now } = context;
  const count = input.count ?? 1;
  checkRange("count", count, 1, mostTasks);
  const { capacityProviderStrategy } = readLaunch(cluster, input);
  const platformVersion = resolvePlatform(input.platformVersion);
  const definition = getLaunchable(context, input.taskDefinition, invalidParameter);
  const network = readNetwork(context, input.networkConfiguration);
  const overrides = readOverrides(scope, input.overrides, definition);
  const { taskRoleArn, executionRoleArn } = effectiveDefinition({ overrides }, definition);
  const enableExecuteCommand = input.enableExecuteCommand ?? false;
  if (enableExecuteCommand && !taskRoleArn) {
    throw invalidParameter(
      "The execute command failed because a valid task role is not being used. Specify a valid task " +
        "role in your task definition or as a task override and try again.",
    );
  }
  authorizePassing(context, [taskRoleArn, executionRoleArn]);
  checkAssumable(context, { taskRoleArn, executionRoleArn });
  const group = readGroup(input.group) ?? `family:${definition.family}`;
  checkStartedBy(input.startedBy);
  if (input.referenceId && input.referenceId.length > 1024) {
    throw invalidParameter("referenceId must be at most 1024 characters long.");
  }
  checkPropagation(input.propagateTags);
  const tags = mergeTaskTags({
    own: readTags(input.tags),
    inherited: input.propagateTags === "TASK_DEFINITION" ? definition.tags : [],
    managed: input.enableECSManagedTags
      ? { clusterName: cluster.name, serviceName: undefined }
      : undefined,
  });
  const candidates = getSubnets(context, network.subnets);
  const placed = livingTasks(context, cluster, group);
  const providers = distributeTasks(count, capacityProviderStrategy, new Map());
  const made: Task[] = [];
  while (made.length < count) {
    const subnet = chooseSubnet(candidates, countTasksPerZone([...placed, ...made]));
    if (!subnet) throw invalidParameter("subnets can not be empty.");
    const task = createTask(tx, ids, {
      cluster,
      definition,
      subnet,
      network,
      group,
      startedBy: input.startedBy || undefined,
      referenceId: input.referenceId || undefined,
      capacityProviderName: providers[made.length],
      platformVersion,
      overrides,
      enableExecuteCommand,
      tags,
      now,
    });
    made.push(task);
  }
  rememberToken(
    context,
    use,
    made.map((task) => task.arn),
  );
  return made;
}

function livingTasks({ tx, scope }: WriteContext, cluster: Cluster, group: string): Task[] {
  return tx
    .table(tasks)
    .by("cluster", scope, cluster.arn)
    .filter((task) => task.group === group && task.desiredStatus === "RUNNING");
}

function readGroup(group: string | undefined): string | undefined {
  if (!group) return undefined;
  if (group.startsWith("service:")) {
    throw invalidParameter("The group name prefix 'service:' is reserved for services.");
  }
  if (group.length > 255) throw invalidParameter("group must be at most 255 characters long.");
  return group;
}

function checkStartedBy(startedBy: string | undefined): void {
  if (!startedBy) return;
  if (startedBy.length > 128) {
    throw invalidParameter("startedBy must be at most 128 characters long.");
  }
  if (!/^[\w/-]+$/.test(startedBy))
    throw invalidParameter("startedBy contains invalid characters.");
}

function checkPropagation(propagateTags: string | undefined): void {
  checkEnum("propagateTags", propagateTags, ["TASK_DEFINITION", "SERVICE", "NONE"]);
  if (propagateTags === "SERVICE") {
    throw invalidParameter("propagateTags SERVICE is only valid for services.");
  }
}
