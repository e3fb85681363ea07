/**
 * The log loop: the lines of every container with the awslogs driver go to its log stream, from its
 * start to its end. How far each has come is kept with its events, so that the next engine goes on there.
 */
import type { ContainerRuntime } from "../dataplane/containers/port.ts";
import type { LogStore } from "../dataplane/logs/port.ts";
import { eventStartOf } from "../engine/log-event-start.ts";
import { type LogDelivery, type LogSink, logDeliveryOf, logSinkOf } from "../engine/log-sink.ts";
import { effectiveDefinition } from "../engine/task-lifecycle/effective-definition.ts";
import { parseArn } from "../model/arn.ts";
import type { Task, TaskContainer } from "../model/ecs.ts";
import { logStreamArn } from "../model/logs.ts";
import { ensureLogGroup } from "../state/log-groups.ts";
import { ensureLogStream, logStreamKey } from "../state/log-streams.ts";
import { type ActingRole, askRole } from "../state/role-access.ts";
import { tasks } from "../state/tables/ecs.ts";
import { type LogShipment, logShipmentKey, logShipments } from "../state/tables/log-shipments.ts";
import { taskOrigin } from "../state/vpc-endpoints.ts";
import { findDefinition } from "./find-definition.ts";
import { shipLogs } from "./logs/shipment.ts";
import { type WayOutNeeds, wayOutOf } from "./logs/way-out.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";
import { executionRoleOf } from "./tasks/resources.ts";

export type LogShippingNeeds = LoopDependencies & {
  readonly runtime: Pick<ContainerRuntime, "followLogs" | "freeze" | "inspect" | "thaw">;
  readonly logs: Pick<LogStore, "append" | "forgetWriters" | "progressOf">;
  /** Whether the task's interface reaches a destination over TLS. */
  readonly pathTo: WayOutNeeds["pathTo"];
};

export type LogShipping = Loop & {
  /**
   * Resolves when everything that the task's ended containers wrote is in the log store, so that they
   * may be removed. A container that still runs is not waited for.
   */
  drained(taskArn: string): Promise<void>;
};

export function createLogShipping(needs: LogShippingNeeds): LogShipping {
  const { store, logger, runtime } = needs;
  const halt = new AbortController();
  /** By shipment key; present until the lines are in, or following was given up. */
  const underWay = new Map<string, Promise<void>>();
  const changed = new Set<string>();
  let isFirst = true;

  const put = (shipment: LogShipment): void =>
    store.write((tx) => tx.table(logShipments).put(shipment));

  const ship = async (task: Task, container: TaskContainer, way: Way): Promise<void> => {
    const { sink, delivery, startsEvent } = way;
    const known = store.read((tx) =>
      tx.table(logShipments).get(task, logShipmentKey(task.arn, container.name)),
    );
    const restarts = container.restartCount ?? 0;
    const isIn = known?.drained && (known.restarts ?? 0) === restarts;
    if (isIn || container.handle === undefined) return;
    const found = openStream(needs, sink);
    const { account, region, arn: taskArn } = task;
    const shipment: LogShipment = {
      account,
      region,
      taskArn,
      container: container.name,
      drained: false,
    };
    if (!known) put(shipment);
    if (found === "no-group") {
      logger.warn("log-shipping: lines are dropped, the log group is gone", { task: taskArn });
    } else {
      const input = {
        handle: container.handle,
        streamKey: logStreamKey(sink.scope, sink.group, sink.stream),
        writer: logShipmentKey(taskArn, container.name),
        startsEvent,
        ...delivery,
        wayOut: wayOutOf(needs, {
          task: () => store.read((tx) => tx.table(tasks).get(task, taskArn)),
          container: container.name,
          region: sink.scope.region,
        }),
        mayStore: permission(needs, task, way),
        isResumed: known !== undefined,
      };
      await shipLogs(needs, input, halt.signal);
    }
    put({ ...shipment, drained: true, restarts });
    const later = latest(task, container.name);
    if (later && (later.restartCount ?? 0) > restarts) await ship(task, later, way);
  };

  const latest = (task: Task, name: string): TaskContainer | undefined =>
    store
      .read((tx) => tx.table(tasks).get(task, task.arn))
      ?.containers.find((container) => container.name === name);

  /** Starts what is missing for a task's containers; gives those under way. */
  const look = (task: Task): { handle: string; done: Promise<void> }[] =>
    task.containers.flatMap((container) => {
      const { name, handle, lastStatus } = container;
      if (handle === undefined || lastStatus === "PENDING" || halt.signal.aborted) return [];
      if (hasNeverRun(task, container)) return [];
      const way = wayOf(needs, task, name);
      if (!way) return [];
      const key = logShipmentKey(task.arn, name);
      const done = underWay.get(key) ?? begin(key, ship(task, container, way));
      return [{ handle, done }];
    });

  const begin = (key: string, work: Promise<void>): Promise<void> => {
    const done = work
      .catch((error: unknown) => {
        if (!halt.signal.aborted) logger.error("log-shipping: a shipment failed", { key, error });
      })
      .finally(() => underWay.delete(key));
    underWay.set(key, done);
    return done;
  };

  const pass = async (): Promise<undefined> => {
    const known = store.read((tx) => {
      const table = tx.table(tasks);
      return isFirst ? table.all() : table.all().filter((task) => changed.has(task.arn));
    });
    isFirst = false;
    changed.clear();
    for (const task of known) look(task);
    await forgetTasks(needs);
    return undefined;
  };

  const loop = createLoop({
    ...needs,
    name: "log-shipping",
    concerns(change) {
      if (change.table !== tasks.name) return false;
      changed.add(((change.after ?? change.before) as Task).arn);
      return true;
    },
    pass,
  });

  return {
    ...loop,
    async stop() {
      await loop.stop();
      halt.abort();
      await Promise.all(underWay.values());
    },
    async drained(taskArn) {
      const scope = parseArn(taskArn);
      const task = scope && store.read((tx) => tx.table(tasks).get(scope, taskArn));
      const waits = (task ? look(task) : []).map(async ({ handle, done }) => {
        const state = await runtime.inspect(handle).catch(() => undefined);
        if (state?.status !== "running") await done;
      });
      await Promise.all(waits);
    },
  };
}

/** It was made for a task that did not start: it has no lines, and on AWS no stream. */
const hasNeverRun = ({ stop }: Task, { startedAt, exitCode }: TaskContainer): boolean =>
  stop?.code === "TaskFailedToStart" && startedAt === undefined && exitCode === undefined;

type Way = {
  readonly sink: LogSink;
  readonly delivery: LogDelivery;
  readonly startsEvent: ((text: string) => boolean) | undefined;
  readonly role: ActingRole | undefined;
};

function wayOf({ store }: LogShippingNeeds, task: Task, name: string): Way | undefined {
  const registered = store.read((tx) => findDefinition(tx, task, task.taskDefinitionArn));
  const definition = registered && effectiveDefinition(task, registered);
  const container = definition?.containers.find((one) => one.name === name);
  const sink = container && logSinkOf(task, container);
  const delivery = container && logDeliveryOf(task, container);
  if (!definition || !sink || !delivery) return undefined;
  const startsEvent = eventStartOf(container.logConfiguration?.options ?? {});
  return { sink, delivery, startsEvent, role: executionRoleOf(task, definition) };
}

/** Whether the execution role may put events into the stream; told to the log when it may no longer. */
function permission(
  { store, clock, logger }: LogShippingNeeds,
  task: Task,
  { role, sink }: Way,
): () => boolean {
  let isTold = false;
  const { scope, group, stream } = sink;
  const resource = logStreamArn(scope, group, stream);
  const question = { action: "logs:PutLogEvents", resource };
  return () => {
    const verdict = store.read((tx) => {
      const origin = taskOrigin(tx, task, { service: "logs", region: scope.region });
      return askRole(tx, role, scope, clock.now(), { ...question, origin });
    });
    const isDenied = verdict.type === "denied";
    if (isDenied && !isTold) {
      logger.warn("log-shipping: lines are dropped", { task: task.arn, reason: verdict.message });
    }
    isTold = isDenied;
    return !isDenied;
  };
}

/** As on AWS the stream is there before the first line is. */
const openStream = (
  { store, clock }: LogShippingNeeds,
  sink: LogSink,
): ReturnType<typeof ensureLogStream> =>
  store.write((tx) => {
    const now = clock.now();
    if (sink.createGroup) ensureLogGroup(tx, { ...sink, now });
    return ensureLogStream(tx, { ...sink, now });
  });

/** Drops the records of tasks that nobody knows any more. */
async function forgetTasks({ store, logs }: LogShippingNeeds): Promise<void> {
  const lost = store.read((tx) => {
    const table = tx.table(tasks);
    return tx
      .table(logShipments)
      .all()
      .filter((shipment) => !table.get(shipment, shipment.taskArn));
  });
  if (lost.length === 0) return;
  const keyOf = ({ taskArn, container }: LogShipment): string => logShipmentKey(taskArn, container);
  await logs.forgetWriters(lost.map(keyOf));
  store.write((tx) => {
    for (const shipment of lost) tx.table(logShipments).delete(shipment, keyOf(shipment));
  });
}
