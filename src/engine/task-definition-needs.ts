/** What ECS works out of a task definition: where it can run, and what an instance must offer. */
import { parseArn } from "../model/arn.ts";
import type { ContainerDefinition, TaskDefinition } from "../model/ecs.ts";
import { parseImageReference } from "../model/image-reference.ts";

/** `compatibilities`; of awsvpc definitions Fargate's own judgement decides whether it is among them. */
export function findCompatibilities(
  networkMode: TaskDefinition["networkMode"],
  fitsFargate: boolean,
): string[] {
  if (networkMode !== "awsvpc") return ["EXTERNAL", "EC2"];
  return fitsFargate ? ["EC2", "MANAGED_INSTANCES", "FARGATE"] : ["EC2", "MANAGED_INSTANCES"];
}

type Described = Pick<
  TaskDefinition,
  "containers" | "executionRoleArn" | "taskRoleArn" | "networkMode" | "pidMode" | "onInstances"
> &
  Pick<TaskDefinition, "volumesOnInstances">;

const remoteApi = (version: string): string =>
  `com.amazonaws.ecs.capability.docker-remote-api.${version}`;

/** The names in `requiresAttributes`, in the order in which AWS gives them. */
export function findRequiredAttributes(definition: Described): string[] {
  const { containers, executionRoleArn, taskRoleArn, networkMode } = definition;
  const drivers = [...new Set(containers.flatMap((one) => one.logConfiguration?.logDriver ?? []))];
  const logs = (option: string): boolean =>
    containers.some(({ logConfiguration: log }) => log?.options[option] !== undefined);
  const has = (is: (container: ContainerDefinition) => unknown): boolean =>
    containers.some((container) => Boolean(is(container)));
  const isAwslogs = drivers.includes("awslogs");
  const isEcr = has(({ image }) => isEcrImage(image));
  const kept = (member: string): boolean => has((one) => one.onInstances?.[member]);
  const linux = (member: string): boolean =>
    has((one) => one.linuxParameters?.onInstances?.[member]);
  const plugins = dockerPluginsOf(definition);
  const sharesNamespaces = definition.pidMode ?? definition.onInstances?.["ipcMode"];
  const secrets = containers.flatMap((container) => container.secrets ?? []);
  const fromManager = secrets.filter(({ valueFrom }) => isSecretArn(valueFrom));
  const ofDrivers = containers.flatMap((one) => one.logConfiguration?.secretOptions ?? []);
  const ofDriversFromManager = ofDrivers.filter(({ valueFrom }) => isSecretArn(valueFrom));
  const rows: (readonly [unknown, ...string[]])[] = [
    ...drivers.map(
      (driver) => [true, `com.amazonaws.ecs.capability.logging-driver.${driver}`] as const,
    ),
    [
      has(({ healthCheck }) => healthCheck && healthCheck.startPeriod === undefined),
      remoteApi("1.24"),
    ],
    [isAwslogs && executionRoleArn, "ecs.capability.execution-role-awslogs"],
    [isEcr, "com.amazonaws.ecs.capability.ecr-auth"],
    [kept("privileged"), "com.amazonaws.ecs.capability.privileged-container"],
    [securityOption(containers, "label:"), "com.amazonaws.ecs.capability.selinux"],
    [securityOption(containers, "apparmor:"), "com.amazonaws.ecs.capability.apparmor"],
    [isAwslogs, remoteApi("1.19")],
    [fromManager.length > 0, "ecs.capability.secrets.asm.environment-variables"],
    [ofDriversFromManager.length > 0, "ecs.capability.secrets.asm.bootstrap.log-driver"],
    [
      ofDriversFromManager.length < ofDrivers.length,
      "ecs.capability.secrets.ssm.bootstrap.log-driver",
    ],
    [sharesNamespaces, "ecs.capability.pid-ipc-namespace-sharing"],
    [definition.pidMode ?? has(({ dockerLabels }) => dockerLabels), remoteApi("1.17")],
    ...plugins.map((driver) => [true, `ecs.capability.docker-plugin.${driver}`] as const),
    [logs("mode"), remoteApi("1.28")],
    [has(isOrdered), "ecs.capability.container-ordering"],
    [has(({ memoryReservation }) => memoryReservation), remoteApi("1.21")],
    [
      has((one) => one.linuxParameters?.tmpfs?.length) || linux("sharedMemorySize"),
      remoteApi("1.22"),
    ],
    [
      plugins.length > 0 || has(({ linuxParameters }) => linuxParameters?.initProcessEnabled),
      remoteApi("1.25"),
    ],
    [taskRoleArn, "com.amazonaws.ecs.capability.task-iam-role"],
    [
      taskRoleArn && networkMode === "host",
      "com.amazonaws.ecs.capability.task-iam-role-network-host",
    ],
    [has(({ healthCheck }) => healthCheck), "ecs.capability.container-health-check"],
    [isEcr && executionRoleArn, "ecs.capability.execution-role-ecr-pull"],
    [fromManager.length < secrets.length, "ecs.capability.secrets.ssm.environment-variables"],
    [
      has(({ repositoryCredentials }) => repositoryCredentials),
      "ecs.capability.private-registry-authentication.secretsmanager",
    ],
    [networkMode === "awsvpc" || drivers.some((driver) => driver !== "awslogs"), remoteApi("1.18")],
    [hasFsx(definition), "ecs.capability.fsxWindowsFileServer"],
    [networkMode === "awsvpc", "ecs.capability.task-eni"],
    [
      logs("awslogs-create-group") ||
        has(({ healthCheck }) => healthCheck?.startPeriod !== undefined),
      remoteApi("1.29"),
    ],
  ];
  return rows.flatMap(([isNeeded, ...names]) => (isNeeded ? names : []));
}

const hasFsx = ({ volumesOnInstances }: Described): boolean =>
  Object.values(volumesOnInstances ?? {}).some(
    (volume) => volume["fsxWindowsFileServerVolumeConfiguration"],
  );

function dockerPluginsOf({ volumesOnInstances }: Described): string[] {
  const drivers = Object.values(volumesOnInstances ?? {}).flatMap((volume) => {
    const docker = volume["dockerVolumeConfiguration"] as { driver?: string } | undefined;
    return docker ? [docker.driver ?? "local"] : [];
  });
  return [...new Set(drivers)];
}

const securityOption = (containers: readonly ContainerDefinition[], prefix: string): boolean =>
  containers.some((container) => {
    const options = container.onInstances?.["dockerSecurityOptions"];
    return Array.isArray(options) && options.some((one) => String(one).startsWith(prefix));
  });

const isOrdered = ({ stopTimeout, startTimeout, dependsOn }: ContainerDefinition): boolean =>
  stopTimeout !== undefined || startTimeout !== undefined || dependsOn !== undefined;

/** Whether a value comes from Secrets Manager; all others are parameters. */
const isSecretArn = (valueFrom: string): boolean =>
  parseArn(valueFrom)?.service === "secretsmanager";

/** Whether an image is of ECR, whose stand-in is this engine's own registry. */
export function isEcrImage(image: string): boolean {
  // Whose image it is does not depend on the port it is pulled through.
  return parseImageReference(image, 0)?.type === "own";
}
