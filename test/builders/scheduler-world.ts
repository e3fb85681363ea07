/**
 * A world in memory for the service scheduler's tests: carries plans out, and lets tasks and targets
 * move as the loops and the balancer would.
 */

import { emptyMemory } from "../../src/engine/deployment/failures.ts";
import { planService, type ServicePlan } from "../../src/engine/deployment/plan-service.ts";
import { targetKey } from "../../src/engine/deployment/task-health.ts";
import { startedTasks, unrepeated, withEvents } from "../../src/engine/service-events.ts";
import { requestStop } from "../../src/engine/task-lifecycle/transitions.ts";
import type { Deployment, Service, Task } from "../../src/model/ecs.ts";
import type { Target, TargetState } from "../../src/model/load-balancing.ts";
import { aDeployment, aTarget, aTask, groupArn } from "./ecs.ts";

export type SchedulerWorld = {
  now: number;
  service: Service;
  tasks: Task[];
  targets: Map<string, Target>;
};

const zones = ["ap-northeast-1a", "ap-northeast-1c"];
const firstStartOf = (world: SchedulerWorld): number => world.tasks.length;

export const newWorld = (service: Service, now = 1_000_000): SchedulerWorld => ({
  now,
  service,
  tasks: [],
  targets: new Map(),
});

export const planOf = (world: SchedulerWorld): ServicePlan =>
  planService({
    service: world.service,
    tasks: world.tasks,
    targets: world.targets,
    targetGroups: new Set([groupArn, `${groupArn}-2`]),
    now: world.now,
  });

/** Carries out one plan; returns whether it did anything. */
export function step(world: SchedulerWorld): boolean {
  const plan = planOf(world);
  const before = JSON.stringify([world.service, world.tasks, [...world.targets]]);
  const made = new Map(plan.start.map((start) => [start, startAll(world, start)]));
  const ids = [...made.values()].flat();
  for (const { task, code, reason } of plan.stop) {
    replace(world, requestStop(task, { code, reason, at: world.now }));
  }
  for (const { task, balancer } of plan.register) {
    const id = task.attachment.privateIp ?? "";
    const { targetGroupArn } = balancer;
    const health = { state: "initial", reason: undefined, description: undefined } as const;
    world.targets.set(
      targetKey(balancer, id),
      aTarget({
        targetGroupArn,
        id,
        port: balancer.containerPort,
        registeredAt: world.now,
        health,
      }),
    );
  }
  for (const { task, balancer } of plan.drain) {
    const key = targetKey(balancer, task.attachment.privateIp ?? "");
    const target = world.targets.get(key);
    if (target) world.targets.set(key, { ...target, registration: "draining" });
  }
  const said = plan.events.map((event) =>
    event.type === "text"
      ? event
      : startedTasks(world.service.name, made.get(event.start) ?? [], event.start.replacing),
  );
  const added = unrepeated(world.service.events, said, world.now).map((message, at) => ({
    id: `event-${world.service.events.length + at}`,
    createdAt: world.now,
    message,
  }));
  const memory = plan.service.scheduler ?? emptyMemory;
  world.service = {
    ...plan.service,
    events: withEvents(world.service.events, added),
    scheduler: { ...memory, unproven: [...memory.unproven, ...ids] },
  };
  return JSON.stringify([world.service, world.tasks, [...world.targets]]) !== before;
}

/** Carries out plans until there is none; throws when they never end. */
export function settle(world: SchedulerWorld): void {
  for (let round = 0; round < 50; round++) if (!step(world)) return;
  throw new Error("the plans do not end");
}

function startAll(world: SchedulerWorld, start: ServicePlan["start"][number]): string[] {
  return Array.from({ length: start.count }, () => {
    const number = firstStartOf(world) + 1;
    const id = String(number).padStart(32, "0");
    world.tasks.push(
      aTask({
        id,
        serviceArn: world.service.arn,
        deploymentId: start.deploymentId,
        availabilityZone: zones[number % zones.length] ?? "",
        createdAt: world.now,
      }),
    );
    return id;
  });
}

export function replace(world: SchedulerWorld, task: Task): void {
  world.tasks = world.tasks.map((one) => (one.id === task.id ? task : one));
}

export const runTask = (world: SchedulerWorld, task: Task): void =>
  replace(world, {
    ...task,
    lastStatus: "RUNNING",
    startedAt: world.now,
    attachment: { ...task.attachment, privateIp: `10.0.1.${Number(task.id)}` },
  });

export const failTask = (world: SchedulerWorld, task: Task, reason: string): void =>
  replace(world, {
    ...requestStop(task, { code: "TaskFailedToStart", reason, at: world.now }),
    lastStatus: "STOPPED",
  });

export const exitTask = (world: SchedulerWorld, task: Task): void =>
  replace(world, {
    ...requestStop(task, {
      code: "EssentialContainerExited",
      reason: "Essential container in task exited",
      at: world.now,
    }),
    lastStatus: "STOPPING",
  });

/** What a task that was asked to stop comes to. */
export const endTask = (world: SchedulerWorld, task: Task): void => {
  replace(world, { ...task, lastStatus: "STOPPED" });
  for (const [key, target] of world.targets) {
    if (target.id === task.attachment.privateIp) world.targets.delete(key);
  }
};

export const setHealth = (world: SchedulerWorld, task: Task, state: TargetState): void => {
  for (const [key, target] of world.targets) {
    if (target.id !== task.attachment.privateIp || target.registration === "draining") continue;
    const description = state === "unhealthy" ? "Request timed out" : undefined;
    world.targets.set(key, { ...target, health: { state, reason: undefined, description } });
  }
};

export const tasksIn = (world: SchedulerWorld, ...statuses: Task["lastStatus"][]): Task[] =>
  world.tasks.filter((task) => statuses.includes(task.lastStatus));

export const wanted = (world: SchedulerWorld): Task[] =>
  world.tasks.filter((task) => task.desiredStatus === "RUNNING");

/** Every pending task RUNNING, every target of a wanted task healthy, every stopped task gone. */
export function makeGood(world: SchedulerWorld): void {
  for (const task of wanted(world)) if (task.lastStatus !== "RUNNING") runTask(world, task);
  settle(world);
  for (const task of wanted(world)) setHealth(world, task, "healthy");
  for (const task of world.tasks) {
    if (task.desiredStatus === "STOPPED" && task.lastStatus !== "STOPPED") endTask(world, task);
  }
  settle(world);
}

/** What UpdateService with a new task definition does. */
export function deploy(world: SchedulerWorld, given: Partial<Deployment> = {}): void {
  const { service } = world;
  const id = given.id ?? `ecs-svc/${service.deployments.length + 100}`;
  world.service = {
    ...service,
    deployments: [
      aDeployment({ id, desiredCount: service.desiredCount, createdAt: world.now, ...given }),
      ...service.deployments.map((one) => ({ ...one, status: "ACTIVE" as const })),
    ],
  };
}

/** Oldest first, without `(service web) `. */
export const messages = (world: SchedulerWorld): string[] =>
  world.service.events.map(({ message }) => message.replace(/^\(service \S+\) /, "")).toReversed();

export const clearEvents = (world: SchedulerWorld): void => {
  world.service = { ...world.service, events: [] };
};
