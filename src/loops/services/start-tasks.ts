/** Making the tasks that a plan starts. */
import { distributeTasks } from "../../engine/capacity.ts";
import type { StartPlan } from "../../engine/deployment/rollout.ts";
import { noOverrides } from "../../engine/new-task.ts";
import { chooseSubnet, countTasksPerZone } from "../../engine/placement.ts";
import { roleNotAssumed } from "../../engine/task-lifecycle/resource-reasons.ts";
import { serviceTaskTags } from "../../engine/task-tags.ts";
import type { Service, Task } from "../../model/ecs.ts";
import type { Ids } from "../../seams/ids.ts";
import type { WriteTransaction } from "../../state/store.ts";
import { clusters, tasks } from "../../state/tables/ecs.ts";
import { subnets } from "../../state/tables/network.ts";
import { findUnusableRole } from "../../state/task-roles.ts";
import { createTask } from "../../state/tasks.ts";
import { findDefinition } from "../find-definition.ts";

/** The tasks made, or why none could be. */
export type StartResult =
  | { readonly type: "started"; readonly tasks: readonly Task[] }
  | { readonly type: "refused"; readonly reason: string }
  /** ECS could not even ask for a task. */
  | { readonly type: "not-launched"; readonly error: string };

export function startTasks(
  tx: WriteTransaction,
  ids: Ids,
  service: Service,
  start: StartPlan,
  now: number,
): StartResult {
  const deployment = service.deployments.find(({ id }) => id === start.deploymentId);
  if (!deployment) throw new Error(`service ${service.name} has no ${start.deploymentId}`);
  const cluster = tx.table(clusters).get(service, service.clusterArn);
  if (!cluster) return refused("Cluster not found");
  const definition = findDefinition(tx, service, deployment.taskDefinitionArn);
  if (!definition) return refused("TaskDefinition not found");
  const unusable = findUnusableRole(tx, service, definition);
  if (unusable !== undefined) return { type: "not-launched", error: roleNotAssumed(unusable) };
  const candidates = deployment.network.subnets.flatMap(
    (subnetId) => tx.table(subnets).get(service, subnetId) ?? [],
  );
  const present = tx
    .table(tasks)
    .by("service", service, service.arn)
    .filter((task) => task.desiredStatus === "RUNNING");
  const providers = distributeTasks(
    start.count,
    deployment.capacityProviderStrategy,
    countPerProvider(present),
  );
  const made: Task[] = [];
  for (let at = 0; at < start.count; at++) {
    const subnet = chooseSubnet(candidates, countTasksPerZone([...present, ...made]));
    if (!subnet) return refused("The subnets of the network configuration do not exist");
    const task = createTask(tx, ids, {
      cluster,
      definition,
      subnet,
      network: deployment.network,
      group: `service:${service.name}`,
      startedBy: deployment.id,
      serviceArn: service.arn,
      deploymentId: deployment.id,
      capacityProviderName: providers[at],
      platformVersion: deployment.platformVersion,
      overrides: noOverrides,
      enableExecuteCommand: service.enableExecuteCommand,
      tags: serviceTaskTags(service, definition, cluster.name),
      now,
    });
    made.push(task);
  }
  return { type: "started", tasks: made };
}

const refused = (reason: string): StartResult => ({ type: "refused", reason });

function countPerProvider(present: readonly Task[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { capacityProviderName } of present) {
    if (capacityProviderName === undefined) continue;
    counts.set(capacityProviderName, (counts.get(capacityProviderName) ?? 0) + 1);
  }
  return counts;
}
