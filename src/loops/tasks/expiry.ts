/** Forgetting tasks an hour after their end, as DescribeTasks does on AWS. */
import type { Task } from "../../model/ecs.ts";
import type { Timer } from "../../seams/clock.ts";
import { tasks } from "../../state/tables/ecs.ts";
import type { LoopDependencies } from "../loop.ts";

/** Engine time for which a stopped task is still known. */
export const stoppedTaskLifeMs = 3_600_000;

export type Expiry = {
  /** Begins with the STOPPED tasks there are. */
  start(stopped: readonly Task[]): void;
  /** A task became STOPPED. */
  add(task: Task): void;
  /** A task was deleted by somebody else, as a reset does. */
  drop(arn: string): void;
  stop(): void;
};

export function createExpiry({ store, clock }: Pick<LoopDependencies, "store" | "clock">): Expiry {
  /** The earliest to go first; a map keeps the order in which tasks ended. */
  const waiting = new Map<string, Task>();
  let timer: Timer | undefined;

  const plan = (): void => {
    timer?.cancel();
    timer = undefined;
    const [next] = waiting.values();
    if (next) timer = clock.after(Math.max(0, expiresAt(next) - clock.now()), expire);
  };

  const expire = (): void => {
    const gone: Task[] = [];
    for (const task of waiting.values()) {
      if (expiresAt(task) > clock.now()) break;
      gone.push(task);
    }
    for (const { arn } of gone) waiting.delete(arn);
    if (gone.length > 0) {
      store.write((tx) => {
        for (const task of gone) tx.table(tasks).delete(task, task.arn);
      });
    }
    plan();
  };

  return {
    start(stopped) {
      const inOrder = [...stopped].sort((a, b) => expiresAt(a) - expiresAt(b));
      for (const task of inOrder) waiting.set(task.arn, task);
      expire();
    },
    add(task) {
      waiting.set(task.arn, task);
      if (waiting.size === 1) plan();
    },
    drop: (arn) => waiting.delete(arn),
    stop() {
      timer?.cancel();
      waiting.clear();
    },
  };
}

const expiresAt = (task: Task): number => (task.stoppedAt ?? 0) + stoppedTaskLifeMs;
