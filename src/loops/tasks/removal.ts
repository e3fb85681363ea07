/** Taking away what the runtime still has of a task that is over, once its logs have been read. */

import type { TaskLoopNeeds } from "./needs.ts";
import { orAborted } from "./or-aborted.ts";
import type { RuntimeView } from "./runtime-view.ts";

export type Removal = {
  /** Resolves when nothing is left; a removal that fails is tried again until `signal` is aborted. */
  remove(taskId: string, taskArn: string | undefined, signal: AbortSignal): Promise<void>;
};

const retryMs = 5000;

export function createRemoval(needs: TaskLoopNeeds, view: RuntimeView): Removal {
  const { runtime, clock, logger, logsDrained } = needs;

  const removeAll = async (taskId: string): Promise<void> => {
    for (const { id, state } of view.containersOf(taskId).values()) {
      if (state.status === "running") await runtime.signal(id, "SIGKILL");
      await runtime.removeContainer(id);
    }
    await runtime.removeShared(taskId);
    const sandbox = view.sandboxOf(taskId);
    if (sandbox !== undefined) await runtime.removeSandbox(sandbox);
    view.forget(taskId);
  };

  return {
    async remove(taskId, taskArn, signal) {
      if (taskArn !== undefined) {
        await orAborted(logsDrained(taskArn), signal).catch(() => {});
      }
      while (!signal.aborted) {
        try {
          await removeAll(taskId);
          return;
        } catch (error) {
          logger.warn("tasks: leftovers of a task could not be removed", { task: taskId, error });
          await clock.sleep(retryMs, signal).catch(() => {});
        }
      }
    },
  };
}
