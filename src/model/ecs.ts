/** The nouns of Amazon ECS. Wire shapes are made from these in `services/ecs/views.ts`. */
import type { Scope, Tag } from "./scope.ts";

/** Where the output of a cluster's ECS Exec sessions goes, and what their channels are encrypted with. */
export type ExecuteCommandConfiguration = {
  readonly logging: "NONE" | "DEFAULT" | "OVERRIDE";
  /** A KMS key's id, ARN or alias; undefined for no encryption besides TLS. */
  readonly kmsKeyId: string | undefined;
  /** For OVERRIDE only. */
  readonly log:
    | {
        readonly groupName: string | undefined;
        /** Sessions are refused while the group is not encrypted. */
        readonly mustBeEncrypted: boolean;
      }
    | undefined;
};

export type Cluster = Scope & {
  readonly arn: string;
  readonly name: string;
  readonly status: "ACTIVE" | "INACTIVE";
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  readonly configuration:
    | { readonly executeCommand: ExecuteCommandConfiguration | undefined }
    | undefined;
  readonly capacityProviders: readonly string[];
  readonly defaultCapacityProviderStrategy: readonly CapacityProviderStrategyItem[];
  readonly createdAt: number;
  readonly tags: readonly Tag[];
};

export type CapacityProviderStrategyItem = {
  readonly capacityProvider: string;
  readonly weight: number;
  readonly base: number;
};

export type PortMapping = {
  readonly containerPort: number;
  readonly hostPort: number;
  readonly protocol: "tcp" | "udp";
  readonly name: string | undefined;
  readonly appProtocol: string | undefined;
  /** `from-to` instead of a single port, which is 0 then. */
  readonly containerPortRange?: string | undefined;
};

/** What asks a container whether it is well. Times are seconds of wall time: a process knows no other. */
export type HealthCheck = {
  /** `CMD` or `CMD-SHELL` first. */
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly startPeriod: number | undefined;
};

export const dependencyConditions = ["START", "COMPLETE", "SUCCESS", "HEALTHY"] as const;
export type DependencyCondition = (typeof dependencyConditions)[number];

export type ContainerDependency = {
  readonly containerName: string;
  readonly condition: DependencyCondition;
};

/** As it was given: what was not is not shown, as on AWS. */
export type RestartPolicy = {
  readonly enabled: boolean;
  readonly ignoredExitCodes?: readonly number[] | undefined;
  /** Seconds that the container must have run to be started again. */
  readonly restartAttemptPeriod?: number | undefined;
};

/**
 * Members as they were given that only launch types on instances act on, and those that were given as an
 * empty list or as false: kept, shown, and read by nobody on Fargate.
 */
export type InstanceSettings = Readonly<Record<string, unknown>>;

/** A file system in memory, of MiB. */
export type Tmpfs = {
  readonly containerPath: string;
  readonly size: number;
  readonly mountOptions?: readonly string[] | undefined;
};

export type LinuxParameters = {
  readonly initProcessEnabled: boolean | undefined;
  readonly capabilities:
    | {
        readonly add?: readonly string[] | undefined;
        readonly drop?: readonly string[] | undefined;
      }
    | undefined;
  readonly tmpfs?: readonly Tmpfs[] | undefined;
  readonly onInstances?: InstanceSettings | undefined;
};

export type MountPoint = {
  readonly sourceVolume: string;
  readonly containerPath: string;
  readonly readOnly?: boolean | undefined;
};

export type VolumesFrom = {
  readonly sourceContainer: string;
  readonly readOnly?: boolean | undefined;
};

export type Ulimit = {
  readonly name: string;
  readonly softLimit: number;
  readonly hardLimit: number;
};

/** Settings of a container's process that go to the runtime as they are. */
export type ProcessSettings = {
  readonly linuxParameters?: LinuxParameters | undefined;
  readonly readonlyRootFilesystem?: boolean | undefined;
  readonly pseudoTerminal?: boolean | undefined;
  readonly interactive?: boolean | undefined;
  readonly ulimits?: readonly Ulimit[] | undefined;
  readonly systemControls?:
    | readonly { readonly namespace: string; readonly value: string }[]
    | undefined;
  readonly dockerLabels?: Readonly<Record<string, string>> | undefined;
};

/** Whether a process waits for its log to take what it writes, or goes on and may lose it. */
export const logModes = ["blocking", "non-blocking"] as const;
export type LogMode = (typeof logModes)[number];

/** A value that is fetched when the task starts: a parameter by name or ARN, or a secret's ARN. */
export type SecretSetting = { readonly name: string; readonly valueFrom: string };

export type ContainerDefinition = ProcessSettings & {
  readonly name: string;
  readonly image: string;
  readonly cpu: number;
  readonly memory: number | undefined;
  readonly memoryReservation: number | undefined;
  readonly essential: boolean;
  readonly portMappings: readonly PortMapping[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets?: readonly SecretSetting[] | undefined;
  /** A secret with a registry's user name and password, by name or ARN. */
  readonly repositoryCredentials?: { readonly credentialsParameter: string } | undefined;
  /** `disabled`: every task of a service looks its tag up anew. */
  readonly versionConsistency?: "enabled" | "disabled" | undefined;
  readonly entryPoint: readonly string[] | undefined;
  readonly command: readonly string[] | undefined;
  readonly workingDirectory: string | undefined;
  readonly user: string | undefined;
  readonly stopTimeout: number | undefined;
  readonly startTimeout?: number | undefined;
  readonly healthCheck?: HealthCheck | undefined;
  readonly dependsOn?: readonly ContainerDependency[] | undefined;
  readonly restartPolicy?: RestartPolicy | undefined;
  readonly mountPoints?: readonly MountPoint[] | undefined;
  readonly volumesFrom?: readonly VolumesFrom[] | undefined;
  readonly onInstances?: InstanceSettings | undefined;
  readonly logConfiguration:
    | {
        readonly logDriver: string;
        readonly options: Readonly<Record<string, string>>;
        /** Of drivers that only instances have; of awslogs as an empty list at most. */
        readonly secretOptions?: readonly SecretSetting[] | undefined;
      }
    | undefined;
};

export type TaskDefinition = Scope & {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly status: "ACTIVE" | "INACTIVE" | "DELETE_IN_PROGRESS";
  readonly containers: readonly ContainerDefinition[];
  /** CPU units and MiB. Present for Fargate. */
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
  /** Fargate's is awsvpc. */
  readonly networkMode: "awsvpc" | "bridge" | "host" | "none" | undefined;
  readonly pidMode?: "task" | "host" | undefined;
  readonly onInstances?: InstanceSettings | undefined;
  readonly requiresCompatibilities: readonly string[];
  readonly compatibilities: readonly string[];
  readonly requiresAttributes: readonly string[];
  readonly executionRoleArn: string | undefined;
  readonly taskRoleArn: string | undefined;
  readonly runtimePlatform:
    | {
        readonly cpuArchitecture: string | undefined;
        readonly operatingSystemFamily: string | undefined;
      }
    | undefined;
  readonly ephemeralStorageGiB: number | undefined;
  /** Names of volumes that the task's containers share. */
  readonly volumes?: readonly string[] | undefined;
  /** By the name of the volume. */
  readonly volumesOnInstances?: Readonly<Record<string, InstanceSettings>> | undefined;
  readonly registeredAt: number;
  readonly deregisteredAt: number | undefined;
  readonly deleteRequestedAt?: number | undefined;
  readonly registeredBy: string;
  readonly tags: readonly Tag[];
};

export type AwsvpcConfiguration = {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: "ENABLED" | "DISABLED";
};

/** In the order a task walks them; it never goes back. */
export const taskStatuses = [
  "PROVISIONING",
  "PENDING",
  "ACTIVATING",
  "RUNNING",
  "DEACTIVATING",
  "STOPPING",
  "DEPROVISIONING",
  "STOPPED",
] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export type StopCode =
  | "TaskFailedToStart"
  | "EssentialContainerExited"
  | "UserInitiated"
  | "ServiceSchedulerInitiated"
  | "SpotInterruption"
  | "TerminationNotice";

export type HealthStatus = "UNKNOWN" | "HEALTHY" | "UNHEALTHY";

/** The last verdict of a container's health check. */
export type ContainerHealth = {
  readonly status: HealthStatus;
  /** Engine time; undefined before the first verdict. */
  readonly since: number | undefined;
  /** Of the check that led to it. */
  readonly exitCode: number | undefined;
  readonly output: string | undefined;
};

/** The agent in a container that ECS Exec's sessions go through. */
export type ExecAgent = {
  readonly status: "PENDING" | "RUNNING" | "STOPPED";
  /** Engine time. */
  readonly startedAt: number | undefined;
  readonly reason: string | undefined;
};

export type TaskContainer = {
  readonly arn: string;
  readonly name: string;
  readonly image: string;
  readonly imageDigest: string | undefined;
  /** `<task id>-<10 digits>` on Fargate. */
  readonly runtimeId: string | undefined;
  /** What the container runtime calls it. Not shown to clients. */
  readonly handle: string | undefined;
  /** The image's own stop signal, when it names one. Not shown to clients. */
  readonly stopSignal?: string | undefined;
  readonly essential: boolean;
  readonly lastStatus: "PENDING" | "RUNNING" | "STOPPED";
  readonly exitCode: number | undefined;
  readonly reason: string | undefined;
  /** Of a container that has a health check; absent for all others. */
  readonly health?: ContainerHealth | undefined;
  /** When its process was last started: engine time, and wall time for what a process is given. */
  readonly startedAt?: number | undefined;
  readonly startedWallAt?: number | undefined;
  /** How often its restart policy has started it again. */
  readonly restartCount?: number | undefined;
  /** Of a task with execute command; absent for all others. Written by the loop of these agents too. */
  readonly agent?: ExecAgent | undefined;
};

export type TaskAttachment = {
  readonly id: string;
  readonly status:
    | "PRECREATED"
    | "CREATED"
    | "ATTACHING"
    | "ATTACHED"
    | "DETACHING"
    | "DETACHED"
    | "DELETED";
  readonly subnetId: string;
  readonly networkInterfaceId: string | undefined;
  readonly macAddress: string | undefined;
  readonly privateDnsName: string | undefined;
  readonly privateIp: string | undefined;
};

/**
 * A task. Spec: set at creation, never changed. Desired: `desiredStatus`, `stop` (API and service
 * loop). Observed: the rest (task loop only).
 */
export type Task = Scope & {
  readonly arn: string;
  readonly id: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  /** `service:<name>` or `family:<family>`. */
  readonly group: string;
  /** `ecs-svc/<n>` for service tasks. */
  readonly startedBy: string | undefined;
  /** RunTask's, which nothing shows, on AWS neither. */
  readonly referenceId?: string | undefined;
  readonly serviceArn: string | undefined;
  readonly deploymentId: string | undefined;
  readonly launchType: "FARGATE";
  readonly capacityProviderName: string | undefined;
  readonly platformVersion: string;
  readonly network: AwsvpcConfiguration;
  readonly availabilityZone: string;
  readonly overrides: TaskOverrides;
  readonly enableExecuteCommand: boolean;
  /** Of containers that name none: the account's setting when the task was made. */
  readonly defaultLogMode?: LogMode | undefined;
  readonly createdAt: number;
  readonly tags: readonly Tag[];

  /** Keeps the scheduler from stopping it while it works; set by the API, until that engine time. */
  readonly protection?: { readonly expiresAt: number } | undefined;

  readonly desiredStatus: "RUNNING" | "STOPPED";
  readonly stop:
    | { readonly code: StopCode; readonly reason: string; readonly at: number }
    | undefined;

  readonly lastStatus: TaskStatus;
  readonly version: number;
  readonly containers: readonly TaskContainer[];
  readonly attachment: TaskAttachment;
  /** The runtime's handle of the task's sandbox and its network namespace. Not shown to clients. */
  readonly sandbox: { readonly id: string; readonly netns: string | undefined } | undefined;
  readonly healthStatus: HealthStatus;
  readonly connectivityAt: number | undefined;
  readonly pullStartedAt: number | undefined;
  readonly pullStoppedAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly executionStoppedAt: number | undefined;
  readonly stoppedAt: number | undefined;
};

export type ContainerOverride = {
  readonly name: string;
  readonly command: readonly string[] | undefined;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly cpu?: number | undefined;
  readonly memory?: number | undefined;
  readonly memoryReservation?: number | undefined;
};

export type TaskOverrides = {
  readonly containers: readonly ContainerOverride[];
  /** CPU units and MiB of the whole task. */
  readonly cpu?: number | undefined;
  readonly memory?: number | undefined;
  readonly ephemeralStorageGiB?: number | undefined;
  readonly executionRoleArn: string | undefined;
  readonly taskRoleArn: string | undefined;
};

export type ServiceLoadBalancer = {
  readonly targetGroupArn: string;
  readonly containerName: string;
  readonly containerPort: number;
};

export type DeploymentConfiguration = {
  readonly maximumPercent: number;
  readonly minimumHealthyPercent: number;
  readonly circuitBreaker: { readonly enable: boolean; readonly rollback: boolean };
};

/** One roll-out of a service: what runs, and how far it is. */
export type Deployment = {
  /** `ecs-svc/<19 digits>` */
  readonly id: string;
  readonly status: "PRIMARY" | "ACTIVE" | "INACTIVE";
  readonly rolloutState: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly rolloutStateReason: string;
  readonly taskDefinitionArn: string;
  readonly desiredCount: number;
  readonly failedTasks: number;
  readonly launchType: "FARGATE" | undefined;
  readonly capacityProviderStrategy: readonly CapacityProviderStrategyItem[];
  readonly platformVersion: string;
  readonly network: AwsvpcConfiguration;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Where its tasks are registered: those of the service when the deployment began. */
  readonly loadBalancers?: readonly ServiceLoadBalancer[] | undefined;
  /** What its first task found, by container: its later tasks run the same. Written by the task loop. */
  readonly imageDigests?: Readonly<Record<string, string>> | undefined;
  /** Absent while its tasks start. Written by the service loop only. */
  readonly throttle?: StartThrottle | undefined;
};

/** What the scheduler says in `events`, newest first, at most 100. */
export type ServiceEvent = {
  readonly id: string;
  readonly createdAt: number;
  readonly message: string;
};

/** Start back-off of a deployment whose tasks never reach RUNNING. */
export type StartThrottle = {
  readonly failures: number;
  readonly notBefore: number;
  /** Engine time of the last failure; a task that runs after it ends the back-off. */
  readonly failedAt: number;
};

/** What the scheduler must not forget between two looks at a service. */
export type SchedulerMemory = {
  /** Ids of tasks that have neither become healthy nor failed; each counts once. */
  readonly unproven: readonly string[];
  /** Ids of running tasks whose failing health checks have been counted and told. */
  readonly unhealthy: readonly string[];
  /** When the steady state was last told; undefined when the service is not steady. */
  readonly steadyToldAt: number | undefined;
  /** Where a rollback leads. */
  readonly lastCompleted: Deployment | undefined;
};

export type Service = Scope & {
  readonly arn: string;
  readonly name: string;
  readonly clusterArn: string;
  readonly status: "ACTIVE" | "DRAINING" | "INACTIVE";
  readonly desiredCount: number;
  readonly taskDefinitionArn: string;
  readonly launchType: "FARGATE" | undefined;
  readonly capacityProviderStrategy: readonly CapacityProviderStrategyItem[];
  readonly platformVersion: string;
  readonly schedulingStrategy: "REPLICA";
  readonly deploymentControllerType: "ECS" | undefined;
  readonly deploymentConfiguration: DeploymentConfiguration;
  readonly network: AwsvpcConfiguration;
  readonly loadBalancers: readonly ServiceLoadBalancer[];
  readonly healthCheckGracePeriodSeconds: number | undefined;
  readonly availabilityZoneRebalancing: "ENABLED" | "DISABLED";
  readonly enableECSManagedTags: boolean;
  readonly propagateTags: "NONE" | "SERVICE" | "TASK_DEFINITION";
  readonly enableExecuteCommand: boolean;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly tags: readonly Tag[];
  /** Newest first. */
  readonly deployments: readonly Deployment[];
  readonly events: readonly ServiceEvent[];
  /** Absent until the service loop has seen the service. */
  readonly scheduler?: SchedulerMemory | undefined;
};
