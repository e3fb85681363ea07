/**
 * The documents of the task metadata endpoint, version 4, as Fargate shapes them, without what has to be
 * measured: clock drift and used storage. The VPC and ports of containers are told on instances only.
 */
import { formatAddress, networkOf, parseCidr } from "../model/cidr.ts";
import type {
  ContainerDefinition,
  ContainerHealth,
  MountPoint,
  Task,
  TaskContainer,
  TaskDefinition,
} from "../model/ecs.ts";
import { logSinkOf } from "./log-sink.ts";
import type { NameServing } from "./task-lifecycle/addresses.ts";

export type TaskMetadataInput = {
  readonly task: Task;
  readonly definition: TaskDefinition;
  readonly names: NameServing;
  readonly subnet: { readonly cidr: string };
};

type Json = Readonly<Record<string, unknown>>;

export type TaskMetadata = {
  readonly task: Json;
  readonly containers: readonly {
    readonly name: string;
    readonly runtimeId: string;
    readonly document: Json;
  }[];
};

export function taskMetadata(input: TaskMetadataInput): TaskMetadata {
  const containers = input.task.containers.flatMap((container) => {
    const { name, runtimeId } = container;
    const definition = input.definition.containers.find((one) => one.name === name);
    if (runtimeId === undefined || !definition) return [];
    return {
      name,
      runtimeId,
      document: containerDocument(input, container, definition, runtimeId),
    };
  });
  return {
    task: taskDocument(
      input,
      containers.map(({ document }) => document),
    ),
    containers,
  };
}

function taskDocument({ task, definition }: TaskMetadataInput, containers: Json[]): Json {
  const service = /^service:(.*)$/.exec(task.group)?.[1];
  return {
    Cluster: task.clusterArn,
    TaskARN: task.arn,
    Family: definition.family,
    Revision: String(definition.revision),
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    ...(definition.cpu !== undefined &&
      definition.memory !== undefined && {
        Limits: { CPU: definition.cpu / 1024, Memory: definition.memory },
      }),
    ...moment("PullStartedAt", task.pullStartedAt),
    ...moment("PullStoppedAt", task.pullStoppedAt),
    ...moment("ExecutionStoppedAt", task.executionStoppedAt),
    AvailabilityZone: task.availabilityZone,
    LaunchType: task.launchType,
    Containers: containers,
    ...(service !== undefined && { ServiceName: service }),
    EphemeralStorageMetrics: { Reserved: reservedStorage(definition.ephemeralStorageGiB) },
  };
}

/** In MiB. Fargate adds 16 to what was asked for, and gives 20 GiB when nothing was. */
const reservedStorage = (gibibytes: number | undefined): number => (gibibytes ?? 20) * 1024 + 16;

/** The kernel takes no weight under 2, which is what Fargate shows for a container without one. */
const smallestCpu = 2;

function containerDocument(
  input: TaskMetadataInput,
  container: TaskContainer,
  definition: ContainerDefinition,
  runtimeId: string,
): Json {
  const { task } = input;
  const { memory, logConfiguration } = definition;
  const ended = container.lastStatus === "STOPPED";
  return {
    DockerId: runtimeId,
    Name: container.name,
    DockerName: container.name,
    Image: container.image,
    ...(container.imageDigest !== undefined && { ImageID: container.imageDigest }),
    Labels: { ...definition.dockerLabels, ...labelsOf(input, container) },
    DesiredStatus: task.desiredStatus,
    KnownStatus: container.lastStatus === "PENDING" ? "CREATED" : container.lastStatus,
    ...(container.exitCode !== undefined && { ExitCode: container.exitCode }),
    Limits: {
      CPU: Math.max(smallestCpu, definition.cpu),
      ...(memory !== undefined && { Memory: memory }),
    },
    ...moment("CreatedAt", task.pullStoppedAt),
    ...moment("StartedAt", container.startedAt ?? task.startedAt),
    ...moment("FinishedAt", ended ? task.executionStoppedAt : undefined),
    Type: "NORMAL",
    ...(container.health && { Health: healthOf(container.health) }),
    ...(definition.restartPolicy?.enabled && { RestartCount: container.restartCount ?? 0 }),
    ...(logConfiguration && {
      LogDriver: logConfiguration.logDriver,
      LogOptions: logOptions(task, definition, logConfiguration.options),
    }),
    ...(definition.mountPoints?.length && { Volumes: definition.mountPoints.map(toVolume) }),
    ContainerARN: container.arn,
    Networks: [network(input)],
    Snapshotter: "overlayfs",
  };
}

const healthOf = ({ status, since, exitCode, output }: ContainerHealth): Json => ({
  status,
  ...moment("statusSince", since),
  ...(exitCode !== undefined && { exitCode }),
  ...(output !== undefined && { output }),
});

const toVolume = ({ sourceVolume, containerPath }: MountPoint): Json => ({
  DockerName: sourceVolume,
  Destination: containerPath,
});

const labelsOf = ({ task, definition }: TaskMetadataInput, { name }: TaskContainer): Json => ({
  "com.amazonaws.ecs.cluster": task.clusterArn,
  "com.amazonaws.ecs.container-name": name,
  "com.amazonaws.ecs.task-arn": task.arn,
  "com.amazonaws.ecs.task-definition-family": definition.family,
  "com.amazonaws.ecs.task-definition-version": String(definition.revision),
});

/** The prefix gives way to the stream that came of it. */
function logOptions(
  task: Task,
  container: ContainerDefinition,
  options: Readonly<Record<string, string>>,
): Json {
  const sink = logSinkOf(task, container);
  if (!sink) return options;
  const { "awslogs-stream-prefix": _, ...others } = options;
  return { ...others, "awslogs-stream": sink.stream };
}

function network({ task, names, subnet }: TaskMetadataInput): Json {
  const { privateIp, macAddress, privateDnsName } = task.attachment;
  const block = parseCidr(subnet.cidr);
  return {
    NetworkMode: "awsvpc",
    IPv4Addresses: privateIp === undefined ? [] : [privateIp],
    AttachmentIndex: 0,
    ...(macAddress !== undefined && { MACAddress: macAddress }),
    IPv4SubnetCIDRBlock: subnet.cidr,
    DomainNameServers: names.servers,
    DomainNameSearchList: names.search,
    ...(privateDnsName !== undefined && { PrivateDNSName: privateDnsName }),
    ...(block && {
      SubnetGatewayIpv4Address: `${formatAddress(networkOf(block) + 1)}/${block.bits}`,
    }),
  };
}

const moment = (name: string, at: number | undefined): Json =>
  at === undefined ? {} : { [name]: new Date(at).toISOString() };
