/** What RunTask may override of a task definition. */
import type { ContainerOverride as Input, TaskOverride } from "@aws-sdk/client-ecs";
import { noOverrides } from "../../engine/new-task.ts";
import { effectiveDefinition } from "../../engine/task-lifecycle/effective-definition.ts";
import type { ContainerOverride, TaskDefinition, TaskOverrides } from "../../model/ecs.ts";
import type { Scope } from "../../model/scope.ts";
import { clientError, invalidParameter } from "./errors.ts";
import { checkMemory, refuseForFargate } from "./validate-container.ts";
import { nameTaken } from "./validate-secrets.ts";
import {
  checkFargateSize,
  checkTogether,
  parseSize,
  readEphemeralStorage,
  readRole,
} from "./validate-task-definition.ts";

const longestOverrides = 8192;

export function readOverrides(
  scope: Scope,
  input: TaskOverride | undefined,
  definition: TaskDefinition,
): TaskOverrides {
  if (!input) return noOverrides;
  if (JSON.stringify(input).length > longestOverrides) {
    throw invalidParameter(`Container Overrides length must be at most ${longestOverrides}`);
  }
  const merged = new Map<string, ContainerOverride>();
  if (input.inferenceAcceleratorOverrides?.length) {
    throw clientError("Unsupported field 'inferenceAcceleratorOverrides'");
  }
  for (const override of input.containerOverrides ?? []) {
    refuseForFargate(override, ["resourceRequirements"]);
    const name = checkContainer(override.name, definition);
    merged.set(name, mergeOverride(name, merged.get(name), override));
    checkNames(definition, merged.get(name));
  }
  const overrides: TaskOverrides = {
    containers: [...merged.values()],
    ...parseSize(input),
    ephemeralStorageGiB: readEphemeralStorage(input.ephemeralStorage?.sizeInGiB),
    executionRoleArn: readRole(scope, input.executionRoleArn),
    taskRoleArn: readRole(scope, input.taskRoleArn),
  };
  checkSizes(overrides, definition);
  return overrides;
}

/** What comes of the overrides must be a task that Fargate has, as if it had been registered so. */
function checkSizes(overrides: TaskOverrides, definition: TaskDefinition): void {
  const effective = effectiveDefinition({ overrides }, definition);
  checkFargateSize(effective);
  for (const container of effective.containers) {
    const { name, cpu, memory, memoryReservation } = container;
    const sizes = {
      cpu,
      ...(memory && { memory }),
      ...(memoryReservation && { memoryReservation }),
    };
    checkMemory(name, sizes, { taskMemory: effective.memory });
  }
  checkTogether(effective.containers, effective);
}

/** A variable may not take the place of a secret. */
function checkNames({ containers }: TaskDefinition, override: ContainerOverride | undefined): void {
  const secrets = containers.find(({ name }) => name === override?.name)?.secrets ?? [];
  const taken = new Set(secrets.map(({ name }) => name));
  const clash = override?.environment.find(({ name }) => taken.has(name));
  if (clash) throw nameTaken(clash.name);
}

function checkContainer(name: string | undefined, definition: TaskDefinition): string {
  if (name && definition.containers.some((container) => container.name === name)) return name;
  throw invalidParameter(
    `Override for container named ${name ?? ""} is not a container in the TaskDefinition.`,
  );
}

/** A container may be named twice: what comes later wins, a variable at a time. */
function mergeOverride(
  name: string,
  before: ContainerOverride | undefined,
  input: Input,
): ContainerOverride {
  const variables = new Map(before?.environment.map((one) => [one.name, one]));
  for (const { name = "", value = "" } of input.environment ?? []) {
    variables.set(name, { name, value });
  }
  const command = input.command?.length ? input.command : before?.command;
  return {
    name,
    command,
    environment: [...variables.values()],
    cpu: input.cpu ?? before?.cpu,
    memory: input.memory ?? before?.memory,
    memoryReservation: input.memoryReservation ?? before?.memoryReservation,
  };
}
