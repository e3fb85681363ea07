/**
 * How many tasks of which deployment to start, and which to stop: scaling, the rolling update and
 * the replacement of unhealthy tasks, within the bounds of the deployment configuration.
 *
 * Only tasks that are not asked to stop count. Unhealthy tasks count against the upper bound and
 * never towards the lower one.
 */
import type { Deployment, Service, StopCode } from "../../model/ecs.ts";
import type { AssessedTask, TaskCondition } from "./task-health.ts";

export type StartPlan = {
  readonly deploymentId: string;
  readonly count: number;
  /** How many of them stand in for unhealthy tasks. */
  readonly replacing: number;
};

export type StopPlan = {
  readonly task: AssessedTask;
  readonly code: StopCode;
  readonly reason: string;
};

export type RolloutPlan = {
  readonly start: readonly StartPlan[];
  readonly stop: readonly StopPlan[];
  /** Nothing can move although the deployment is not through: the bounds forbid it. */
  readonly isBlocked: boolean;
  /** Tasks that would be stopped if they were not protected. */
  readonly held: readonly AssessedTask[];
  /** Engine time at which the back-off ends. */
  readonly lookAt: number | undefined;
};

export type Bounds = { readonly desired: number; readonly lower: number; readonly upper: number };

export function boundsOf(service: Service): Bounds {
  const desired = service.status === "ACTIVE" ? service.desiredCount : 0;
  const { minimumHealthyPercent, maximumPercent } = service.deploymentConfiguration;
  return {
    desired,
    lower: Math.ceil((desired * minimumHealthyPercent) / 100),
    upper: Math.floor((desired * maximumPercent) / 100),
  };
}

type Crew = {
  readonly bounds: Bounds;
  readonly primary: Deployment | undefined;
  /** Of the primary deployment, unhealthy ones apart. */
  readonly good: readonly AssessedTask[];
  readonly bad: readonly AssessedTask[];
  /** Of all others. */
  readonly oldGood: readonly AssessedTask[];
  readonly oldBad: readonly AssessedTask[];
  /** How many are healthy, of all deployments. */
  readonly healthy: number;
  /** How many more the upper bound lets in. */
  readonly room: number;
  /** Some are on their way to being healthy. */
  readonly hasHopefuls: boolean;
};

export function planRollout(
  service: Service,
  assessed: readonly AssessedTask[],
  now: number,
): RolloutPlan {
  const crew = gather(service, assessed);
  const old = planOldStart(service, crew, now);
  const fresh = planPrimaryStart(crew, crew.room - (old?.count ?? 0), now);
  const start = [old, fresh.start].filter((one) => one !== undefined);
  const { stop, held } = planStops(service, crew, start.length > 0);
  const isBlocked =
    start.length === 0 &&
    stop.length === 0 &&
    fresh.wanted > 0 &&
    fresh.lookAt === undefined &&
    crew.oldGood.length > 0 &&
    !crew.hasHopefuls;
  return { start, stop, isBlocked, held, lookAt: fresh.lookAt };
}

const isAlive = ({ condition }: AssessedTask): boolean =>
  condition !== "leaving" && condition !== "gone";

const having =
  (...conditions: readonly TaskCondition[]) =>
  ({ condition }: AssessedTask): boolean =>
    conditions.includes(condition);

function gather(service: Service, assessed: readonly AssessedTask[]): Crew {
  const bounds = boundsOf(service);
  const primary = service.deployments.find(({ status }) => status === "PRIMARY");
  const alive = assessed.filter(isAlive);
  const isPrimary = ({ task }: AssessedTask): boolean => task.deploymentId === primary?.id;
  const isBad = having("unhealthy");
  return {
    bounds,
    primary,
    good: alive.filter((one) => isPrimary(one) && !isBad(one)),
    bad: alive.filter((one) => isPrimary(one) && isBad(one)),
    oldGood: alive.filter((one) => !isPrimary(one) && !isBad(one)),
    oldBad: alive.filter((one) => !isPrimary(one) && isBad(one)),
    healthy: alive.filter(having("healthy")).length,
    room: Math.max(0, bounds.upper - alive.length),
    hasHopefuls: alive.some(having("pending", "settling")),
  };
}

/**
 * A completed deployment keeps its tasks up while the next one is not there to replace them: what
 * died of itself comes back as it was, as far as the lower bound needs it.
 */
function planOldStart(service: Service, crew: Crew, now: number): StartPlan | undefined {
  const old = service.deployments.find(
    ({ status, rolloutState }) => status === "ACTIVE" && rolloutState === "COMPLETED",
  );
  if (!old || isThrottled(old, now)) return undefined;
  const oursGood = crew.oldGood.filter(({ task }) => task.deploymentId === old.id).length;
  const covered = crew.oldGood.length + crew.good.filter(having("healthy")).length;
  const missing = Math.min(crew.bounds.lower - covered, old.desiredCount - oursGood);
  const count = Math.min(crew.room, missing);
  return count > 0 ? { deploymentId: old.id, count, replacing: 0 } : undefined;
}

function planPrimaryStart(
  { primary, bounds, good, bad }: Crew,
  room: number,
  now: number,
): { start: StartPlan | undefined; wanted: number; lookAt: number | undefined } {
  const wanted = primary?.rolloutState === "FAILED" ? 0 : bounds.desired - good.length;
  if (!primary || wanted <= 0) return { start: undefined, wanted: 0, lookAt: undefined };
  if (isThrottled(primary, now)) {
    return { start: undefined, wanted, lookAt: primary.throttle?.notBefore };
  }
  const count = Math.min(wanted, room);
  const start =
    count > 0
      ? { deploymentId: primary.id, count, replacing: Math.min(count, bad.length) }
      : undefined;
  return { start, wanted, lookAt: undefined };
}

const isThrottled = ({ throttle }: Deployment, now: number): boolean =>
  throttle !== undefined && now < throttle.notBefore;

function planStops(
  service: Service,
  crew: Crew,
  isStarting: boolean,
): { stop: StopPlan[]; held: AssessedTask[] } {
  const scaling = (task: AssessedTask): StopPlan => ({
    task,
    code: "ServiceSchedulerInitiated",
    reason: `Scaling activity initiated by (deployment ${crew.primary?.id})`,
  });
  const surplus = surplusOf(crew);
  const old = stoppableOld(service, crew, surplus);
  const stop = [
    ...unhealthyToStop(crew, isStarting).map(crew.bounds.desired > 0 ? unhealthyStop : scaling),
    ...surplus.map(scaling),
    ...old.map(scaling),
  ];
  return { stop, held: heldBack(crew, surplus) };
}

/** Protected tasks that are too many, or of a deployment that is being replaced. */
function heldBack(
  { good, oldGood, bounds }: Crew,
  surplus: readonly AssessedTask[],
): AssessedTask[] {
  const tooMany = good.length - surplus.length - bounds.desired;
  const free = good.filter((one) => !one.isProtected && !surplus.includes(one)).length;
  const held = tooMany > 0 && free === 0 ? good.filter(isProtected).slice(0, tooMany) : [];
  const isReplaced = good.filter(having("healthy")).length >= bounds.desired;
  return [...held, ...(isReplaced ? oldGood.filter(isProtected) : [])];
}

const isProtected = (task: AssessedTask): boolean => task.isProtected;
const isFree = (task: AssessedTask): boolean => !task.isProtected;

/** Those that go without a loss first, then from the zone that has most, the youngest first. */
function surplusOf({ good, bounds, healthy }: Crew): AssessedTask[] {
  const count = good.length - bounds.desired;
  if (count <= 0) return [];
  const unprotected = good.filter(isFree);
  const free = [
    ...unprotected.filter(having("pending")),
    ...unprotected.filter(having("settling")),
  ];
  const stopped = free.slice(0, count);
  const more = Math.min(count - stopped.length, healthy - bounds.lower);
  return [...stopped, ...fromFullestZones(unprotected.filter(having("healthy")), more)];
}

function fromFullestZones(tasks: readonly AssessedTask[], count: number): AssessedTask[] {
  const left = [...tasks].sort((a, b) => b.task.createdAt - a.task.createdAt);
  const taken: AssessedTask[] = [];
  while (taken.length < count && left.length > 0) {
    const perZone = new Map<string, number>();
    for (const { task } of left) {
      perZone.set(task.availabilityZone, (perZone.get(task.availabilityZone) ?? 0) + 1);
    }
    const fullest = Math.max(...perZone.values());
    const at = left.findIndex(({ task }) => perZone.get(task.availabilityZone) === fullest);
    taken.push(...left.splice(at, 1));
  }
  return taken;
}

/**
 * Old tasks make way as far as the healthy ones leave room above the lower bound. A deployment that
 * failed with nowhere to go back to leaves them alone.
 */
function stoppableOld(
  service: Service,
  { primary, oldGood, bounds, healthy }: Crew,
  surplus: readonly AssessedTask[],
): AssessedTask[] {
  if (primary?.rolloutState === "FAILED" && bounds.desired > 0) return [];
  const isCompleted = (id: string | undefined): boolean =>
    service.deployments.some((one) => one.id === id && one.rolloutState === "COMPLETED");
  const spare = healthy - surplus.filter(having("healthy")).length - bounds.lower;
  const free = oldGood.filter(isFree);
  const unneeded = free.filter(({ condition, task }) => {
    if (condition === "healthy") return false;
    return spare >= 0 || (condition === "pending" && !isCompleted(task.deploymentId));
  });
  const oldHealthy = free.filter(having("healthy"));
  return [...unneeded, ...fromFullestZones(oldHealthy, Math.max(0, spare))];
}

/**
 * Unhealthy tasks stay until others have taken their place; where the upper bound lets no other in,
 * one of them goes first.
 */
function unhealthyToStop(crew: Crew, isStarting: boolean): readonly AssessedTask[] {
  const { good, bad, oldBad, bounds, primary } = crew;
  if (primary?.rolloutState === "FAILED" && bounds.desired > 0) return [];
  const replaced = good.filter(having("healthy")).length >= bounds.desired;
  if (replaced) return [...bad, ...oldBad];
  const free = crew.healthy >= bounds.lower ? oldBad : [];
  if (free.length > 0) return free;
  const isStuck = !isStarting && crew.room === 0 && !crew.hasHopefuls;
  return isStuck ? [...oldBad, ...bad].slice(0, 1) : [];
}

function unhealthyStop(task: AssessedTask): StopPlan {
  const group = task.failing[0]?.balancer.targetGroupArn;
  const reason =
    group === undefined
      ? "Task failed container health checks"
      : `Task failed ELB health checks in (target-group ${group})`;
  return { task, code: "ServiceSchedulerInitiated", reason };
}
