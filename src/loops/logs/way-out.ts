/**
 * Whether the lines of a container get to CloudWatch Logs: they leave by the task's own interface, so a
 * route or a rule that changes under a running task stops them, and lets them go on.
 */
import type { Task } from "../../model/ecs.ts";
import type { Clock } from "../../seams/clock.ts";
import type { Logger } from "../../seams/logger.ts";
import type { Blocked, Destination } from "../tasks/paths.ts";

/** `given-up`: the container ended with no way open, and what it wrote last is lost. */
export type WayOut = "open" | "closed" | "given-up";

export type WayOutNeeds = {
  readonly clock: Pick<Clock, "wall">;
  readonly logger: Logger;
  readonly pathTo: (task: Task, destination: Destination) => Blocked;
};

export type WayOutInput = {
  /** The task as it is now; undefined when nobody knows it any more. */
  readonly task: () => Task | undefined;
  readonly container: string;
  readonly region: string;
};

/** Wall time for which an answer holds. */
export const wayOutHoldsMs = 1000;

/** Tells how it is, from a look that is at most a second old. */
export function wayOutOf(
  { clock, logger, pathTo }: WayOutNeeds,
  { task: findTask, container: name, region }: WayOutInput,
): () => WayOut {
  let verdict: WayOut = "open";
  let lookedAt = Number.NEGATIVE_INFINITY;

  const look = (): WayOut => {
    const task = findTask();
    const container = task?.containers.find((one) => one.name === name);
    const hasEnded = container === undefined || container.lastStatus === "STOPPED";
    if (verdict === "given-up" || (verdict === "closed" && hasEnded)) return "given-up";
    const blocked = task && pathTo(task, { type: "service", service: "logs", region });
    return blocked ? "closed" : "open";
  };

  return () => {
    if (clock.wall() - lookedAt < wayOutHoldsMs) return verdict;
    const found = look();
    lookedAt = clock.wall();
    if (found !== verdict) {
      const told = { task: findTask()?.arn, container: name, way: found };
      logger.warn("log-shipping: the task's way to CloudWatch Logs has changed", told);
    }
    verdict = found;
    return verdict;
  };
}
