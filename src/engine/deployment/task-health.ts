/**
 * How the scheduler sees a service's task, by its targets and by its containers' health checks. This
 * is not what DescribeTargetHealth and DescribeTasks show: the grace period hides a bad verdict here
 * and only here.
 */
import type { Service, ServiceLoadBalancer, Task } from "../../model/ecs.ts";
import type { Target } from "../../model/load-balancing.ts";
import { hasHealthChecks } from "../task-lifecycle/container-health.ts";
import { protectedUntil } from "../task-protection.ts";

export type TaskCondition =
  /** Not RUNNING yet. */
  | "pending"
  /** RUNNING, with no verdict yet or one that the grace period hides. */
  | "settling"
  | "healthy"
  | "unhealthy"
  /** Asked to stop, its processes not yet told: it may still serve. */
  | "leaving"
  /** STOPPING or further. */
  | "gone";

export type FailingTarget = { readonly balancer: ServiceLoadBalancer; readonly target: Target };

export type AssessedTask = {
  readonly task: Task;
  readonly condition: TaskCondition;
  /** Why it is unhealthy: these targets, or with none of them its containers' health checks. */
  readonly failing: readonly FailingTarget[];
  /** Engine time at which the condition changes with nothing else happening. */
  readonly lookAt: number | undefined;
  /** Not to be stopped for scaling in, nor for a deployment. */
  readonly isProtected: boolean;
};

/** Registered targets by `targetKey`. */
export type TargetLookup = ReadonlyMap<string, Target>;

export const targetKey = (balancer: ServiceLoadBalancer, address: string): string =>
  `${balancer.targetGroupArn}|${address}|${balancer.containerPort}`;

/** Where the task is registered: its deployment's groups, which a later update may have left. */
export const balancersOf = (service: Service, task: Task): readonly ServiceLoadBalancer[] =>
  service.deployments.find(({ id }) => id === task.deploymentId)?.loadBalancers ??
  service.loadBalancers;

/** Engine time that a task without any check must run before it counts as healthy. */
const settlingMs = 40_000;

export function assessTask(
  service: Service,
  task: Task,
  targets: TargetLookup,
  now: number,
): AssessedTask {
  const protectionEnd = protectedUntil(task, now);
  const as = (condition: TaskCondition, lookAt = protectionEnd): AssessedTask => ({
    task,
    condition,
    failing: [],
    lookAt: protectionEnd === undefined ? lookAt : Math.min(protectionEnd, lookAt ?? protectionEnd),
    isProtected: protectionEnd !== undefined && service.status === "ACTIVE",
  });
  if (isGone(task)) return as("gone");
  if (task.desiredStatus === "STOPPED") return as("leaving");
  if (task.lastStatus !== "RUNNING" || task.startedAt === undefined) return as("pending");
  const balancers = balancersOf(service, task);
  if (balancers.length === 0 && !hasHealthChecks(task)) {
    const settledAt = task.startedAt + settlingMs;
    return now >= settledAt ? as("healthy") : as("settling", settledAt);
  }
  const found = balancers.map((balancer) => ({
    balancer,
    target: findTarget(task, balancer, targets),
  }));
  const containers = hasHealthChecks(task) ? task.healthStatus : "HEALTHY";
  const areGood = found.every(({ target }) => target?.health.state === "healthy");
  if (areGood && containers === "HEALTHY") return as("healthy");
  const failing = found.flatMap(({ balancer, target }) =>
    target?.health.state === "unhealthy" ? [{ balancer, target }] : [],
  );
  if (failing.length === 0 && containers !== "UNHEALTHY") return as("settling");
  const graceEnd = task.startedAt + (service.healthCheckGracePeriodSeconds ?? 0) * 1000;
  return now >= graceEnd ? { ...as("unhealthy"), failing } : as("settling", graceEnd);
}

const isGone = (task: Task): boolean =>
  task.lastStatus === "STOPPING" ||
  task.lastStatus === "DEPROVISIONING" ||
  task.lastStatus === "STOPPED";

/** The task's own target: an address may have been another task's before. */
export function findTarget(
  task: Task,
  balancer: ServiceLoadBalancer,
  targets: TargetLookup,
): Target | undefined {
  const { privateIp } = task.attachment;
  if (privateIp === undefined || task.startedAt === undefined) return undefined;
  const target = targets.get(targetKey(balancer, privateIp));
  return target && target.registeredAt >= task.startedAt ? target : undefined;
}
