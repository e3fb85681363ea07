/** Waits until the task's own network leads where something is to be fetched for it. */
import type { Task } from "../../model/ecs.ts";
import type { TaskFailure, TaskLoopNeeds } from "./needs.ts";
import type { Destination } from "./paths.ts";

/** How often a destination is tried, and the engine time that a try takes. AWS takes minutes. */
const tries = 5;
const tryMs = 2000;

/**
 * Waits for the way to be open, for as long as AWS's clients would go on trying. Throws the failure
 * that `failure` makes of the silent address, or the signal's reason.
 */
export async function reach(
  { pathTo, clock }: Pick<TaskLoopNeeds, "pathTo" | "clock">,
  task: Task,
  destination: Destination,
  signal: AbortSignal,
  failure: (address: string) => TaskFailure,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const blocked = pathTo(task, destination);
    if (!blocked) return;
    if (attempt === tries) throw failure(blocked.address);
    await clock.sleep(tryMs, signal);
  }
}
