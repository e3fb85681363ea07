/** What the containers of a task have together, and lines that survive the engine, on real ones. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FilterLogEventsCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { type ContainerDefinition, StopTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
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

const isStopped = ({ lastStatus }: Task): boolean => lastStatus === "STOPPED";
const isRunning = ({ lastStatus }: Task): boolean => lastStatus === "RUNNING";
const forEver = "while :; do sleep 0.1; done";
const stopTask = (task: string) => shell.clients.ecs.send(new StopTaskCommand({ cluster, task }));

const root = "/sys/fs/cgroup";
const isUnified = existsSync(path.join(root, "cgroup.controllers"));

/** A file of the task's control group; its names differ between the two kinds of hierarchies. */
async function groupFile(arn: string, unified: string, [controller, name]: [string, string]) {
  const { engineId } = await engine.health();
  const group = `neargate-${engineId}/${arn.split("/").at(-1)}`;
  return isUnified ? path.join(root, group, unified) : path.join(root, controller, group, name);
}

describe("what the containers of a task share", () => {
  it("the task's memory: one takes it all and is killed with 137, the other ends by its signal", async () => {
    await shell.register("greedy", [
      shell.container("app", "sleep 1; a=x; while :; do a=$a$a; done"),
      shell.container("side", "trap 'exit 3' TERM; while :; do sleep 0.1; done"),
    ]);
    const arn = await shell.run("greedy");
    await shell.untilTask(arn, "RUNNING", isRunning);
    const limit = await groupFile(arn, "memory.max", ["memory", "memory.limit_in_bytes"]);
    expect(Number(readFileSync(limit, "utf8"))).toBe(512 * 1024 * 1024);
    const quota = await groupFile(arn, "cpu.max", ["cpu", "cpu.cfs_quota_us"]);
    expect(readFileSync(quota, "utf8")).toMatch(/^25000\b/);
    const stopped = await shell.untilTask(arn, "STOPPED", isStopped);
    expect(stopped).toMatchObject({ stopCode: "EssentialContainerExited" });
    expect(stopped.containers?.map(({ exitCode, reason }) => ({ exitCode, reason }))).toEqual([
      { exitCode: 137, reason: "OutOfMemoryError: Container killed due to memory usage" },
      { exitCode: 3, reason: undefined },
    ]);
    await until("its group is gone", 10_000, async () => !existsSync(path.dirname(limit)));
  });

  it("its processes with pidMode task; its volumes, taken over; the terminal; kernel parameters", async () => {
    const names =
      "(sleep 0.1 &); sleep 0.5; " +
      'for p in /proc/[0-9]*; do read -r n < $p/comm; echo "process $n"; ' +
      "read -r i n state more < $p/stat; [ $state = Z ] && echo left behind; done 2>/dev/null; " +
      "[ -t 1 ] && echo terminal; cat /proc/sys/net/core/somaxconn /given/note; " +
      "echo 2>/dev/null > /given/mine || echo read only; " +
      "while read -r k v; do [ $k = CapEff: ] && echo $v; done < /proc/self/status; " +
      "while read -r d p more; do [ $p = /quick ] && echo $more; done < /proc/mounts; " +
      "echo quick > /quick/note && cat /quick/note; " +
      "echo 2>/dev/null > /root-file || echo read only root; read -r l; echo never";
    const mountPoints = [{ sourceVolume: "shared", containerPath: "/given" }];
    await shell.register(
      "shares",
      [
        shell.container("writer", `echo given > /given/note; ${forEver}`, { mountPoints }),
        shell.container("app", names, {
          pseudoTerminal: true,
          interactive: true,
          readonlyRootFilesystem: true,
          volumesFrom: [{ sourceContainer: "writer", readOnly: true }],
          systemControls: [{ namespace: "net.core.somaxconn", value: "321" }],
          linuxParameters: {
            capabilities: { add: ["SYS_PTRACE"], drop: ["ALL"] },
            tmpfs: [{ containerPath: "/quick", size: 8, mountOptions: ["noexec"] }],
          },
          dependsOn: [{ containerName: "writer", condition: "START" }],
        }),
      ],
      { volumes: [{ name: "shared" }], pidMode: "task" },
    );
    const arn = await shell.run("shares");
    const lines = await until("it said all", 20_000, async () => {
      const said = await shell.lines(arn, "app").catch((): string[] => []);
      return said.includes("read only root") && said;
    });
    // The sandbox, the other container, and its own.
    const processes = lines.filter((line) => line.startsWith("process "));
    expect(processes).toContain("process pause");
    expect(processes.filter((line) => line === "process sh").length).toBeGreaterThanOrEqual(2);
    expect(lines.filter((line) => !line.startsWith("process "))).toEqual([
      ...["terminal", "321", "given", "read only", "0000000000080000"],
      expect.stringMatching(/^tmpfs rw,.*noexec.*size=8192k/),
      ...["quick", "read only root"],
    ]);
    expect((await shell.task(arn)).lastStatus).toBe("RUNNING");
    await stopTask(arn);
    await shell.untilTask(arn, "STOPPED", isStopped);
  });
});

describe("lines of a container", () => {
  const logged = (name: string, script: string, options: Record<string, string>) => {
    const container: ContainerDefinition = shell.container(name, script, { stopTimeout: 2 });
    const { logConfiguration } = container;
    return {
      ...container,
      logConfiguration: {
        logDriver: "awslogs" as const,
        options: { ...logConfiguration?.options, ...options },
      },
    };
  };
  const allLines = async (arn: string, container: string, group: string): Promise<string[]> => {
    const logStreamName = `t/${container}/${arn.split("/").at(-1)}`;
    const lines: string[] = [];
    for (let nextToken: string | undefined; ; ) {
      const page = await shell.clients.logs.send(
        new GetLogEventsCommand({
          ...{ logGroupName: group, logStreamName, startFromHead: true, nextToken },
        }),
      );
      lines.push(...(page.events ?? []).map(({ message }) => message ?? ""));
      if (!page.events?.length) return lines;
      nextToken = page.nextForwardToken;
    }
  };

  it("numbered, over kills of the engine, in blocking mode: each once, in order", async () => {
    const count = 60_000;
    const script =
      `i=0; while [ $i -lt ${count} ]; do echo "$i of many"; i=$((i+1)); ` +
      "[ $((i % 3000)) -eq 0 ] && sleep 0.3; done";
    // The managed policy of execution roles does not have it.
    await shell.clients.iam.send(
      new PutRolePolicyCommand({
        RoleName: "shell",
        PolicyName: "groups",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "logs:CreateLogGroup", Resource: "*" }],
        }),
      }),
    );
    await shell.register("numbered", [
      logged("app", script, {
        mode: "blocking",
        "awslogs-group": "/made",
        "awslogs-create-group": "true",
      }),
    ]);
    const arn = await shell.run("numbered");
    await shell.untilTask(arn, "RUNNING", isRunning);
    for (let kills = 0; kills < 3; kills++) {
      await clock.wallSleep(700);
      await engine.kill();
      await clock.wallSleep(300);
      await engine.restart();
    }
    await shell.untilTask(arn, "STOPPED", isStopped);
    const lines = await until("all are there", 20_000, async () => {
      const found = await allLines(arn, "app", "/made");
      return found.length >= count && found;
    });
    const wrong = lines.findIndex((line, at) => line !== `${at} of many`);
    expect([lines.length, wrong]).toEqual([count, -1]);
  });

  it("a log store that takes nothing: a blocking container is held, one in the default mode goes on", async () => {
    const counting = (name: string, pause: string) =>
      `i=0; while [ $i -lt 40 ]; do echo "$i of ${name}"; i=$((i+1)); sleep ${pause}; done`;
    const blocking = logged("app", `${counting("app", "0.1")}; ${forEver}`, { mode: "blocking" });
    const side = { ...logged("side", counting("side", "0.05"), {}), essential: false };
    await shell.register("held", [blocking, side]);
    // The file is made by the first call.
    await shell.clients.logs.send(new FilterLogEventsCommand({ logGroupName: "/shell" }));
    const store = new DatabaseSync(path.join(engine.home, "logs/logs.db"), { timeout: 30_000 });
    store.exec("BEGIN IMMEDIATE");
    const arn = await shell.run("held");
    const statusOf = async (name: string): Promise<string> => {
      const labels = [`neargate.task=${arn.split("/").at(-1)}`, `neargate.container=${name}`];
      const filters = labels.flatMap((label) => ["--filter", `label=${label}`]);
      return (await engine.docker(["ps", "-a", ...filters, "--format", "{{.Status}}"])).stdout;
    };
    await until("one is held", 30_000, async () => (await statusOf("app")).includes("(Paused)"));
    await until("the other ends", 30_000, async () => (await statusOf("side")).includes("(0)"));
    expect(await statusOf("app")).toContain("(Paused)");
    store.exec("ROLLBACK");
    store.close();
    for (const name of ["app", "side"]) {
      const lines = await until(`all of ${name} are there`, 30_000, async () => {
        const found = await allLines(arn, name, "/shell").catch((): string[] => []);
        return found.length >= 40 && found;
      });
      expect(lines).toEqual(Array.from({ length: 40 }, (_, at) => `${at} of ${name}`));
    }
    await stopTask(arn);
    await shell.untilTask(arn, "STOPPED", isStopped);
  }, 120_000);

  it("more at once than the buffer holds: later lines are lost, in order what is kept; 10 MiB hold it all", async () => {
    const count = 20_000;
    const flood = `i=0; while [ $i -lt ${count} ]; do echo "$i of many"; i=$((i+1)); done > /all; cat /all`;
    await shell.register("floods", [
      logged("app", flood, {}),
      { ...logged("side", flood, { "max-buffer-size": "1k" }), essential: false },
    ]);
    const arn = await shell.run("floods");
    await shell.untilTask(arn, "STOPPED", isStopped);
    const numbersOf = async (name: string): Promise<number[]> =>
      (await allLines(arn, name, "/shell")).map((line) => Number.parseInt(line, 10));
    const all = await until("every line of the large buffer is there", 20_000, async () => {
      const found = await numbersOf("app");
      return found.length >= count && found;
    });
    expect([all.length, all.findIndex((number, at) => number !== at)]).toEqual([count, -1]);
    const kept = await numbersOf("side");
    expect(kept[0]).toBe(0);
    expect(kept.length).toBeLessThan(count);
    expect(kept.findIndex((number, at) => at > 0 && number <= (kept[at - 1] ?? 0))).toBe(-1);
  }, 90_000);

  it("a multiline pattern, a time format: one event from start to start; a pattern that is none: no start", async () => {
    const trace = "echo '[1] first'; echo '  at a'; echo '[2] second'";
    const timed = "echo '2026-01-02 x'; echo y; echo '2026-01-03 z'";
    await shell.register("joined", [
      logged("app", trace, { "awslogs-multiline-pattern": "^\\[" }),
      logged("side", timed, { "awslogs-datetime-format": "%Y-%m-%d" }),
    ]);
    const arn = await shell.run("joined");
    await shell.untilTask(arn, "STOPPED", isStopped);
    const group = "/shell";
    await until("all are there", 10_000, async () => {
      const found = [await allLines(arn, "app", group), await allLines(arn, "side", group)];
      return found.every((lines) => lines.length === 2);
    });
    expect(await allLines(arn, "app", group)).toEqual(["[1] first\n  at a\n", "[2] second\n"]);
    expect(await allLines(arn, "side", group)).toEqual(["2026-01-02 x\ny\n", "2026-01-03 z\n"]);
    await shell.register("wrong", [logged("app", trace, { "awslogs-multiline-pattern": "(" })]);
    const stopped = await shell.untilTask(await shell.run("wrong"), "STOPPED", isStopped);
    expect(stopped).toMatchObject({
      stopCode: "TaskFailedToStart",
      stoppedReason: expect.stringContaining("error parsing regexp: missing closing )"),
    });
  });
});
