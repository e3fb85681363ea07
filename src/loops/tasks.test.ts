import { describe, expect, it } from "vitest";
import {
  aContainerDefinition,
  aTask,
  aTaskContainer,
  aTaskDefinition,
} from "../../test/builders/ecs.ts";
import { type LoopWorld, loopWorld } from "../../test/builders/loop-world.ts";
import { requestStop } from "../engine/task-lifecycle/transitions.ts";
import type { Task, TaskDefinition } from "../model/ecs.ts";
import { stoppedTaskLifeMs } from "./tasks/expiry.ts";

const only = (world: LoopWorld): Task => {
  const [task, ...others] = world.tasks();
  if (!task || others.length > 0) throw new Error("not exactly one task");
  return task;
};

/** A world with one task of the definition, whose loops run. */
async function launch(
  given: { definition?: TaskDefinition; task?: Partial<Task>; push?: boolean } = {},
): Promise<LoopWorld> {
  const world = loopWorld();
  if (given.definition) world.putDefinition(given.definition);
  if (given.push ?? true) world.pushImage();
  const containers = (given.definition ?? aTaskDefinition()).containers.map(
    ({ name, image, essential }) => aTaskContainer({ name, image, essential }),
  );
  world.putTask(aTask({ containers, ...given.task }));
  world.start();
  await world.clock.advance(0);
  return world;
}

const stop = (world: LoopWorld): void =>
  world.putTask(
    requestStop(only(world), {
      code: "UserInitiated",
      reason: "Task stopped by user",
      at: world.clock.now(),
    }),
  );

/** A definition whose containers do what the scripts say. */
const scripted = (...scripts: string[]): TaskDefinition =>
  aTaskDefinition({
    containers: scripts.map((value, at) =>
      aContainerDefinition({
        name: at === 0 ? "app" : `side${at}`,
        essential: at === 0,
        environment: [{ name: "NEARGATE_SIM", value }],
      }),
    ),
  });

describe("a launch", () => {
  it("with its image there: RUNNING without a moment's waiting, everything in place", async () => {
    const world = await launch();
    const task = only(world);
    const [eni] = world.interfaces();
    expect(task).toMatchObject({
      lastStatus: "RUNNING",
      version: 3,
      startedAt: world.clock.now(),
      containers: [{ lastStatus: "RUNNING", runtimeId: expect.stringMatching(/^0{32}-\d{10}$/) }],
    });
    expect(eni).toMatchObject({
      subnetId: "subnet-a",
      groupIds: ["sg-app"],
      description: `arn:aws:ecs:ap-northeast-1:000000000000:attachment/${task.attachment.id}`,
      owner: { type: "ecs-task", taskArn: task.arn },
    });
    expect(task.attachment).toMatchObject({
      status: "ATTACHED",
      networkInterfaceId: eni?.networkInterfaceId,
      macAddress: eni?.macAddress,
      privateIp: eni?.privateIp,
      privateDnsName: `ip-${eni?.privateIp.replaceAll(".", "-")}.ap-northeast-1.compute.internal`,
    });
    expect([task.connectivityAt, task.pullStartedAt, task.pullStoppedAt]).not.toContain(undefined);
  });

  it("an image for another processor: the task fails in AWS's words", async () => {
    const world = loopWorld({ images: () => ({ architecture: "arm64" }) });
    world.putDefinition(aTaskDefinition());
    world.pushImage();
    world.putTask(aTask());
    world.start();
    await world.clock.advance(0);
    expect(only(world).stop).toMatchObject({
      code: "TaskFailedToStart",
      reason:
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): " +
        "image Manifest does not contain descriptor matching platform 'linux/amd64'",
    });
  });

  it("ARM64: images for it and for any run, others fail in AWS's words", async () => {
    const runtimePlatform = { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" };
    for (const architecture of ["arm64", "amd64", undefined]) {
      const world = loopWorld({ images: () => (architecture ? { architecture } : {}) });
      world.putDefinition(aTaskDefinition({ runtimePlatform }));
      world.pushImage();
      world.putTask(aTask());
      world.start();
      await world.clock.advance(0);
      if (architecture !== "amd64") expect(only(world).lastStatus).toBe("RUNNING");
      else expect(only(world).stop?.reason).toContain("matching platform 'linux/arm64'");
    }
  });

  it("tags that ECS manages: its interface has them, and no others", async () => {
    const managed = { key: "aws:ecs:clusterName", value: "shop" };
    const world = await launch({ task: { tags: [managed, { key: "team", value: "a" }] } });
    expect(world.interfaces()[0]?.tags).toEqual([managed]);
  });

  it("with a public address asked for: the interface has one", async () => {
    const network = {
      subnets: ["subnet-a"],
      securityGroups: ["sg"],
      assignPublicIp: "ENABLED",
    } as const;
    const world = await launch({ task: { network } });
    expect(world.interfaces()[0]?.publicIp).toMatch(/^198\.1[89]\./);
  });

  it("with no such image: the task and the container say so, and nothing is left", async () => {
    const world = await launch({ push: false });
    const { image } = aContainerDefinition();
    const reason =
      "CannotPullContainerError: pull image manifest has been retried 1 time(s): " +
      `failed to resolve ref ${image}: ${image}: not found`;
    const task = only(world);
    expect(task).toMatchObject({
      lastStatus: "STOPPED",
      stop: { code: "TaskFailedToStart", reason },
      containers: [{ lastStatus: "STOPPED", exitCode: undefined, reason }],
      executionStoppedAt: undefined,
      startedAt: undefined,
      attachment: { status: "DELETED" },
    });
    expect(world.interfaces()).toEqual([]);
    expect(await world.runtime.inventory()).toEqual({ sandboxes: [], containers: [] });
  });

  it("a process that cannot start: the runtime's words, and the one that ran is stopped", async () => {
    const world = await launch({ definition: scripted("", "start:fail") });
    expect(only(world)).toMatchObject({
      lastStatus: "STOPPED",
      stop: {
        code: "TaskFailedToStart",
        reason: expect.stringMatching(/^CannotStartContainerError: Error response from daemon: /),
      },
      containers: [{ exitCode: 143 }, { exitCode: undefined }],
    });
  });

  it("a log group that is missing: fails before any process runs", async () => {
    const log = { logDriver: "awslogs", options: { "awslogs-group": "/none" } };
    const definition = aTaskDefinition({
      containers: [aContainerDefinition({ logConfiguration: log })],
    });
    const world = loopWorld();
    Object.assign(world.overrides, { hasLogGroup: () => false });
    world.putDefinition(definition);
    world.pushImage();
    world.putTask(aTask());
    world.start();
    await world.clock.advance(0);
    expect(only(world).stop?.reason).toBe(
      "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1",
    );
    expect(world.starts.size).toBe(0);
  });

  it("a network that never settles: AWS's timeout after three minutes", async () => {
    const world = loopWorld();
    Object.assign(world.overrides, { settled: () => new Promise(() => {}) });
    world.pushImage();
    world.putTask(aTask());
    world.start();
    await world.clock.advance(179_000);
    expect(only(world).lastStatus).toBe("PROVISIONING");
    await world.clock.advance(1_000);
    expect(only(world)).toMatchObject({
      lastStatus: "DEPROVISIONING",
      stop: { reason: "Timeout waiting for network interface provisioning to complete." },
    });
  });

  it("a pull that hangs: delays nobody else, and ends when its task is stopped", async () => {
    const hanging = aContainerDefinition({ image: "app:sim.pull-hang" });
    const world = loopWorld();
    world.pushImage();
    world.putDefinition(aTaskDefinition({ revision: 2, containers: [hanging] }));
    const slow = aTask({
      id: "1".repeat(32),
      taskDefinitionArn: aTaskDefinition({ revision: 2 }).arn,
    });
    world.putTask(slow);
    world.putTask(aTask());
    world.start();
    await world.clock.advance(0);
    expect(world.tasks().map((task) => task.lastStatus)).toEqual(["PENDING", "RUNNING"]);
    const [pending] = world.tasks();
    if (pending) {
      world.putTask(requestStop(pending, { code: "UserInitiated", reason: "x", at: 0 }));
    }
    await world.clock.advance(0);
    expect(world.tasks().map((task) => task.lastStatus)).toEqual(["STOPPED", "RUNNING"]);
  });

  it("a subnet with no address left: EC2's words", async () => {
    const world = loopWorld();
    world.pushImage();
    const network = {
      subnets: ["subnet-x"],
      securityGroups: [],
      assignPublicIp: "DISABLED",
    } as const;
    const attachment = { ...aTask().attachment, subnetId: "subnet-x" };
    world.putTask(aTask({ network, attachment }));
    world.start();
    await world.clock.advance(0);
    expect(only(world).stop?.reason).toBe(
      "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment disabled in subnet 'subnet-x': InvalidSubnetID.NotFound",
    );
  });
});

describe("an end", () => {
  it("an essential container exits: the code, the words, and the others stopped", async () => {
    const world = await launch({ definition: scripted("exit:7@10s", "") });
    await world.clock.advance(10_000);
    expect(only(world)).toMatchObject({
      lastStatus: "STOPPED",
      desiredStatus: "STOPPED",
      stop: { code: "EssentialContainerExited", reason: "Essential container in task exited" },
      containers: [{ exitCode: 7 }, { exitCode: 143 }],
    });
    expect(world.interfaces()).toEqual([]);
  });

  it("a container that is not essential exits: the task goes on", async () => {
    const world = await launch({ definition: scripted("", "exit:0@1s") });
    await world.clock.advance(1_000);
    expect(only(world)).toMatchObject({
      lastStatus: "RUNNING",
      containers: [{ lastStatus: "RUNNING" }, { lastStatus: "STOPPED", exitCode: 0 }],
    });
  });

  it("a container killed for its memory: OutOfMemoryError and 137", async () => {
    const world = await launch({ definition: scripted("oom@1s") });
    await world.clock.advance(1_000);
    expect(only(world).containers).toMatchObject([
      { exitCode: 137, reason: "OutOfMemoryError: Container killed due to memory usage" },
    ]);
  });

  it("stopped by its user, deaf to SIGTERM: killed after the stop timeout", async () => {
    const world = await launch({ definition: scripted("ignore:term") });
    stop(world);
    await world.clock.advance(29_000);
    expect(only(world).lastStatus).toBe("STOPPING");
    await world.clock.advance(1_000);
    const task = only(world);
    expect(task).toMatchObject({
      lastStatus: "STOPPED",
      stop: { code: "UserInitiated", reason: "Task stopped by user" },
      containers: [{ exitCode: 137 }],
      executionStoppedAt: world.clock.now(),
      stoppedAt: world.clock.now(),
    });
  });

  it("a daemon that is away for each first call: both signals are sent again", async () => {
    const world = loopWorld();
    const { signal } = world.runtime;
    const refused = new Set<string>();
    Object.assign(world.runtime, {
      signal: async (id: string, name: string) => {
        if (refused.has(name)) return signal(id, name);
        refused.add(name);
        throw new Error("the daemon is away");
      },
    });
    world.putDefinition(scripted("ignore:term"));
    world.pushImage();
    world.putTask(aTask());
    world.start();
    await world.clock.advance(0);
    stop(world);
    await world.clock.advance(29_000);
    expect([...refused]).toEqual(["SIGTERM"]);
    await world.clock.advance(5_000);
    expect([...refused]).toEqual(["SIGTERM", "SIGKILL"]);
    expect(only(world)).toMatchObject({ lastStatus: "STOPPED", containers: [{ exitCode: 137 }] });
  });

  it("an image with its own stop signal: gets that one", async () => {
    const world = loopWorld({ images: () => ({ stopSignal: "SIGQUIT" }) });
    world.pushImage();
    world.putTask(aTask());
    world.start();
    await world.clock.advance(0);
    stop(world);
    await world.clock.advance(0);
    expect(only(world).containers[0]?.exitCode).toBe(131);
  });

  it("an hour later and no sooner: the task is forgotten", async () => {
    const world = await launch({ definition: scripted("exit:0@1s") });
    await world.clock.advance(1_000);
    await world.clock.advance(stoppedTaskLifeMs - 1);
    expect(world.tasks()).toHaveLength(1);
    await world.clock.advance(1);
    expect(world.tasks()).toHaveLength(0);
  });

  it("containers: stay until their logs were read", async () => {
    const drained = Promise.withResolvers<void>();
    const world = loopWorld();
    Object.assign(world.overrides, { logsDrained: () => drained.promise });
    world.putDefinition(scripted("exit:0@1s"));
    world.pushImage();
    world.putTask(aTask());
    world.start();
    await world.clock.advance(1_000);
    expect(only(world).lastStatus).toBe("STOPPED");
    expect((await world.runtime.inventory()).containers).toHaveLength(1);
    drained.resolve();
    await world.clock.advance(0);
    expect((await world.runtime.inventory()).containers).toHaveLength(0);
  });

  it("its record is deleted under it, as a reset does: nothing is left with the runtime", async () => {
    const world = await launch();
    world.store.clear();
    await world.clock.advance(0);
    expect(await world.runtime.inventory()).toEqual({ sandboxes: [], containers: [] });
  });
});

describe("another engine takes over", () => {
  it("running tasks: adopted with their ids, nothing started again", async () => {
    const world = await launch();
    const before = only(world);
    await world.stop();
    world.start();
    await world.clock.advance(60_000);
    expect(only(world)).toEqual(before);
    expect([...world.starts.values()]).toEqual([1]);
  });

  it("the same loop stopped and started, as for a reset: goes on", async () => {
    const world = await launch();
    const before = only(world);
    await world.stop();
    stop(world);
    await world.clock.advance(1_000);
    expect(only(world).lastStatus).toBe(before.lastStatus);
    world.resume();
    await world.clock.advance(0);
    expect(only(world).lastStatus).toBe("STOPPED");
  });

  it("a container that died meanwhile: reported with its exit code", async () => {
    const world = await launch({ definition: scripted("exit:9@10s") });
    await world.stop();
    await world.clock.advance(10_000);
    world.start();
    await world.clock.advance(0);
    expect(only(world)).toMatchObject({
      lastStatus: "STOPPED",
      stop: { code: "EssentialContainerExited" },
      containers: [{ exitCode: 9 }],
    });
  });

  it("a container that dies while the first inventory is read: reported all the same", async () => {
    const world = await launch({ definition: scripted("exit:9@10s") });
    await world.stop();
    const { inventory } = world.runtime;
    Object.assign(world.runtime, {
      inventory: async () => {
        const stale = await inventory();
        await world.clock.advance(10_000);
        return stale;
      },
    });
    world.start();
    await world.clock.advance(0);
    await world.clock.advance(0);
    expect(only(world)).toMatchObject({ lastStatus: "STOPPED", containers: [{ exitCode: 9 }] });
  });

  it("everything was removed meanwhile: the task is STOPPED and says why", async () => {
    const world = await launch();
    await world.stop();
    await world.runtime.stop({ removeAll: true });
    world.start();
    await world.clock.advance(0);
    expect(only(world)).toMatchObject({
      lastStatus: "STOPPED",
      stop: { reason: expect.stringContaining("sandbox no longer exists") },
    });
    expect(world.interfaces()).toEqual([]);
  });

  it("leftovers of tasks that nobody knows: swept", async () => {
    const world = loopWorld();
    await world.runtime.createSandbox({
      taskId: "f".repeat(32),
      hostname: "x",
      dnsServers: [],
      dnsSearch: [],
    });
    world.start();
    await world.clock.advance(0);
    expect((await world.runtime.inventory()).sandboxes).toEqual([]);
  });
});
