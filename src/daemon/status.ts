/**
 * What exists, for `neargate status`: services with their URLs and, for those not steady, why. A
 * view of the state; it changes nothing.
 */
import type { Service, Task } from "../model/ecs.ts";
import type { ReadTransaction } from "../state/store.ts";
import { clusters, services, tasks } from "../state/tables/ecs.ts";
import { listeners, loadBalancers, targets } from "../state/tables/load-balancing.ts";

export type ServiceStatus = {
  readonly account: string;
  readonly region: string;
  readonly cluster: string;
  readonly service: string;
  readonly status: string;
  readonly desired: number;
  readonly running: number;
  readonly pending: number;
  readonly steady: boolean;
  readonly urls: readonly string[];
  /** The newest stopped task's reason, when the service is not steady. */
  readonly lastStopped: { readonly task: string; readonly reason: string } | undefined;
  /** Targets that fail their check, when there are any. */
  readonly failingChecks: readonly string[];
  readonly lastEvent: string | undefined;
};

export type TaskStatusLine = {
  readonly region: string;
  readonly cluster: string;
  readonly task: string;
  readonly definition: string;
  readonly status: string;
  readonly address: string | undefined;
  readonly group: string;
};

export type EngineStatus = {
  readonly services: readonly ServiceStatus[];
  readonly tasks: readonly TaskStatusLine[];
  readonly loadBalancers: readonly {
    readonly name: string;
    readonly region: string;
    readonly urls: readonly string[];
  }[];
  readonly clusters: number;
};

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

export function readStatus(tx: ReadTransaction): EngineStatus {
  const live = tx
    .table(services)
    .all()
    .filter((service) => service.status !== "INACTIVE");
  return {
    services: live.map((service) => toServiceStatus(tx, service)),
    tasks: tx
      .table(tasks)
      .all()
      .filter((task) => task.lastStatus !== "STOPPED")
      .map(toTaskLine),
    loadBalancers: tx
      .table(loadBalancers)
      .all()
      .map((balancer) => ({
        name: balancer.name,
        region: balancer.region,
        urls: urlsOf(tx, balancer.arn),
      })),
    clusters: tx
      .table(clusters)
      .all()
      .filter((cluster) => cluster.status === "ACTIVE").length,
  };
}

function toServiceStatus(tx: ReadTransaction, service: Service): ServiceStatus {
  const own = tx.table(tasks).by("service", service, service.arn);
  const alive = own.filter((task) => task.desiredStatus === "RUNNING");
  const running = alive.filter((task) => task.lastStatus === "RUNNING").length;
  const failingChecks = failingChecksOf(tx, service);
  const steady =
    service.deployments.length === 1 &&
    running === service.desiredCount &&
    failingChecks.length === 0;
  const stopped = steady ? undefined : newestStopped(own);
  return {
    account: service.account,
    region: service.region,
    cluster: lastPart(service.clusterArn),
    service: service.name,
    status: service.status,
    desired: service.desiredCount,
    running,
    pending: alive.length - running,
    steady,
    urls: balancersOf(tx, service).flatMap((arn) => urlsOf(tx, arn)),
    lastStopped: stopped?.stop && { task: stopped.id, reason: stopped.stop.reason },
    failingChecks,
    lastEvent: service.events[0]?.message,
  };
}

function newestStopped(own: readonly Task[]): Task | undefined {
  return own
    .filter((task) => task.stop !== undefined)
    .toSorted((a, b) => (b.stop?.at ?? 0) - (a.stop?.at ?? 0))[0];
}

function failingChecksOf(tx: ReadTransaction, service: Service): string[] {
  return service.loadBalancers.flatMap((use) =>
    tx
      .table(targets)
      .by("targetGroup", service, use.targetGroupArn)
      .filter((target) => target.health.state === "unhealthy")
      .map(
        (target) =>
          `${target.id}:${target.port} ${target.health.reason}: ${target.health.description}`,
      ),
  );
}

function balancersOf(tx: ReadTransaction, service: Service): string[] {
  const arns = service.loadBalancers.flatMap((use) =>
    tx
      .table(listeners)
      .by("targetGroup", service, use.targetGroupArn)
      .map((listener) => listener.loadBalancerArn),
  );
  return [...new Set(arns)];
}

function urlsOf(tx: ReadTransaction, balancerArn: string): string[] {
  const balancer = tx
    .table(loadBalancers)
    .all()
    .find((candidate) => candidate.arn === balancerArn);
  if (!balancer) return [];
  return tx
    .table(listeners)
    .by("balancer", balancer, balancerArn)
    .map((listener) => {
      const port = listener.port === 80 ? "" : `:${listener.port}`;
      return `http://${balancer.dnsName}${port}/`;
    });
}

function toTaskLine(task: Task): TaskStatusLine {
  return {
    region: task.region,
    cluster: lastPart(task.clusterArn),
    task: task.id,
    definition: lastPart(task.taskDefinitionArn),
    status: task.lastStatus,
    address: task.attachment.privateIp,
    group: task.group,
  };
}
