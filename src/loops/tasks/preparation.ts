/**
 * Getting a task's containers ready: logins and secrets fetched, images pulled, containers created. It
 * runs beside the sandbox and the network, because together they are most of what a launch takes.
 */
import type { PulledImage } from "../../dataplane/containers/port.ts";
import { DriverError } from "../../dataplane/errors.ts";
import { logDeliveryOf } from "../../engine/log-sink.ts";
import { architectureOf } from "../../engine/task-lifecycle/architecture.ts";
import { containerSettings, programOf } from "../../engine/task-lifecycle/container-settings.ts";
import { containerEnvironment } from "../../engine/task-lifecycle/environment.ts";
import type { PreparedContainer } from "../../engine/task-lifecycle/outcomes.ts";
import * as reasons from "../../engine/task-lifecycle/reasons.ts";
import { runtimeIdOf } from "../../engine/task-lifecycle/runtime-id.ts";
import type { ContainerDefinition, Task, TaskContainer, TaskDefinition } from "../../model/ecs.ts";
import { InvariantError } from "../../model/invariant-error.ts";
import { TaskFailure, type TaskLoopNeeds } from "./needs.ts";
import { pullImage } from "./pull.ts";
import { executionRoleOf, fetchResources, type TaskResources } from "./resources.ts";
import type { RuntimeView } from "./runtime-view.ts";

export type Prepared = {
  readonly containers: ReadonlyMap<string, PreparedContainer>;
  /** Engine time at which the last image was there. */
  readonly pullStoppedAt: number;
};

export type Preparation = {
  /** Lets container creation begin. */
  useSandbox(sandboxId: string): void;
  /** Rejects with `TaskFailure`, or with the signal's reason. */
  readonly result: Promise<Prepared>;
};

/** Starts at once. Aborting `signal` ends a pull; a container under creation is finished. */
export function startPreparation(
  needs: TaskLoopNeeds,
  view: RuntimeView,
  task: Task,
  definition: TaskDefinition,
  signal: AbortSignal,
): Preparation {
  const sandbox = Promise.withResolvers<string>();
  signal.addEventListener("abort", () => sandbox.reject(signal.reason), { once: true });
  const pulls = pullAll(needs, task, definition, signal);
  const result = Promise.all([pulls, sandbox.promise]).then(async ([pulled, sandboxId]) => {
    const create = async (container: ContainerDefinition): Promise<Made> => {
      const image = pulled.images[definition.containers.indexOf(container)];
      if (!image) throw new Error(`no image for container ${container.name}`);
      signal.throwIfAborted();
      const secrets = pulled.resources.secrets.get(container.name) ?? [];
      const parts = { task, definition, container, image, secrets, sandboxId };
      return [container.name, await createContainer(needs, view, parts)];
    };
    const made = createInOrder(definition.containers, create);
    // Not one is left under way when the result is known: a stop removes what has been created.
    const settled = await Promise.allSettled(made);
    const failed = settled.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
    const containers = new Map(
      settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])),
    );
    return { containers, pullStoppedAt: pulled.pullStoppedAt };
  });
  // The step that awaits it comes later; until then a failure is nobody's.
  for (const promise of [result, pulls, sandbox.promise]) promise.catch(() => {});
  return { useSandbox: sandbox.resolve, result };
}

type Pulled = {
  readonly images: readonly PulledImage[];
  readonly resources: TaskResources;
  readonly pullStoppedAt: number;
};

/** Logins and secrets first, then the images, all at once. */
async function pullAll(
  needs: TaskLoopNeeds,
  task: Task,
  definition: TaskDefinition,
  signal: AbortSignal,
): Promise<Pulled> {
  const resources = await fetchResources(needs, task, definition, signal);
  const role = executionRoleOf(task, definition);
  const architecture = architectureOf(definition);
  const images = await Promise.all(
    definition.containers.map((container) => {
      const login = resources.logins.get(container.name);
      return pullImage(needs, { task, role, container, login, architecture }, signal);
    }),
  );
  return { images, resources, pullStoppedAt: needs.clock.now() };
}

type Made = readonly [string, PreparedContainer];

/** All at once, but those whose volumes another takes over before that one. */
function createInOrder(
  containers: readonly ContainerDefinition[],
  create: (container: ContainerDefinition) => Promise<Made>,
): Promise<Made>[] {
  const made = new Map<string, Promise<Made>>();
  const make = (container: ContainerDefinition): Promise<Made> => {
    const known = made.get(container.name);
    if (known) return known;
    const sources = (container.volumesFrom ?? []).flatMap(
      ({ sourceContainer }) => containers.find(({ name }) => name === sourceContainer) ?? [],
    );
    const begun =
      sources.length === 0
        ? create(container)
        : Promise.all(sources.map(make)).then(() => create(container));
    made.set(container.name, begun);
    return begun;
  };
  return containers.map(make);
}

type ContainerParts = {
  readonly task: Task;
  readonly definition: TaskDefinition;
  readonly container: ContainerDefinition;
  readonly image: PulledImage;
  readonly secrets: readonly { readonly name: string; readonly value: string }[];
  readonly sandboxId: string;
};

const mebibyte = 1024 * 1024;
/** What Fargate gives where nothing is said. */
const defaultStorageGiB = 20;

const toBytes = (mebibytes: number | undefined): number | undefined =>
  mebibytes === undefined ? undefined : mebibytes * mebibyte;

async function createContainer(
  needs: TaskLoopNeeds,
  view: RuntimeView,
  parts: ContainerParts,
): Promise<PreparedContainer> {
  const { task, definition, container, image, secrets, sandboxId } = parts;
  const override = task.overrides.containers.find((one) => one.name === container.name);
  const memory = container.memory ?? definition.memory;
  const runtimeId = runtimeIdOf(task, recordOf(task, container.name));
  try {
    const handle = await needs.runtime.createContainer({
      taskId: task.id,
      name: container.name,
      sandboxId,
      imageId: image.id,
      ...programOf(container, override),
      environment: containerEnvironment(task, container, runtimeId, {
        secrets,
        hasRole: definition.taskRoleArn !== undefined,
      }),
      cpuUnits: container.cpu,
      cpuLimitUnits: definition.cpu,
      memoryLimitBytes: toBytes(memory),
      memoryReservationBytes: toBytes(container.memoryReservation),
      taskMemoryBytes: toBytes(definition.memory),
      storageGiB: definition.ephemeralStorageGiB ?? defaultStorageGiB,
      sharesProcesses: definition.pidMode === "task",
      labels: labelsOf(task, definition, container),
      output: logDeliveryOf(task, container),
      ...containerSettings(container),
    });
    view.noteContainer(task.id, container.name, handle, { status: "created" });
    return { handle, imageDigest: image.digest, runtimeId, stopSignal: image.stopSignal };
  } catch (error) {
    if (!(error instanceof DriverError) || error.kind === "unavailable") throw error;
    throw new TaskFailure(reasons.containerNotCreated(error.message), container.name);
  }
}

function recordOf(task: Task, name: string): TaskContainer {
  const container = task.containers.find((one) => one.name === name);
  if (!container) throw new InvariantError(`task ${task.id} has no container ${name}`);
  return container;
}

/** The labels that the ECS agent puts on containers; tools look for them. */
const labelsOf = (
  task: Task,
  definition: TaskDefinition,
  container: ContainerDefinition,
): Record<string, string> => ({
  ...container.dockerLabels,
  "com.amazonaws.ecs.cluster": task.clusterArn,
  "com.amazonaws.ecs.container-name": container.name,
  "com.amazonaws.ecs.task-arn": task.arn,
  "com.amazonaws.ecs.task-definition-family": definition.family,
  "com.amazonaws.ecs.task-definition-version": String(definition.revision),
});
