/** One look at one service: plan, and carry the plan out, in one transaction. */

import { afterFailedLaunch, emptyMemory } from "../../engine/deployment/failures.ts";
import {
  type PlannedEvent,
  planService,
  type ServicePlan,
} from "../../engine/deployment/plan-service.ts";
import type { StartPlan } from "../../engine/deployment/rollout.ts";
import {
  type EventText,
  failedToLaunch,
  startedTasks,
  unableToPlace,
  unrepeated,
  withEvents,
} from "../../engine/service-events.ts";
import { requestStop } from "../../engine/task-lifecycle/transitions.ts";
import type { Service } from "../../model/ecs.ts";
import type { Scope } from "../../model/scope.ts";
import type { Ids } from "../../seams/ids.ts";
import type { WriteTransaction } from "../../state/store.ts";
import { services, tasks } from "../../state/tables/ecs.ts";
import { drainTarget, registerTarget } from "../../state/targets.ts";
import { readSnapshot } from "./snapshot.ts";
import { type StartResult, startTasks } from "./start-tasks.ts";

/** Engine time after which a task that could not be placed is tried again. */
const placementRetryMs = 30_000;

/**
 * Brings the service one plan further and returns the engine time to look again, if any. A change
 * it makes is a reason to look again too, which the commit tells.
 */
export function scheduleService(
  tx: WriteTransaction,
  ids: Ids,
  scope: Scope,
  arn: string,
  now: number,
): number | undefined {
  const service = tx.table(services).get(scope, arn);
  if (!service || service.status === "INACTIVE") return undefined;
  const plan = planService(readSnapshot(tx, service, now));
  const started = new Map(
    plan.start.map((start) => [start, startTasks(tx, ids, plan.service, start, now)]),
  );
  for (const { task, code, reason } of plan.stop) {
    tx.table(tasks).put(requestStop(task, { code, reason, at: now }));
  }
  applyTargets(tx, plan, now);
  const said = plan.events.map((event) => textOf(service.name, event, started));
  const added = unrepeated(service.events, said, now).map((message) => ({
    id: ids.uuid(),
    createdAt: now,
    message,
  }));
  const watched = noteFailedLaunches(watchStarted(plan.service, started), started, now);
  if (watched !== service || added.length > 0) {
    tx.table(services).put({ ...watched, events: withEvents(service.events, added) });
  }
  const isRefused = [...started.values()].some(({ type }) => type === "refused");
  const retry = isRefused ? now + placementRetryMs : undefined;
  if (plan.nextLook === undefined || retry === undefined) return plan.nextLook ?? retry;
  return Math.min(plan.nextLook, retry);
}

function applyTargets(tx: WriteTransaction, plan: ServicePlan, now: number): void {
  for (const { task, balancer } of plan.register) {
    const id = task.attachment.privateIp;
    if (id === undefined) continue;
    const { targetGroupArn, containerPort: port } = balancer;
    const { availabilityZone } = task;
    registerTarget(tx, { scope: task, targetGroupArn, id, port, now, availabilityZone });
  }
  for (const { task, balancer } of plan.drain) {
    const id = task.attachment.privateIp;
    if (id === undefined) continue;
    const { targetGroupArn, containerPort: port } = balancer;
    drainTarget(tx, { scope: task, targetGroupArn, id, port, now });
  }
}

type Started = ReadonlyMap<StartPlan, StartResult>;

function textOf(serviceName: string, event: PlannedEvent, started: Started): EventText {
  if (event.type === "text") return event;
  const result = started.get(event.start);
  if (result?.type === "not-launched") return failedToLaunch(serviceName, result.error);
  if (result?.type !== "started") {
    return unableToPlace(serviceName, result?.reason ?? "Internal error");
  }
  const taskIds = result.tasks.map(({ id }) => id);
  return startedTasks(serviceName, taskIds, event.start.replacing);
}

function noteFailedLaunches(service: Service, started: Started, now: number): Service {
  const failed = new Set(
    [...started].flatMap(([start, { type }]) =>
      type === "not-launched" ? [start.deploymentId] : [],
    ),
  );
  if (failed.size === 0) return service;
  const deployments = service.deployments.map((one) =>
    failed.has(one.id) ? afterFailedLaunch(one, now) : one,
  );
  return { ...service, deployments };
}

/** The tasks made here are the ones whose outcome counts. */
function watchStarted(service: Service, started: Started): Service {
  const made = [...started.values()].flatMap((result) =>
    result.type === "started" ? result.tasks.map(({ id }) => id) : [],
  );
  if (made.length === 0) return service;
  const memory = service.scheduler ?? emptyMemory;
  return { ...service, scheduler: { ...memory, unproven: [...memory.unproven, ...made] } };
}
