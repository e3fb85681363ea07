/** Which tasks of a service enter their target groups, and which leave. */
import type { Service, ServiceLoadBalancer, Task } from "../../model/ecs.ts";
import {
  begunDraining,
  deregisteredTargets,
  type EventText,
  registeredTargets,
  targetsNotRegistered,
} from "../service-events.ts";
import { type AssessedTask, balancersOf, findTarget, type TargetLookup } from "./task-health.ts";

export type TargetChange = { readonly task: Task; readonly balancer: ServiceLoadBalancer };

export type TargetPlan = {
  readonly register: readonly TargetChange[];
  readonly drain: readonly TargetChange[];
  readonly events: readonly EventText[];
};

/** `groups` are the target groups that exist. */
export function planTargets(
  service: Service,
  assessed: readonly AssessedTask[],
  targets: TargetLookup,
  groups: ReadonlySet<string>,
): TargetPlan {
  const changes = assessed.flatMap(({ task, condition }) =>
    balancersOf(service, task).map((balancer) => ({
      change: { task, balancer },
      condition,
      target: findTarget(task, balancer, targets),
    })),
  );
  const entering = changes
    .filter(({ condition, target }) => condition === "settling" && !target)
    .map(({ change }) => change);
  const drain = changes
    .filter(({ condition, target }) => isEnding(condition) && target?.registration === "registered")
    .map(({ change }) => change);
  const register = entering.filter(({ balancer }) => groups.has(balancer.targetGroupArn));
  const missing = new Set(
    entering
      .map(({ balancer }) => balancer.targetGroupArn)
      .filter((targetGroupArn) => !groups.has(targetGroupArn)),
  );
  return {
    register,
    drain,
    events: [
      ...perGroup(register, (count, group) => registeredTargets(service.name, count, group)),
      ...[...missing].map((group) =>
        targetsNotRegistered(service.name, group, `One or more target groups not found`),
      ),
      ...drainEvents(service, drain),
    ],
  };
}

const isEnding = (condition: AssessedTask["condition"]): boolean =>
  condition === "leaving" || condition === "gone";

function drainEvents(service: Service, drain: readonly TargetChange[]): EventText[] {
  if (drain.length === 0) return [];
  const tasks = new Set(drain.map(({ task }) => task.id));
  return [
    begunDraining(service.name, tasks.size),
    ...perGroup(drain, (count, group) => deregisteredTargets(service.name, count, group)),
  ];
}

function perGroup(
  changes: readonly TargetChange[],
  say: (count: number, group: string) => EventText,
): EventText[] {
  const counts = new Map<string, number>();
  for (const { balancer } of changes) {
    counts.set(balancer.targetGroupArn, (counts.get(balancer.targetGroupArn) ?? 0) + 1);
  }
  return [...counts].map(([group, count]) => say(count, group));
}
