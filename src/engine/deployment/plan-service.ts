/**
 * The service scheduler: what a service needs next, as one plan. Decided from the records alone, so
 * it may be asked again at any time and answers with what is still missing; a plan that was carried
 * out whole leads to an empty one.
 */
import type { Deployment, SchedulerMemory, Service, StopCode, Task } from "../../model/ecs.ts";
import {
  blockedByConfiguration,
  deploymentCompleted,
  type EventText,
  reachedSteadyState,
  repeatAfterMs,
  stoppedPendingTasks,
  stoppedRunningTasks,
  unableToScaleIn,
} from "../service-events.ts";
import { accountOutcomes, tripBreaker } from "./failures.ts";
import { planRollout, type RolloutPlan, type StartPlan } from "./rollout.ts";
import { planTargets, type TargetChange } from "./service-targets.ts";
import { type AssessedTask, assessTask, type TargetLookup } from "./task-health.ts";

export type ServiceSnapshot = {
  readonly service: Service;
  /** All of the service's, in order of creation. */
  readonly tasks: readonly Task[];
  readonly targets: TargetLookup;
  /** Target groups of the service that exist. */
  readonly targetGroups: ReadonlySet<string>;
  readonly now: number;
};

/** A text, or the place of the text that needs the ids of the tasks that a start will have. */
export type PlannedEvent =
  | ({ readonly type: "text" } & EventText)
  | { readonly type: "started"; readonly start: StartPlan };

export type ServicePlan = {
  readonly start: readonly StartPlan[];
  readonly stop: readonly {
    readonly task: Task;
    readonly code: StopCode;
    readonly reason: string;
  }[];
  readonly register: readonly TargetChange[];
  readonly drain: readonly TargetChange[];
  /** Oldest first. */
  readonly events: readonly PlannedEvent[];
  /** The record as it is to be, events apart; the very same object when nothing changes. */
  readonly service: Service;
  /** Engine time at which to look again though nothing happens. */
  readonly nextLook: number | undefined;
};

/** Plans for a service that is ACTIVE or DRAINING. */
export function planService(snapshot: ServiceSnapshot): ServicePlan {
  const { now, targets } = snapshot;
  const seen = withBalancers(snapshot.service);
  const assessed = snapshot.tasks.map((task) => assessTask(seen, task, targets, now));
  const accounted = accountOutcomes(seen, assessed, now);
  const counted: Service = { ...seen, deployments: accounted.deployments };
  const tripped = tripBreaker(counted, accounted.memory, now);
  const service = tripped?.service ?? counted;
  const rollout = planRollout(service, assessed, now);
  const targetPlan = planTargets(service, assessed, targets, snapshot.targetGroups);
  const moved = moveDeployments(service, assessed, rollout, now);
  const steady = tellSteady(moved, accounted.memory, assessed, rollout, now);
  const ended = endDrained(steady.service, assessed);
  const texts = (list: readonly EventText[]): PlannedEvent[] =>
    list.map((one) => ({ type: "text", ...one }));
  return {
    start: rollout.start,
    stop: rollout.stop.map(({ task, code, reason }) => ({ task: task.task, code, reason })),
    register: targetPlan.register,
    drain: targetPlan.drain,
    events: [
      ...texts(accounted.events),
      ...texts(tripped?.events ?? []),
      ...rollout.start.map((start): PlannedEvent => ({ type: "started", start })),
      ...texts(stopEvents(service, rollout)),
      ...texts(targetPlan.events),
      ...texts(rollout.isBlocked ? [blockedByConfiguration(service.name)] : []),
      ...texts(heldEvents(service, rollout)),
      ...texts(steady.events),
    ],
    service: isSame(ended, snapshot.service) ? snapshot.service : ended,
    nextLook: earliest([
      ...assessed.map(({ lookAt }) => lookAt),
      rollout.lookAt,
      steady.memory.steadyToldAt === undefined
        ? undefined
        : steady.memory.steadyToldAt + repeatAfterMs,
    ]),
  };
}

/** A change of the service's balancers makes a new deployment, so the newest has the service's. */
function withBalancers(service: Service): Service {
  const deployments = service.deployments.map((deployment) => ({
    ...deployment,
    loadBalancers: deployment.loadBalancers ?? service.loadBalancers,
  }));
  return { ...service, deployments };
}

function stopEvents(service: Service, { stop }: RolloutPlan): EventText[] {
  const [pending, running] = split(stop, ({ task }) => task.condition === "pending");
  const ids = running.map(({ task }) => task.task.id);
  return [
    ...(pending.length > 0 ? [stoppedPendingTasks(service.name, pending.length)] : []),
    ...(ids.length > 0 ? [stoppedRunningTasks(service.name, ids)] : []),
  ];
}

function heldEvents(service: Service, { held }: RolloutPlan): EventText[] {
  const counts = new Map<string, number>();
  for (const { task } of held) {
    const id = task.deploymentId ?? "";
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return [...counts].map(([id, count]) => unableToScaleIn(service.name, id, count));
}

/** Desired counts of the deployments, and the end of those whose tasks are gone. */
function moveDeployments(
  service: Service,
  assessed: readonly AssessedTask[],
  rollout: RolloutPlan,
  now: number,
): Service {
  const deployments = service.deployments.flatMap((deployment): Deployment[] => {
    const isOurs = ({ task }: AssessedTask): boolean => task.deploymentId === deployment.id;
    const ours = assessed.filter(isOurs);
    if (deployment.status === "PRIMARY") {
      const desiredCount = service.status === "ACTIVE" ? service.desiredCount : 0;
      return [withDesired(deployment, desiredCount, now)];
    }
    const starts = rollout.start.some((start) => start.deploymentId === deployment.id);
    const isOver = !starts && ours.every(({ condition }) => condition === "gone");
    if (isOver && service.status === "ACTIVE") return [];
    const stopped = rollout.stop.filter(({ task }) => isOurs(task));
    const alive = ours.filter(isStaying).length - stopped.length;
    const unforced = stopped.filter(({ task }) => task.condition !== "unhealthy").length;
    // What a completed deployment lost without our doing is still wanted of it.
    const wanted = deployment.rolloutState === "COMPLETED" && service.status === "ACTIVE";
    return [withDesired(deployment, wanted ? deployment.desiredCount - unforced : alive, now)];
  });
  return { ...service, deployments };
}

const isStaying = ({ condition }: AssessedTask): boolean =>
  condition !== "leaving" && condition !== "gone";

const withDesired = (deployment: Deployment, count: number, now: number): Deployment => {
  const desiredCount = Math.max(0, count);
  if (desiredCount === deployment.desiredCount) return deployment;
  return { ...deployment, desiredCount, updatedAt: now };
};

type Steady = {
  readonly service: Service;
  readonly memory: SchedulerMemory;
  readonly events: readonly EventText[];
};

/** Completes the deployment and tells the steady state, in the same instant as AWS does. */
function tellSteady(
  service: Service,
  memory: SchedulerMemory,
  assessed: readonly AssessedTask[],
  rollout: RolloutPlan,
  now: number,
): Steady {
  const [primary, ...others] = service.deployments;
  const staying = assessed.filter(({ condition }) => condition !== "gone");
  const isSteady =
    service.status === "ACTIVE" &&
    primary !== undefined &&
    primary.rolloutState !== "FAILED" &&
    others.length === 0 &&
    rollout.start.length === 0 &&
    rollout.stop.length === 0 &&
    staying.length === service.desiredCount &&
    staying.every(({ condition }) => condition === "healthy");
  const remember = (changes: Partial<SchedulerMemory>): Steady["memory"] => ({
    ...memory,
    ...changes,
  });
  if (!isSteady) {
    const forgotten = remember({ steadyToldAt: undefined });
    return { service: { ...service, scheduler: forgotten }, memory: forgotten, events: [] };
  }
  const isCompleting = primary.rolloutState === "IN_PROGRESS";
  const deployment = isCompleting ? completed(primary, now) : primary;
  const { steadyToldAt } = memory;
  const isNews = isCompleting || steadyToldAt === undefined || now - steadyToldAt >= repeatAfterMs;
  const told = remember({
    steadyToldAt: isNews ? now : steadyToldAt,
    lastCompleted: deployment,
  });
  return {
    service: { ...service, deployments: [deployment], scheduler: told },
    memory: told,
    events: [
      ...(isCompleting ? [deploymentCompleted(service.name, primary.id)] : []),
      ...(isNews ? [reachedSteadyState(service.name)] : []),
    ],
  };
}

const completed = (deployment: Deployment, now: number): Deployment => ({
  ...deployment,
  rolloutState: "COMPLETED",
  rolloutStateReason: `ECS deployment ${deployment.id} completed.`,
  updatedAt: now,
});

/** A deleted service is INACTIVE as soon as its last task is on its way out of reach. */
function endDrained(service: Service, assessed: readonly AssessedTask[]): Service {
  if (service.status !== "DRAINING") return service;
  const isOver = assessed.every(({ condition }) => condition === "gone");
  return isOver ? { ...service, status: "INACTIVE", deployments: [] } : service;
}

function split<T>(list: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [list.filter(isFirst), list.filter((one) => !isFirst(one))];
}

/** Events apart. Records are JSON, where an absent member means the same as an undefined one. */
const isSame = (a: Service, b: Service): boolean =>
  JSON.stringify({ ...a, events: [] }) === JSON.stringify({ ...b, events: [] });

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
