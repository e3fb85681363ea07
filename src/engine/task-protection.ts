/** Scale-in protection: it keeps the scheduler from stopping a task that works, until it expires. */
import type { Task } from "../model/ecs.ts";

/** Minutes that protection lasts where the request does not say. */
export const defaultProtectionMinutes = 120;

/** Engine time at which the task's protection ends; undefined when it has none (any more). */
export function protectedUntil({ protection }: Task, now: number): number | undefined {
  return protection !== undefined && now < protection.expiresAt ? protection.expiresAt : undefined;
}
