/** What the scheduler looks at for one service. */
import type { ServiceSnapshot } from "../../engine/deployment/plan-service.ts";
import { targetKey } from "../../engine/deployment/task-health.ts";
import type { Service } from "../../model/ecs.ts";
import type { Target } from "../../model/load-balancing.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { tasks } from "../../state/tables/ecs.ts";
import { targetGroups, targets } from "../../state/tables/load-balancing.ts";

export function readSnapshot(tx: ReadTransaction, service: Service, now: number): ServiceSnapshot {
  const found = new Map<string, Target>();
  const groups = new Set<string>();
  const ofDeployments = service.deployments.flatMap(({ loadBalancers }) => loadBalancers ?? []);
  for (const balancer of [...service.loadBalancers, ...ofDeployments]) {
    const { targetGroupArn } = balancer;
    if (!tx.table(targetGroups).get(service, targetGroupArn)) continue;
    groups.add(targetGroupArn);
    for (const target of tx.table(targets).by("targetGroup", service, targetGroupArn)) {
      if (target.port === balancer.containerPort) found.set(targetKey(balancer, target.id), target);
    }
  }
  return {
    service,
    tasks: tx.table(tasks).by("service", service, service.arn),
    targets: found,
    targetGroups: groups,
    now,
  };
}
