/**
 * Which tasks of a deployment failed, what that does to its starts (the back-off) and to the
 * deployment itself (the circuit breaker).
 */
import type { Deployment, SchedulerMemory, Service, StartThrottle } from "../../model/ecs.ts";
import {
  deploymentFailed,
  type EventText,
  rollingBack,
  unableToPlace,
  unableToStartConsistently,
  unhealthyContainers,
  unhealthyTarget,
} from "../service-events.ts";
import type { AssessedTask } from "./task-health.ts";

export type Accounted = {
  readonly deployments: readonly Deployment[];
  readonly memory: SchedulerMemory;
  readonly events: readonly EventText[];
};

const firstPauseMs = 10_000;
const longestPauseMs = 27 * 60_000;
/** From this failure on, the events say that starting does not work out. */
const inconsistentFrom = 3;

export const emptyMemory: SchedulerMemory = {
  unproven: [],
  unhealthy: [],
  steadyToldAt: undefined,
  lastCompleted: undefined,
};

/** Counts what has turned out since the last look: each task once. */
export function accountOutcomes(
  service: Service,
  assessed: readonly AssessedTask[],
  now: number,
): Accounted {
  const memory = service.scheduler ?? emptyMemory;
  const known = new Map(assessed.map((one) => [one.task.id, one]));
  const unproven = memory.unproven.flatMap((id) => known.get(id) ?? []);
  const newlyUnhealthy = assessed.filter(
    ({ task, condition }) => condition === "unhealthy" && !memory.unhealthy.includes(task.id),
  );
  const failedStarts = unproven.filter(failedToStart);
  const failures = [...failedStarts, ...newlyUnhealthy];
  const deployments = service.deployments.map((deployment) => {
    const isOurs = ({ task }: AssessedTask): boolean => task.deploymentId === deployment.id;
    const ours = unproven.filter(isOurs);
    const isProven = ours.some(({ condition }) => condition === "healthy");
    const counted = (isProven ? 0 : deployment.failedTasks) + failures.filter(isOurs).length;
    const throttle = nextThrottle(deployment.throttle, ours, now);
    if (counted === deployment.failedTasks && throttle === deployment.throttle) return deployment;
    return { ...deployment, failedTasks: counted, throttle, updatedAt: now };
  });
  const idsOf = (list: readonly AssessedTask[]): string[] => list.map(({ task }) => task.id);
  return {
    deployments,
    memory: {
      ...memory,
      unproven: idsOf(unproven.filter(isOpen)),
      unhealthy: idsOf(assessed.filter(({ condition }) => condition === "unhealthy")),
    },
    events: [
      ...placementEvents(service, failedStarts, deployments),
      ...newlyUnhealthy.flatMap((one) => unhealthyEvents(service, one)),
    ],
  };
}

const failedToStart = ({ task }: AssessedTask): boolean => task.stop?.code === "TaskFailedToStart";

const isOpen = ({ task, condition }: AssessedTask): boolean =>
  task.stop === undefined && (condition === "pending" || condition === "settling");

/** One failure a pause: tasks started together fail together and count as one. */
function nextThrottle(
  throttle: StartThrottle | undefined,
  ours: readonly AssessedTask[],
  now: number,
): StartThrottle | undefined {
  if (ours.some(failedToStart)) return longerThrottle(throttle, now);
  if (!throttle) return undefined;
  const { failedAt } = throttle;
  return ours.some(({ task }) => (task.startedAt ?? 0) > failedAt) ? undefined : throttle;
}

function longerThrottle(throttle: StartThrottle | undefined, now: number): StartThrottle {
  if (throttle && now < throttle.notBefore) return throttle;
  const failures = (throttle?.failures ?? 0) + 1;
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
  return { failures, notBefore: now + pause, failedAt: now };
}

/** The deployment after a start that made no task at all. */
export const afterFailedLaunch = (deployment: Deployment, now: number): Deployment => ({
  ...deployment,
  failedTasks: deployment.failedTasks + 1,
  throttle: longerThrottle(deployment.throttle, now),
  updatedAt: now,
});

function placementEvents(
  service: Service,
  failed: readonly AssessedTask[],
  deployments: readonly Deployment[],
): EventText[] {
  const reasons = new Set(failed.flatMap(({ task }) => task.stop?.reason ?? []));
  const events = [...reasons].map((reason) => unableToPlace(service.name, reason));
  const isInconsistent = deployments.some(
    ({ throttle }) => (throttle?.failures ?? 0) >= inconsistentFrom,
  );
  if (events.length > 0 && isInconsistent) events.push(unableToStartConsistently(service.name));
  return events;
}

const unhealthyEvents = (service: Service, { task, failing }: AssessedTask): EventText[] => [
  ...(task.healthStatus === "UNHEALTHY" ? [unhealthyContainers(service.name, task.id)] : []),
  ...failing.map(({ balancer, target }) =>
    unhealthyTarget(
      service.name,
      task.id,
      target.port,
      balancer.targetGroupArn,
      target.health.description ?? "Health checks failed",
    ),
  ),
];

/** How many failures in a row end a deployment of so many tasks. */
const breakerThreshold = (desiredCount: number): number =>
  Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)));

export type Tripped = {
  /** With the deployments as the breaker leaves them, and what follows the primary one. */
  readonly service: Service;
  readonly events: readonly EventText[];
};

/** Ends the primary deployment when it has failed too often; undefined when it has not. */
export function tripBreaker(
  service: Service,
  memory: SchedulerMemory,
  now: number,
): Tripped | undefined {
  const { circuitBreaker } = service.deploymentConfiguration;
  const primary = service.deployments.find(({ status }) => status === "PRIMARY");
  if (!circuitBreaker.enable || primary?.rolloutState !== "IN_PROGRESS") return undefined;
  if (primary.failedTasks < breakerThreshold(service.desiredCount)) return undefined;
  const failed: Deployment = {
    ...primary,
    rolloutState: "FAILED",
    rolloutStateReason: "ECS deployment circuit breaker: tasks failed to start.",
    updatedAt: now,
  };
  const told = deploymentFailed(service.name, primary.id);
  const candidate = circuitBreaker.rollback ? rollbackCandidate(service, memory) : undefined;
  if (!candidate) {
    const deployments = service.deployments.map((one) => (one === primary ? failed : one));
    return { service: { ...service, deployments }, events: [told] };
  }
  const others = service.deployments.filter(({ id }) => id !== primary.id && id !== candidate.id);
  const deployments = [
    rolledBackTo(candidate, service.desiredCount, now),
    { ...failed, status: "ACTIVE" as const },
    ...others,
  ];
  return {
    service: { ...withRevisionOf(service, candidate), deployments },
    events: [told, rollingBack(service.name, candidate.id)],
  };
}

/** The youngest completed deployment, which may have left the list with its last task. */
function rollbackCandidate(service: Service, memory: SchedulerMemory): Deployment | undefined {
  const listed = service.deployments.find(
    ({ status, rolloutState }) => status !== "PRIMARY" && rolloutState === "COMPLETED",
  );
  const primary = service.deployments.find(({ status }) => status === "PRIMARY");
  const { lastCompleted } = memory;
  return listed ?? (lastCompleted?.id === primary?.id ? undefined : lastCompleted);
}

const rolledBackTo = (candidate: Deployment, desiredCount: number, now: number): Deployment => ({
  ...candidate,
  status: "PRIMARY",
  rolloutState: "IN_PROGRESS",
  rolloutStateReason: `ECS deployment circuit breaker: rolling back to deploymentId ${candidate.id}.`,
  desiredCount,
  failedTasks: 0,
  throttle: undefined,
  updatedAt: now,
});

const withRevisionOf = (service: Service, deployment: Deployment): Service => ({
  ...service,
  taskDefinitionArn: deployment.taskDefinitionArn,
  launchType: deployment.launchType,
  capacityProviderStrategy: deployment.capacityProviderStrategy,
  platformVersion: deployment.platformVersion,
  network: deployment.network,
  loadBalancers: deployment.loadBalancers ?? service.loadBalancers,
});
