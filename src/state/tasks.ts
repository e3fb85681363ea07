/** Making tasks, for every writer that does: RunTask and the loop that runs services. */
import { type NewTask, newTask } from "../engine/new-task.ts";
import type { Task } from "../model/ecs.ts";
import type { Ids } from "../seams/ids.ts";
import { accountRoot, effectiveSetting } from "./account-settings.ts";
import type { WriteTransaction } from "./store.ts";
import { tasks } from "./tables/ecs.ts";

/** Draws the task's ids and records it as PROVISIONING; the task loop does the rest. */
export function createTask(
  tx: WriteTransaction,
  ids: Ids,
  input: Omit<NewTask, "defaultLogMode">,
): Task {
  const { cluster } = input;
  const mode = effectiveSetting(tx, cluster, accountRoot(cluster), "defaultLogDriverMode");
  const defaultLogMode = mode === "blocking" ? "blocking" : "non-blocking";
  const task = newTask(
    { ...input, defaultLogMode },
    {
      task: ids.hex(32),
      attachment: ids.uuid(),
      containers: input.definition.containers.map(() => ids.uuid()),
    },
  );
  tx.table(tasks).put(task);
  return task;
}
