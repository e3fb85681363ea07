/** What the scheduler says in a service's events: AWS's exact words, and which are not repeated. */
import type { ServiceEvent } from "../model/ecs.ts";

const keptEvents = 100;
/** Engine time after which AWS says the same again. */
export const repeatAfterMs = 6 * 3_600_000;

/** `once`: not said again while nothing was resolved (no steady state) and six hours have not passed. */
export type EventText = { readonly text: string; readonly once: boolean };

const always = (text: string): EventText => ({ text, once: false });
const once = (text: string): EventText => ({ text, once: true });

const listTasks = (ids: readonly string[]): string => ids.map((id) => `(task ${id})`).join(" ");
const steadyText = (service: string): string => `(service ${service}) has reached a steady state.`;

export const startedTasks = (
  service: string,
  ids: readonly string[],
  replaced: number,
): EventText => {
  const replacing =
    replaced === 0 ? "" : ` Amazon ECS replaced ${replaced} tasks due to an unhealthy status.`;
  return always(
    `(service ${service}) has started ${ids.length} tasks: ${listTasks(ids)}.${replacing}`,
  );
};

export const stoppedRunningTasks = (service: string, ids: readonly string[]): EventText =>
  always(`(service ${service}) has stopped ${ids.length} running tasks: ${listTasks(ids)}.`);

export const stoppedPendingTasks = (service: string, count: number): EventText =>
  always(`(service ${service}) stopped ${count} pending tasks.`);

export const registeredTargets = (service: string, count: number, groupArn: string): EventText =>
  always(`(service ${service}) registered ${count} targets in (target-group ${groupArn})`);

export const deregisteredTargets = (service: string, count: number, groupArn: string): EventText =>
  always(`(service ${service}) deregistered ${count} targets in (target-group ${groupArn})`);

export const begunDraining = (service: string, count: number): EventText =>
  always(`(service ${service}) has begun draining connections on ${count} tasks.`);

export const targetsNotRegistered = (service: string, groupArn: string, error: string): EventText =>
  once(
    `(service ${service}) failed to register targets in (target-group ${groupArn}) with (error ${error})`,
  );

export const unhealthyTarget = (
  service: string,
  taskId: string,
  port: number,
  groupArn: string,
  reason: string,
): EventText =>
  once(
    `(service ${service}) (task ${taskId}) (port ${port}) is unhealthy in ` +
      `(target-group ${groupArn}) due to (reason ${reason}).`,
  );

export const unhealthyContainers = (service: string, taskId: string): EventText =>
  always(`(service ${service}) (task ${taskId}) failed container health checks.`);

export const unableToPlace = (service: string, reason: string): EventText =>
  once(`(service ${service}) was unable to place a task. Reason: ${reason.replace(/\.$/, "")}.`);

/** `error` is that of the call by which the scheduler runs a task. */
export const failedToLaunch = (service: string, error: string): EventText =>
  once(`(service ${service}) failed to launch a task with (error ${error})`);

export const unableToStartConsistently = (service: string): EventText =>
  once(
    `(service ${service}) is unable to consistently start tasks successfully. ` +
      "For more information, see the Troubleshooting section.",
  );

export const blockedByConfiguration = (service: string): EventText =>
  once(
    `(service ${service}) was unable to stop or start tasks during a deployment because of the ` +
      "service deployment configuration. Update the minimumHealthyPercent or maximumPercent value " +
      "and try again.",
  );

export const unableToScaleIn = (service: string, deploymentId: string, held: number): EventText =>
  once(
    `(service ${service}) was unable to reach steady state because (taskSet ${deploymentId}) ` +
      `was unable to scale in due to (reason ${held} tasks under protection)`,
  );

export const deploymentCompleted = (service: string, deploymentId: string): EventText =>
  always(`(service ${service}) (deployment ${deploymentId}) deployment completed.`);

export const deploymentFailed = (service: string, deploymentId: string): EventText =>
  always(
    `(service ${service}) (deployment ${deploymentId}) deployment failed: tasks failed to start.`,
  );

export const rollingBack = (service: string, deploymentId: string): EventText =>
  always(`(service ${service}) rolling back to deployment ${deploymentId}.`);

export const reachedSteadyState = (service: string): EventText => always(steadyText(service));

/** Whether the scheduler has said so and has not come to a steady state since. */
export const isScaleInBlocked = (events: readonly ServiceEvent[]): boolean => {
  const steady = events.findIndex(isSteadyState);
  const since = steady < 0 ? events : events.slice(0, steady);
  return since.some(({ message }) => message.includes(" was unable to scale in due to (reason "));
};

/** `(service X) ` is kept of the text, so a service's own name cannot be mistaken for another's. */
const isSteadyState = (event: ServiceEvent): boolean =>
  event.message.endsWith(") has reached a steady state.");

/** The texts of `said`, in their order, that are not repetitions of what `events` already tell. */
export function unrepeated(
  events: readonly ServiceEvent[],
  said: readonly EventText[],
  now: number,
): string[] {
  const unresolved = new Set<string>();
  for (const event of events) {
    if (isSteadyState(event) || now - event.createdAt >= repeatAfterMs) break;
    unresolved.add(event.message);
  }
  return said.filter((one) => !one.once || !unresolved.has(one.text)).map((one) => one.text);
}

/** `events` with newer ones in front (`added` is oldest first), at most as many as AWS keeps. */
export const withEvents = (
  events: readonly ServiceEvent[],
  added: readonly ServiceEvent[],
): ServiceEvent[] => [...added.toReversed(), ...events].slice(0, keptEvents);
