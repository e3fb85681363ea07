/** What a container definition may say, in AWS's words, and the container with its defaults. */
import type { ContainerDefinition as Input } from "@aws-sdk/client-ecs";
import type { ContainerDefinition, TaskDefinition } from "../../model/ecs.ts";
import { checkEnum } from "./checks.ts";
import { clientError } from "./errors.ts";
import { pickEmptyLists, pickSettings, refuseSettings } from "./instance-settings.ts";
import { readHealthCheck } from "./validate-health-check.ts";
import { readLogging } from "./validate-logging.ts";
import { readDependencies, readRestartPolicy, readTimeout } from "./validate-ordering.ts";
import { readPorts } from "./validate-ports.ts";
import { readProcess } from "./validate-process.ts";
import { readRepositoryCredentials, readSecrets } from "./validate-secrets.ts";
import { readMountPoints, readVolumesFrom } from "./validate-volumes.ts";

export type ContainerSurroundings = {
  readonly forFargate: boolean;
  readonly networkMode: TaskDefinition["networkMode"];
  /** MiB of the whole task, when it says. */
  readonly taskMemory: number | undefined;
};

export function readContainer(
  input: Input,
  surroundings: ContainerSurroundings,
): ContainerDefinition {
  const { forFargate, networkMode } = surroundings;
  const { name, image } = readNames(input);
  if (networkMode === "awsvpc") checkNetworking(input);
  if (forFargate) checkFargate(name, input);
  const kept = { ...pickSettings(input, instanceOnly), ...pickEmptyLists(input, shownEmpty) };
  checkMemory(name, input, surroundings);
  const portMappings = readPorts(name, input.portMappings, networkMode);
  return {
    name,
    image,
    cpu: input.cpu ?? 0,
    memory: input.memory || undefined,
    memoryReservation: input.memoryReservation || undefined,
    essential: input.essential ?? true,
    portMappings,
    environment: (input.environment ?? []).map((variable) => ({
      name: variable.name ?? "",
      value: variable.value ?? "",
    })),
    secrets: readSecrets(input),
    repositoryCredentials: readRepositoryCredentials(input.repositoryCredentials),
    versionConsistency: readVersionConsistency(input.versionConsistency),
    entryPoint: input.entryPoint,
    command: input.command,
    workingDirectory: input.workingDirectory,
    user: input.user,
    ...readProcess(input, forFargate),
    stopTimeout: readTimeout(name, "stop", input.stopTimeout, forFargate),
    startTimeout: readTimeout(name, "start", input.startTimeout, forFargate),
    healthCheck: readHealthCheck(name, input.healthCheck),
    dependsOn: readDependencies(input.dependsOn),
    restartPolicy: readRestartPolicy(name, input.restartPolicy),
    mountPoints: readMountPoints(input.mountPoints),
    volumesFrom: readVolumesFrom(input.volumesFrom),
    logConfiguration: readLogging(input.logConfiguration, forFargate),
    ...(Object.keys(kept).length > 0 && { onInstances: kept }),
  };
}

function readVersionConsistency(
  value: Input["versionConsistency"],
): ContainerDefinition["versionConsistency"] {
  checkEnum("versionConsistency", value, ["enabled", "disabled"]);
  return value;
}

/** Throws unless the container has a name and an image, which AWS asks for before all else. */
export function readNames(input: Input): { name: string; image: string } {
  const { name, image } = input;
  if (!name) throw clientError("Container.name should not be null or empty.");
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) {
    throw clientError("Container.name contains invalid characters.");
  }
  if (!image) throw clientError("Container.image should not be null or empty.");
  if (image.length > 255) throw clientError("Container.image must be at most 255 characters long.");
  if (!/^[\w./:@#-]+$/.test(image)) {
    throw clientError("Container.image contains invalid characters.");
  }
  return { name, image };
}

/** Members that act on instances only; those of the network not in awsvpc mode either. */
const instanceOnly = [
  ...["links", "dnsServers", "dnsSearchDomains", "disableNetworking", "hostname", "extraHosts"],
  ...["privileged", "dockerSecurityOptions", "resourceRequirements"],
];

const shownEmpty = [
  ...["links", "dnsServers", "dnsSearchDomains", "extraHosts", "dockerSecurityOptions"],
  ...[
    "resourceRequirements",
    "ulimits",
    "environmentFiles",
    "credentialSpecs",
    "secrets",
    "dependsOn",
  ],
];

/** What a task with an interface of its own cannot have. */
function checkNetworking(input: Input): void {
  if (input.links?.length) {
    throw clientError("Links are not supported when networkMode=awsvpc.");
  }
  if (input.dnsServers?.length) {
    throw clientError("DNS servers are not supported on container when networkMode=awsvpc");
  }
  if (input.disableNetworking) {
    throw clientError("Disable Networking is not supported on container when networkMode=awsvpc");
  }
  if (input.hostname) {
    throw clientError("Hostname is not supported on container when networkMode=awsvpc.");
  }
  if (input.extraHosts?.length) {
    throw clientError("Extra hosts are not supported on container when networkMode=awsvpc.");
  }
  if (input.dnsSearchDomains?.length) {
    throw clientError("DNS search domains are not supported on container when networkMode=awsvpc");
  }
}

function checkFargate(name: string, input: Input): void {
  if (input.privileged) {
    throw clientError(
      `Fargate requires that the 'privileged' setting be 'false' for container '${name}'`,
    );
  }
  refuseForFargate(input, ["dockerSecurityOptions", "resourceRequirements"]);
}

/** Throws, of the members that Fargate has no part for, Fargate's sentence for the first that says something. */
export const refuseForFargate = (input: object, members: readonly string[]): void =>
  refuseSettings(input, members, (member) =>
    clientError(`Fargate compatible task definitions do not support ${member}`),
  );

/** Throws unless the container can be of that size in its task. */
export function checkMemory(
  name: string,
  { memory, memoryReservation, cpu }: Pick<Input, "cpu" | "memory" | "memoryReservation">,
  { taskMemory }: Pick<ContainerSurroundings, "taskMemory">,
): void {
  const invalid = `Invalid setting for container '${name}'.`;
  if (cpu !== undefined && cpu < 0) throw clientError(`${invalid} 'cpu' must not be negative.`);
  if (taskMemory === undefined && !memory && !memoryReservation) {
    throw clientError(
      `${invalid} At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
  }
  // Docker gives no container less than 6 MiB, so neither does ECS.
  if (memory && memory < 6) throw clientError(`${invalid} 'memory' must be at least 6.`);
  if (memory && memoryReservation && memory < memoryReservation) {
    throw clientError(`${invalid} 'memory' must be greater than or equal to 'memoryReservation'`);
  }
  const most = Math.max(memory ?? 0, memoryReservation ?? 0);
  if (taskMemory !== undefined && most > taskMemory) {
    const member = (memory ?? 0) > taskMemory ? "memory" : "memoryReservation";
    throw clientError(
      `The '${member}' setting for container '${name}' is greater than for the task.`,
    );
  }
}
