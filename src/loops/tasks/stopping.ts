/** The effects of a task's end: signals, the kill after the stop timeout, and the sandbox's removal. */
import * as outcomes from "../../engine/task-lifecycle/outcomes.ts";
import type { Task } from "../../model/ecs.ts";
import type { Timer } from "../../seams/clock.ts";
import type { TaskLoopNeeds } from "./needs.ts";
import { orAborted } from "./or-aborted.ts";
import type { TaskRecords } from "./records.ts";
import type { RuntimeView } from "./runtime-view.ts";

export type Stopping = {
  /** Names of the containers that were told. */
  signalled(): ReadonlySet<string>;
  signalContainers(
    task: Task,
    containers: readonly { readonly name: string; readonly timeoutSeconds: number }[],
  ): Promise<void>;
  finish(task: Task, halt: AbortSignal): Promise<void>;
  /** Calls off the kills that are still to come. */
  end(): void;
};

const defaultStopSignal = "SIGTERM";
const killRetryMs = 1000;

export function createStopping(
  needs: TaskLoopNeeds,
  view: RuntimeView,
  records: TaskRecords,
): Stopping {
  const { clock, runtime, logger } = needs;
  const ended = new AbortController();
  const kills = new Set<Timer>();
  const signalled = new Set<string>();

  /** The daemon may be away just now. */
  const killAtLast = async (id: string): Promise<void> => {
    while (!ended.signal.aborted) {
      try {
        await runtime.signal(id, "SIGKILL");
        return;
      } catch (error) {
        logger.warn("tasks: a container could not be killed", { container: id, error });
        await clock.wallSleep(killRetryMs, ended.signal).catch(() => {});
      }
    }
  };

  /** What a process is given to end in is wall time: it knows no other. */
  const killLater = (id: string, timeoutSeconds: number): void => {
    kills.add(clock.wallAfter(timeoutSeconds * 1000, () => void killAtLast(id)));
  };

  return {
    signalled: () => signalled,
    async signalContainers(task, containers) {
      if (task.lastStatus !== "STOPPING") records.commit(outcomes.stopping);
      for (const { name, timeoutSeconds } of containers) {
        const seen = view.containersOf(task.id).get(name);
        if (seen?.state.status === "running") {
          const recorded = task.containers.find((container) => container.name === name);
          await runtime.signal(seen.id, recorded?.stopSignal ?? defaultStopSignal);
          killLater(seen.id, timeoutSeconds);
        }
        // Only now: a signal that failed is sent again.
        signalled.add(name);
      }
    },
    async finish(task, halt) {
      const sandbox = view.sandboxOf(task.id);
      if (sandbox !== undefined) await runtime.removeSandbox(sandbox);
      const vpcId = records.network(task)?.vpcId;
      if (vpcId !== undefined) await orAborted(needs.settled(task, vpcId), halt);
      records.commit((now) => outcomes.finished(now, clock.now()));
    },
    end() {
      ended.abort();
      for (const kill of kills) kill.cancel();
    },
  };
}
