import { describe, expect, it } from "vitest";
import { aService, groupArn } from "../../../test/builders/ecs.ts";
import fc from "../../../test/builders/properties.ts";
import {
  deploy,
  endTask,
  exitTask,
  failTask,
  makeGood,
  newWorld,
  planOf,
  runTask,
  type SchedulerWorld,
  setHealth,
  step,
  wanted,
} from "../../../test/builders/scheduler-world.ts";
import type { Service } from "../../model/ecs.ts";
import { boundsOf } from "./rollout.ts";
import { assessTask } from "./task-health.ts";

type Happening =
  | { readonly type: "run" | "fail" | "exit" | "end" | "heal" | "sicken"; readonly at: number }
  | { readonly type: "scale"; readonly to: number }
  | { readonly type: "wait"; readonly seconds: number }
  | { readonly type: "deploy" | "delete" | "recover" };

const happenings = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        type: fc.constantFrom("run", "fail", "exit", "end", "heal", "sicken"),
        at: fc.nat(20),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("scale"), to: fc.nat(6) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant("wait"), seconds: fc.nat(120) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("deploy", "recover") }) },
  ) as fc.Arbitrary<Happening>,
  { minLength: 5, maxLength: 60, size: "+1" },
);

const services = fc
  .record({
    desiredCount: fc.nat(6),
    minimumHealthyPercent: fc.constantFrom(0, 50, 75, 100),
    maximumPercent: fc.constantFrom(100, 125, 150, 200),
    isBalanced: fc.boolean(),
    grace: fc.constantFrom(0, 60),
    breaker: fc.boolean(),
  })
  .filter((given) => given.minimumHealthyPercent < 100 || given.maximumPercent > 100)
  .map(
    (given): Service =>
      aService({
        desiredCount: given.desiredCount,
        deploymentConfiguration: {
          minimumHealthyPercent: given.minimumHealthyPercent,
          maximumPercent: given.maximumPercent,
          circuitBreaker: { enable: given.breaker, rollback: given.breaker },
        },
        ...(given.isBalanced && {
          healthCheckGracePeriodSeconds: given.grace,
          loadBalancers: [{ targetGroupArn: groupArn, containerName: "app", containerPort: 80 }],
        }),
      }),
  );

let deployed = 0;

function happen(world: SchedulerWorld, one: Happening): void {
  switch (one.type) {
    case "scale":
      world.service = { ...world.service, desiredCount: one.to };
      return;
    case "wait":
      world.now += one.seconds * 1000;
      return;
    case "deploy":
      if (world.service.status === "ACTIVE")
        deploy(world, { id: `ecs-svc/deployed-${++deployed}` });
      return;
    case "recover":
      world.now += 40_000;
      makeGood(world);
      return;
    case "delete":
      world.service = { ...world.service, desiredCount: 0, status: "DRAINING" };
      return;
  }
  const choices = world.tasks.filter((task) => {
    if (task.lastStatus === "STOPPED") return false;
    if (one.type === "end") return task.desiredStatus === "STOPPED";
    const isUp = task.lastStatus === "RUNNING" && task.desiredStatus === "RUNNING";
    return one.type === "run" || one.type === "fail"
      ? task.desiredStatus === "RUNNING" && task.lastStatus !== "RUNNING"
      : isUp;
  });
  const task = choices[one.at % Math.max(1, choices.length)];
  if (!task) return;
  const act = {
    run: () => runTask(world, task),
    fail: () => failTask(world, task, "CannotPullContainerError: no"),
    exit: () => exitTask(world, task),
    end: () => endTask(world, task),
    heal: () => setHealth(world, task, "healthy"),
    sicken: () => setHealth(world, task, "unhealthy"),
  };
  act[one.type]();
}

const countHealthy = (world: SchedulerWorld): number =>
  world.tasks.filter(
    (task) => assessTask(world.service, task, world.targets, world.now).condition === "healthy",
  ).length;

/** Carries out plans until there is none, looking at each. */
function settleSafely(world: SchedulerWorld): void {
  for (let round = 0; round < 50; round++) {
    const { lower, upper } = boundsOf(world.service);
    const healthy = countHealthy(world);
    const alive = wanted(world).length;
    const plan = planOf(world);
    const started = plan.start.reduce((sum, { count }) => sum + count, 0);
    if (world.service.status === "DRAINING") expect(started).toBe(0);
    if (started > 0) expect(alive + started).toBeLessThanOrEqual(upper);
    const moved = step(world);
    expect(countHealthy(world)).toBeGreaterThanOrEqual(Math.min(healthy, lower));
    if (!moved) return;
  }
  throw new Error("the plans do not end");
}

describe("any service in any weather", () => {
  it("plans end, the scheduler's own stops never go below the minimum, its starts never above the maximum", () => {
    fc.assert(
      fc.property(services, happenings, (service, list) => {
        const world = newWorld(service);
        settleSafely(world);
        for (const one of list) {
          happen(world, one);
          settleSafely(world);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("deleted at any moment: nothing starts any more, and it is INACTIVE when its tasks are gone", () => {
    fc.assert(
      fc.property(services, happenings, happenings, (service, before, after) => {
        const world = newWorld(service);
        settleSafely(world);
        for (const one of before) {
          happen(world, one);
          settleSafely(world);
        }
        happen(world, { type: "delete" });
        const count = world.tasks.length;
        for (const one of after) {
          if (one.type !== "scale") happen(world, one);
          settleSafely(world);
        }
        for (const task of world.tasks) endTask(world, task);
        settleSafely(world);
        expect(world.tasks).toHaveLength(count);
        expect(world.service.status).toBe("INACTIVE");
      }),
      { numRuns: 80 },
    );
  });

  it("when everything works again: the desired tasks of one deployment, all healthy", () => {
    fc.assert(
      fc.property(services, happenings, (service, list) => {
        // Bounds that allow nothing to move never converge, on AWS neither.
        fc.pre(service.deploymentConfiguration.minimumHealthyPercent <= 50);
        fc.pre(service.deploymentConfiguration.maximumPercent === 200);
        const world = newWorld(service);
        settleSafely(world);
        for (const one of list) {
          happen(world, one);
          settleSafely(world);
        }
        if (world.service.deployments[0]?.rolloutState === "FAILED")
          deploy(world, { id: "ecs-svc/last" });
        for (let round = 0; round < 40; round++) {
          world.now += 28 * 60_000;
          settleSafely(world);
          makeGood(world);
        }
        expect(world.service.deployments).toMatchObject([{ rolloutState: "COMPLETED" }]);
        expect(wanted(world)).toHaveLength(world.service.desiredCount);
        expect(countHealthy(world)).toBe(world.service.desiredCount);
        expect(step(world)).toBe(false);
      }),
      { numRuns: 80 },
    );
  });
});
