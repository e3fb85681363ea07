/** What a task definition says about the life of its containers, on real ones. */
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clock, type LiveEngine, startLiveEngine, until } from "./support/live-engine.ts";
import { cluster, openShellTasks, type ShellTasks } from "./support/shell-tasks.ts";

let engine: LiveEngine;
let shell: ShellTasks;

beforeAll(async () => {
  engine = await startLiveEngine();
  shell = await openShellTasks(engine);
});
afterAll(() => engine[Symbol.asyncDispose]());

const forEver = "while :; do sleep 0.1; done";
const isStopped = ({ lastStatus }: { lastStatus?: string }): boolean => lastStatus === "STOPPED";
const isRunning = ({ lastStatus }: { lastStatus?: string }): boolean => lastStatus === "RUNNING";

const stopTask = (task: string) => shell.clients.ecs.send(new StopTaskCommand({ cluster, task }));

describe("health checks", () => {
  const healthCheck = { command: ["CMD-SHELL", "false"], interval: 5, retries: 1 };

  it("a check that succeeds, across a kill of the engine, and then fails: told each time", async () => {
    const command = ["CMD-SHELL", "test ! -e /unwell"];
    await shell.register("well", [
      shell.container("app", forEver, {
        healthCheck: { ...healthCheck, command },
        stopTimeout: 2,
      }),
    ]);
    const arn = await shell.run("well");
    const running = await shell.untilTask(arn, "RUNNING", isRunning);
    expect(running.healthStatus).toBe("UNKNOWN");
    await engine.kill();
    await clock.wallSleep(5_500);
    await engine.restart();
    const well = await shell.untilTask(arn, "HEALTHY", (one) => one.healthStatus === "HEALTHY");
    expect(well.containers?.[0]?.healthStatus).toBe("HEALTHY");
    const id = arn.split("/").at(-1);
    const filters = ["--filter", `label=neargate.task=${id}`];
    const container = (await engine.docker(["ps", "-q", ...filters])).stdout.trim();
    await engine.docker(["exec", container, "/bin/sh", "-c", "echo > /unwell"]);
    const unwell = await shell.untilTask(
      arn,
      "UNHEALTHY",
      (one) => one.healthStatus === "UNHEALTHY",
    );
    expect(unwell.lastStatus).toBe("RUNNING");
    await stopTask(arn);
    await shell.untilTask(arn, "STOPPED", isStopped);
  });

  it("a service's task that fails its check: replaced, and its events say so", async () => {
    await shell.register("fails", [
      shell.container("app", forEver, { healthCheck, stopTimeout: 2 }),
    ]);
    const { ecs } = shell.clients;
    await ecs.send(
      new CreateServiceCommand({
        cluster,
        serviceName: "fails",
        taskDefinition: "fails",
        desiredCount: 1,
        launchType: "FARGATE",
        networkConfiguration: shell.network,
      }),
    );
    const messages = await until("the task was replaced", 30_000, async () => {
      const { services } = await ecs.send(
        new DescribeServicesCommand({ cluster, services: ["fails"] }),
      );
      const texts = (services?.[0]?.events ?? []).map(({ message }) => message ?? "");
      return texts.some((text) => text.includes("due to an unhealthy status")) && texts;
    });
    expect(messages.join("\n")).toMatch(
      /^\(service fails\) \(task \w{32}\) failed container health checks\.$/m,
    );
  });
});

describe("order", () => {
  it("an init container, a sidecar that must be well, the app: started in turn, ended in reverse", async () => {
    const trapping = (name: string): string =>
      `trap 'echo ${name} ends; exit 0' TERM; echo ${name} starts; ${forEver}`;
    await shell.register("ordered", [
      shell.container("app", trapping("app"), {
        dependsOn: [
          { containerName: "init", condition: "SUCCESS" },
          { containerName: "side", condition: "HEALTHY" },
        ],
      }),
      shell.container("init", "sleep 1; echo init ends", { essential: false }),
      shell.container("side", trapping("side"), {
        healthCheck: { command: ["CMD-SHELL", "true"], interval: 5 },
      }),
    ]);
    const arn = await shell.run("ordered");
    const running = await shell.untilTask(arn, "RUNNING", isRunning);
    expect(running.containers?.map(({ lastStatus }) => lastStatus)).toEqual([
      "RUNNING",
      "STOPPED",
      "RUNNING",
    ]);
    await stopTask(arn);
    const stopped = await shell.untilTask(arn, "STOPPED", isStopped);
    expect(stopped.containers?.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    const at = async (container: string, text: string): Promise<void> => {
      await until(`${container} said so`, 5_000, async () =>
        (await shell.lines(arn, container)).includes(text),
      );
    };
    await at("app", "app ends");
    await at("side", "side ends");
  });

  it("an init container that fails: the app is never started", async () => {
    await shell.register("init-fails", [
      shell.container("app", forEver, {
        dependsOn: [{ containerName: "init", condition: "SUCCESS" }],
      }),
      shell.container("init", "exit 3", { essential: false }),
    ]);
    const stopped = await shell.untilTask(await shell.run("init-fails"), "STOPPED", isStopped);
    expect(stopped).toMatchObject({
      stopCode: "TaskFailedToStart",
      stoppedReason: expect.stringMatching(/^TaskDependencyError: /),
    });
    expect(stopped.containers?.map(({ exitCode }) => exitCode)).toEqual([undefined, 3]);
  });
});

describe("settings", () => {
  it("user, directory, environment, volumes, init, limits: the process has them", async () => {
    const script =
      "echo $(id -u) $PWD $GREETING; cat /proc/1/comm /shared/note; " +
      "echo 2>/dev/null > /shared/mine || echo read only; ulimit -Sn";
    await shell.register(
      "settings",
      [
        shell.container("app", script, {
          user: "1234",
          workingDirectory: "/proc",
          environment: [{ name: "GREETING", value: "hello" }],
          linuxParameters: { initProcessEnabled: true },
          mountPoints: [{ sourceVolume: "shared", containerPath: "/shared", readOnly: true }],
          ulimits: [{ name: "nofile", softLimit: 321, hardLimit: 1000 }],
          dependsOn: [{ containerName: "writer", condition: "SUCCESS" }],
        }),
        shell.container("writer", "echo from the writer > /shared/note", {
          essential: false,
          mountPoints: [{ sourceVolume: "shared", containerPath: "/shared" }],
        }),
      ],
      { volumes: [{ name: "shared" }] },
    );
    const arn = await shell.run("settings");
    await shell.untilTask(arn, "STOPPED", isStopped);
    expect(await shell.lines(arn, "app")).toEqual([
      "1234 /proc hello",
      "docker-init",
      "from the writer",
      "read only",
      "321",
    ]);
    await until("its volume is gone", 5_000, async () => {
      const { stdout } = await engine.docker(["volume", "ls", "-q"]);
      return stdout.trim() === "";
    });
  });

  it("more memory than the container may have: OutOfMemoryError and 137", async () => {
    await shell.register("greedy", [
      shell.container("app", "a=x; while :; do a=$a$a; done", { memory: 32 }),
    ]);
    const stopped = await shell.untilTask(await shell.run("greedy"), "STOPPED", isStopped);
    expect(stopped).toMatchObject({
      stopCode: "EssentialContainerExited",
      stoppedReason: "Essential container in task exited",
      containers: [
        { exitCode: 137, reason: "OutOfMemoryError: Container killed due to memory usage" },
      ],
    });
  });
});
