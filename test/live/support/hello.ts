/** The hello-fargate stack in a live engine, by the demo's list, and questions about it. */
import http from "node:http";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  type Service,
  type Task,
} from "@aws-sdk/client-ecs";
import {
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type TargetHealthDescription,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAMClient } from "@aws-sdk/client-iam";
import { buildAndLoad, pushImage } from "../../../src/cli/demo/image.ts";
import type { Clients, Made } from "../../../src/cli/demo/resource.ts";
import { helloFargate, makeResources } from "../../../src/cli/demo/stack.ts";
import { type LiveEngine, region, until } from "./live-engine.ts";

export type Hello = {
  readonly name: string;
  readonly clients: Clients;
  readonly made: Made;
  readonly url: string;
  service(): Promise<Service>;
  tasks(desiredStatus?: "RUNNING" | "STOPPED"): Promise<Task[]>;
  targets(): Promise<TargetHealthDescription[]>;
  untilSteady(withinMs: number): Promise<void>;
};

export function clientsOf(engine: { readonly endpoint: string }, account = "test"): Clients {
  const config = {
    endpoint: engine.endpoint,
    region,
    credentials: { accessKeyId: account, secretAccessKey: "test" },
    maxAttempts: 1,
  };
  return {
    ec2: new EC2Client(config),
    ecs: new ECSClient(config),
    ecr: new ECRClient(config),
    elb: new ElasticLoadBalancingV2Client(config),
    iam: new IAMClient(config),
    logs: new CloudWatchLogsClient(config),
  };
}

/** Makes the stack; with `push` also its image, and waits until it is steady. */
export async function makeHello(engine: LiveEngine, name: string, push = true): Promise<Hello> {
  const clients = clientsOf(engine);
  const settings = { name, region, port: 80, imageTag: "v1" };
  const made = await makeResources(helloFargate(settings), clients, () => {});
  const answer = await clients.elb.send(new DescribeLoadBalancersCommand({ Names: [name] }));
  const hello: Hello = {
    name,
    clients,
    made,
    url: `http://${answer.LoadBalancers?.[0]?.DNSName}/`,
    async service() {
      const { services } = await clients.ecs.send(
        new DescribeServicesCommand({ cluster: name, services: [name] }),
      );
      const [service] = services ?? [];
      if (!service) throw new Error(`no service ${name}`);
      return service;
    },
    async tasks(desiredStatus = "RUNNING") {
      const { taskArns } = await clients.ecs.send(
        new ListTasksCommand({ cluster: name, desiredStatus }),
      );
      if (!taskArns?.length) return [];
      const { tasks } = await clients.ecs.send(
        new DescribeTasksCommand({ cluster: name, tasks: taskArns }),
      );
      return tasks ?? [];
    },
    async targets() {
      const TargetGroupArn = made.id("aws_lb_target_group.app");
      const health = await clients.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return health.TargetHealthDescriptions ?? [];
    },
    untilSteady: (withinMs) => untilSteady(hello, withinMs),
  };
  if (push) {
    await pushHello(engine, hello);
    await hello.untilSteady(60_000);
  }
  return hello;
}

async function pushHello(engine: LiveEngine, hello: Hello): Promise<void> {
  const tag = `${hello.made.id("aws_ecr_repository.app")}:v1`;
  const environment = await engine.environment();
  await buildAndLoad(tag, environment, engine.home);
  const { authorizationData } = await hello.clients.ecr.send(new GetAuthorizationTokenCommand({}));
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
  await pushImage(tag, token.replace(/^AWS:/, ""), environment);
}

async function untilSteady(hello: Hello, withinMs: number): Promise<void> {
  await until(`service ${hello.name} is steady`, withinMs, async () => {
    const { deployments = [], runningCount, desiredCount } = await hello.service();
    return (
      deployments.length === 1 &&
      deployments[0]?.rolloutState === "COMPLETED" &&
      runningCount === desiredCount
    );
  });
}

export type Answer = { status: number; body: string; headers: http.IncomingHttpHeaders };

/** A GET from the host by a `*.localhost` name, which Node does not resolve by itself. */
export function get(url: string, timeoutMs = 30_000): Promise<Answer> {
  const { host, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = http.get(
      {
        host: "127.0.0.1",
        port: port || 80,
        path: pathname + search,
        headers: { host },
        agent: false,
        timeout: timeoutMs,
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (part: string) => (body += part));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
        );
        response.on("error", reject);
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("timed out")));
    outgoing.on("error", reject);
  });
}

/** The id of the task that wrote an answer of the hello service. */
export const taskOf = (answer: Answer): string | undefined =>
  /^Hello from task (\w+)/.exec(answer.body)?.[1];

export const idOf = (task: Task): string => task.taskArn?.split("/").at(-1) ?? "";

export const detail = (task: Task, name: string): string | undefined =>
  task.attachments?.[0]?.details?.find((one) => one.name === name)?.value;
