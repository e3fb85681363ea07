import { describe, expect, it } from "vitest";
import { aService, groupArn } from "../../../test/builders/ecs.ts";
import {
  clearEvents,
  deploy,
  makeGood,
  messages,
  newWorld,
  type SchedulerWorld,
  settle,
  wanted,
} from "../../../test/builders/scheduler-world.ts";
import type { Task } from "../../model/ecs.ts";

const hour = 3_600_000;

function steadyWorld(): SchedulerWorld {
  const balancer = { targetGroupArn: groupArn, containerName: "app", containerPort: 80 };
  const world = newWorld(aService({ loadBalancers: [balancer] }));
  settle(world);
  makeGood(world);
  clearEvents(world);
  return world;
}

const protect = (world: SchedulerWorld, task: Task | undefined): void => {
  world.tasks = world.tasks.map((one) =>
    one.id === task?.id ? { ...one, protection: { expiresAt: world.now + hour } } : one,
  );
};

describe("protected tasks", () => {
  it("scaling in by one: the other one is stopped", () => {
    const world = steadyWorld();
    const youngest = wanted(world).at(-1);
    protect(world, youngest);
    world.service = { ...world.service, desiredCount: 1 };
    settle(world);
    expect(wanted(world).map(({ id }) => id)).toEqual([youngest?.id]);
    expect(messages(world).join("\n")).not.toContain("protection");
  });

  it("scaling in with all protected: none is stopped, and AWS's words once; at the end of it they go", () => {
    const world = steadyWorld();
    for (const task of wanted(world)) protect(world, task);
    world.service = { ...world.service, desiredCount: 0 };
    settle(world);
    expect(wanted(world)).toHaveLength(2);
    expect(messages(world)).toEqual([
      "was unable to reach steady state because (taskSet ecs-svc/1) was unable to scale in due to (reason 2 tasks under protection)",
    ]);
    world.now += hour;
    settle(world);
    expect(wanted(world)).toHaveLength(0);
  });

  it("a deployment: the old ones that are protected stay beside the new", () => {
    const world = steadyWorld();
    protect(world, wanted(world)[0]);
    deploy(world);
    settle(world);
    makeGood(world);
    expect(wanted(world).map(({ deploymentId }) => deploymentId)).toEqual([
      "ecs-svc/1",
      "ecs-svc/101",
      "ecs-svc/101",
    ]);
    expect(messages(world).join("\n")).toContain(
      "(taskSet ecs-svc/1) was unable to scale in due to (reason 1 tasks under protection)",
    );
  });

  it("a service that is deleted: protected or not, they go", () => {
    const world = steadyWorld();
    for (const task of wanted(world)) protect(world, task);
    world.service = { ...world.service, status: "DRAINING", desiredCount: 0 };
    settle(world);
    expect(wanted(world)).toHaveLength(0);
  });
});
