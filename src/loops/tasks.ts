/**
 * The task loop: a runner for every task that is not over, leftovers swept at the start, and STOPPED
 * tasks forgotten an hour after their end.
 */
import type { RuntimeEvent } from "../dataplane/containers/port.ts";
import type { Task } from "../model/ecs.ts";
import type { Change } from "../state/table.ts";
import { tasks } from "../state/tables/ecs.ts";
import { targets } from "../state/tables/load-balancing.ts";
import type { Loop } from "./loop.ts";
import { createExpiry } from "./tasks/expiry.ts";
import type { TaskLoopNeeds } from "./tasks/needs.ts";
import { createRemoval } from "./tasks/removal.ts";
import { startTaskRunner, type TaskRunner } from "./tasks/runner.ts";
import { createRuntimeView } from "./tasks/runtime-view.ts";

const firstRetryMs = 100;
const longestRetryMs = 10_000;

export function createTaskLoop(needs: TaskLoopNeeds): Loop {
  const { store, clock, logger, runtime } = needs;
  const view = createRuntimeView(runtime);
  const removal = createRemoval(needs, view);
  const expiry = createExpiry(needs);
  /** By ARN. */
  const runners = new Map<string, TaskRunner>();
  const byTaskId = new Map<string, TaskRunner>();
  let halt = new AbortController();
  const pending = new Set<Promise<void>>();
  const unwatch: (() => void)[] = [];

  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => pending.delete(tracked));
    pending.add(tracked);
  };

  const run = (task: Task): void => {
    const known = runners.get(task.arn);
    if (known) {
      known.wake();
      return;
    }
    if (halt.signal.aborted) return;
    const { arn, id } = task;
    const onEnd = (): void => {
      runners.delete(arn);
      byTaskId.delete(id);
    };
    const runner = startTaskRunner({ needs, view, scope: task, arn, onEnd });
    runners.set(arn, runner);
    byTaskId.set(id, runner);
  };

  const onTaskChange = (before: Task | undefined, after: Task | undefined): void => {
    const hasEnded = after?.lastStatus === "STOPPED";
    if (after && !hasEnded) run(after);
    else if (before) runners.get(before.arn)?.wake();
    if (hasEnded && before?.lastStatus !== "STOPPED") expiry.add(after);
    if (!after && before) expiry.drop(before.arn);
  };

  const onChange = (change: Change): void => {
    if (change.table === tasks.name) {
      onTaskChange(change.before as Task | undefined, change.after as Task | undefined);
    }
    if (change.table === targets.name && !change.after) {
      for (const runner of runners.values()) if (runner.awaitsTargets()) runner.wake();
    }
  };

  const wakeAll = (): void => {
    for (const runner of runners.values()) runner.wake();
  };

  const onEvent = (event: RuntimeEvent): void => {
    view.take(event);
    if (event.type === "resync") track(lookAgain().then(wakeAll));
    else byTaskId.get(event.taskId)?.wake();
  };

  const lookAgain = async (): Promise<void> => {
    for (let failures = 0; !halt.signal.aborted; failures++) {
      try {
        await view.refresh();
        return;
      } catch (error) {
        logger.error("tasks: the runtime's inventory could not be read", { error });
        const pause = Math.min(longestRetryMs, firstRetryMs * 2 ** failures);
        await clock.sleep(pause, halt.signal).catch(() => {});
      }
    }
  };

  /** What the runtime has of tasks that are over or that nobody knows. */
  const sweep = (all: readonly Task[]): void => {
    const byId = new Map(all.map((task) => [task.id, task]));
    for (const taskId of view.taskIds()) {
      const task = byId.get(taskId);
      if (task && task.lastStatus !== "STOPPED") continue;
      track(removal.remove(taskId, task?.arn, halt.signal));
    }
  };

  const begin = async (): Promise<void> => {
    unwatch.push(runtime.watch(onEvent));
    await lookAgain();
    if (halt.signal.aborted) return;
    unwatch.push(store.watch((changes) => changes.forEach(onChange)));
    const all = store.read((tx) => tx.table(tasks).all());
    sweep(all);
    expiry.start(all.filter((task) => task.lastStatus === "STOPPED"));
    for (const task of all) if (task.lastStatus !== "STOPPED") run(task);
  };

  return {
    start() {
      halt = new AbortController();
      track(begin());
    },
    wake: wakeAll,
    async stop() {
      halt.abort();
      expiry.stop();
      for (const end of unwatch.splice(0)) end();
      await Promise.all([...runners.values()].map((runner) => runner.stop()));
      runners.clear();
      byTaskId.clear();
      await Promise.all(pending);
    },
    async idle() {
      await Promise.all(pending);
    },
  };
}
