/** A task as it is accepted: PROVISIONING, its interface and containers named and not made yet. */
import type {
  AwsvpcConfiguration,
  Cluster,
  LogMode,
  Task,
  TaskContainer,
  TaskDefinition,
  TaskOverrides,
} from "../model/ecs.ts";
import { InvariantError } from "../model/invariant-error.ts";
import type { Tag } from "../model/scope.ts";
import { pendingAgent } from "./exec/agents.ts";
import type { SubnetCandidate } from "./placement.ts";
import { unknownHealth } from "./task-lifecycle/container-health.ts";

/** Drawn by the caller: `state/tasks.ts` does. */
export type NewTaskIds = {
  /** 32 hex digits. */
  readonly task: string;
  /** A UUID. */
  readonly attachment: string;
  /** A UUID for each container of the definition, in its order. */
  readonly containers: readonly string[];
};

export type NewTask = {
  readonly cluster: Cluster;
  readonly definition: TaskDefinition;
  /** The subnet chosen for it, one of the network's. */
  readonly subnet: SubnetCandidate;
  readonly network: AwsvpcConfiguration;
  /** `service:<name>` or `family:<family>`. */
  readonly group: string;
  readonly startedBy: string | undefined;
  readonly referenceId?: string | undefined;
  /** Both are set for a service's tasks only. */
  readonly serviceArn?: string;
  readonly deploymentId?: string;
  readonly capacityProviderName: string | undefined;
  /** Resolved: `1.4.0`, not `LATEST`. */
  readonly platformVersion: string;
  readonly overrides: TaskOverrides;
  readonly enableExecuteCommand: boolean;
  readonly defaultLogMode: LogMode;
  readonly tags: readonly Tag[];
  readonly now: number;
};

/** What a task runs with that overrides nothing. */
export const noOverrides: TaskOverrides = {
  containers: [],
  executionRoleArn: undefined,
  taskRoleArn: undefined,
};

export function newTask(input: NewTask, ids: NewTaskIds): Task {
  const { cluster, definition, subnet } = input;
  const { account, region } = cluster;
  const prefix = `arn:aws:ecs:${region}:${account}`;
  return {
    account,
    region,
    arn: `${prefix}:task/${cluster.name}/${ids.task}`,
    id: ids.task,
    clusterArn: cluster.arn,
    taskDefinitionArn: definition.arn,
    group: input.group,
    startedBy: input.startedBy,
    ...(input.referenceId !== undefined && { referenceId: input.referenceId }),
    serviceArn: input.serviceArn,
    deploymentId: input.deploymentId,
    launchType: "FARGATE",
    capacityProviderName: input.capacityProviderName,
    platformVersion: input.platformVersion,
    network: input.network,
    availabilityZone: subnet.availabilityZone,
    overrides: input.overrides,
    enableExecuteCommand: input.enableExecuteCommand,
    defaultLogMode: input.defaultLogMode,
    createdAt: input.now,
    tags: input.tags,
    desiredStatus: "RUNNING",
    stop: undefined,
    lastStatus: "PROVISIONING",
    version: 1,
    containers: newContainers(input, `${prefix}:container/${cluster.name}/${ids.task}`, ids),
    attachment: {
      id: ids.attachment,
      status: "PRECREATED",
      subnetId: subnet.subnetId,
      networkInterfaceId: undefined,
      macAddress: undefined,
      privateDnsName: undefined,
      privateIp: undefined,
    },
    sandbox: undefined,
    healthStatus: "UNKNOWN",
    connectivityAt: undefined,
    pullStartedAt: undefined,
    pullStoppedAt: undefined,
    startedAt: undefined,
    executionStoppedAt: undefined,
    stoppedAt: undefined,
  };
}

function newContainers(
  { definition, enableExecuteCommand }: NewTask,
  arnPrefix: string,
  ids: NewTaskIds,
): TaskContainer[] {
  return definition.containers.map((container, at) => {
    const id = ids.containers[at];
    if (id === undefined) throw new InvariantError(`no id for container ${container.name}`);
    return {
      arn: `${arnPrefix}/${id}`,
      name: container.name,
      image: container.image,
      imageDigest: undefined,
      runtimeId: undefined,
      handle: undefined,
      essential: container.essential,
      lastStatus: "PENDING",
      exitCode: undefined,
      reason: undefined,
      ...(container.healthCheck && { health: unknownHealth }),
      ...(enableExecuteCommand && { agent: pendingAgent }),
    };
  });
}
