/** Records of ECS for tests: whole and plausible, with what a test is about given by it. */
import type {
  Cluster,
  ContainerDefinition,
  Deployment,
  Service,
  Task,
  TaskContainer,
  TaskDefinition,
} from "../../src/model/ecs.ts";
import type { Target } from "../../src/model/load-balancing.ts";

export const scope = { account: "000000000000", region: "ap-northeast-1" } as const;
const prefix = `arn:aws:ecs:${scope.region}:${scope.account}`;

export const clusterArn = `${prefix}:cluster/main`;
export const serviceArn = `${prefix}:service/main/web`;
export const groupArn = `arn:aws:elasticloadbalancing:${scope.region}:${scope.account}:targetgroup/web/0123456789abcdef`;

export const aCluster = (): Cluster => ({
  ...scope,
  arn: clusterArn,
  name: "main",
  status: "ACTIVE",
  settings: [],
  configuration: undefined,
  capacityProviders: [],
  defaultCapacityProviderStrategy: [],
  createdAt: 0,
  tags: [],
});

export const aContainerDefinition = (
  given: Partial<ContainerDefinition> = {},
): ContainerDefinition => ({
  name: "app",
  image: "localhost:4566/000000000000/ap-northeast-1/app:v1",
  cpu: 0,
  memory: undefined,
  memoryReservation: undefined,
  essential: true,
  portMappings: [],
  environment: [],
  entryPoint: undefined,
  command: undefined,
  workingDirectory: undefined,
  user: undefined,
  stopTimeout: undefined,
  logConfiguration: undefined,
  ...given,
});

export const aTaskDefinition = (given: Partial<TaskDefinition> = {}): TaskDefinition => {
  const { family = "web", revision = 1 } = given;
  return {
    ...scope,
    arn: `${prefix}:task-definition/${family}:${revision}`,
    family,
    revision,
    status: "ACTIVE",
    containers: [aContainerDefinition()],
    cpu: 256,
    memory: 512,
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    compatibilities: ["EC2", "FARGATE"],
    requiresAttributes: [],
    executionRoleArn: undefined,
    taskRoleArn: undefined,
    runtimePlatform: undefined,
    ephemeralStorageGiB: undefined,
    registeredAt: 0,
    deregisteredAt: undefined,
    registeredBy: `arn:aws:iam::${scope.account}:root`,
    tags: [],
    ...given,
  };
};

const network = {
  subnets: ["subnet-a", "subnet-c"],
  securityGroups: ["sg-app"],
  assignPublicIp: "DISABLED",
} as const;

export const aTaskContainer = (given: Partial<TaskContainer> = {}): TaskContainer => ({
  arn: `${prefix}:container/main/1/0f6b9a3e-2c41-4d21-8b0a-0c1d2e3f4a5b`,
  name: "app",
  image: aContainerDefinition().image,
  imageDigest: undefined,
  runtimeId: undefined,
  handle: undefined,
  essential: true,
  lastStatus: "PENDING",
  exitCode: undefined,
  reason: undefined,
  ...given,
});

export const aTask = (given: Partial<Task> = {}): Task => {
  const id = given.id ?? "0".repeat(32);
  return {
    ...scope,
    arn: `${prefix}:task/main/${id}`,
    id,
    clusterArn,
    taskDefinitionArn: aTaskDefinition().arn,
    group: "family:web",
    startedBy: undefined,
    serviceArn: undefined,
    deploymentId: undefined,
    launchType: "FARGATE",
    capacityProviderName: undefined,
    platformVersion: "1.4.0",
    network,
    availabilityZone: "ap-northeast-1a",
    overrides: { containers: [], executionRoleArn: undefined, taskRoleArn: undefined },
    enableExecuteCommand: false,
    createdAt: 0,
    tags: [],
    desiredStatus: "RUNNING",
    stop: undefined,
    lastStatus: "PROVISIONING",
    version: 1,
    containers: [aTaskContainer()],
    attachment: {
      id: `attachment-of-${id}`,
      status: "PRECREATED",
      subnetId: "subnet-a",
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
    ...given,
  };
};

export const aDeployment = (given: Partial<Deployment> = {}): Deployment => {
  const id = given.id ?? "ecs-svc/1";
  return {
    id,
    status: "PRIMARY",
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    taskDefinitionArn: aTaskDefinition().arn,
    desiredCount: 2,
    failedTasks: 0,
    launchType: "FARGATE",
    capacityProviderStrategy: [],
    platformVersion: "1.4.0",
    network,
    createdAt: 0,
    updatedAt: 0,
    ...given,
  };
};

export const aService = (given: Partial<Service> = {}): Service => ({
  ...scope,
  arn: serviceArn,
  name: "web",
  clusterArn,
  status: "ACTIVE",
  desiredCount: 2,
  taskDefinitionArn: aTaskDefinition().arn,
  launchType: "FARGATE",
  capacityProviderStrategy: [],
  platformVersion: "1.4.0",
  schedulingStrategy: "REPLICA",
  deploymentControllerType: undefined,
  deploymentConfiguration: {
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    circuitBreaker: { enable: false, rollback: false },
  },
  network,
  loadBalancers: [],
  healthCheckGracePeriodSeconds: undefined,
  availabilityZoneRebalancing: "DISABLED",
  enableECSManagedTags: false,
  propagateTags: "NONE",
  enableExecuteCommand: false,
  createdBy: `arn:aws:iam::${scope.account}:root`,
  createdAt: 0,
  tags: [],
  deployments: [aDeployment()],
  events: [],
  ...given,
});

export const aTarget = (given: Partial<Target> = {}): Target => ({
  ...scope,
  targetGroupArn: groupArn,
  id: "10.0.1.10",
  port: 80,
  availabilityZone: "ap-northeast-1a",
  registration: "registered",
  registeredAt: 0,
  drainingSince: undefined,
  health: { state: "healthy", reason: undefined, description: undefined },
  ...given,
});
