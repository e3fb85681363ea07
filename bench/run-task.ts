/**
 * RunTask (SDK call to the task being RUNNING) against `docker run -d --network none` of the same image
 * on the same daemon (CLI, to running), alternating. Warm: a sandbox waits in the pool. Cold: none.
 *
 *   npm run bench run-task
 */
import {
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { clientsOf, makeHello } from "../test/live/support/hello.ts";
import {
  clock,
  type LiveEngine,
  startLiveEngine,
  until,
} from "../test/live/support/live-engine.ts";
import { median, quantile, report } from "./report.ts";

const rounds = 20;

async function timeDockerRun(engine: LiveEngine, image: string): Promise<number> {
  const begun = clock.monotonic();
  const run = await engine.docker([
    "run",
    "-d",
    "--network",
    "none",
    "--label",
    "neargate.bench",
    image,
  ]);
  const took = clock.monotonic() - begun;
  if (run.code !== 0) throw new Error(run.stderr);
  await engine.docker(["rm", "-f", run.stdout.trim()]);
  return took;
}

async function series(
  engine: LiveEngine,
  name: string,
): Promise<{ tasks: number[]; docker: number[] }> {
  const { ecs } = clientsOf(engine);
  const hello = await makeHello(engine, name);
  const image = `${hello.made.id("aws_ecr_repository.app")}:v1`;
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: `${name}-alone`,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      executionRoleArn: hello.made.id("aws_iam_role.execution"),
      containerDefinitions: [{ name: "web", image }],
    }),
  );
  const runTask = async (): Promise<number> => {
    const begun = clock.monotonic();
    const { tasks } = await ecs.send(
      new RunTaskCommand({
        cluster: name,
        taskDefinition: `${name}-alone`,
        launchType: "FARGATE",
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: [hello.made.id("aws_subnet.private-a")],
            securityGroups: [hello.made.id("aws_security_group.app")],
          },
        },
      }),
    );
    const arn = tasks?.[0]?.taskArn ?? "";
    for (;;) {
      const answer = await ecs.send(new DescribeTasksCommand({ cluster: name, tasks: [arn] }));
      const task = answer.tasks?.[0];
      if (task?.lastStatus === "RUNNING") break;
      if (task?.lastStatus === "STOPPED") throw new Error(task.stoppedReason);
    }
    const took = clock.monotonic() - begun;
    // A process that is told to stop before it listens to signals is waited for until it is killed.
    await clock.wallSleep(500);
    await ecs.send(new StopTaskCommand({ cluster: name, task: arn }));
    await until("the task is STOPPED", 60_000, async () => {
      const answer = await ecs.send(new DescribeTasksCommand({ cluster: name, tasks: [arn] }));
      return answer.tasks?.[0]?.lastStatus === "STOPPED";
    });
    return took;
  };
  const times: { tasks: number[]; docker: number[] } = { tasks: [], docker: [] };
  await runTask();
  for (let round = 0; round < rounds; round++) {
    times.docker.push(await timeDockerRun(engine, image));
    times.tasks.push(await runTask());
    // The pool refills when launches have ceased for a moment.
    await clock.wallSleep(1_000);
  }
  return times;
}

async function measure(pool: number, name: string) {
  await using engine = await startLiveEngine({ args: ["--sandbox-pool", String(pool)] });
  // Awaited here: the engine ends with this block.
  return await series(engine, name);
}

const warm = await measure(2, "bench-warm");
const cold = await measure(0, "bench-cold");
const ms = (value: number): string => `${value.toFixed(0)} ms`;
const ratio = (of: { tasks: number[]; docker: number[] }): number =>
  median(of.tasks) / median(of.docker);

report(`RunTask to RUNNING against docker run (${rounds} each, alternating)`, [
  {
    what: "docker run -d --network none, median / p95",
    value: `${ms(median(warm.docker))} / ${ms(quantile(warm.docker, 0.95))}`,
  },
  {
    what: "RunTask, warm pool, median / p95",
    value: `${ms(median(warm.tasks))} / ${ms(quantile(warm.tasks, 0.95))}`,
  },
  { what: "ratio, warm", value: ratio(warm).toFixed(2), bound: "≤ 1.0", ok: ratio(warm) <= 1 },
  { what: "docker run meanwhile, cold series", value: ms(median(cold.docker)) },
  {
    what: "RunTask, no pool, median / p95",
    value: `${ms(median(cold.tasks))} / ${ms(quantile(cold.tasks, 0.95))}`,
  },
  { what: "ratio, cold", value: ratio(cold).toFixed(2) },
]);
