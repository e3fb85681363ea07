/**
 * What a task costs the engine in memory: its resident memory with many tasks running, less that with few,
 * by task, each after a collection of garbage. Docker's own processes are not counted; each task has an
 * interface, and on Docker a log stream.
 *
 *   npm run bench task-memory
 */
import { readdirSync, readFileSync } from "node:fs";
import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  DescribeClustersCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from "@aws-sdk/client-ecs";
import { clientsOf } from "../test/live/support/hello.ts";
import {
  clock,
  type LiveEngine,
  startLiveEngine,
  until,
} from "../test/live/support/live-engine.ts";
import { openShellTasks } from "../test/live/support/shell-tasks.ts";
import { median, type Row, report } from "./report.ts";

const perCall = 10;
const cluster = "memory";

/** The engine's process, by the state directory among its arguments. */
function pidOf({ home }: LiveEngine): number {
  const isEngine = (pid: string): boolean => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return args.includes(home) && args.some((arg) => arg.endsWith("/daemon/main.ts"));
    } catch {
      return false;
    }
  };
  return Number(readdirSync("/proc").find((name) => /^\d+$/.test(name) && isEngine(name)));
}

/**
 * Has the engine collect its garbage, by the inspector that Node opens on SIGUSR1; gives what lives on its
 * heap and beside it, in kB.
 */
async function collectGarbage(pid: number): Promise<number> {
  process.kill(pid, "SIGUSR1");
  const [target] = await until("the inspector answers", 10_000, () =>
    fetch("http://127.0.0.1:9229/json/list").then(
      async (answer) => (await answer.json()) as { webSocketDebuggerUrl: string }[],
      () => undefined,
    ),
  );
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? "");
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const ask = async (method: string): Promise<Usage> => {
    const answer = new Promise<{ data: string }>((resolve) => {
      socket.addEventListener("message", resolve, { once: true });
    });
    socket.send(JSON.stringify({ id: 1, method }));
    return (JSON.parse((await answer).data) as { result: Usage }).result;
  };
  await ask("HeapProfiler.collectGarbage");
  const { usedSize = 0, backingStorageSize = 0 } = await ask("Runtime.getHeapUsage");
  socket.close();
  return (usedSize + backingStorageSize) / 1024;
}

type Usage = { readonly usedSize?: number; readonly backingStorageSize?: number };
type Memory = { readonly resident: number; readonly live: number };

async function memoryOf(engine: LiveEngine): Promise<Memory> {
  const pid = pidOf(engine);
  const looks: Memory[] = [];
  for (let look = 0; look < 5; look++) {
    const live = await collectGarbage(pid);
    await clock.wallSleep(1_000);
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    looks.push({ live, resident: Number(/^Rss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) });
  }
  const middle = (of: keyof Memory): number => median(looks.map((look) => look[of]));
  return { resident: middle("resident"), live: middle("live") };
}

type Runner = (count: number) => Promise<void>;

async function untilRunning(engine: LiveEngine, name: string, count: number): Promise<void> {
  const { ecs } = clientsOf(engine);
  await until(`${count} tasks run`, 300_000, async () => {
    const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: [name] }));
    return clusters?.[0]?.runningTasksCount === count;
  });
}

async function simulatedTasks(engine: LiveEngine): Promise<Runner> {
  const { ec2, ecs } = clientsOf(engine);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.slice(0, 1).map(({ SubnetId = "" }) => SubnetId);
  await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: "idle",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      containerDefinitions: [{ name: "app", image: "nginx" }],
    }),
  );
  let running = 0;
  return async (count) => {
    for (; running < count; running += perCall) {
      await ecs.send(
        new RunTaskCommand({
          ...{ cluster, taskDefinition: "idle", launchType: "FARGATE", count: perCall },
          networkConfiguration: { awsvpcConfiguration: { subnets, assignPublicIp: "ENABLED" } },
        }),
      );
    }
    await untilRunning(engine, cluster, count);
  };
}

async function dockerTasks(engine: LiveEngine): Promise<Runner> {
  const shell = await openShellTasks(engine);
  await shell.register("idle", [shell.container("app", "while :; do sleep 3600; done")]);
  let running = 0;
  return async (count) => {
    for (; running < count; running += perCall) await shell.run("idle", { count: perCall });
    await untilRunning(engine, "shell", count);
  };
}

type Plan = { readonly few: number; readonly many: number; readonly boundKilobytes: number };

async function measure(runtime: string, { few, many, boundKilobytes }: Plan): Promise<Row[]> {
  await using engine = await startLiveEngine({ args: ["--runtime", runtime] });
  const run = await (runtime === "docker" ? dockerTasks : simulatedTasks)(engine);
  await run(few);
  const before = await memoryOf(engine);
  await run(many);
  const after = await memoryOf(engine);
  const rowOf = (what: string, of: keyof Memory): Row => {
    const each = (after[of] - before[of]) / (many - few);
    const megabytes = (memory: Memory): string => (memory[of] / 1024).toFixed(1);
    return {
      what: `${runtime}, ${what}: ${few} / ${many} tasks; each`,
      value: `${megabytes(before)} MB / ${megabytes(after)} MB; ${each.toFixed(1)} kB`,
      bound: `≤ ${boundKilobytes} kB`,
      ok: each <= boundKilobytes,
    };
  };
  return [rowOf("resident", "resident"), rowOf("live on the heap", "live")];
}

const simulated = await measure("simulated", { few: 500, many: 3000, boundKilobytes: 25 });
const docker = await measure("docker", { few: 10, many: 60, boundKilobytes: 200 });
report("The engine's memory for a task", [...simulated, ...docker]);
