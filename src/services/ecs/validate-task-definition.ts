/**
 * What a task definition may say, in AWS's words, and the definition with its defaults filled in.
 *
 * What Fargate itself forbids gets Fargate's sentence when the definition is for Fargate, and is kept
 * when it is not; what is only missing here is refused by name.
 */
import type { RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import { isFargateSize, parseCpu, parseMemory } from "../../engine/fargate-sizes.ts";
import { findCompatibilities, isEcrImage } from "../../engine/task-definition-needs.ts";
import { ApiError } from "../../gateway/api-error.ts";
import type { ContainerDefinition, TaskDefinition } from "../../model/ecs.ts";
import type { Scope } from "../../model/scope.ts";
import { checkEnum, checkName, readTags } from "./checks.ts";
import { clientError, invalidParameter, notBuilt } from "./errors.ts";
import { pickSettings } from "./instance-settings.ts";
import { readContainer, readNames } from "./validate-container.ts";
import { checkOrdering } from "./validate-ordering.ts";
import { checkFetchingRole } from "./validate-secrets.ts";
import { checkMounts, readVolumes } from "./validate-volumes.ts";

/** All that the client decides of a definition. */
export type TaskDefinitionSpec = Pick<
  TaskDefinition,
  | "family"
  | "containers"
  | "cpu"
  | "memory"
  | "networkMode"
  | "pidMode"
  | "requiresCompatibilities"
  | "executionRoleArn"
  | "taskRoleArn"
  | "runtimePlatform"
  | "ephemeralStorageGiB"
  | "volumes"
  | "volumesOnInstances"
  | "onInstances"
  | "compatibilities"
  | "tags"
>;

type Input = RegisterTaskDefinitionRequest;

const mostContainers = 10;
const longestDefinition = 64 * 1024;
const compatibilities = ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"];

/** Throws what AWS answers when the definition cannot be. */
export function readTaskDefinition(scope: Scope, input: Input): TaskDefinitionSpec {
  const requires = input.requiresCompatibilities ?? [];
  for (const one of requires) checkEnum("requiresCompatibilities", one, compatibilities);
  const forFargate = requires.includes("FARGATE");
  const spec = readFor(scope, input, forFargate);
  const fitsFargate = forFargate || isAccepted(() => readFor(scope, input, true));
  return { ...spec, compatibilities: findCompatibilities(spec.networkMode, fitsFargate) };
}

/** Fargate has a task of the definition when it would take it. */
function isAccepted(reading: () => unknown): boolean {
  try {
    reading();
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

function readFor(
  scope: Scope,
  input: Input,
  forFargate: boolean,
): Omit<TaskDefinitionSpec, "compatibilities"> {
  const family = checkName("Family", input.family, clientError);
  checkSize(input);
  const given = input.containerDefinitions ?? [];
  if (given.length === 0) throw clientError("Container list cannot be empty.");
  for (const container of given) readNames(container);
  const networkMode = readNetworkMode(input.networkMode, forFargate);
  checkModes(input, forFargate);
  const size = readSize(input, forFargate);
  if (given.length > mostContainers) {
    throw clientError(`Task definitions can have at most ${mostContainers} containers.`);
  }
  const containers = given.map((container) =>
    readContainer(container, { forFargate, networkMode, taskMemory: size.memory }),
  );
  checkTogether(containers, size);
  checkOrdering(containers);
  const volumes = readVolumes(input.volumes, forFargate);
  checkMounts(containers, volumes.volumes ?? []);
  const executionRoleArn = readRole(scope, input.executionRoleArn);
  checkFetchingRole(containers, executionRoleArn);
  if (forFargate) checkExecutionRole(containers, executionRoleArn);
  const onInstances = pickSettings(input, ["ipcMode", "placementConstraints"]);
  return {
    family,
    containers,
    ...size,
    networkMode,
    pidMode: input.pidMode,
    requiresCompatibilities: input.requiresCompatibilities ?? [],
    executionRoleArn,
    taskRoleArn: readRole(scope, input.taskRoleArn),
    runtimePlatform: readPlatform(input.runtimePlatform),
    ephemeralStorageGiB: readEphemeralStorage(input.ephemeralStorage?.sizeInGiB),
    ...volumes,
    ...(onInstances && { onInstances }),
    tags: readDefinitionTags(input.tags),
  };
}

function checkSize(input: Input): void {
  const length = Buffer.byteLength(JSON.stringify(input));
  if (length <= longestDefinition) return;
  throw clientError(
    `Actual length: '${length}'. Max allowed length is '${longestDefinition}' bytes.`,
  );
}

function readNetworkMode(
  mode: Input["networkMode"],
  forFargate: boolean,
): TaskDefinition["networkMode"] {
  checkEnum("networkMode", mode, ["bridge", "host", "awsvpc", "none"]);
  if (forFargate && mode !== "awsvpc") {
    throw clientError("Fargate only supports network mode ‘awsvpc’.");
  }
  return mode;
}

/** Members that Fargate forbids altogether. */
function checkModes(input: Input, forFargate: boolean): void {
  if (input.inferenceAccelerators?.length) {
    throw clientError("Unsupported field 'inferenceAccelerators'");
  }
  checkEnum("pidMode", input.pidMode, ["host", "task"]);
  checkEnum("ipcMode", input.ipcMode, ["host", "task", "none"]);
  if (!forFargate) return;
  if (input.pidMode === "host") {
    throw clientError(
      "Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is 'task'.",
    );
  }
  if (input.ipcMode)
    throw clientError("Fargate compatible task definitions do not support ipcMode");
  if (input.placementConstraints?.length) {
    throw clientError("Fargate compatible task definitions do not support constraints");
  }
}

export type Size = Pick<TaskDefinition, "cpu" | "memory">;
type SizeInput = { readonly cpu?: string | undefined; readonly memory?: string | undefined };

/** CPU units and MiB as the texts say, undefined where there is none. */
export const parseSize = (input: SizeInput): Size => ({
  cpu: readAmount("cpu", input.cpu, parseCpu),
  memory: readAmount("memory", input.memory, parseMemory),
});

/** Throws unless Fargate has tasks of that size. */
export function checkFargateSize({ cpu, memory }: Size): void {
  if (cpu === undefined) throw missing("cpu");
  if (memory === undefined) throw missing("memory");
  if (!isFargateSize(cpu, memory)) {
    throw clientError("No Fargate configuration exists for given values.");
  }
}

/** CPU units of a task on instances. */
const cpuOnInstances = { least: 128, most: 196_608 };

function readSize(input: Input, forFargate: boolean): Size {
  const size = parseSize(input);
  if (forFargate) checkFargateSize(size);
  else if (size.cpu !== undefined) {
    const { least, most } = cpuOnInstances;
    if (size.cpu < least || size.cpu > most) throw invalidSize("cpu");
  }
  return size;
}

const missing = (member: string) =>
  clientError(`Fargate requires that '${member}' be defined at the task level.`);

function readAmount(
  member: string,
  text: string | undefined,
  parse: (text: string) => number | undefined,
): number | undefined {
  if (!text) return undefined;
  const amount = parse(text);
  if (amount !== undefined && amount > 0) return amount;
  throw invalidSize(member);
}

const invalidSize = (member: string) =>
  clientError(
    `Invalid '${member}' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`,
  );

/** Throws unless the containers fit together and into their task. */
export function checkTogether(containers: readonly ContainerDefinition[], task: Size): void {
  const names = new Set(containers.map((container) => container.name));
  if (names.size < containers.length) {
    throw clientError("Container names must be unique within a task definition");
  }
  if (!containers.some((container) => container.essential)) {
    throw clientError("Task definition doesn't have any essential container.");
  }
  const cpu = containers.reduce((sum, container) => sum + container.cpu, 0);
  if (task.cpu !== undefined && cpu > task.cpu) {
    throw clientError(
      "The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value.",
    );
  }
  const reserved = containers.reduce(
    (sum, { memoryReservation = 0 }) => sum + memoryReservation,
    0,
  );
  if (task.memory !== undefined && reserved > task.memory) {
    throw clientError(
      "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'.",
    );
  }
  const portNames = containers.flatMap(({ portMappings }) =>
    portMappings.flatMap((mapping) => mapping.name ?? []),
  );
  if (new Set(portNames).size < portNames.length) {
    throw clientError("Port mapping names must be unique within a task definition");
  }
}

/** Throws unless there is a role by which Fargate can do what the containers need. */
function checkExecutionRole(
  containers: readonly ContainerDefinition[],
  executionRoleArn: string | undefined,
): void {
  if (executionRoleArn) return;
  const needs = "Fargate requires task definition to have execution role ARN to support";
  if (containers.some(({ image }) => isEcrImage(image))) {
    throw clientError(`${needs} ECR images.`);
  }
  if (containers.some(({ logConfiguration }) => logConfiguration?.logDriver === "awslogs")) {
    throw clientError(`${needs} log driver awslogs.`);
  }
}

/** A role is named by its ARN or, within the account, by its name. */
export function readRole(scope: Scope, role: string | undefined): string | undefined {
  if (!role) return undefined;
  if (/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(role)) return role;
  if (/^[\w+=,.@-]{1,64}$/.test(role)) return `arn:aws:iam::${scope.account}:role/${role}`;
  throw clientError("Role is not valid");
}

function readPlatform(platform: Input["runtimePlatform"]): TaskDefinition["runtimePlatform"] {
  const { cpuArchitecture, operatingSystemFamily } = platform ?? {};
  checkEnum("runtimePlatform.cpuArchitecture", cpuArchitecture, ["ARM64", "X86_64"]);
  if (operatingSystemFamily && operatingSystemFamily !== "LINUX") {
    throw notBuilt(`operating system family ${operatingSystemFamily}`);
  }
  if (!cpuArchitecture && !operatingSystemFamily) return undefined;
  return { cpuArchitecture, operatingSystemFamily };
}

/** GiB within what Fargate gives. */
export function readEphemeralStorage(gibibytes: number | undefined): number | undefined {
  if (gibibytes === undefined) return undefined;
  if (gibibytes < 21) throw clientError("EphemeralStorage size should be at least 21");
  if (gibibytes > 200) throw clientError("EphemeralStorage size should be at most 200");
  return gibibytes;
}

function readDefinitionTags(tags: Input["tags"]): TaskDefinition["tags"] {
  if (tags?.length === 0) throw invalidParameter("Tags can not be empty.");
  return readTags(tags);
}
