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

export function createStopping(
  needs: TaskLoopNeeds,
  view: RuntimeView,
  records: TaskRecords,
): Stopping {
  const { clock, runtime, logger } = needs;
  const kills = new Set<Timer>();
  const signalled = new Set<string>();

  /** What a process is given to end in is wall time: it knows no other. */
  const killLater = (id: string, timeoutSeconds: number): void => {
    const kill = clock.wallAfter(timeoutSeconds * 1000, () => {
      runtime.signal(id, "SIGKILL").catch((error) => {
        logger.error("tasks: a container could not be killed", { container: id, error });
      });
    });
    kills.add(kill);
  };

  return {
    signalled: () => signalled,
    async signalContainers(task, containers) {
      if (task.lastStatus !== "STOPPING") records.commit(outcomes.stopping);
      for (const { name, timeoutSeconds } of containers) {
        signalled.add(name);
        const seen = view.containersOf(task.id).get(name);
        if (seen?.state.status !== "running") continue;
        const recorded = task.containers.find((container) => container.name === name);
        await runtime.signal(seen.id, recorded?.stopSignal ?? defaultStopSignal);
        killLater(seen.id, timeoutSeconds);
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
      for (const kill of kills) kill.cancel();
    },
  };
}
