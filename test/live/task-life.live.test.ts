/** What a task definition says about the life of its containers, on real ones. */
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
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

describe("signals", () => {
  it("images without a shell: their stop signal reaches PID 1, init passes it on, a deaf process is killed", async () => {
    const programs = { "/bin/timeout": "/usr/bin/timeout", "/bin/sleep": "/bin/sleep" };
    const quitting = await shell.pushPrograms("quitting", {
      programs,
      entrypoint: ["/bin/timeout", "--preserve-status", "1000", "/bin/sleep", "1000"],
      stopSignal: "SIGQUIT",
    });
    const deaf = await shell.pushPrograms("deaf", {
      programs,
      entrypoint: ["/bin/sleep", "1000"],
    });
    await shell.register("shell-less", [
      { name: "quits", image: quitting },
      { name: "deaf", image: deaf, stopTimeout: 2 },
      { name: "init", image: deaf, linuxParameters: { initProcessEnabled: true } },
    ]);
    const arn = await shell.run("shell-less");
    await shell.untilTask(arn, "RUNNING", isRunning);
    const id = arn.split("/").at(-1);
    const ofTask = ["--filter", `label=neargate.task=${id}`];
    const { stdout } = await engine.docker(["ps", "-q", ...ofTask]);
    // Each hears signals once what it waits for runs.
    await until("every program sleeps", 20_000, async () => {
      const shown = stdout
        .trim()
        .split("\n")
        .map((one) => engine.docker(["top", one, "-o", "pid,comm"]));
      const asleep = (await Promise.all(shown)).filter((one) => / sleep$/m.test(one.stdout));
      return asleep.length === 3;
    });
    await stopTask(arn);
    const stopped = await shell.untilTask(arn, "STOPPED", isStopped);
    const codes = stopped.containers?.map(({ name, exitCode }) => [name, exitCode]);
    expect(Object.fromEntries(codes ?? [])).toEqual({ quits: 131, deaf: 137, init: 143 });
  }, 60_000);
});

describe("processors", () => {
  const onArm = { runtimePlatform: { cpuArchitecture: "ARM64" as const } };

  it.runIf(process.arch === "x64")(
    "an image that says it is for ARM64: run by its definitions only, which run no other",
    async () => {
      // What it says counts; the program in it is this machine's.
      const image = await shell.pushPrograms("arm", {
        programs: { "/bin/sleep": "/bin/sleep" },
        entrypoint: ["/bin/sleep", "1000"],
        architecture: "arm64",
      });
      await shell.register("arm", [{ name: "app", image, stopTimeout: 2 }], onArm);
      await shell.register("arm-on-intel", [{ name: "app", image }]);
      await shell.register("intel-on-arm", [shell.container("app", forEver)], onArm);
      const arn = await shell.run("arm");
      const running = await shell.untilTask(arn, "RUNNING", isRunning);
      expect(running.attributes).toEqual([{ name: "ecs.cpu-architecture", value: "arm64" }]);
      for (const [family, platform] of [
        ["arm-on-intel", "linux/amd64"],
        ["intel-on-arm", "linux/arm64"],
      ] as const) {
        const stopped = await shell.untilTask(await shell.run(family), "STOPPED", isStopped);
        expect(stopped.stoppedReason).toBe(
          "CannotPullContainerError: pull image manifest has been retried 1 time(s): " +
            `image Manifest does not contain descriptor matching platform '${platform}'`,
        );
      }
      await stopTask(arn);
      await shell.untilTask(arn, "STOPPED", isStopped);
    },
    60_000,
  );
});

describe("restart policies", () => {
  it("a minute later: restarted in place, not for an ignored code, and not when it ends early", async () => {
    const waiting = (code: number): string =>
      "if [ -e /ran ]; then end=/second; else end=/first; fi; echo > /ran; echo runs; " +
      `while [ ! -e $end ]; do sleep 0.1; done; exit ${code}`;
    const restartPolicy = { enabled: true, ignoredExitCodes: [7], restartAttemptPeriod: 60 };
    await shell.register("restarts", [
      shell.container("app", waiting(3), { restartPolicy }),
      shell.container("ignored", waiting(7), { restartPolicy, essential: false }),
    ]);
    const arn = await shell.run("restarts");
    await shell.untilTask(arn, "RUNNING", isRunning);
    await engine.kill();
    startedEarlier(arn, 61_000);
    await engine.restart();
    await tell(arn, "app", "/first");
    await tell(arn, "ignored", "/first");
    const runs = async (name: string) =>
      (await shell.lines(arn, name)).filter((line) => line === "runs").length;
    await until("it runs again", 30_000, async () => (await runs("app")) === 2);
    const task = await shell.untilTask(
      arn,
      "without the other",
      ({ containers }) => containers?.[1]?.lastStatus === "STOPPED",
    );
    expect(task).toMatchObject({
      lastStatus: "RUNNING",
      containers: [{ lastStatus: "RUNNING" }, { exitCode: 7 }],
    });
    await tell(arn, "app", "/second");
    const stopped = await shell.untilTask(arn, "STOPPED", isStopped);
    expect(stopped).toMatchObject({
      stopCode: "EssentialContainerExited",
      containers: [{ exitCode: 3 }, { exitCode: 7 }],
    });
    expect([await runs("app"), await runs("ignored")]).toEqual([2, 1]);
  }, 90_000);
});

/** Sets back when the task's containers were started, in what a killed engine has left on disk. */
function startedEarlier(arn: string, ms: number): void {
  const state = new DatabaseSync(path.join(engine.home, "state.db"));
  const { body } = state
    .prepare("SELECT body FROM records WHERE collection = 'tasks' AND body LIKE ?")
    .get(`%${arn}%`) as { body: string };
  const task = JSON.parse(body) as { containers: { startedWallAt: number }[] };
  for (const container of task.containers) container.startedWallAt -= ms;
  state
    .prepare("UPDATE records SET body = ? WHERE collection = 'tasks' AND body = ?")
    .run(JSON.stringify(task), body);
  state.close();
}

/** Makes an empty file in a container of the task. */
async function tell(arn: string, container: string, file: string): Promise<void> {
  const labels = [`neargate.task=${arn.split("/").at(-1)}`, `neargate.container=${container}`];
  const filters = labels.flatMap((label) => ["--filter", `label=${label}`]);
  const { stdout } = await engine.docker(["ps", "-q", ...filters]);
  const told = await engine.docker(["exec", stdout.trim(), "/bin/sh", "-c", `echo > ${file}`]);
  expect(told.code, told.stderr).toBe(0);
}

describe("settings", () => {
  it("user, directory, environment, volumes, init, limits: the process has them", async () => {
    const script =
      "echo $(id -u) $PWD $GREETING; echo $HOSTNAME; cat /proc/1/comm /shared/note; " +
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
          // Nothing that is said, so the image's own.
          ...{ entryPoint: [], user: "", workingDirectory: "" },
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
      expect.stringMatching(/^ip-10-77-1-\d+\.ap-northeast-1\.compute\.internal$/),
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
