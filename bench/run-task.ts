/**
 * RunTask (SDK call to the task being RUNNING) against `docker run -d --network none` of the same image
 * on the same daemon (CLI, to running), alternating. Warm: a sandbox waits in the pool. Cold: none.
 * Whole: warm, with a parameter, a secret and a log stream. At the end, many tasks at once.
 *
 *   npm run bench run-task
 */
import {
  type ContainerDefinition,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { clientsOf, makeHello } from "../test/live/support/hello.ts";
import {
  clock,
  type LiveEngine,
  region,
  startLiveEngine,
  until,
} from "../test/live/support/live-engine.ts";
import { cluster, openShellTasks } from "../test/live/support/shell-tasks.ts";
import { median, quantile, type Row, report } from "./report.ts";

const rounds = 20;
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

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

type Times = { readonly tasks: number[]; readonly docker: number[] };

/** What a container has from elsewhere, and the role that may fetch it. */
async function fromElsewhere(
  engine: LiveEngine,
  name: string,
  roleArn: string,
): Promise<Partial<ContainerDefinition>> {
  const options = { endpoint: engine.endpoint, region, credentials };
  const Value = "bench";
  await new SSMClient(options).send(
    new PutParameterCommand({ Name: `/${name}/value`, Value, Type: "SecureString" }),
  );
  const { ARN } = await new SecretsManagerClient(options).send(
    new CreateSecretCommand({ Name: name, SecretString: Value }),
  );
  await new IAMClient(options).send(
    new PutRolePolicyCommand({
      RoleName: roleArn.split("/").at(-1),
      PolicyName: "elsewhere",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: {
          Effect: "Allow",
          Action: [
            "ssm:GetParameters",
            "secretsmanager:GetSecretValue",
            "kms:Decrypt",
            "logs:CreateLogGroup",
          ],
          Resource: "*",
        },
      }),
    }),
  );
  return {
    secrets: [
      { name: "PARAMETER", valueFrom: `/${name}/value` },
      { name: "SECRET", valueFrom: ARN },
    ],
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": `/bench/${name}`,
        "awslogs-create-group": "true",
        "awslogs-region": region,
        "awslogs-stream-prefix": "t",
      },
    },
  };
}

async function series(engine: LiveEngine, name: string, isWhole: boolean): Promise<Times> {
  const { ecs } = clientsOf(engine);
  const hello = await makeHello(engine, name);
  const image = `${hello.made.id("aws_ecr_repository.app")}:v1`;
  const executionRoleArn = hello.made.id("aws_iam_role.execution");
  const more = isWhole ? await fromElsewhere(engine, name, executionRoleArn) : {};
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: `${name}-alone`,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      executionRoleArn,
      containerDefinitions: [{ name: "web", image, ...more }],
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
  const times: Times = { tasks: [], docker: [] };
  await runTask();
  for (let round = 0; round < rounds; round++) {
    times.docker.push(await timeDockerRun(engine, image));
    times.tasks.push(await runTask());
    // The pool refills when launches have ceased for a moment.
    await clock.wallSleep(1_000);
  }
  return times;
}

async function measure(pool: number, name: string, isWhole = false): Promise<Times> {
  await using engine = await startLiveEngine({ args: ["--sandbox-pool", String(pool)] });
  // Awaited here: the engine ends with this block.
  return await series(engine, name, isWhole);
}

/** Seconds until so many tasks of one call after the other are all RUNNING. */
async function atOnce(count: number): Promise<number> {
  await using engine = await startLiveEngine();
  const shell = await openShellTasks(engine);
  await shell.register("many", [shell.container("app", "while :; do sleep 5; done")]);
  const begun = clock.monotonic();
  const calls = Array.from({ length: count / 10 }, () =>
    shell.clients.ecs.send(
      new RunTaskCommand({
        cluster,
        taskDefinition: "many",
        launchType: "FARGATE",
        networkConfiguration: shell.network,
        count: 10,
      }),
    ),
  );
  const tasks = (await Promise.all(calls)).flatMap((call) => call.tasks ?? []);
  const arns = tasks.flatMap(({ taskArn }) => taskArn ?? []);
  if (arns.length !== count) throw new Error(`${arns.length} tasks of ${count}`);
  await until("all tasks are RUNNING", 180_000, async () => {
    const answer = await shell.clients.ecs.send(new DescribeTasksCommand({ cluster, tasks: arns }));
    const stopped = answer.tasks?.find(({ lastStatus }) => lastStatus === "STOPPED");
    if (stopped) throw new Error(stopped.stoppedReason);
    return answer.tasks?.every(({ lastStatus }) => lastStatus === "RUNNING");
  });
  return (clock.monotonic() - begun) / 1000;
}

const warm = await measure(2, "bench-warm");
const whole = await measure(2, "bench-whole", true);
const cold = await measure(0, "bench-cold");
const many = await atOnce(100);

const ms = (value: number): string => `${value.toFixed(0)} ms`;
const both = (times: readonly number[]): string =>
  `${ms(median(times))} / ${ms(quantile(times, 0.95))}`;
const ratio = ({ tasks, docker }: Times): number => median(tasks) / median(docker);
const tail = ({ tasks, docker }: Times): number => quantile(tasks, 0.95) / quantile(docker, 0.95);
const bounded = (what: string, value: number, bound: number): Row => ({
  what,
  value: value.toFixed(2),
  bound: `≤ ${bound}`,
  ok: value <= bound,
});

report(`RunTask to RUNNING against docker run (${rounds} each, alternating; median / p95)`, [
  { what: "docker run -d --network none", value: both(warm.docker) },
  { what: "RunTask, warm pool", value: both(warm.tasks) },
  bounded("ratio, warm", ratio(warm), 1),
  bounded("ratio of the p95, warm", tail(warm), 1.5),
  { what: "docker run meanwhile, whole series", value: both(whole.docker) },
  { what: "RunTask, with secrets and logs", value: both(whole.tasks) },
  bounded("ratio, whole", ratio(whole), 1),
  bounded("ratio of the p95, whole", tail(whole), 1.5),
  { what: "docker run meanwhile, cold series", value: both(cold.docker) },
  { what: "RunTask, no pool", value: both(cold.tasks) },
  { what: "quotient, cold", value: ratio(cold).toFixed(2) },
  { what: "100 tasks at once, until all are RUNNING", value: `${many.toFixed(1)} s` },
]);
