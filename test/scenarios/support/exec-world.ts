/** A whole engine on the simulated runtime, with a task to open sessions in and a client for them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EC2 } from "@aws-sdk/client-ec2";
import {
  type ContainerDefinition,
  ECS,
  type ExecuteCommandRequest,
  type ExecuteCommandResponse,
  type Task,
} from "@aws-sdk/client-ecs";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { SSM } from "@aws-sdk/client-ssm";
import {
  type LocalTerminal,
  runSession,
  type SessionClientInput,
  type SessionEnd,
} from "../../../src/cli/exec/session-client.ts";
import { readConfig } from "../../../src/daemon/config.ts";
import { type Engine, startEngine } from "../../../src/daemon/engine.ts";
import type { TerminalSize } from "../../../src/model/session/payloads.ts";
import { realClock } from "../../../src/seams/clock.ts";
import { randomIds } from "../../../src/seams/ids.ts";

export const clusterName = "shop";
export const region = "ap-northeast-1";

const wall = realClock();

/** Looks until it is so. The engine's clock stands still, so only what is under way can happen. */
export async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let turn = 0; turn < 2400; turn++) {
    const found = await look();
    if (found !== undefined) return found;
    await wall.wallSleep(20);
  }
  throw new Error("it did not happen");
}

const ssmmessages = [
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
];

export async function openExecWorld() {
  const home = mkdtempSync(path.join(tmpdir(), "ng-exec-"));
  const options = { port: "0", "state-dir": home, runtime: "simulated", clock: "manual", region };
  let engine: Engine = await startEngine(readConfig(options));
  await engine.ready;
  const config = {
    endpoint: engine.endpoint,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  const clients = {
    ec2: new EC2(config),
    ecs: new ECS(config),
    iam: new IAM(config),
    kms: new KMS(config),
    logs: new CloudWatchLogs(config),
    ssm: new SSM(config),
  };
  const { ec2, ecs, iam } = clients;
  const subnets = (await ec2.describeSubnets({})).Subnets?.map((one) => one.SubnetId ?? "") ?? [];
  await ecs.createCluster({ clusterName });
  await iam.createRole({ RoleName: "task", AssumeRolePolicyDocument: trust });

  const task = async (arn: string): Promise<Task> => {
    const { tasks } = await ecs.describeTasks({ cluster: clusterName, tasks: [arn] });
    if (!tasks?.[0]) throw new Error(`no task ${arn}`);
    return tasks[0];
  };
  return {
    ...clients,
    task,
    engine: () => engine,
    /** What the task role may do; nothing at first. */
    allow: (actions: readonly string[] = ssmmessages, name = "exec") =>
      iam.putRolePolicy({
        RoleName: "task",
        PolicyName: name,
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
        }),
      }),
    /** Runs a task of these containers; resolves when its agents have been judged. */
    async run(containers: readonly Partial<ContainerDefinition>[] = [{}], more: object = {}) {
      await ecs.registerTaskDefinition({
        family: "app",
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: "256",
        memory: "512",
        taskRoleArn: "arn:aws:iam::000000000000:role/task",
        executionRoleArn: "arn:aws:iam::000000000000:role/task",
        containerDefinitions: containers.map((one, at) => ({
          name: at === 0 ? "app" : `side${at}`,
          image: "public.example/app:1",
          ...one,
        })),
      });
      const { tasks } = await ecs.runTask({
        cluster: clusterName,
        taskDefinition: "app",
        launchType: "FARGATE",
        enableExecuteCommand: true,
        networkConfiguration: { awsvpcConfiguration: { subnets, assignPublicIp: "ENABLED" } },
        ...more,
      });
      const arn = tasks?.[0]?.taskArn ?? "";
      return until(async () => {
        await engine.advance(100);
        const found = await task(arn);
        const isSettled = found.containers?.every(
          ({ managedAgents }) => managedAgents?.[0]?.lastStatus !== "PENDING",
        );
        return found.lastStatus === "RUNNING" && isSettled ? found : undefined;
      });
    },
    execute: (of: Task, command: string, more: Partial<ExecuteCommandRequest> = {}) =>
      ecs.executeCommand({
        cluster: clusterName,
        task: of.taskArn,
        command,
        interactive: true,
        ...more,
      }),
    async close(): Promise<void> {
      for (const client of Object.values(clients)) client.destroy();
      await engine.stop({ removeAll: true });
      rmSync(home, { recursive: true, force: true });
    },
    /** Stops the engine in good order, tasks left as they are, and starts another. */
    async restart(): Promise<void> {
      await engine.stop({ removeAll: false });
      engine = await startEngine(readConfig(options));
      await engine.ready;
    },
  };
}

export type ExecWorld = Awaited<ReturnType<typeof openExecWorld>>;

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "ecs-tasks.amazonaws.com" },
      Action: "sts:AssumeRole",
    },
  ],
});

/** A session as somebody at a terminal has it. */
export type Sitting = {
  readonly end: Promise<SessionEnd>;
  shown(): string;
  untilShown(text: string | RegExp): Promise<void>;
  type(text: string): void;
  resize(size: TerminalSize): void;
  interrupt(): void;
};

export function enter(
  { session }: Pick<ExecuteCommandResponse, "session">,
  options: { size?: TerminalSize; makeDataKey?: SessionClientInput["makeDataKey"] } = {},
): Sitting {
  let text = "";
  let { size } = options;
  const listening = Promise.withResolvers<Parameters<LocalTerminal["listen"]>[0]>();
  const isReady = (work: (to: Parameters<LocalTerminal["listen"]>[0]) => void): void => {
    listening.promise.then(work).catch(() => {});
  };
  const terminal: LocalTerminal = {
    size: () => size,
    async show(bytes) {
      text += Buffer.from(bytes).toString("utf8");
    },
    listen(listeners) {
      listening.resolve(listeners);
      return () => {};
    },
    pauseTyping() {},
  };
  const end = runSession({
    streamUrl: session?.streamUrl ?? "",
    token: session?.tokenValue ?? "",
    terminal,
    clock: wall,
    ids: randomIds(),
    makeDataKey: options.makeDataKey ?? (() => Promise.reject(new Error("no key was expected"))),
  });
  return {
    end,
    shown: () => text,
    async untilShown(what) {
      const is = (): boolean => (typeof what === "string" ? text.includes(what) : what.test(text));
      await until(() => (is() ? true : undefined)).catch(() => {
        throw new Error(`${what} was not shown, but ${JSON.stringify(text)}`);
      });
    },
    type: (keys) => isReady((to) => to.typed(Buffer.from(keys))),
    resize(next) {
      size = next;
      isReady((to) => to.resized());
    },
    interrupt: () => isReady((to) => to.interrupted()),
  };
}
