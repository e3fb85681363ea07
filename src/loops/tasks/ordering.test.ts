import { describe, expect, it } from "vitest";
import {
  aContainerDefinition,
  aTask,
  aTaskContainer,
  aTaskDefinition,
} from "../../../test/builders/ecs.ts";
import { type LoopWorld, loopWorld } from "../../../test/builders/loop-world.ts";
import { unknownHealth } from "../../engine/task-lifecycle/container-health.ts";
import { requestStop } from "../../engine/task-lifecycle/transitions.ts";
import type { ContainerDefinition, DependencyCondition, HealthCheck } from "../../model/ecs.ts";

const check: HealthCheck = {
  command: ["CMD", "true"],
  interval: 5,
  timeout: 2,
  retries: 1,
  startPeriod: undefined,
};

const script = (value: string): Pick<ContainerDefinition, "environment"> => ({
  environment: [{ name: "NEARGATE_SIM", value }],
});

/** `app` waits for `init`. */
async function launch(
  condition: DependencyCondition,
  init: Partial<ContainerDefinition>,
  app: Partial<ContainerDefinition> = {},
): Promise<LoopWorld> {
  const world = loopWorld();
  const containers = [
    aContainerDefinition({ dependsOn: [{ containerName: "init", condition }], ...app }),
    aContainerDefinition({ name: "init", essential: false, ...init }),
  ];
  world.putDefinition(aTaskDefinition({ containers }));
  world.pushImage();
  world.putTask(
    aTask({
      containers: containers.map(({ name, essential, healthCheck }) =>
        aTaskContainer({ name, essential, ...(healthCheck && { health: unknownHealth }) }),
      ),
    }),
  );
  world.start();
  await world.clock.advance(0);
  return world;
}

const statuses = (world: LoopWorld): string[] =>
  world
    .tasks()
    .flatMap(({ lastStatus, containers }) => [
      lastStatus,
      ...containers.map((container) => `${container.name} ${container.lastStatus}`),
    ]);

const stop = (world: LoopWorld): void => {
  const [task] = world.tasks();
  if (!task) throw new Error("no task");
  const at = world.clock.now();
  world.putTask(requestStop(task, { code: "UserInitiated", reason: "x", at }));
};

describe("a container that depends on another", () => {
  it("START: both run at once, the dependency started first", async () => {
    const world = await launch("START", {});
    expect(statuses(world)).toEqual(["RUNNING", "app RUNNING", "init RUNNING"]);
    const { containers } = await world.runtime.inventory();
    const started = [...world.starts.keys()].map(
      (id) => containers.find((container) => container.id === id)?.name,
    );
    expect(started).toEqual(["init", "app"]);
  });

  it("COMPLETE: PENDING until the other has ended, with whatever code", async () => {
    const world = await launch("COMPLETE", script("exit:3@10s"));
    await world.clock.advance(9_999);
    expect(statuses(world)).toEqual(["PENDING", "app PENDING", "init RUNNING"]);
    await world.clock.advance(1);
    expect(statuses(world)).toEqual(["RUNNING", "app RUNNING", "init STOPPED"]);
    expect(world.tasks()[0]?.startedAt).toBe(world.clock.now());
  });

  it("SUCCESS: started after an exit with 0", async () => {
    const world = await launch("SUCCESS", script("exit:0@1s"));
    await world.clock.advance(1_000);
    expect(statuses(world)).toEqual(["RUNNING", "app RUNNING", "init STOPPED"]);
  });

  it("SUCCESS and an exit with 1: never started, the task stops and says why", async () => {
    const world = await launch("SUCCESS", script("exit:1@1s"));
    await world.clock.advance(1_000);
    expect(world.tasks()[0]).toMatchObject({
      lastStatus: "STOPPED",
      stop: {
        code: "TaskFailedToStart",
        reason:
          "TaskDependencyError: dependency graph: failed to resolve container ordering dependency [init] for target [app] as dependency did not exit successfully.",
      },
      containers: [{ exitCode: undefined }, { exitCode: 1 }],
      startedAt: undefined,
    });
    expect(world.starts.size).toBe(1);
  });

  it("HEALTHY: PENDING with a container that runs, RUNNING once that one is healthy", async () => {
    const world = await launch("HEALTHY", { healthCheck: check });
    expect(statuses(world)).toEqual(["PENDING", "app PENDING", "init RUNNING"]);
    await world.clock.advance(5_000);
    expect(statuses(world)).toEqual(["RUNNING", "app RUNNING", "init RUNNING"]);
  });

  it("HEALTHY and never well: given up at the end of its start timeout", async () => {
    const init = { healthCheck: check, startTimeout: 20, ...script("health:fail") };
    const world = await launch("HEALTHY", init);
    await world.clock.advance(19_999);
    expect(statuses(world)[0]).toBe("PENDING");
    await world.clock.advance(1);
    expect(world.tasks()[0]?.stop).toMatchObject({
      code: "TaskFailedToStart",
      reason:
        "TaskDependencyError: dependency graph: container ordering dependency [init] for target [app] has timed out.",
    });
    expect(statuses(world)[0]).toBe("STOPPED");
  });

  it("waiting while the engine is replaced: goes on where it was, nothing started twice", async () => {
    const world = await launch("COMPLETE", { ...script("exit:0@10s"), startTimeout: 60 });
    await world.stop();
    world.start();
    await world.clock.advance(10_000);
    expect(statuses(world)).toEqual(["RUNNING", "app RUNNING", "init STOPPED"]);
    expect([...world.starts.values()]).toEqual([1, 1]);
  });
});

describe("an end in reverse order", () => {
  it("the dependent ends first, each with its own time", async () => {
    const world = await launch("START", { stopTimeout: 5 }, script("ignore:term"));
    stop(world);
    await world.clock.advance(29_999);
    expect((await world.runtime.inventory()).containers.map(({ state }) => state.status)).toEqual([
      "running",
      "running",
    ]);
    await world.clock.advance(1);
    expect(world.tasks()[0]).toMatchObject({
      lastStatus: "STOPPED",
      containers: [{ exitCode: 137 }, { exitCode: 143 }],
    });
  });
});

describe("a restart policy", () => {
  const policy = { enabled: true, ignoredExitCodes: [7], restartAttemptPeriod: 60 };

  it("an exit after the period: started again, RUNNING all the while, counted", async () => {
    const world = await launch("START", {}, { restartPolicy: policy, ...script("exit:1@61s") });
    await world.clock.advance(61_000);
    expect(statuses(world)).toEqual(["RUNNING", "app RUNNING", "init RUNNING"]);
    expect(world.tasks()[0]?.containers[0]).toMatchObject({
      restartCount: 1,
      startedAt: world.clock.now(),
    });
    await world.clock.advance(61_000);
    expect(world.tasks()[0]?.containers[0]?.restartCount).toBe(2);
    expect(world.tasks()[0]?.version).toBe(3);
  });

  it.each([
    ["an early exit", "exit:1@59s", policy],
    ["an exit code that is ignored", "exit:7@61s", policy],
    ["an exit before the five minutes of a policy that says none", "exit:1@61s", { enabled: true }],
    ["a policy that is off", "exit:1@61s", { ...policy, enabled: false }],
  ])("%s: an essential exit like any other", async (_, text, restartPolicy) => {
    const world = await launch("START", {}, { restartPolicy, ...script(text) });
    await world.clock.advance(61_000);
    expect(world.tasks()[0]?.stop?.code).toBe("EssentialContainerExited");
  });

  it("a policy that is only on: any exit after five minutes counts", async () => {
    const policyOn = { restartPolicy: { enabled: true }, ...script("exit:0@300s") };
    const world = await launch("START", {}, policyOn);
    await world.clock.advance(300_000);
    expect(world.tasks()[0]?.containers[0]?.restartCount).toBe(1);
  });

  it("a container that was stopped by its user: stays stopped", async () => {
    const world = await launch("START", {}, { restartPolicy: policy });
    await world.clock.advance(120_000);
    stop(world);
    await world.clock.advance(0);
    expect(statuses(world)[0]).toBe("STOPPED");
  });
});
