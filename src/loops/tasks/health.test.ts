import { describe, expect, it } from "vitest";
import {
  aContainerDefinition,
  aDeployment,
  aService,
  aTask,
  aTaskContainer,
  aTaskDefinition,
} from "../../../test/builders/ecs.ts";
import { type LoopWorld, loopWorld } from "../../../test/builders/loop-world.ts";
import { unknownHealth } from "../../engine/task-lifecycle/container-health.ts";
import type { HealthCheck, Service } from "../../model/ecs.ts";

const check: HealthCheck = {
  command: ["CMD-SHELL", "true"],
  interval: 5,
  timeout: 2,
  retries: 2,
  startPeriod: undefined,
};

const checked = (script = "") =>
  aTaskDefinition({
    containers: [
      aContainerDefinition({
        healthCheck: check,
        environment: [{ name: "NEARGATE_SIM", value: script }],
      }),
    ],
  });

async function launch(script: string): Promise<LoopWorld> {
  const world = loopWorld();
  world.putDefinition(checked(script));
  world.pushImage();
  world.putTask(aTask({ containers: [aTaskContainer({ health: unknownHealth })] }));
  world.start();
  await world.clock.advance(0);
  return world;
}

const healthOf = (world: LoopWorld) =>
  world.tasks().map(({ lastStatus, healthStatus, containers, version }) => ({
    lastStatus,
    healthStatus,
    container: containers[0]?.health?.status,
    version,
  }));

describe("a task with a health check", () => {
  it("RUNNING without waiting for it; HEALTHY after the first interval, its version the same", async () => {
    const world = await launch("");
    const task = { lastStatus: "RUNNING", version: 3 };
    expect(healthOf(world)).toEqual([{ ...task, healthStatus: "UNKNOWN", container: "UNKNOWN" }]);
    await world.clock.advance(5000);
    expect(healthOf(world)).toEqual([{ ...task, healthStatus: "HEALTHY", container: "HEALTHY" }]);
    expect(world.tasks()[0]?.containers[0]?.health).toMatchObject({
      since: world.clock.now(),
      exitCode: 0,
    });
  });

  it("of nobody's service, failing: UNHEALTHY after its retries, and left alone", async () => {
    const world = await launch("health:fail");
    await world.clock.advance(9999);
    expect(healthOf(world)).toMatchObject([{ healthStatus: "UNKNOWN" }]);
    await world.clock.advance(1);
    expect(healthOf(world)).toMatchObject([{ lastStatus: "RUNNING", healthStatus: "UNHEALTHY" }]);
    await world.clock.advance(600_000);
    expect(healthOf(world)).toMatchObject([{ lastStatus: "RUNNING", healthStatus: "UNHEALTHY" }]);
  });

  it("failing and then well again: HEALTHY again", async () => {
    const world = await launch("health:fail@6s;health:pass@20s");
    await world.clock.advance(15_000);
    expect(healthOf(world)).toMatchObject([{ healthStatus: "UNHEALTHY" }]);
    await world.clock.advance(5_000);
    expect(healthOf(world)).toMatchObject([{ healthStatus: "HEALTHY" }]);
  });

  it("a verdict while no engine ran: known to the next one", async () => {
    const world = await launch("health:fail@6s");
    await world.clock.advance(5000);
    await world.stop();
    await world.clock.advance(10_000);
    expect(healthOf(world)).toMatchObject([{ healthStatus: "HEALTHY" }]);
    world.start();
    await world.clock.advance(0);
    expect(healthOf(world)).toMatchObject([{ healthStatus: "UNHEALTHY" }]);
  });
});

describe("a service of tasks with a health check", () => {
  async function serve(script: string, given: Partial<Service> = {}): Promise<LoopWorld> {
    const world = loopWorld();
    world.putDefinition(checked(script));
    world.pushImage();
    world.putService(
      aService({ desiredCount: 1, deployments: [aDeployment({ desiredCount: 1 })], ...given }),
    );
    world.start();
    await world.clock.advance(0);
    return world;
  }

  it("with no balancer: steady as soon as the task is HEALTHY, not after 40 seconds", async () => {
    const world = await serve("");
    await world.clock.advance(4999);
    expect(world.service().deployments[0]?.rolloutState).toBe("IN_PROGRESS");
    await world.clock.advance(1);
    expect(world.service().deployments[0]?.rolloutState).toBe("COMPLETED");
  });

  it("a task that becomes UNHEALTHY: replaced by another, in AWS's words", async () => {
    const world = await serve("health:fail@8s");
    await world.clock.advance(15_000);
    const [first] = world.tasks();
    expect(first?.healthStatus).toBe("UNHEALTHY");
    expect(world.messages().slice(-2)).toEqual([
      `(task ${first?.id}) failed container health checks.`,
      expect.stringMatching(
        /^has started 1 tasks: \(task \w+\)\. Amazon ECS replaced 1 tasks due to an unhealthy status\.$/,
      ),
    ]);
    await world.clock.advance(5_000);
    expect(world.tasks()[0]).toMatchObject({
      lastStatus: "STOPPED",
      stop: { code: "ServiceSchedulerInitiated", reason: "Task failed container health checks" },
    });
    expect(world.tasks()[1]).toMatchObject({ lastStatus: "RUNNING", healthStatus: "HEALTHY" });
  });

  it("within the grace period: DescribeTasks tells, the scheduler does nothing", async () => {
    const world = await serve("health:fail", { healthCheckGracePeriodSeconds: 60 });
    await world.clock.advance(59_000);
    expect(world.tasks()).toHaveLength(1);
    expect(world.tasks()[0]?.healthStatus).toBe("UNHEALTHY");
    await world.clock.advance(1_000);
    expect(world.tasks()).toHaveLength(2);
  });
});
