import { beforeEach, describe, expect, it } from "vitest";
import { aDeployment, aService, groupArn } from "../../../test/builders/ecs.ts";
import {
  clearEvents,
  deploy,
  endTask,
  exitTask,
  failTask,
  makeGood,
  messages,
  newWorld,
  planOf,
  runTask,
  type SchedulerWorld,
  setHealth,
  settle,
  step,
  wanted,
} from "../../../test/builders/scheduler-world.ts";
import type { DeploymentConfiguration, Service } from "../../model/ecs.ts";

const balanced = {
  loadBalancers: [{ targetGroupArn: groupArn, containerName: "app", containerPort: 80 }],
} as const;
const bounds = (
  minimumHealthyPercent: number,
  maximumPercent: number,
): DeploymentConfiguration => ({
  minimumHealthyPercent,
  maximumPercent,
  circuitBreaker: { enable: false, rollback: false },
});
const breaker = (rollback: boolean): DeploymentConfiguration => ({
  ...bounds(100, 200),
  circuitBreaker: { enable: true, rollback },
});
const idOf = (number: number): string => String(number).padStart(32, "0");
const primaryOf = (world: SchedulerWorld) => world.service.deployments[0];
const minute = 60_000;

const steadyWorld = (given: Partial<Service> = {}): SchedulerWorld => {
  const world = newWorld(aService({ ...balanced, ...given }));
  settle(world);
  makeGood(world);
  clearEvents(world);
  return world;
};

describe("a new service behind a balancer", () => {
  let world: SchedulerWorld;
  beforeEach(() => {
    world = newWorld(aService(balanced));
    settle(world);
  });

  it("at first: starts as many tasks as are desired", () => {
    expect(wanted(world)).toHaveLength(2);
    expect(messages(world)).toEqual([`has started 2 tasks: (task ${idOf(1)}) (task ${idOf(2)}).`]);
  });

  it("with its tasks RUNNING: registers them, and is not steady before they are healthy", () => {
    for (const task of wanted(world)) runTask(world, task);
    settle(world);
    expect(messages(world).slice(1)).toEqual([
      `registered 2 targets in (target-group ${groupArn})`,
    ]);
    expect(primaryOf(world)?.rolloutState).toBe("IN_PROGRESS");
  });

  it("with its targets healthy: completed and steady in the same instant", () => {
    makeGood(world);
    expect(messages(world).slice(2)).toEqual([
      "(deployment ecs-svc/1) deployment completed.",
      "has reached a steady state.",
    ]);
    const [steady, completed] = world.service.events;
    expect(steady?.createdAt).toBe(completed?.createdAt);
    expect(primaryOf(world)).toMatchObject({
      rolloutState: "COMPLETED",
      rolloutStateReason: "ECS deployment ecs-svc/1 completed.",
    });
  });

  it("when steady: nothing to do, and another look in six hours", () => {
    makeGood(world);
    expect(step(world)).toBe(false);
    expect(planOf(world).nextLook).toBe(world.now + 6 * 60 * minute);
    world.now += 6 * 60 * minute;
    settle(world);
    expect(messages(world).filter((text) => text.includes("steady"))).toHaveLength(2);
  });

  it("whose target group was deleted: says so once and registers nothing", () => {
    for (const task of wanted(world)) runTask(world, task);
    const loadBalancers = [{ ...balanced.loadBalancers[0], targetGroupArn: "arn:gone" }];
    world.service = { ...world.service, deployments: [aDeployment({ loadBalancers })] };
    settle(world);
    expect(messages(world).slice(1)).toEqual([
      "failed to register targets in (target-group arn:gone) with (error One or more target groups not found)",
    ]);
  });
});

describe("a service without any check", () => {
  it("with its tasks RUNNING: steady after 40 seconds and not before", () => {
    const world = newWorld(aService());
    settle(world);
    for (const task of wanted(world)) runTask(world, task);
    settle(world);
    expect(planOf(world).nextLook).toBe(world.now + 40_000);
    world.now += 39_999;
    settle(world);
    expect(primaryOf(world)?.rolloutState).toBe("IN_PROGRESS");
    world.now += 1;
    settle(world);
    expect(primaryOf(world)?.rolloutState).toBe("COMPLETED");
  });
});

describe("replacement", () => {
  it("an essential container exits: another starts at once, the target drains", () => {
    const world = steadyWorld();
    const [first] = wanted(world);
    if (first) exitTask(world, first);
    settle(world);
    expect(wanted(world)).toHaveLength(2);
    expect(messages(world)).toEqual([
      `has started 1 tasks: (task ${idOf(3)}).`,
      "has begun draining connections on 1 tasks.",
      `deregistered 1 targets in (target-group ${groupArn})`,
    ]);
    makeGood(world);
    expect(messages(world).slice(3)).toEqual([
      `registered 1 targets in (target-group ${groupArn})`,
      "has reached a steady state.",
    ]);
  });

  it("a target turns unhealthy: the replacement starts first, the task is stopped when it is healthy", () => {
    const world = steadyWorld();
    const [sick] = wanted(world);
    if (!sick) throw new Error("no task");
    setHealth(world, sick, "unhealthy");
    settle(world);
    expect(messages(world)).toEqual([
      `(task ${sick.id}) (port 80) is unhealthy in (target-group ${groupArn}) due to (reason Request timed out).`,
      `has started 1 tasks: (task ${idOf(3)}). Amazon ECS replaced 1 tasks due to an unhealthy status.`,
    ]);
    expect(wanted(world)).toHaveLength(3);
    const fresh = wanted(world)[2];
    if (!fresh) throw new Error("no replacement");
    runTask(world, fresh);
    settle(world);
    setHealth(world, world.tasks[2] ?? fresh, "healthy");
    settle(world);
    expect(world.tasks[0]?.stop).toMatchObject({
      code: "ServiceSchedulerInitiated",
      reason: `Task failed ELB health checks in (target-group ${groupArn})`,
    });
    expect(wanted(world)).toHaveLength(2);
  });

  it("no room above the desired count: the unhealthy task goes first, one at a time", () => {
    const world = steadyWorld({ deploymentConfiguration: bounds(0, 100) });
    for (const task of wanted(world)) setHealth(world, task, "unhealthy");
    settle(world);
    expect(world.tasks.filter((task) => task.stop !== undefined)).toHaveLength(1);
    expect(wanted(world)).toHaveLength(2);
    expect(world.tasks).toHaveLength(3);
  });

  it("a target is unhealthy within the grace period: nothing, and a look at its end", () => {
    const world = steadyWorld({ healthCheckGracePeriodSeconds: 60 });
    const [task] = wanted(world);
    if (!task) throw new Error("no task");
    setHealth(world, task, "unhealthy");
    settle(world);
    expect(messages(world)).toEqual([]);
    expect(planOf(world).nextLook).toBe((task.startedAt ?? 0) + minute);
    world.now = (task.startedAt ?? 0) + minute;
    settle(world);
    expect(messages(world)[0]).toContain("is unhealthy in");
  });

  it("an unhealthy target heals before its replacement is up: the replacement goes", () => {
    const world = steadyWorld();
    const [sick] = wanted(world);
    if (!sick) throw new Error("no task");
    setHealth(world, sick, "unhealthy");
    settle(world);
    setHealth(world, sick, "healthy");
    settle(world);
    expect(wanted(world).map(({ id }) => id)).toEqual([idOf(1), idOf(2)]);
    expect(messages(world)).toContain("stopped 1 pending tasks.");
  });
});

describe("tasks that never start", () => {
  const reason = "CannotPullContainerError: pull image manifest has been retried 1 time(s): gone";
  const failAll = (world: SchedulerWorld): void => {
    for (const task of wanted(world))
      if (task.lastStatus !== "RUNNING") failTask(world, task, reason);
    settle(world);
  };

  it("the first failure: told once, and no new start before the pause is over", () => {
    const world = newWorld(aService());
    settle(world);
    failAll(world);
    expect(wanted(world)).toHaveLength(0);
    expect(messages(world).slice(1)).toEqual([`was unable to place a task. Reason: ${reason}.`]);
    expect(planOf(world).nextLook).toBe(world.now + 10_000);
    expect(primaryOf(world)?.failedTasks).toBe(2);
  });

  it("failing on: pauses grow to 27 minutes, and the text is not repeated", () => {
    const world = newWorld(aService());
    settle(world);
    const pauses: number[] = [];
    for (let round = 0; round < 10; round++) {
      failAll(world);
      const look = planOf(world).nextLook ?? 0;
      pauses.push((look - world.now) / 1000);
      world.now = look;
      settle(world);
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 1620, 1620]);
    const told = messages(world).filter((text) => text.includes("unable to place"));
    expect(told).toHaveLength(1);
    expect(messages(world)).toContain(
      "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section.",
    );
  });

  it("two that were started together fail one after the other: one failure for the back-off", () => {
    const world = newWorld(aService());
    settle(world);
    for (const task of wanted(world)) {
      failTask(world, task, reason);
      settle(world);
      world.now += 100;
    }
    expect(primaryOf(world)).toMatchObject({ failedTasks: 2, throttle: { failures: 1 } });
  });

  it("a task runs after all: the back-off is over", () => {
    const world = newWorld(aService());
    settle(world);
    failAll(world);
    world.now += 10_000;
    settle(world);
    world.now += 1;
    for (const task of wanted(world)) runTask(world, task);
    settle(world);
    expect(primaryOf(world)?.throttle).toBeUndefined();
  });

  it("a task that ran and then exited: is replaced without a pause", () => {
    const world = steadyWorld();
    for (let round = 0; round < 5; round++) {
      const [task] = wanted(world);
      if (task) exitTask(world, task);
      settle(world);
      for (const one of wanted(world)) if (one.lastStatus !== "RUNNING") runTask(world, one);
    }
    expect(wanted(world)).toHaveLength(2);
  });
});

describe("the circuit breaker", () => {
  const failing = (world: SchedulerWorld): void => {
    for (let round = 0; round < 4; round++) {
      for (const task of wanted(world)) {
        if (task.lastStatus !== "RUNNING") failTask(world, task, "ResourceInitializationError: x");
      }
      settle(world);
      world.now = Math.max(world.now, planOf(world).nextLook ?? 0);
      settle(world);
    }
  };

  it("three failures of two tasks and nowhere to go back to: FAILED, PRIMARY, no more starts", () => {
    const world = newWorld(aService({ deploymentConfiguration: breaker(true) }));
    settle(world);
    failing(world);
    expect(primaryOf(world)).toMatchObject({
      status: "PRIMARY",
      rolloutState: "FAILED",
      rolloutStateReason: "ECS deployment circuit breaker: tasks failed to start.",
    });
    expect(wanted(world)).toHaveLength(0);
    expect(world.tasks).toHaveLength(4);
    expect(messages(world).at(-1)).toBe(
      "(deployment ecs-svc/1) deployment failed: tasks failed to start.",
    );
  });

  it("with a completed deployment and rollback: that one is PRIMARY again under its own id", () => {
    const world = steadyWorld({ deploymentConfiguration: breaker(true) });
    deploy(world, { id: "ecs-svc/2", taskDefinitionArn: "arn:bad" });
    settle(world);
    failing(world);
    expect(messages(world)).toEqual(
      expect.arrayContaining([
        "(deployment ecs-svc/2) deployment failed: tasks failed to start.",
        "rolling back to deployment ecs-svc/1.",
        "(deployment ecs-svc/1) deployment completed.",
      ]),
    );
    expect(world.service.deployments).toMatchObject([
      { id: "ecs-svc/1", status: "PRIMARY", rolloutState: "COMPLETED" },
    ]);
    expect(world.service.taskDefinitionArn).toBe(aDeployment().taskDefinitionArn);
    expect(wanted(world).map(({ id }) => id)).toEqual([idOf(1), idOf(2)]);
  });

  it("tasks run and fail their health checks: they count too", () => {
    const world = steadyWorld({ deploymentConfiguration: breaker(true) });
    deploy(world, { id: "ecs-svc/2" });
    settle(world);
    for (let round = 0; round < 6; round++) {
      for (const task of wanted(world)) if (task.lastStatus !== "RUNNING") runTask(world, task);
      settle(world);
      for (const task of wanted(world)) {
        if (task.deploymentId === "ecs-svc/2") setHealth(world, task, "unhealthy");
      }
      settle(world);
      for (const task of world.tasks) if (task.stop !== undefined) endTask(world, task);
      settle(world);
    }
    expect(messages(world)).toContain("rolling back to deployment ecs-svc/1.");
    expect(world.service.deployments).toHaveLength(1);
  });

  it("switched off: the deployment goes on failing", () => {
    const world = newWorld(aService());
    settle(world);
    failing(world);
    expect(primaryOf(world)?.rolloutState).toBe("IN_PROGRESS");
  });
});

describe("a rolling update", () => {
  it("with 100 and 200 percent: new ones first, an old one goes for each that is healthy", () => {
    const world = steadyWorld();
    deploy(world, { id: "ecs-svc/2" });
    settle(world);
    expect(wanted(world)).toHaveLength(4);
    const fresh = wanted(world).filter((task) => task.deploymentId === "ecs-svc/2");
    for (const task of fresh) runTask(world, task);
    settle(world);
    const [first] = wanted(world).filter((task) => task.deploymentId === "ecs-svc/2");
    if (first) setHealth(world, first, "healthy");
    settle(world);
    expect(world.tasks.filter((task) => task.stop !== undefined)).toHaveLength(1);
    makeGood(world);
    makeGood(world);
    expect(world.service.deployments).toMatchObject([
      { id: "ecs-svc/2", rolloutState: "COMPLETED" },
    ]);
    expect(world.tasks[0]?.stop?.reason).toBe(
      "Scaling activity initiated by (deployment ecs-svc/2)",
    );
  });

  it("an old task that still drains: keeps the old deployment in the list", () => {
    const world = steadyWorld({ desiredCount: 1 });
    deploy(world, { id: "ecs-svc/2", desiredCount: 1 });
    settle(world);
    const fresh = wanted(world)[1];
    if (fresh) runTask(world, fresh);
    settle(world);
    if (world.tasks[1]) setHealth(world, world.tasks[1], "healthy");
    settle(world);
    expect(world.service.deployments.map(({ status }) => status)).toEqual(["PRIMARY", "ACTIVE"]);
    expect(messages(world).slice(-3)).toEqual([
      `has stopped 1 running tasks: (task ${idOf(1)}).`,
      "has begun draining connections on 1 tasks.",
      `deregistered 1 targets in (target-group ${groupArn})`,
    ]);
    if (world.tasks[0]) endTask(world, world.tasks[0]);
    settle(world);
    expect(world.service.deployments).toHaveLength(1);
    expect(messages(world).slice(-2)).toEqual([
      "(deployment ecs-svc/2) deployment completed.",
      "has reached a steady state.",
    ]);
  });

  it("with 50 and 100 percent: half of the old ones go first", () => {
    const world = steadyWorld({ deploymentConfiguration: bounds(50, 100) });
    deploy(world, { id: "ecs-svc/2" });
    settle(world);
    expect(wanted(world).map(({ deploymentId }) => deploymentId)).toEqual([
      "ecs-svc/1",
      "ecs-svc/2",
    ]);
  });

  it("with another target group: old tasks stay in theirs until they drain, new ones enter the new one", () => {
    const world = steadyWorld({ desiredCount: 1 });
    const other = `${groupArn}-2`;
    const loadBalancers = [{ ...balanced.loadBalancers[0], targetGroupArn: other }];
    world.service = { ...world.service, loadBalancers };
    deploy(world, { id: "ecs-svc/2", desiredCount: 1 });
    settle(world);
    const fresh = wanted(world)[1];
    if (fresh) runTask(world, fresh);
    settle(world);
    expect(messages(world).at(-1)).toBe(`registered 1 targets in (target-group ${other})`);
    if (world.tasks[1]) setHealth(world, world.tasks[1], "healthy");
    settle(world);
    expect(messages(world).at(-1)).toBe(`deregistered 1 targets in (target-group ${groupArn})`);
  });

  it("bounds that rounding leaves no way between: says so once", () => {
    const world = steadyWorld({ deploymentConfiguration: bounds(75, 125) });
    deploy(world, { id: "ecs-svc/2" });
    settle(world);
    expect(messages(world)).toEqual([
      "was unable to stop or start tasks during a deployment because of the service deployment " +
        "configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
    ]);
  });

  it("the new tasks fail and an old one dies: the old one comes back as it was", () => {
    const world = steadyWorld();
    deploy(world, { id: "ecs-svc/2" });
    settle(world);
    for (const task of wanted(world)) {
      if (task.deploymentId === "ecs-svc/2") failTask(world, task, "CannotPullContainerError: x");
    }
    settle(world);
    if (world.tasks[0]) exitTask(world, world.tasks[0]);
    settle(world);
    expect(wanted(world).map(({ deploymentId }) => deploymentId)).toEqual([
      "ecs-svc/1",
      "ecs-svc/1",
    ]);
  });
});

describe("scaling", () => {
  it("out: no new deployment, the missing tasks start", () => {
    const world = steadyWorld();
    world.service = { ...world.service, desiredCount: 5 };
    settle(world);
    expect(wanted(world)).toHaveLength(5);
    expect(world.service.deployments).toMatchObject([
      { id: "ecs-svc/1", desiredCount: 5, rolloutState: "COMPLETED" },
    ]);
  });

  it("in: tasks that are not up go first, and zones stay balanced", () => {
    const world = steadyWorld({ desiredCount: 4 });
    world.service = { ...world.service, desiredCount: 5 };
    settle(world);
    world.service = { ...world.service, desiredCount: 2 };
    settle(world);
    expect(messages(world)).toContain("stopped 1 pending tasks.");
    expect(new Set(wanted(world).map((task) => task.availabilityZone)).size).toBe(2);
    expect(wanted(world)).toHaveLength(2);
  });

  it("to zero and deleted: INACTIVE when the last task is STOPPING, with no replacement", () => {
    const world = steadyWorld();
    world.service = { ...world.service, desiredCount: 0, status: "DRAINING" };
    settle(world);
    expect(wanted(world)).toHaveLength(0);
    expect(world.service.status).toBe("DRAINING");
    for (const task of world.tasks) endTask(world, task);
    settle(world);
    expect(world.service).toMatchObject({ status: "INACTIVE", deployments: [] });
    expect(world.tasks).toHaveLength(2);
  });

  it("deleted with an unhealthy and a dying task: nothing is started", () => {
    const world = steadyWorld();
    const [first, second] = wanted(world);
    if (first) setHealth(world, first, "unhealthy");
    if (second) exitTask(world, second);
    world.service = { ...world.service, desiredCount: 0, status: "DRAINING" };
    settle(world);
    expect(world.tasks).toHaveLength(2);
  });
});
