/** Failures around the daemon that runs the containers: a foreign one restarted, its disk full, a registry that stalls. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateServiceCommand,
  ListTasksCommand,
  StopTaskCommand,
  type Task,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  clock,
  exec,
  type LiveEngine,
  runOk,
  startLiveEngine,
  until,
} from "./support/live-engine.ts";
import { killFound } from "./support/processes.ts";
import { cluster, openShellTasks, type ShellTasks } from "./support/shell-tasks.ts";

const waits = "trap 'exit 0' TERM; while :; do sleep 0.2; done";
const isRunning = ({ lastStatus }: Task): boolean => lastStatus === "RUNNING";
const isStopped = ({ lastStatus }: Task): boolean => lastStatus === "STOPPED";

type Foreign = {
  readonly host: string;
  readonly data: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  remove(): Promise<void>;
};

/** A dockerd that is not the engine's, with all its data on a small disk in memory. */
async function foreignDaemon(): Promise<Foreign> {
  const home = mkdtempSync(path.join(tmpdir(), "ng-foreign-"));
  const data = path.join(home, "data");
  const host = `unix://${home}/s`;
  await runOk("mkdir", [data]);
  await runOk("mount", ["-t", "tmpfs", "-o", "size=96m", "tmpfs", data]);
  let running: ReturnType<typeof exec.start> | undefined;
  const ended = async (signal: NodeJS.Signals): Promise<void> => {
    const child = running;
    running = undefined;
    if (!child) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  };
  return {
    host,
    data,
    async start() {
      // A killed dockerd's containerd is named there still, and would be waited for.
      rmSync(path.join(home, "run/containerd/containerd.pid"), { force: true });
      running = exec.start(
        "dockerd",
        [
          ["--bridge=none", "--iptables=false", "--ip-forward=false"],
          [`--data-root=${data}`, `--exec-root=${home}/run`, `--pidfile=${home}/pid`, "-H", host],
        ].flat(),
        { output: "ignore" },
      );
      await until("dockerd answers", 30_000, async () => {
        const info = await exec.run("docker", ["info"], { env: { DOCKER_HOST: host } });
        return info.code === 0;
      });
    },
    kill: () => ended("SIGKILL"),
    async remove() {
      await ended("SIGTERM");
      const { stdout } = await exec.run("pgrep", ["-f", `${home}/run`]);
      for (const pid of stdout.split("\n").filter(Boolean)) killFound(Number(pid));
      for (const pid of rootedBelow(data)) killFound(pid);
      const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n").reverse();
      for (const point of mounts.map((line) => line.split(" ")[4] ?? ""))
        if (point.startsWith(`${home}/`)) await exec.run("umount", ["-l", point]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Containers whose daemon and shim are gone: processes with a root of the daemon's layers. */
function rootedBelow(directory: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const mounts = readFileSync(`/proc/${pid}/mountinfo`, "utf8").split("\n");
        const root = mounts.find((line) => line.split(" ")[4] === "/");
        return root?.includes(`${directory}/`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

let foreign: Foreign;
let engine: LiveEngine;
let engineId: string;
let shell: ShellTasks;
const hostBefore = process.env["DOCKER_HOST"];

beforeAll(async () => {
  foreign = await foreignDaemon();
  await foreign.start();
  process.env["DOCKER_HOST"] = foreign.host;
  engine = await startLiveEngine();
  ({ engineId } = await engine.health());
  shell = await openShellTasks(engine);
  await shell.register("waits", [shell.container("app", waits, { stopTimeout: 2 })]);
});
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  if (hostBefore === undefined) delete process.env["DOCKER_HOST"];
  else process.env["DOCKER_HOST"] = hostBefore;
  await foreign?.remove();
  // Nobody told the runtime that these containers have ended, so their control groups stayed.
  const ours = `*/neargate-${engineId}*`;
  await until("their control groups are gone", 10_000, async () => {
    const below = ["/sys/fs/cgroup", "-depth", "-type", "d", "-path", ours];
    await exec.run("find", [...below, "-exec", "rmdir", "{}", ";"]);
    return (await exec.run("find", below)).stdout === "";
  });
});

describe("a Docker that is not ours", () => {
  it("killed and started again: what ended with it is reported, the service's task replaced", async () => {
    const { ecs } = shell.clients;
    await ecs.send(
      new CreateServiceCommand({
        cluster,
        serviceName: "kept",
        taskDefinition: "waits",
        desiredCount: 1,
        launchType: "FARGATE",
        networkConfiguration: shell.network,
      }),
    );
    const alone = await shell.run("waits");
    await shell.untilTask(alone, "RUNNING", isRunning);
    const only = async (): Promise<string | undefined> =>
      (await ecs.send(new ListTasksCommand({ cluster, serviceName: "kept" }))).taskArns?.[0];
    const first = await until("its task is there", 20_000, only);
    await shell.untilTask(first, "RUNNING", isRunning);
    await foreign.kill();
    await clock.wallSleep(500);
    expect((await shell.task(alone)).lastStatus).toBe("RUNNING");
    await foreign.start();
    const stopped = await shell.untilTask(alone, "STOPPED", isStopped);
    expect(stopped.stopCode).toBe("EssentialContainerExited");
    expect(stopped.containers?.[0]?.exitCode).toBeTypeOf("number");
    await until("another runs in the service", 30_000, async () => {
      const arn = await only();
      return arn !== undefined && arn !== first && isRunning(await shell.task(arn));
    });
  });

  it("no room for an image: CannotPullContainerError says so; with room again it runs", async () => {
    const image = await shell.pushAnother("big", 24);
    const { bavail, bsize } = statfsSync(foreign.data);
    await runOk("fallocate", ["-l", String(bavail * bsize - 12e6), `${foreign.data}/filler`]);
    await shell.register("big", [{ ...shell.container("app", waits), image }]);
    const arn = await shell.run("big");
    const stopped = await shell.untilTask(arn, "STOPPED", isStopped);
    expect(stopped.stopCode).toBe("TaskFailedToStart");
    expect(stopped.stoppedReason).toMatch(/^CannotPullContainerError: .*no space left on device/);
    await runOk("rm", [`${foreign.data}/filler`]);
    const second = await shell.run("big");
    await shell.untilTask(second, "RUNNING", isRunning);
    await shell.clients.ecs.send(new StopTaskCommand({ cluster, task: second }));
    await shell.untilTask(second, "STOPPED", isStopped);
  });
});

describe("a registry that stalls", () => {
  let registry: Server;
  beforeAll(async () => {
    // It takes every request and never answers.
    registry = createServer(() => {});
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    registry.closeAllConnections();
    registry.close();
  });

  it("the task waits PENDING, StopTask ends it at once, and other tasks start meanwhile", async () => {
    const image = `127.0.0.1:${(registry.address() as AddressInfo).port}/app:v1`;
    await shell.register("stalls", [{ ...shell.container("app", waits), image }]);
    const stalled = await shell.run("stalls");
    await shell.untilTask(stalled, "PENDING", ({ lastStatus }) => lastStatus === "PENDING");
    const other = await shell.run("waits");
    await shell.untilTask(other, "RUNNING", isRunning);
    const { ecs } = shell.clients;
    await ecs.send(new StopTaskCommand({ cluster, task: stalled }));
    const stopped = await shell.untilTask(stalled, "STOPPED", isStopped);
    expect(stopped.stopCode).toBe("UserInitiated");
    await ecs.send(new StopTaskCommand({ cluster, task: other }));
    await shell.untilTask(other, "STOPPED", isStopped);
  });
});

describe("a Docker that is gone for good", () => {
  it("the engine is ended: it ends, and nothing of its network is left", async () => {
    const names = (): string[] =>
      readdirSync("/run/netns").filter((name) => name.includes(engineId));
    expect(names()).not.toEqual([]);
    await foreign.kill();
    await engine[Symbol.asyncDispose]();
    expect(names()).toEqual([]);
  });
});
