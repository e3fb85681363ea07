/**
 * One task's life: reads the record, asks the engine for the next step, takes it, and waits when
 * there is none. Each task has a runner of its own, so a slow pull delays nobody else.
 *
 * A runner keeps nothing that matters: killed at any point, a new one goes on from the record and
 * from what the runtime has.
 */
import {
  nextTaskStep,
  type TaskObservation,
  type TaskStep,
} from "../../engine/task-lifecycle/next-step.ts";
import * as outcomes from "../../engine/task-lifecycle/outcomes.ts";
import type { Task } from "../../model/ecs.ts";
import { InvariantError } from "../../model/invariant-error.ts";
import type { Scope } from "../../model/scope.ts";
import { createLaunch } from "./launch.ts";
import { TaskFailure, type TaskLoopNeeds } from "./needs.ts";
import { createTaskRecords } from "./records.ts";
import { createRemoval } from "./removal.ts";
import type { RuntimeView } from "./runtime-view.ts";
import { createStopping } from "./stopping.ts";

export type TaskRunner = {
  /** Something that may concern the task has changed. */
  wake(): void;
  /** Takes no further step; resolves when the one under way is over. */
  stop(): Promise<void>;
  /** Whether it waits for the task's targets to drain. */
  awaitsTargets(): boolean;
};

const firstRetryMs = 100;
const longestRetryMs = 10_000;

export type RunnerInput = {
  readonly needs: TaskLoopNeeds;
  readonly view: RuntimeView;
  readonly scope: Scope;
  readonly arn: string;
  /** Called once when the task needs nothing more. */
  readonly onEnd: () => void;
};

export function startTaskRunner(input: RunnerInput): TaskRunner {
  const { needs, view, arn } = input;
  const { clock, logger } = needs;
  const records = createTaskRecords(needs, input.scope, arn);
  const halt = new AbortController();
  const launch = createLaunch(needs, view, records);
  const stopping = createStopping(needs, view, records);
  const removal = createRemoval(needs, view);
  let woken = Promise.withResolvers<void>();
  let failures = 0;
  let last: Task | undefined;

  const observe = (task: Task): TaskObservation => ({
    sandboxLost: task.sandbox !== undefined && view.sandboxOf(task.id) !== task.sandbox.id,
    containers: new Map(
      [...view.containersOf(task.id)].map(([name, container]) => [name, container.state]),
    ),
    hasTargets: records.hasTargets(task),
    signalled: stopping.signalled(),
    wall: clock.wall(),
  });

  const take = async (step: TaskStep, task: Task): Promise<void> => {
    switch (step.type) {
      case "attach-interface":
        return records.attachInterface();
      case "create-sandbox":
        return launch.createSandbox(task);
      case "connect":
        return launch.connect(task);
      case "prepare-containers":
        return launch.prepareContainers(task);
      case "start-containers":
        return launch.startContainers(task, step);
      case "restart-containers":
        return launch.restartContainers(task, step.names);
      case "record-health":
        return records.commit((now) => outcomes.healthRecorded(now, step.changes, clock.now()));
      case "record-exits":
        return records.commit((now) =>
          outcomes.exitsRecorded(now, step.exits, step.stop, clock.now()),
        );
      case "stop":
        return records.commit((now) => outcomes.withStop(now, step.stop));
      case "await-targets":
        return records.commit(outcomes.deactivating);
      case "signal-containers":
        return stopping.signalContainers(task, step.containers);
      case "deprovision":
        await launch.end();
        return records.detachInterface();
      case "finish":
        return stopping.finish(task, halt.signal);
      case "wait":
        return waitUntil(step.untilWall);
      case "done":
        return;
    }
  };

  const waitUntil = async (wall: number | undefined): Promise<void> => {
    const timer =
      wall === undefined ? undefined : clock.wallAfter(wall - clock.wall(), woken.resolve);
    await woken.promise;
    timer?.cancel();
  };

  const takeOrFail = async (step: TaskStep, task: Task): Promise<void> => {
    try {
      await take(step, task);
      failures = 0;
    } catch (error) {
      if (halt.signal.aborted || launch.isCallOff(error)) return;
      if (error instanceof TaskFailure) {
        records.commit((now) => outcomes.failedToStart(now, error, clock.now()));
        return;
      }
      await pauseAfter(error, step);
    }
  };

  const pauseAfter = async (error: unknown, step: TaskStep): Promise<void> => {
    failures += 1;
    const message = error instanceof InvariantError ? "a broken invariant" : "a step failed";
    logger.error(`tasks: ${message}`, { task: arn, step: step.type, error });
    const pause = Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1));
    await clock.sleep(pause, halt.signal).catch(() => {});
  };

  const run = async (): Promise<void> => {
    // The commit that made the task is told to everybody before another follows.
    await Promise.resolve();
    while (!halt.signal.aborted) {
      woken = Promise.withResolvers();
      const task = records.read();
      if (!task || task.lastStatus === "STOPPED") break;
      last = task;
      if (task.stop !== undefined) launch.callOff();
      const definition = records.definition(task);
      await takeOrFail(nextTaskStep(task, definition, observe(task), clock.now()), task);
    }
    stopping.end();
    await launch.end();
    if (halt.signal.aborted) return;
    // The task is STOPPED, or its record was deleted under it: nothing of it stays with the runtime.
    if (last) await removal.remove(last.id, last.arn, halt.signal);
    input.onEnd();
  };

  const running = run().catch((error) =>
    logger.error("tasks: a runner ended", { task: arn, error }),
  );
  return {
    wake() {
      woken.resolve();
      const task = records.read();
      if (!task || task.stop !== undefined) launch.callOff();
    },
    async stop() {
      halt.abort();
      woken.resolve();
      launch.callOff();
      await running;
    },
    awaitsTargets: () => last?.lastStatus === "DEACTIVATING",
  };
}
