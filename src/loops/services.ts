/**
 * The service loop: looks at each service that a commit concerns or whose time has come, and at no
 * other. AWS's scheduler ticks every ten seconds or so; that is slowness and not behaviour, so this
 * one acts at once.
 */

import { isUnreachable } from "../engine/task-lifecycle/reasons.ts";
import { isAboutResources } from "../engine/task-lifecycle/resource-reasons.ts";
import type { Image } from "../model/ecr.ts";
import type { Service, Task } from "../model/ecs.ts";
import { parseImageReference } from "../model/image-reference.ts";
import type { Target } from "../model/load-balancing.ts";
import type { Scope } from "../model/scope.ts";
import { networkTables } from "../state/network-records.ts";
import type { ReadTransaction } from "../state/store.ts";
import type { Change } from "../state/table.ts";
import { images, repositories } from "../state/tables/ecr.ts";
import { services, tasks } from "../state/tables/ecs.ts";
import { managedPolicies, roles } from "../state/tables/iam.ts";
import { kmsGrants, kmsKeys } from "../state/tables/kms.ts";
import { targetGroups, targets } from "../state/tables/load-balancing.ts";
import { logGroups } from "../state/tables/logs.ts";
import { networkInterfaces } from "../state/tables/network.ts";
import { secrets, secretVersions } from "../state/tables/secrets.ts";
import { parameterVersions } from "../state/tables/ssm.ts";
import { findDefinition } from "./find-definition.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";
import { scheduleService } from "./services/schedule.ts";

/** A service to look at. */
type Concern = { readonly scope: Scope; readonly arn: string };

export function createServiceLoop(dependencies: LoopDependencies): Loop {
  const { store, clock, ids, logger } = dependencies;
  const dirty = new Map<string, Concern>();
  const due = new Map<string, Concern & { readonly at: number }>();
  let unwatch = (): void => {};

  const concern = (scope: Scope, arn: string): void => {
    dirty.set(arn, { scope: { account: scope.account, region: scope.region }, arn });
  };

  const noteChange = (change: Change): void => {
    const record = change.after ?? change.before;
    if (!record) return;
    switch (change.table) {
      case services.name:
        concern(record, (record as Service).arn);
        return;
      case tasks.name: {
        const { serviceArn } = record as Task;
        if (serviceArn !== undefined) concern(record, serviceArn);
        return;
      }
      case targets.name:
        concernUsers(record, (record as Target).targetGroupArn);
        return;
      case targetGroups.name:
        concernUsers(record, (record as { arn: string } & Scope).arn);
        return;
      case images.name:
        if (change.after) pushed.push(change.after as Image);
        return;
      default:
        if (pathTables.has(change.table)) pathsChanged = true;
        if (givesResources(change)) resourcesChanged = true;
    }
  };

  const concernUsers = (scope: Scope, targetGroupArn: string): void => {
    const users = store.read((tx) => tx.table(services).by("targetGroup", scope, targetGroupArn));
    for (const service of users) concern(scope, service.arn);
  };

  const pushed: Image[] = [];
  let pathsChanged = false;
  let resourcesChanged = false;

  const takeDue = (): void => {
    const now = clock.now();
    for (const [arn, { at, scope }] of due) if (at <= now) concern(scope, arn);
  };

  const look = ({ scope, arn }: Concern): void => {
    const now = clock.now();
    due.delete(arn);
    const at = store.write((tx) => scheduleService(tx, ids, scope, arn, now));
    if (at !== undefined) due.set(arn, { scope, arn, at });
  };

  const lookSafely = (one: Concern): void => {
    try {
      look(one);
    } catch (error) {
      // One service that cannot be planned must not keep the others waiting.
      logger.error("services: a service could not be scheduled", { service: one.arn, error });
      due.set(one.arn, { ...one, at: clock.now() + failedLookRetryMs });
    }
  };

  const giveRest = (one: Concern): void => {
    logger.error("services: a service does not come to rest", { service: one.arn });
    due.set(one.arn, { ...one, at: clock.now() + failedLookRetryMs });
  };

  const pass = async (): Promise<number | undefined> => {
    for (const image of pushed.splice(0)) {
      endBackOff(dependencies, (tx, service) => waitsFor(tx, service, image));
    }
    if (pathsChanged) endBackOff(dependencies, hasFailedToReach);
    if (resourcesChanged) endBackOff(dependencies, hasLackedResources);
    pathsChanged = false;
    resourcesChanged = false;
    takeDue();
    // A plan that was carried out leads to the next one, until there is nothing to do.
    for (let round = 0; dirty.size > 0; round++) {
      const batch = [...dirty.values()];
      dirty.clear();
      if (round < mostRounds) for (const one of batch) lookSafely(one);
      else for (const one of batch) giveRest(one);
    }
    const next = Math.min(...[...due.values()].map(({ at }) => at));
    return Number.isFinite(next) ? Math.max(0, next - clock.now()) : undefined;
  };

  const loop = createLoop({ ...dependencies, name: "services", concerns: () => false, pass });
  return {
    ...loop,
    start() {
      unwatch = store.watch((changes) => {
        for (const change of changes) noteChange(change);
        const mayEndBackOff = pushed.length > 0 || pathsChanged || resourcesChanged;
        if (dirty.size > 0 || mayEndBackOff) loop.wake();
      });
      for (const service of store.read((tx) => tx.table(services).all())) {
        if (service.status !== "INACTIVE") concern(service, service.arn);
      }
      loop.start();
    },
    async stop() {
      unwatch();
      await loop.stop();
    },
  };
}

const failedLookRetryMs = 5000;
/** A real plan takes two or three; more is a mistake that must not stop the engine. */
const mostRounds = 50;

/** What decides where packets go. Interfaces come and go with the tasks themselves. */
const pathTables: ReadonlySet<string> = new Set(
  networkTables.filter((name) => name !== networkInterfaces.name),
);

/**
 * Ends the back-off of deployments that wait for what has just come. AWS leaves them to their pauses of
 * up to 27 minutes; here the next start is due with the image, the route or the rule.
 */
function endBackOff(
  { store }: LoopDependencies,
  concerns: (tx: ReadTransaction, service: Service) => boolean,
): void {
  const throttled = store.read((tx) =>
    tx
      .table(services)
      .all()
      .filter((service) => service.deployments.some(({ throttle }) => throttle !== undefined))
      .filter((service) => concerns(tx, service)),
  );
  if (throttled.length === 0) return;
  store.write((tx) => {
    for (const service of throttled) {
      const deployments = service.deployments.map((one) => ({ ...one, throttle: undefined }));
      tx.table(services).put({ ...service, deployments });
    }
  });
}

/** Whether a task of the service ended because something could not be reached. */
const hasFailedToReach = (tx: ReadTransaction, service: Service): boolean =>
  tx
    .table(tasks)
    .by("service", service, service.arn)
    .some(({ stop }) => stop?.code === "TaskFailedToStart" && isUnreachable(stop.reason));

/** What decides whether a task gets its logins, secrets and log streams. */
const resourceTables: ReadonlySet<string> = new Set(
  [
    kmsGrants,
    kmsKeys,
    logGroups,
    managedPolicies,
    parameterVersions,
    repositories,
    roles,
    secrets,
    secretVersions,
  ].map(({ name }) => name),
);

/** That something was used is also noted on it, and gives nobody anything. */
function givesResources({ table, before, after }: Change): boolean {
  if (!resourceTables.has(table)) return false;
  const substance = (record: Scope | undefined): string =>
    JSON.stringify({ ...record, lastUse: undefined, accessedAt: undefined });
  return substance(before) !== substance(after);
}

/** Whether a task of the service ended, or was not even made, for want of them. */
const hasLackedResources = (tx: ReadTransaction, service: Service): boolean =>
  service.events.some(({ message }) =>
    message.includes(") failed to launch a task with (error "),
  ) ||
  tx
    .table(tasks)
    .by("service", service, service.arn)
    .some(({ stop }) => stop?.code === "TaskFailedToStart" && isAboutResources(stop.reason));

function waitsFor(tx: ReadTransaction, service: Service, image: Image): boolean {
  return service.deployments.some(({ throttle, taskDefinitionArn }) => {
    if (throttle === undefined) return false;
    const containers = findDefinition(tx, service, taskDefinitionArn)?.containers ?? [];
    return containers.some((container) => refersTo(container.image, image));
  });
}

function refersTo(name: string, image: Image): boolean {
  // The port matters for pulling only.
  const reference = parseImageReference(name, 0);
  if (reference?.type !== "own" || reference.repository !== image.repository) return false;
  if (reference.account !== image.account || reference.region !== image.region) return false;
  return reference.digest === undefined
    ? image.tags.includes(reference.tag ?? "latest")
    : reference.digest === image.digest;
}
