/** Tasks as answers show them. */
import type {
  Attachment,
  Container as ContainerView,
  ManagedAgent,
  TaskOverride,
  Task as TaskView,
} from "@aws-sdk/client-ecs";
import { taskAttributes } from "../../../engine/task-lifecycle/architecture.ts";
import { attachmentDetails } from "../../../engine/task-lifecycle/attachment.ts";
import { effectiveDefinition } from "../../../engine/task-lifecycle/effective-definition.ts";
import type { ReadContext } from "../../../gateway/service.ts";
import type {
  ContainerDefinition,
  ExecAgent,
  Task,
  TaskAttachment,
  TaskContainer,
  TaskDefinition,
} from "../../../model/ecs.ts";
import { toTagViews } from "../checks.ts";
import { definitionOf } from "../lookup.ts";

/** GiB that a Fargate task has when its definition does not say. */
const defaultStorageGiB = 20;

export function toTaskView(context: ReadContext, task: Task, showTags: boolean): TaskView {
  const registered = definitionOf(context, task.taskDefinitionArn);
  const definition = registered && effectiveDefinition(task, registered);
  const sizeInGiB = definition?.ephemeralStorageGiB ?? defaultStorageGiB;
  return {
    attachments: [toAttachmentView(task.attachment)],
    attributes: taskAttributes(definition),
    availabilityZone: task.availabilityZone,
    capacityProviderName: task.capacityProviderName,
    clusterArn: task.clusterArn,
    connectivity: task.connectivityAt === undefined ? undefined : "CONNECTED",
    connectivityAt: toDate(task.connectivityAt),
    containers: task.containers.map((one) => toContainerView(task, one, definition)),
    cpu: definition?.cpu?.toString(),
    createdAt: new Date(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: task.enableExecuteCommand,
    executionStoppedAt: toDate(task.executionStoppedAt),
    group: task.group,
    healthStatus: task.healthStatus,
    inferenceAccelerators: [],
    lastStatus: task.lastStatus,
    launchType: task.launchType,
    memory: definition?.memory?.toString(),
    overrides: toOverrideView(task),
    platformVersion: task.platformVersion,
    platformFamily: "Linux",
    pullStartedAt: toDate(task.pullStartedAt),
    pullStoppedAt: toDate(task.pullStoppedAt),
    startedAt: toDate(task.startedAt),
    startedBy: task.startedBy,
    stopCode: task.stop?.code,
    stoppedAt: toDate(task.stoppedAt),
    stoppedReason: task.stop?.reason,
    stoppingAt: toDate(task.stop?.at),
    tags: showTags ? toTagViews(task.tags) : [],
    taskArn: task.arn,
    taskDefinitionArn: task.taskDefinitionArn,
    version: task.version,
    ephemeralStorage: { sizeInGiB },
    fargateEphemeralStorage: { sizeInGiB },
  };
}

const toDate = (at: number | undefined): Date | undefined =>
  at === undefined ? undefined : new Date(at);

function toAttachmentView(attachment: TaskAttachment): Attachment {
  return {
    id: attachment.id,
    type: "ElasticNetworkInterface",
    status: attachment.status,
    details: attachmentDetails(attachment),
  };
}

function toContainerView(
  { arn, attachment }: Task,
  container: TaskContainer,
  definition: TaskDefinition | undefined,
): ContainerView {
  const sizes = definition?.containers.find((one) => one.name === container.name);
  const { privateIp } = attachment;
  return {
    containerArn: container.arn,
    taskArn: arn,
    name: container.name,
    image: container.image,
    imageDigest: container.imageDigest,
    runtimeId: container.runtimeId,
    lastStatus: container.lastStatus,
    exitCode: container.exitCode,
    reason: container.reason,
    networkBindings: [],
    networkInterfaces:
      privateIp === undefined
        ? []
        : [{ attachmentId: attachment.id, privateIpv4Address: privateIp }],
    healthStatus: container.health?.status ?? "UNKNOWN",
    managedAgents: container.agent && [toAgentView(container.agent)],
    ...toSizeView(sizes),
  };
}

const toAgentView = ({ status, startedAt, reason }: ExecAgent): ManagedAgent => ({
  name: "ExecuteCommandAgent",
  lastStatus: status,
  lastStartedAt: toDate(startedAt),
  reason,
});

/** Sizes of containers are text here, as those of tasks are. */
function toSizeView(
  sizes: ContainerDefinition | undefined,
): Pick<ContainerView, "cpu" | "memory" | "memoryReservation"> {
  return {
    cpu: String(sizes?.cpu ?? 0),
    memory: sizes?.memory?.toString(),
    memoryReservation: sizes?.memoryReservation?.toString(),
  };
}

function toOverrideView({ containers, overrides }: Task): TaskOverride {
  return {
    containerOverrides: containers.map(({ name }) => {
      const override = overrides.containers.find((one) => one.name === name);
      return {
        name,
        command: override?.command && [...override.command],
        environment: override?.environment.length ? [...override.environment] : undefined,
        cpu: override?.cpu,
        memory: override?.memory,
        memoryReservation: override?.memoryReservation,
      };
    }),
    inferenceAcceleratorOverrides: [],
    cpu: overrides.cpu?.toString(),
    memory: overrides.memory?.toString(),
    ephemeralStorage:
      overrides.ephemeralStorageGiB === undefined
        ? undefined
        : { sizeInGiB: overrides.ephemeralStorageGiB },
    executionRoleArn: overrides.executionRoleArn,
    taskRoleArn: overrides.taskRoleArn,
  };
}
