/** The effects of a task's launch: sandbox, network, images, containers, processes. */
import type { Sandbox } from "../../dataplane/containers/port.ts";
import { DriverError } from "../../dataplane/errors.ts";
import type { NameServing } from "../../engine/task-lifecycle/addresses.ts";
import { effectiveDefinition } from "../../engine/task-lifecycle/effective-definition.ts";
import * as outcomes from "../../engine/task-lifecycle/outcomes.ts";
import * as reasons from "../../engine/task-lifecycle/reasons.ts";
import type { Task, TaskContainer, TaskDefinition } from "../../model/ecs.ts";
import { openLogDriver } from "./log-driver.ts";
import { TaskFailure, type TaskLoopNeeds } from "./needs.ts";
import { orAborted } from "./or-aborted.ts";
import { type Preparation, startPreparation } from "./preparation.ts";
import type { TaskRecords } from "./records.ts";
import type { RuntimeView } from "./runtime-view.ts";

export type Launch = {
  createSandbox(task: Task): Promise<void>;
  connect(task: Task): Promise<void>;
  prepareContainers(task: Task): Promise<void>;
  startContainers(task: Task, step: StartStep): Promise<void>;
  /** Starts containers again that have ended. */
  restartContainers(task: Task, names: readonly string[]): Promise<void>;
  /** The task is to stop: waiting and pulling end at once. */
  callOff(): void;
  /** Whether a step threw only because the launch was called off. */
  isCallOff(error: unknown): boolean;
  /** Calls off, and resolves when nothing of the launch is under way. */
  end(): Promise<void>;
};

/** `names` are started in this order, `started` have been. */
type StartStep = { readonly names: readonly string[]; readonly started: readonly string[] };

/** Engine time after which a network that does not settle is given up, as on AWS. */
const networkTimeoutMs = 180_000;

export function createLaunch(
  needs: TaskLoopNeeds,
  view: RuntimeView,
  records: TaskRecords,
): Launch {
  const { clock, runtime } = needs;
  const off = new AbortController();
  let preparation: Preparation | undefined;
  let connectingSince: number | undefined;

  const definitionOf = (task: Task): TaskDefinition => {
    const definition = records.definition(task);
    if (!definition) throw new TaskFailure(reasons.definitionLost);
    return effectiveDefinition(task, definition);
  };

  const moment = (): outcomes.Moment => ({ now: clock.now(), wall: clock.wall() });

  const prepare = (task: Task): Preparation => {
    preparation ??= startPreparation(needs, view, task, definitionOf(task), off.signal);
    return preparation;
  };

  return {
    async createSandbox(task) {
      const pending = prepare(task);
      const network = records.network(task);
      const sandbox = await makeSandbox(needs, task, network?.names);
      view.noteSandbox(task.id, sandbox.id);
      records.commit((now) => outcomes.sandboxCreated(now, sandbox));
      pending.useSandbox(sandbox.id);
    },
    async connect(task) {
      if (task.sandbox) prepare(task).useSandbox(task.sandbox.id);
      const vpcId = records.network(task)?.vpcId;
      connectingSince ??= clock.now();
      const leftMs = connectingSince + networkTimeoutMs - clock.now();
      if (vpcId !== undefined) await settleInTime(needs, task, vpcId, leftMs, off.signal);
      records.commit((now) => outcomes.connected(now, clock.now()));
    },
    async prepareContainers(task) {
      const pending = prepare(task);
      if (task.sandbox) pending.useSandbox(task.sandbox.id);
      const { containers, pullStoppedAt } = await pending.result.catch((error) => {
        // What may go better the next time begins anew.
        preparation = undefined;
        throw error;
      });
      records.commit((now) => outcomes.containersPrepared(now, containers, pullStoppedAt));
    },
    async startContainers(task, { names, started }) {
      const definition = definitionOf(task);
      for (const container of definition.containers) {
        await openLogDriver(needs, task, definition, container, off.signal);
      }
      for (const name of names) {
        const container = task.containers.find((one) => one.name === name);
        if (container?.handle === undefined) continue;
        off.signal.throwIfAborted();
        await startContainer(runtime, container);
        view.noteContainer(task.id, container.name, container.handle, { status: "running" });
      }
      records.commit((now) => outcomes.containersStarted(now, [...names, ...started], moment()));
    },
    async restartContainers(task, names) {
      for (const container of task.containers) {
        const { name, handle } = container;
        if (!names.includes(name) || handle === undefined) continue;
        const undo = view.noteRestart(task.id, name);
        await runtime.startContainer(handle).catch((error) => {
          undo();
          throw error;
        });
        view.noteContainer(task.id, name, handle, { status: "running" });
      }
      records.commit((now) => outcomes.containersRestarted(now, names, moment()));
    },
    callOff: () => off.abort(),
    isCallOff: (error) => off.signal.aborted && error === off.signal.reason,
    async end() {
      off.abort();
      await preparation?.result.catch(() => {});
    },
  };
}

async function makeSandbox(
  { runtime }: TaskLoopNeeds,
  task: Task,
  names: NameServing | undefined,
): Promise<Sandbox> {
  try {
    return await runtime.createSandbox({
      taskId: task.id,
      hostname: task.attachment.privateDnsName ?? task.id,
      dnsServers: names?.servers ?? [],
      dnsSearch: names?.search ?? [],
      ...(task.attachment.privateIp !== undefined && { address: task.attachment.privateIp }),
    });
  } catch (error) {
    if (!(error instanceof DriverError) || error.kind === "unavailable") throw error;
    throw new TaskFailure(reasons.sandboxFailed(error.message));
  }
}

async function settleInTime(
  { clock, settled }: TaskLoopNeeds,
  task: Task,
  vpcId: string,
  leftMs: number,
  signal: AbortSignal,
): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = clock.after(leftMs, () => {
    late.reject(new TaskFailure(reasons.networkTimeout));
  });
  const interfaceId = task.attachment.networkInterfaceId;
  try {
    await orAborted(Promise.race([settled(task, vpcId, interfaceId), late.promise]), signal);
  } finally {
    timer.cancel();
  }
}

async function startContainer(
  runtime: TaskLoopNeeds["runtime"],
  { name, handle }: TaskContainer,
): Promise<void> {
  if (handle === undefined) return;
  try {
    await runtime.startContainer(handle);
  } catch (error) {
    if (!(error instanceof DriverError) || error.kind === "unavailable") throw error;
    throw new TaskFailure(reasons.containerNotStarted(error.message), name);
  }
}
