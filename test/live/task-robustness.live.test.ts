/**
 * What dies under a task, and many tasks at once: the state converges, nothing is lost, doubled or
 * left behind.
 *
 * NEARGATE_CHAOS_TASKS sets how many tasks are started and stopped at random (80),
 * NEARGATE_CHAOS_SEED repeats a run.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import {
  CreateServiceCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sequentialIds } from "../../src/seams/ids.ts";
import { clock, exec, type LiveEngine, startLiveEngine, until } from "./support/live-engine.ts";
import { cluster, openShellTasks, type ShellTasks } from "./support/shell-tasks.ts";

const taskCount = Number(process.env["NEARGATE_CHAOS_TASKS"] ?? 80);
const seed = Number(process.env["NEARGATE_CHAOS_SEED"] ?? 1 + (clock.wall() % 1_000_000));
const chance = sequentialIds(seed);

let engine: LiveEngine;
let shell: ShellTasks;

beforeAll(async () => {
  process.stderr.write(`task robustness: seed ${seed}, ${taskCount} tasks\n`);
  engine = await startLiveEngine();
  shell = await openShellTasks(engine);
  await shell.register("waits", [shell.container("app", waits, { stopTimeout: 2 })]);
});
afterAll(() => engine[Symbol.asyncDispose]());

const waits = "trap 'exit 0' TERM; while :; do sleep 0.2; done";
const isRunning = ({ lastStatus }: Task): boolean => lastStatus === "RUNNING";
const isStopped = ({ lastStatus }: Task): boolean => lastStatus === "STOPPED";
const idOf = (arn: string): string => arn.split("/").at(-1) ?? "";
const stopTask = (task: string) => shell.clients.ecs.send(new StopTaskCommand({ cluster, task }));

/** `<task>/<container>` of every container of ours that runs; a sandbox's is `pause`. */
async function running(): Promise<string[]> {
  const format = ["--format", '{{.Label "neargate.task"}}/{{.Label "neargate.container"}}/{{.ID}}'];
  const { stdout } = await engine.docker(["ps", "--no-trunc", ...format]);
  return stdout.split("\n").filter((line) => line && !line.startsWith("/"));
}

async function containerOf(arn: string, name = "app"): Promise<string> {
  const found = (await running()).find((line) => line.startsWith(`${idOf(arn)}/${name}/`));
  if (!found) throw new Error(`no container of ${arn}: ${(await running()).join(", ")}`);
  return found.split("/")[2] ?? "";
}

async function processOf(container: string): Promise<number> {
  return Number((await engine.docker(["inspect", "-f", "{{.State.Pid}}", container])).stdout);
}

/** The engine's own dockerd. */
async function daemonProcess(): Promise<number> {
  const { DOCKER_HOST } = await engine.environment();
  const socket = DOCKER_HOST?.replace("unix://", "") ?? "";
  const { stdout } = await exec.run("pgrep", [
    "-f",
    `^\\S*dockerd .*${path.basename(engine.home)}`,
  ]);
  const pids = stdout.split("\n").filter(Boolean).map(Number);
  const mine = pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(socket));
  if (!mine) throw new Error(`no dockerd with ${socket}`);
  return mine;
}

describe("what dies under a task", () => {
  it("dockerd, kill -9: tasks go on, a death meanwhile is reported with its code, new tasks start", async () => {
    const [lives, dies] = await Promise.all([shell.run("waits"), shell.run("waits")]);
    const before = await shell.untilTask(lives, "RUNNING", isRunning);
    await shell.untilTask(dies, "RUNNING", isRunning);
    const victim = await processOf(await containerOf(dies));
    process.kill(await daemonProcess(), "SIGKILL");
    process.kill(victim, "SIGKILL");
    const stopped = await shell.untilTask(dies, "STOPPED", isStopped);
    expect(stopped).toMatchObject({
      stopCode: "EssentialContainerExited",
      stoppedReason: "Essential container in task exited",
      containers: [{ exitCode: 137 }],
    });
    const after = await shell.task(lives);
    expect(after).toMatchObject({ lastStatus: "RUNNING", startedAt: before.startedAt });
    const next = await shell.run("waits");
    await shell.untilTask(next, "RUNNING", isRunning);
    await Promise.all([stopTask(lives), stopTask(next)]);
    await shell.untilTask(lives, "STOPPED", isStopped);
    await shell.untilTask(next, "STOPPED", isStopped);
  });

  it("the sandbox of a service's task: the task ends and is replaced", async () => {
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
    const only = async (): Promise<string | undefined> =>
      (await ecs.send(new ListTasksCommand({ cluster, serviceName: "kept" }))).taskArns?.[0];
    const first = await until("its task is there", 20_000, only);
    await shell.untilTask(first, "RUNNING", isRunning);
    const sandbox = (
      await engine.docker([
        "inspect",
        "-f",
        "{{.HostConfig.NetworkMode}}",
        await containerOf(first),
      ])
    ).stdout.trim();
    process.kill(await processOf(sandbox.replace("container:", "")), "SIGKILL");
    const stopped = await shell.untilTask(first, "STOPPED", isStopped);
    expect(stopped.stoppedReason).toBeTruthy();
    const second = await until("another takes its place", 30_000, async () => {
      const arn = await only();
      return arn !== first && arn !== undefined && isRunning(await shell.task(arn)) && arn;
    });
    expect(second).not.toBe(first);
    await ecs.send(new UpdateServiceCommand({ cluster, service: "kept", desiredCount: 0 }));
    await until("nothing of it runs", 30_000, async () => (await running()).length === 0);
  });

  it("an app that ignores SIGTERM: killed after its stopTimeout", async () => {
    const deaf = "trap '' TERM; while :; do sleep 0.2; done";
    await shell.register("deaf", [shell.container("app", deaf, { stopTimeout: 2 })]);
    const arn = await shell.run("deaf");
    await shell.untilTask(arn, "RUNNING", isRunning);
    await stopTask(arn);
    const stopped = await shell.untilTask(arn, "STOPPED", isStopped);
    expect(stopped).toMatchObject({ stopCode: "UserInitiated", containers: [{ exitCode: 137 }] });
  });
});

describe(`${taskCount} tasks (seed ${seed})`, () => {
  it("started and stopped at random while the engine is killed: none is lost, doubled or left", async () => {
    const { ecs } = shell.clients;
    const started = new Set<string>();
    const asked = new Set<string>();
    // Not answered before the kill: it may have been done or not, so a client asks again.
    const unsure = new Set<string>();
    const startSome = async (round: number): Promise<void> => {
      const clientToken = `round-${round}`;
      const answer = await ecs
        .send(
          new RunTaskCommand({
            cluster,
            taskDefinition: "waits",
            launchType: "FARGATE",
            networkConfiguration: shell.network,
            count: 10,
            clientToken,
          }),
        )
        .catch(() => ({ tasks: [] }));
      for (const task of answer.tasks ?? []) started.add(task.taskArn ?? "");
    };
    const stopSome = async (): Promise<void> => {
      const open = [...started].filter((arn) => !asked.has(arn) && chance.fraction() < 0.3);
      await Promise.all(
        open.map((arn) =>
          stopTask(arn).then(
            () => asked.add(arn),
            () => unsure.add(arn),
          ),
        ),
      );
    };
    for (let round = 0; round < taskCount / 10; round++) {
      const work = [startSome(round), stopSome()];
      await clock.wallSleep(chance.fraction() * 600);
      await engine.kill();
      await Promise.all(work);
      await engine.restart();
      await Promise.all([...unsure].map(stopTask));
      for (const arn of unsure) asked.add(arn);
      unsure.clear();
      // The client's own retry with its token: the same ten tasks, whether it was answered or not.
      const before = new Set(started);
      await startSome(round);
      for (const arn of started)
        if (before.size === 10 * (round + 1)) expect(before).toContain(arn);
      expect(started.size).toBe(10 * (round + 1));
    }
    const wanted = [...started].filter((arn) => !asked.has(arn));
    await untilNoneDiffers(() =>
      [...started].map((arn) => [arn, asked.has(arn) ? "STOPPED" : "RUNNING"]),
    );
    const apps = (await running()).filter((line) => line.split("/")[1] === "app");
    expect(apps.map((line) => line.split("/")[0]).sort()).toEqual(wanted.map(idOf).sort());
    await Promise.all(wanted.map(stopTask));
    await until("all are stopped", 60_000, async () =>
      [...(await statesOf(wanted)).values()].every((state) => state === "STOPPED"),
    );
    await until("nothing of theirs is left", 30_000, async () => (await running()).length === 0);
  }, 600_000);
});

/** Waits until each task has its status; tells which have not. */
async function untilNoneDiffers(expected: () => string[][]): Promise<void> {
  let differing: string[] = [];
  const settled = until("each task has its status", 60_000, async () => {
    const tasks = expected();
    const states = await statesOf(tasks.map(([arn]) => arn ?? ""));
    differing = tasks.flatMap(([arn = "", wanted]) =>
      states.get(arn) === wanted ? [] : [`${arn}: ${states.get(arn)}, not ${wanted}`],
    );
    return differing.length === 0;
  });
  await settled.catch(async (error: Error) => {
    const details = await Promise.all(
      differing.slice(0, 3).map((line) => shell.task(line.split(": ")[0] ?? "")),
    );
    throw new Error(
      `${error.message}\n${differing.join("\n")}\n${JSON.stringify(details, undefined, 1)}\n${engine.log().slice(-3000)}`,
    );
  });
}

async function statesOf(arns: readonly string[]): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  for (let at = 0; at < arns.length; at += 100) {
    const tasks = arns.slice(at, at + 100);
    const answer = await shell.clients.ecs.send(new DescribeTasksCommand({ cluster, tasks }));
    for (const task of answer.tasks ?? []) states.set(task.taskArn ?? "", task.lastStatus ?? "");
  }
  return states;
}
