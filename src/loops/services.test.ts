import { describe, expect, it } from "vitest";
import {
  aContainerDefinition,
  aDeployment,
  aService,
  aTaskDefinition,
  groupArn,
} from "../../test/builders/ecs.ts";
import { drainDelayMs, type LoopWorld, loopWorld } from "../../test/builders/loop-world.ts";
import fc from "../../test/builders/properties.ts";
import { type Service, type Task, taskStatuses } from "../model/ecs.ts";
import type { Change } from "../state/table.ts";
import { tasks } from "../state/tables/ecs.ts";

const balanced = {
  loadBalancers: [{ targetGroupArn: groupArn, containerName: "app", containerPort: 80 }],
} as const;

async function steady(given: Partial<Service> = {}): Promise<LoopWorld> {
  const world = loopWorld();
  world.pushImage();
  world.putService(aService({ ...balanced, ...given }));
  world.start();
  await world.clock.advance(5000);
  return world;
}

const inStatus = (world: LoopWorld, status: Task["lastStatus"]): Task[] =>
  world.tasks().filter((task) => task.lastStatus === status);

async function kill(world: LoopWorld, task: Task): Promise<void> {
  await world.runtime.signal(task.containers[0]?.handle ?? "", "SIGKILL");
  await world.clock.advance(0);
}

const deploySecond = (world: LoopWorld): void => {
  const definition = aTaskDefinition({ revision: 2 });
  world.putDefinition(definition);
  world.updateService((service) => ({
    ...service,
    taskDefinitionArn: definition.arn,
    deployments: [
      aDeployment({ id: "ecs-svc/2", taskDefinitionArn: definition.arn }),
      ...service.deployments.map((one) => ({ ...one, status: "ACTIVE" as const })),
    ],
  }));
};

const remove = (world: LoopWorld): void =>
  world.updateService((service) => ({ ...service, desiredCount: 0, status: "DRAINING" }));

describe("a service of two", () => {
  it("from nothing to steady: two zones, two healthy targets, the events in order", async () => {
    const world = await steady();
    const [first, second] = inStatus(world, "RUNNING");
    expect(world.messages()).toEqual([
      `has started 2 tasks: (task ${first?.id}) (task ${second?.id}).`,
      expect.stringMatching(/^registered 2 targets in|^registered 1 targets in/),
      ...world.messages().slice(2, -2),
      "(deployment ecs-svc/1) deployment completed.",
      "has reached a steady state.",
    ]);
    expect(new Set([first, second].map((task) => task?.availabilityZone)).size).toBe(2);
    expect(world.targets().map(({ id }) => id)).toEqual(
      [first, second].map((task) => task?.attachment.privateIp),
    );
    expect(first).toMatchObject({ group: "service:web", startedBy: "ecs-svc/1" });
  });

  it("one container is killed: replaced at once, drained, steady again", async () => {
    const world = await steady();
    const [victim] = inStatus(world, "RUNNING");
    if (!victim) throw new Error("no task");
    await kill(world, victim);
    expect(inStatus(world, "STOPPED")).toMatchObject([
      {
        id: victim.id,
        stop: { code: "EssentialContainerExited" },
        containers: [{ exitCode: 137 }],
      },
    ]);
    expect(inStatus(world, "RUNNING")).toHaveLength(2);
    const draining = world.targets().filter(({ registration }) => registration === "draining");
    expect(draining.map(({ id }) => id)).toEqual([victim.attachment.privateIp]);
    await world.clock.advance(drainDelayMs);
    expect(world.targets()).toHaveLength(2);
    const [, , ...rest] = world.messages().slice(-5);
    expect(world.messages().at(-1)).toBe("has reached a steady state.");
    expect(rest).toContain(`registered 1 targets in (target-group ${groupArn})`);
    expect(world.messages()).toContain("has begun draining connections on 1 tasks.");
  });

  it("its image is missing: told once, and steady within seconds of the push", async () => {
    const world = loopWorld();
    world.putService(aService(balanced));
    world.start();
    await world.clock.advance(15 * 60_000);
    expect(inStatus(world, "STOPPED").length).toBeGreaterThan(4);
    const told = world
      .messages()
      .filter((text) => text.includes("unable to place a task. Reason: CannotPull"));
    expect(told).toHaveLength(1);
    world.pushImage("other");
    await world.clock.advance(1000);
    expect(inStatus(world, "RUNNING")).toHaveLength(0);
    world.pushImage();
    await world.clock.advance(5000);
    expect(inStatus(world, "RUNNING")).toHaveLength(2);
    expect(world.messages().at(-1)).toBe("has reached a steady state.");
  });

  it("a new task definition: two of the new before one of the old goes, one deployment at the end", async () => {
    const world = await steady();
    const old = inStatus(world, "RUNNING").map(({ id }) => id);
    let fewest = 2;
    world.store.watch(() => {
      const healthy = world.targets().filter(({ health }) => health.state === "healthy").length;
      fewest = Math.min(fewest, healthy);
    });
    deploySecond(world);
    await world.clock.advance(1000);
    expect(inStatus(world, "RUNNING")).toHaveLength(4);
    await world.clock.advance(2000);
    expect(
      inStatus(world, "DEACTIVATING")
        .map(({ id }) => id)
        .sort(),
    ).toEqual(old.sort());
    expect(world.service().deployments).toHaveLength(2);
    await world.clock.advance(drainDelayMs);
    expect(world.service().deployments).toMatchObject([
      { id: "ecs-svc/2", rolloutState: "COMPLETED", status: "PRIMARY" },
    ]);
    expect(fewest).toBe(2);
    expect(inStatus(world, "STOPPED")).toMatchObject([
      { stop: { reason: "Scaling activity initiated by (deployment ecs-svc/2)" } },
      { stop: { code: "ServiceSchedulerInitiated" } },
    ]);
  });

  it("deleted: drains, stops, INACTIVE, nothing left", async () => {
    const world = await steady();
    remove(world);
    await world.clock.advance(drainDelayMs - 1);
    expect(inStatus(world, "DEACTIVATING")).toHaveLength(2);
    expect(world.service().status).toBe("DRAINING");
    await world.clock.advance(1000);
    expect(world.service()).toMatchObject({ status: "INACTIVE", deployments: [] });
    expect(inStatus(world, "STOPPED")).toHaveLength(2);
    expect(world.interfaces()).toEqual([]);
    expect(world.targets()).toEqual([]);
    expect(await world.runtime.inventory()).toEqual({ sandboxes: [], containers: [] });
  });

  it("after everything was removed from the host: the old tasks STOPPED, new ones running", async () => {
    const world = await steady();
    await world.stop();
    await world.runtime.stop({ removeAll: true });
    world.start();
    await world.clock.advance(5000);
    expect(inStatus(world, "STOPPED")).toHaveLength(2);
    expect(inStatus(world, "RUNNING")).toHaveLength(2);
    expect(world.messages().at(-1)).toBe("has reached a steady state.");
  });

  it("at rest: nothing is written", async () => {
    const world = await steady();
    await world.clock.advance(10_000);
    let commits = 0;
    world.store.watch(() => {
      commits += 1;
    });
    await world.clock.advance(5 * 3_600_000);
    expect(commits).toBe(0);
    expect(world.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("a container that exits as soon as it runs: is replaced again and again without a pause", async () => {
    const world = loopWorld();
    world.pushImage();
    const environment = [{ name: "NEARGATE_SIM", value: "exit:1@1s" }];
    world.putDefinition(aTaskDefinition({ containers: [aContainerDefinition({ environment })] }));
    world.putService(aService({ desiredCount: 1 }));
    world.start();
    await world.clock.advance(20_500);
    expect(inStatus(world, "STOPPED")).toHaveLength(20);
    expect(world.messages().every((text) => text.startsWith("has started 1 tasks"))).toBe(true);
  });
});

describe("an engine that is killed between any two effects, again and again", () => {
  /** Statuses never go back, versions never repeat. */
  function watchOrder(world: LoopWorld): void {
    world.store.watch((changes: readonly Change[]) => {
      for (const { table, before, after } of changes) {
        if (table !== tasks.name || !before || !after) continue;
        const [was, is] = [before as Task, after as Task];
        expect(taskStatuses.indexOf(is.lastStatus)).toBeGreaterThanOrEqual(
          taskStatuses.indexOf(was.lastStatus),
        );
        expect(is.version).toBeGreaterThanOrEqual(was.version);
      }
    });
  }

  async function checkWorld(world: LoopWorld, desired: number): Promise<void> {
    const live = world.tasks().filter((task) => task.lastStatus !== "STOPPED");
    const inventory = await world.runtime.inventory();
    expect(live.map(({ lastStatus }) => lastStatus)).toEqual(Array(desired).fill("RUNNING"));
    expect(inventory.sandboxes.map(({ taskId }) => taskId).sort()).toEqual(
      live.map(({ id }) => id).sort(),
    );
    expect(inventory.containers.map(({ id }) => id).sort()).toEqual(
      live.flatMap((task) => task.containers.map(({ handle }) => handle)).sort(),
    );
    expect(
      world
        .interfaces()
        .map(({ networkInterfaceId }) => networkInterfaceId)
        .sort(),
    ).toEqual(live.map((task) => task.attachment.networkInterfaceId).sort());
    expect(
      world
        .targets()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(live.map((task) => task.attachment.privateIp).sort());
    expect([...world.starts.values()].every((count) => count === 1)).toBe(true);
    expect(world.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  }

  it("create, crash of a container, roll-out, delete: converges, nothing doubled, nothing left", async () => {
    const kills = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(kills, async (killAts) => {
        const world = loopWorld();
        watchOrder(world);
        world.pushImage();
        const left = [...killAts];
        const restart = (): void =>
          world.start(left.shift(), () => {
            // In another turn, as a new process would be.
            world.clock.after(100, restart);
          });
        world.putService(aService(balanced));
        restart();
        await world.clock.advance(12_000);
        const [victim] = world.tasks().filter((task) => task.lastStatus === "RUNNING");
        if (victim) await kill(world, victim);
        await world.clock.advance(12_000);
        deploySecond(world);
        await world.clock.advance(60_000);
        left.length = 0;
        await world.clock.advance(60_000);
        const running = world.tasks().filter((task) => task.lastStatus === "RUNNING");
        // An engine whose turn to die has not come yet is as good as any other.
        await checkWorld(world, 2);
        expect(running.every((task) => task.deploymentId === "ecs-svc/2")).toBe(true);
        remove(world);
        await world.clock.advance(60_000);
        await checkWorld(world, 0);
        expect(world.service().status).toBe("INACTIVE");
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
