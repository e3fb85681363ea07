/** Scale-in protection: it keeps the scheduler from stopping a task that works, until it expires. */
import type { Service, Task } from "../model/ecs.ts";
import { isScaleInBlocked } from "./service-events.ts";

/** Minutes that protection lasts where the request does not say, and those that it may say. */
const defaultProtectionMinutes = 120;
export const protectionMinutes = { least: 1, most: 2880 };

/** Engine time at which the task's protection ends; undefined when it has none (any more). */
export function protectedUntil({ protection }: Task, now: number): number | undefined {
  return protection !== undefined && now < protection.expiresAt ? protection.expiresAt : undefined;
}

/**
 * Whether the task is of a deployment that is being replaced and protected tasks keep from ending: no
 * more protection is given to such a task.
 */
export const isDeploymentBlocked = (task: Task, service: Service): boolean => {
  const primary = service.deployments.find(({ status }) => status === "PRIMARY");
  const isOld = primary !== undefined && task.deploymentId !== primary.id;
  return isOld && isScaleInBlocked(service.events);
};

export const withProtection = (
  task: Task,
  enabled: boolean,
  minutes: number | undefined,
  now: number,
): Task => {
  const expiresAt = now + (minutes ?? defaultProtectionMinutes) * 60_000;
  return { ...task, protection: enabled ? { expiresAt } : undefined };
};
