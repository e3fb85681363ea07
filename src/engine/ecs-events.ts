/**
 * The events that Amazon ECS sends to EventBridge, from what a commit changed. A task's event goes out
 * with every change of its `version`; what a service's scheduler says and does becomes a Service Action
 * or a Deployment State Change.
 */

import type { Deployment, Service, Task, TaskContainer, TaskDefinition } from "../model/ecs.ts";
import { taskAttributes } from "./task-lifecycle/architecture.ts";
import { attachmentDetails } from "./task-lifecycle/attachment.ts";

export type EcsEvent = {
  readonly detailType:
    | "ECS Task State Change"
    | "ECS Service Action"
    | "ECS Deployment State Change";
  readonly resource: string;
  readonly detail: Readonly<Record<string, unknown>>;
};

/** `after` is the task now; a deleted task is no event. `definition` has the task's overrides in it. */
export function taskEvent(
  before: Task | undefined,
  after: Task,
  definition: TaskDefinition | undefined,
  now: number,
): EcsEvent | undefined {
  if (before?.version === after.version) return undefined;
  const detail = withoutUndefined(taskDetail(after, definition, now));
  return { detailType: "ECS Task State Change", resource: after.arn, detail };
}

const iso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

/** GiB that a Fargate task has when nobody says. */
const defaultStorageGiB = 20;

/** As DescribeTasks shows it, without health, which is not part of the event. */
function taskDetail(task: Task, definition: TaskDefinition | undefined, now: number): object {
  return {
    attachments: [attachmentDetail(task)],
    attributes: taskAttributes(definition),
    availabilityZone: task.availabilityZone,
    capacityProviderName: task.capacityProviderName,
    clusterArn: task.clusterArn,
    connectivity: task.connectivityAt === undefined ? undefined : "CONNECTED",
    connectivityAt: iso(task.connectivityAt),
    containers: task.containers.map((container) => containerDetail(task, container, definition)),
    cpu: definition?.cpu?.toString(),
    createdAt: iso(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: task.enableExecuteCommand,
    ephemeralStorage: { sizeInGiB: definition?.ephemeralStorageGiB ?? defaultStorageGiB },
    executionStoppedAt: iso(task.executionStoppedAt),
    group: task.group,
    launchType: task.launchType,
    lastStatus: task.lastStatus,
    memory: definition?.memory?.toString(),
    overrides: overridesDetail(task),
    platformVersion: task.platformVersion,
    pullStartedAt: iso(task.pullStartedAt),
    pullStoppedAt: iso(task.pullStoppedAt),
    startedAt: iso(task.startedAt),
    startedBy: task.startedBy,
    stopCode: task.stop?.code,
    stoppedAt: iso(task.stoppedAt),
    stoppedReason: task.stop?.reason,
    stoppingAt: iso(task.stop?.at),
    taskArn: task.arn,
    taskDefinitionArn: task.taskDefinitionArn,
    updatedAt: iso(now),
    version: task.version,
  };
}

/** Of type `eni` here, where DescribeTasks says `ElasticNetworkInterface`. */
function attachmentDetail({ attachment }: Task): object {
  return {
    id: attachment.id,
    type: "eni",
    status: attachment.status,
    details: attachmentDetails(attachment),
  };
}

function containerDetail(
  { arn, attachment }: Task,
  container: TaskContainer,
  definition: TaskDefinition | undefined,
): object {
  const sizes = definition?.containers.find(({ name }) => name === container.name);
  const { privateIp } = attachment;
  return withoutUndefined({
    containerArn: container.arn,
    exitCode: container.exitCode,
    lastStatus: container.lastStatus,
    name: container.name,
    image: container.image,
    imageDigest: container.imageDigest,
    managedAgents: container.agent && [
      { name: "ExecuteCommandAgent", status: container.agent.status },
    ],
    reason: container.reason,
    runtimeId: container.runtimeId,
    taskArn: arn,
    networkInterfaces:
      privateIp === undefined
        ? []
        : [{ attachmentId: attachment.id, privateIpv4Address: privateIp }],
    cpu: String(sizes?.cpu ?? 0),
    memory: sizes?.memory?.toString(),
    memoryReservation: sizes?.memoryReservation?.toString(),
  });
}

function overridesDetail(task: Task): object {
  const { cpu, memory, ephemeralStorageGiB, executionRoleArn, taskRoleArn } = task.overrides;
  return withoutUndefined({
    containerOverrides: task.containers.map(({ name }) => overrideOf(task, name)),
    cpu: cpu?.toString(),
    memory: memory?.toString(),
    ephemeralStorage: ephemeralStorageGiB && { sizeInGiB: ephemeralStorageGiB },
    executionRoleArn,
    taskRoleArn,
  });
}

const overrideOf = ({ overrides }: Task, name: string): object => {
  const override = overrides.containers.find((one) => one.name === name);
  const environment = override?.environment.length ? override.environment : undefined;
  return withoutUndefined({ name, ...override, environment });
};

/**
 * What the scheduler said and did since `before`, in order. A desired count that somebody changed is not
 * among it: AWS tells of those only that it computed itself.
 */
export function serviceEvents(
  before: Service | undefined,
  after: Service,
  now: number,
): EcsEvent[] {
  return [
    ...after.deployments
      .toReversed()
      .flatMap((deployment) => deploymentEvent(before, after, deployment)),
    ...saidSince(before, after).flatMap((message) => actionOf(after, message, now)),
  ];
}

function saidSince(before: Service | undefined, after: Service): string[] {
  const known = new Set(before?.events.map(({ id }) => id));
  return after.events
    .filter(({ id }) => !known.has(id))
    .map(({ message }) => message)
    .toReversed();
}

function actionOf(service: Service, message: string, now: number): EcsEvent[] {
  const text = message.slice(`(service ${service.name}) `.length);
  if (text === "has reached a steady state.") {
    return [serviceAction(service, "INFO", "SERVICE_STEADY_STATE", now)];
  }
  if (text.startsWith("is unable to consistently start tasks successfully.")) {
    return [serviceAction(service, "WARN", "SERVICE_TASK_START_IMPAIRED", now)];
  }
  const stopped = /^has stopped \d+ running tasks: (.*)\.$/.exec(text)?.[1];
  if (stopped !== undefined) {
    const taskArns = [...stopped.matchAll(/\(task (\w+)\)/g)].map(([, id]) =>
      taskArnOf(service, id),
    );
    return [serviceAction(service, "INFO", "TASKS_STOPPED", now, { taskArns })];
  }
  const error = /^failed to launch a task with \(error (.*)\)$/s.exec(text)?.[1];
  if (error !== undefined) {
    const name = "SERVICE_TASK_CONFIGURATION_FAILURE";
    return [serviceAction(service, "ERROR", name, now, { reason: error })];
  }
  const reason = /^was unable to place a task\. Reason: (.*?)\.?$/s.exec(text)?.[1];
  if (reason === undefined) return [];
  return [
    serviceAction(service, "ERROR", "SERVICE_TASK_PLACEMENT_FAILURE", now, {
      ...providersOf(service),
      reason,
    }),
  ];
}

function providersOf({ clusterArn, capacityProviderStrategy }: Service): object {
  if (capacityProviderStrategy.length === 0) return {};
  const prefix = clusterArn.replace(/:cluster\/.*$/, ":capacity-provider/");
  return {
    capacityProviderArns: capacityProviderStrategy.map((item) => prefix + item.capacityProvider),
  };
}

const taskArnOf = ({ clusterArn }: Service, id: string | undefined): string =>
  `${clusterArn.replace(":cluster/", ":task/")}/${id}`;

const serviceAction = (
  service: Service,
  eventType: "INFO" | "WARN" | "ERROR",
  eventName: string,
  now: number,
  more: object = {},
): EcsEvent => ({
  detailType: "ECS Service Action",
  resource: service.arn,
  detail: { eventType, eventName, clusterArn: service.clusterArn, createdAt: iso(now), ...more },
});

const deploymentStates = {
  IN_PROGRESS: ["INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS"],
  COMPLETED: ["INFO", "SERVICE_DEPLOYMENT_COMPLETED"],
  FAILED: ["ERROR", "SERVICE_DEPLOYMENT_FAILED"],
} as const;

function deploymentEvent(
  before: Service | undefined,
  after: Service,
  deployment: Deployment,
): EcsEvent[] {
  const known = before?.deployments.find(({ id }) => id === deployment.id);
  if (known?.rolloutState === deployment.rolloutState) return [];
  const [eventType, eventName] = deploymentStates[deployment.rolloutState];
  const detail = {
    eventType,
    eventName,
    clusterArn: after.clusterArn,
    deploymentId: deployment.id,
    updatedAt: iso(deployment.updatedAt),
    reason: deployment.rolloutStateReason,
  };
  return [{ detailType: "ECS Deployment State Change", resource: after.arn, detail }];
}

const withoutUndefined = (members: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
