/** What a real task gets from elsewhere: secrets, its role's credentials, AWS's APIs, its own statistics. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import {
  CreateRouteCommand,
  DeleteRouteCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  GetTaskProtectionCommand,
  ListTasksCommand,
  StopTaskCommand,
  type Task,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasAwsCli } from "./support/aws-cli.ts";
import { type GuardedRegistry, startGuardedRegistry } from "./support/guarded-registry.ts";
import { exec, type LiveEngine, region, startLiveEngine, until } from "./support/live-engine.ts";
import { cluster, openShellTasks, type ShellTasks } from "./support/shell-tasks.ts";

let engine: LiveEngine;
let shell: ShellTasks;
let ssm: SSMClient;
let secrets: SecretsManagerClient;

const account = "000000000000";
/** The role that tasks of the shell image have for both. */
const role = `arn:aws:iam::${account}:role/shell`;
const hasCli = await hasAwsCli("in a task");
const forEver = "while :; do sleep 0.1; done";

beforeAll(async () => {
  engine = await startLiveEngine();
  shell = await openShellTasks(engine);
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const settings = { endpoint: engine.endpoint, region, credentials };
  ssm = new SSMClient(settings);
  secrets = new SecretsManagerClient(settings);
});
afterAll(async () => {
  ssm?.destroy();
  secrets?.destroy();
  await engine?.[Symbol.asyncDispose]();
});

const isRunning = ({ lastStatus }: { lastStatus?: string }): boolean => lastStatus === "RUNNING";

const allow = (...Action: string[]) =>
  shell.clients.iam.send(
    new PutRolePolicyCommand({
      RoleName: "shell",
      PolicyName: "more",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action, Resource: "*" }],
      }),
    }),
  );

const forbid = (...Action: string[]) =>
  shell.clients.iam.send(
    new PutRolePolicyCommand({
      RoleName: "shell",
      PolicyName: "more",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Deny", Action, Resource: "*" }],
      }),
    }),
  );

/** Where a container of the task is, and what its process was given. */
async function placeOf(taskArn: string) {
  const filters = ["--filter", `label=neargate.task=${taskArn.split("/").at(-1)}`];
  const listed = await engine.docker(["ps", "-q", ...filters]);
  for (const id of listed.stdout.trim().split("\n")) {
    const [inspected] = JSON.parse((await engine.docker(["inspect", id])).stdout) as {
      State: { Pid: number };
      Config: { Env: string[] | null };
    }[];
    const variables = Object.fromEntries(
      (inspected?.Config.Env ?? []).map((one) => /^([^=]*)=(.*)$/s.exec(one)?.slice(1) ?? []),
    ) as Record<string, string>;
    if (variables["AWS_EXECUTION_ENV"]) return { pid: inspected?.State.Pid ?? 0, variables };
  }
  throw new Error(`no container of ${taskArn}`);
}

/** Runs a program of this machine in the task's network, with the task's variables. */
async function runBeside(taskArn: string, program: string, ...args: string[]) {
  const { pid, variables } = await placeOf(taskArn);
  const { HOME = "/root", PATH = "" } = process.env;
  const env = { ...variables, HOME, PATH, AWS_EC2_METADATA_DISABLED: "true" };
  const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return exec.run("nsenter", [`--net=/proc/${pid}/ns/net`, "env", "-i", ...set, program, ...args]);
}

const get = async (taskArn: string, variable: string, rest: string, ...more: string[]) => {
  const { variables } = await placeOf(taskArn);
  const url = `${variables[variable]}${rest}`;
  const answer = await runBeside(taskArn, "curl", "-s", "--max-time", "60", ...more, url);
  return JSON.parse(answer.stdout) as Record<string, unknown>;
};

describe("secrets of a real task", () => {
  it("refused, a service's event says why; granted: it becomes steady by itself, and the values are its alone", async () => {
    const value = "hunter-two-of-the-test";
    await ssm.send(new PutParameterCommand({ Name: "/p", Type: "SecureString", Value: value }));
    const SecretString = JSON.stringify({ user: `${value}-too` });
    const made = await secrets.send(new CreateSecretCommand({ Name: "s", SecretString }));
    // The command is in the state for all to read, so it only measures.
    const script = `test \${#A} = ${value.length} && test \${#B} = ${value.length + 4} && echo both; ${forEver}`;
    const container = shell.container("app", script, {
      secrets: [
        { name: "A", valueFrom: "/p" },
        { name: "B", valueFrom: `${made.ARN}:user::` },
      ],
      stopTimeout: 2,
    });
    await shell.register("secretive", [container]);
    await shell.clients.ecs.send(
      new CreateServiceCommand({
        cluster,
        serviceName: "secretive",
        taskDefinition: "secretive",
        desiredCount: 1,
        launchType: "FARGATE",
        networkConfiguration: shell.network,
      }),
    );
    const service = async () => {
      const command = new DescribeServicesCommand({ cluster, services: ["secretive"] });
      return (await shell.clients.ecs.send(command)).services?.[0];
    };
    const denied = await until("the service says why", 30_000, async () =>
      (await service())?.events?.find(({ message }) => message?.includes("Reason:")),
    );
    expect(denied.message).toContain(
      "was unable to place a task. Reason: ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ",
    );
    expect(denied.message).toContain("AccessDeniedException: User: arn:aws:sts::");
    await allow("ssm:GetParameters", "secretsmanager:GetSecretValue");
    await until("the service is steady", 30_000, async () => (await service())?.runningCount === 1);
    const listed = await shell.clients.ecs.send(
      new ListTasksCommand({ cluster, serviceName: "secretive" }),
    );
    const arn = listed.taskArns?.[0] ?? "";
    await until("the container says so", 20_000, async () =>
      (await shell.lines(arn, "app").catch((): string[] => [])).includes("both"),
    );
    expect(engine.log()).not.toContain(value);
    const tasks = await shell.clients.ecs.send(new DescribeTasksCommand({ cluster, tasks: [arn] }));
    expect(JSON.stringify(tasks)).not.toContain(value);
    for (const file of stateFiles()) {
      expect(readFileSync(file).includes(value), file).toBe(false);
    }
  });
});

/** What the engine keeps; the container's own environment is Docker's. */
const stateFiles = (): string[] =>
  readdirSync(engine.home, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith("state.db"))
    .map((entry) => path.join(entry.parentPath, entry.name));

describe("a real task's endpoint", () => {
  let arn = "";
  beforeAll(async () => {
    await allow("ssm:GetParameter", "ecs:GetTaskProtection", "ecs:UpdateTaskProtection");
    const busy = "while :; do :; done";
    await shell.register("asking", [shell.container("app", busy, { stopTimeout: 2 })], {
      taskRoleArn: role,
    });
    arn = await shell.run("asking");
    await shell.untilTask(arn, "RUNNING", isRunning);
  });

  it.skipIf(!hasCli)(
    "the AWS CLI with nothing but the task's variables: the task role's session, with its permissions",
    async () => {
      const who = await runBeside(arn, "aws", "sts", "get-caller-identity", "--output", "json");
      expect(who.code, who.stderr).toBe(0);
      const id = arn.split("/").at(-1);
      expect(JSON.parse(who.stdout).Arn).toBe(`arn:aws:sts::${account}:assumed-role/shell/${id}`);
      const denied = await runBeside(arn, "aws", "ecs", "list-clusters");
      expect(denied.stderr).toContain("AccessDeniedException");
    },
  );

  it.skipIf(!hasCli)(
    "the engine killed and started again: the endpoint answers as before",
    async () => {
      await engine.kill();
      await engine.restart();
      const who = await until("the endpoint answers", 30_000, async () => {
        const answer = await runBeside(
          arn,
          "aws",
          "sts",
          "get-caller-identity",
          "--output",
          "json",
        );
        return answer.code === 0 && answer;
      });
      expect(who.stdout).toContain("assumed-role/shell/");
    },
  );

  it("statistics: a busy container's processor time grows, its memory and the task's network are counted", async () => {
    type Stats = {
      cpu_stats: { cpu_usage: { total_usage: number } };
      precpu_stats: { cpu_usage: { total_usage: number } };
      memory_stats: { usage: number };
      networks: Record<string, { rx_bytes: number }>;
      network_rate_stats?: { rx_bytes_per_sec: number };
    };
    const stats = async () =>
      (await get(arn, "ECS_CONTAINER_METADATA_URI_V4", "/stats")) as unknown as Stats;
    const first = await stats();
    const used = ({ cpu_stats, precpu_stats }: Stats): number =>
      cpu_stats.cpu_usage.total_usage - precpu_stats.cpu_usage.total_usage;
    expect(used(first)).toBeGreaterThan(0);
    expect(first.memory_stats.usage).toBeGreaterThan(0);
    expect(first.networks["eth1"]?.rx_bytes).toBeGreaterThan(0);
    const second = await stats();
    expect(second.precpu_stats.cpu_usage.total_usage).toBe(first.cpu_stats.cpu_usage.total_usage);
    expect(second.network_rate_stats?.rx_bytes_per_sec).toBeGreaterThan(0);
    const task = await get(arn, "ECS_CONTAINER_METADATA_URI_V4", "/task/stats");
    expect(Object.keys(task)).toHaveLength(1);
  });

  it("clock and storage of version 4: this machine's clock; what is written, the volume included, and the image", async () => {
    type Measured = {
      ClockDrift: { ClockErrorBound: number; ClockSynchronizationStatus: string };
      EphemeralStorageMetrics: { Utilized: number; Reserved: number };
    };
    const half = "head -c 5000000 /dev/zero";
    const mountPoints = [{ sourceVolume: "scratch", containerPath: "/scratch" }];
    const image = await shell.pushPrograms("head", {
      programs: { "/bin/sh": "/bin/sh", "/bin/head": "/usr/bin/head", "/bin/sleep": "/bin/sleep" },
      entrypoint: ["/bin/sh", "-c"],
    });
    await shell.register(
      "writing",
      [
        shell.container("app", `${half} > /mine; ${half} > /scratch/ours; ${forEver}`, {
          ...{ image, mountPoints, stopTimeout: 2 },
        }),
      ],
      { volumes: [{ name: "scratch" }] },
    );
    const writing = await shell.run("writing");
    await shell.untilTask(writing, "RUNNING", isRunning);
    const measured = async (task: string) =>
      (await get(task, "ECS_CONTAINER_METADATA_URI_V4", "/task")) as unknown as Measured;
    // 10 MB are 9.6 MiB, and the image is more than one.
    const all = await until("all is written", 30_000, async () => {
      const found = await measured(writing);
      return found.EphemeralStorageMetrics.Utilized > 10 && found;
    });
    expect(all.EphemeralStorageMetrics.Reserved).toBe(20_496);
    expect(all.ClockDrift).toMatchObject({
      ClockErrorBound: 0,
      ClockSynchronizationStatus: "SYNCHRONIZED",
    });
    await shell.clients.ecs.send(new StopTaskCommand({ cluster, task: writing }));
  }, 60_000);

  it("protection of a task of no service: refused in the endpoint's shape, by the task role", async () => {
    const state = "/task-protection/v1/state";
    const put = ["-X", "PUT", "-d", '{"ProtectionEnabled":true}'];
    const refused = await get(arn, "ECS_AGENT_URI", state, ...put);
    expect(refused).toMatchObject({ failure: { Arn: arn, Reason: "TASK_NOT_VALID" } });
    const answer = await shell.clients.ecs.send(
      new GetTaskProtectionCommand({ cluster, tasks: [arn] }),
    );
    expect(answer.failures?.[0]?.reason).toBe("TASK_NOT_VALID");
  });

  it("no way out of the task's network: AWS's APIs do not answer, its metadata do", async () => {
    const { ec2 } = shell.clients;
    const statusOf = async (): Promise<string> => {
      const { variables } = await placeOf(arn);
      const quiet = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5"];
      const url = variables["AWS_ENDPOINT_URL"] ?? "";
      return (await runBeside(arn, "curl", ...quiet, "-H", signed, url)).stdout;
    };
    const untilAnswered = () =>
      until("it is answered", 20_000, async () => (await statusOf()) !== "000");
    await untilAnswered();
    const { tasks } = await shell.clients.ecs.send(
      new DescribeTasksCommand({ cluster, tasks: [arn] }),
    );
    const details = tasks?.[0]?.attachments?.[0]?.details;
    const subnet = details?.find(({ name }) => name === "subnetId")?.value ?? "";
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnet] }));
    const Filters = [{ Name: "vpc-id", Values: [Subnets?.[0]?.VpcId ?? ""] }];
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
    const table = RouteTables?.[0];
    const out = { RouteTableId: table?.RouteTableId, DestinationCidrBlock: "0.0.0.0/0" };
    const GatewayId = table?.Routes?.find((one) => one.GatewayId?.startsWith("igw-"))?.GatewayId;
    await ec2.send(new DeleteRouteCommand(out));
    await until("it is not answered", 20_000, async () => (await statusOf()) === "000");
    await expect(get(arn, "ECS_CONTAINER_METADATA_URI_V4", "/task")).resolves.toMatchObject({
      TaskARN: arn,
    });
    await ec2.send(new CreateRouteCommand({ ...out, GatewayId }));
    await untilAnswered();
  });

  it("the control API and the registry: not at the tasks' door", async () => {
    const { variables } = await placeOf(arn);
    for (const where of ["/_neargate/health", "/v2/"]) {
      const url = `${variables["AWS_ENDPOINT_URL"]}${where}`;
      const answer = await runBeside(arn, "curl", "-s", "--max-time", "60", url);
      expect(answer.stdout).not.toContain("engineId");
      expect(answer.stdout).not.toContain("UNAUTHORIZED");
    }
  });
});

describe("a private registry", () => {
  const right = "someone:its-password";
  const opened: GuardedRegistry[] = [];
  afterAll(() => Promise.all(opened.map((registry) => registry.close())));

  const open = async (scheme: "basic" | "token"): Promise<string> => {
    const upstream = shell.repository;
    const upstreamLogin = `AWS:${await shell.password()}`;
    const registry = await startGuardedRegistry({ scheme, login: right, upstream, upstreamLogin });
    opened.push(registry);
    return registry.repository;
  };
  const keep = async (Name: string, password: string): Promise<string> => {
    const SecretString = JSON.stringify({ username: "someone", password });
    return (await secrets.send(new CreateSecretCommand({ Name, SecretString }))).ARN ?? "";
  };

  it("asking for a password or a token: the secret's login pulls, a wrong one and none are refused", async () => {
    await allow("secretsmanager:GetSecretValue");
    const good = await keep("good-login", "its-password");
    const bad = await keep("bad-login", "not-its-password");
    const denied = "pull access denied, repository does not exist or may require authorization:";
    const token = (kind: string) =>
      `failed to authorize: failed to fetch ${kind} token: unexpected status: 401 Unauthorized`;
    for (const scheme of ["basic", "token"] as const) {
      const registry = await open(scheme);
      const [host = ""] = registry.split("/");
      const endOf = async (name: string, secret?: string): Promise<Task> => {
        const image = `${registry}:v1`;
        const repositoryCredentials = secret && { credentialsParameter: secret };
        const more = { image, ...(repositoryCredentials && { repositoryCredentials }) };
        await shell.register(`${scheme}-${name}`, [shell.container("app", "exit 5", more)]);
        const arn = await shell.run(`${scheme}-${name}`);
        return shell.untilTask(arn, "STOPPED", ({ lastStatus }) => lastStatus === "STOPPED");
      };
      const failed =
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed";
      const refusals =
        scheme === "basic"
          ? {
              none: `${denied} authorization failed: no basic auth credentials`,
              bad: `pulling from host ${host} failed with status code [manifests v1]: 401 Unauthorized`,
            }
          : { none: token("anonymous"), bad: token("oauth") };
      expect(await endOf("none")).toMatchObject({
        stopCode: "TaskFailedToStart",
        stoppedReason: `${failed} to resolve ref ${registry}:v1: ${refusals.none}`,
      });
      expect((await endOf("bad", bad)).stoppedReason).toBe(
        `${failed} to resolve ref ${registry}:v1: ${refusals.bad}`,
      );
      expect((await endOf("good", good)).containers?.[0]?.exitCode).toBe(5);
      if (scheme === "token") continue;
      await forbid("secretsmanager:GetSecretValue");
      const unread = await endOf("unread", good);
      expect(unread.stoppedReason).toMatch(
        /^ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to get registry auth from asm: .* AccessDeniedException: User: .* is not authorized to perform: secretsmanager:GetSecretValue on resource: /,
      );
      await allow("secretsmanager:GetSecretValue");
    }
  }, 90_000);
});

describe("a tag that moves", () => {
  it("tasks of a deployment keep what it meant, a new deployment and a lone task take what it means", async () => {
    const { ecs } = shell.clients;
    const image = await shell.pushAnother("moving", 0);
    const trapping = `trap 'exit 0' TERM; ${forEver}`;
    await shell.register("moving", [shell.container("app", trapping, { image })]);
    const at = { cluster, launchType: "FARGATE", networkConfiguration: shell.network } as const;
    const service = { cluster, service: "moving" };
    await ecs.send(
      new CreateServiceCommand({
        ...at,
        serviceName: "moving",
        taskDefinition: "moving",
        desiredCount: 1,
        deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 200 },
      }),
    );
    const digests = async (count: number, what: string, fits: (all: string[]) => boolean) =>
      until(`${what}`, 60_000, async () => {
        const listed = await ecs.send(new ListTasksCommand({ cluster, serviceName: "moving" }));
        if (listed.taskArns?.length !== count) return false;
        const { tasks } = await ecs.send(
          new DescribeTasksCommand({ cluster, tasks: listed.taskArns }),
        );
        if (!tasks?.every(isRunning)) return false;
        const found = tasks.map(({ containers }) => containers?.[0]?.imageDigest ?? "");
        return fits(found) && found;
      });
    const [first = ""] = await digests(1, "one task runs", () => true);
    expect(first).toMatch(/^sha256:/);
    await shell.pushAnother("moving", 1);
    await ecs.send(new UpdateServiceCommand({ ...service, desiredCount: 2 }));
    expect(await digests(2, "two tasks run", () => true)).toEqual([first, first]);
    await ecs.send(new UpdateServiceCommand({ ...service, forceNewDeployment: true }));
    const [second = ""] = await digests(2, "both are of the new deployment", (all) =>
      all.every((one) => one !== first),
    );
    await ecs.send(new DeleteServiceCommand({ ...service, force: true }));
    const byDigest = `${shell.repository}@${first}`;
    await shell.register("by-digest", [
      shell.container("by-tag", "exit 0", { image }),
      shell.container("by-digest", "exit 0", { image: byDigest }),
    ]);
    const ended = await shell.untilTask(await shell.run("by-digest"), "STOPPED", (task) => {
      return task.lastStatus === "STOPPED";
    });
    const shown = ended.containers?.map((one) => [one.image, one.imageDigest]);
    expect(shown).toEqual([
      [image, second],
      [byDigest, first],
    ]);
  }, 120_000);
});

/** Says which service and region a request is for; that it is nobody's does not matter. */
const signed = `Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/${region}/sts/aws4_request, SignedHeaders=host, Signature=0`;
