/**
 * `neargate demo`: an engine of its own, the hello-fargate stack made with the AWS SDK, and requests
 * through the balancer until both tasks have answered.
 */
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAMClient } from "@aws-sdk/client-iam";
import { realClock } from "../../seams/clock.ts";
import { type Command, CommandError, type CommandIo } from "../command.ts";
import { engineClient } from "../engine-client.ts";
import { type EngineProcess, startEngineProcess } from "../engine-process.ts";
import { buildAndLoad, type DockerEnvironment, pushImage } from "./image.ts";
import { type Clients, type Made, need, type Settings } from "./resource.ts";
import { helloFargate, makeResources } from "./stack.ts";
import { createSteps, type Steps } from "./steps.ts";

const clock = realClock();
const settings: Settings = {
  name: "hello-demo",
  region: "ap-northeast-1",
  port: 80,
  imageTag: "v1",
};
const steadyWithinMs = 120_000;

export const demo: Command = {
  name: "demo",
  summary: "Run a whole service in an engine of its own: two tasks behind a load balancer.",
  usage: "demo [options]",
  options: {
    once: { type: "boolean", help: "end when both tasks have answered" },
    port: {
      type: "string",
      value: "<n>",
      help: "port of the engine (default: 4566 if free, else any)",
    },
  },
  async run(input, io) {
    const home = mkdtempSync(path.join(tmpdir(), "neargate-demo-"));
    const interrupted = new AbortController();
    const onSignal = (): void => interrupted.abort(new CommandError("interrupted"));
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
    const steps = createSteps(io, clock.monotonic);
    let engine: EngineProcess | undefined;
    try {
      const port =
        typeof input.options["port"] === "string" ? input.options["port"] : await choosePort();
      const started = await startEngine(steps, home, port);
      engine = started.engine;
      await untilAborted(interrupted.signal, runStack(steps, io, home, started));
      report(io, steps, started.endpoint);
      if (!input.options["once"]) {
        io.out("\nIt stays up until Ctrl-C.");
        await clock.wallSleep(2 ** 50, interrupted.signal).catch(() => {});
      }
      return 0;
    } catch (error) {
      if (!interrupted.signal.aborted) throw error;
      return 130;
    } finally {
      await takeDown(steps, engine, home);
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    }
  },
};

type Started = { engine: EngineProcess; endpoint: string; docker: DockerEnvironment };

async function choosePort(): Promise<string> {
  const free = await new Promise<boolean>((resolve) => {
    const probe = createServer().once("error", () => resolve(false));
    probe.listen(4566, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
  return free ? "4566" : "0";
}

async function startEngine(steps: Steps, home: string, port: string): Promise<Started> {
  const { engine, endpoint } = await steps.run("start the engine", async () => {
    const args = ["--state-dir", home, "--port", port, "--region", settings.region];
    const started = startEngineProcess(args, path.join(home, "engine.log"));
    return { engine: started, endpoint: await started.ready };
  });
  const docker = await steps.run("wait for the container runtime", () => runtimeReady(endpoint));
  return { engine, endpoint, docker };
}

async function runtimeReady(endpoint: string): Promise<DockerEnvironment> {
  const client = engineClient(endpoint);
  for (;;) {
    const health = (await client.get("health")) as { components: Record<string, string> };
    const failed = Object.entries(health.components).find(([, state]) =>
      state.startsWith("failed"),
    );
    if (failed) throw new CommandError(`${failed[0]} ${failed[1]}`);
    if (Object.values(health.components).every((state) => state === "ready")) break;
    await clock.wallSleep(50);
  }
  const { variables } = (await client.get("env")) as { variables: Record<string, string> };
  const host = variables["DOCKER_HOST"];
  return host === undefined ? {} : { DOCKER_HOST: host };
}

async function runStack(
  steps: Steps,
  io: CommandIo,
  home: string,
  started: Started,
): Promise<void> {
  const clients = makeClients(started.endpoint);
  const resources = helloFargate(settings);
  const made = await steps.run(`make ${resources.length} resources`, (note) =>
    makeResources(resources, clients, (resource, id) =>
      note(`${`${resource.type}.${resource.name}`.padEnd(42)} ${id}`),
    ),
  );
  const tag = `${made.id("aws_ecr_repository.app")}:${settings.imageTag}`;
  const config = { ...started.docker, DOCKER_CONFIG: path.join(home, "docker-client") };
  await steps.run("build the image", () => buildAndLoad(tag, config, home));
  await steps.run("push the image", async () =>
    pushImage(tag, await loginPassword(clients), config),
  );
  await steps.run("wait until the service is steady", (note) => steady(clients, made, note));
  const url = await urlOf(clients, made);
  await steps.run("ask until both tasks have answered", (note) => bothAnswer(url, note));
  io.out(`\nThe service answers at ${url}`);
}

function makeClients(endpoint: string): Clients {
  const config = {
    endpoint,
    region: settings.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
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

async function loginPassword({ ecr }: Clients): Promise<string> {
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const token = need(authorizationData?.[0]?.authorizationToken, "authorizationToken");
  return Buffer.from(token, "base64").toString("utf8").replace(/^AWS:/, "");
}

async function steady({ ecs }: Clients, made: Made, note: (text: string) => void): Promise<void> {
  const cluster = made.id("aws_ecs_cluster.main");
  const services = [made.id("aws_ecs_service.app")];
  const said = new Set<string>();
  const deadline = clock.monotonic() + steadyWithinMs;
  for (;;) {
    const answer = await ecs.send(new DescribeServicesCommand({ cluster, services }));
    const [service] = answer.services ?? [];
    for (const event of (service?.events ?? []).toReversed()) {
      if (said.has(event.id ?? "")) continue;
      said.add(event.id ?? "");
      note(event.message ?? "");
    }
    const [deployment, ...others] = service?.deployments ?? [];
    if (deployment?.rolloutState === "COMPLETED" && others.length === 0) return;
    if (clock.monotonic() > deadline) throw new CommandError("the service did not become steady");
    await clock.wallSleep(100);
  }
}

async function urlOf({ elb }: Clients, made: Made): Promise<string> {
  const LoadBalancerArns = [made.id("aws_lb.main")];
  const answer = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns }));
  return `http://${need(answer.LoadBalancers?.[0]?.DNSName, "DNSName")}/`;
}

async function bothAnswer(url: string, note: (text: string) => void): Promise<void> {
  const tasks = new Set<string>();
  const deadline = clock.monotonic() + steadyWithinMs;
  while (tasks.size < 2) {
    const text = await request(url).catch((error: Error) => error.message);
    const task = /^Hello from task (\w+)/.exec(text)?.[1];
    if (task && !tasks.has(task)) note(text.split("\n").slice(0, 3).join(", "));
    if (task) tasks.add(task);
    if (clock.monotonic() > deadline) throw new CommandError(`only ${tasks.size} tasks answered`);
    await clock.wallSleep(20);
  }
}

/** Node does not resolve `*.localhost` by itself: connect to loopback, name the host in the request. */
function request(url: string): Promise<string> {
  const { host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: port || 80, headers: { host }, timeout: 5_000 };
    const outgoing = http.get(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve(text));
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer")));
    outgoing.on("error", reject);
  });
}

function report(io: CommandIo, steps: Steps, endpoint: string): void {
  const lines = [
    "",
    "Look around:",
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=${settings.region} AWS_DEFAULT_REGION=${settings.region}`,
    `  aws ecs describe-services --cluster ${settings.name} --services ${settings.name}`,
    `  aws logs tail /ecs/${settings.name}`,
    `  bin/neargate status --endpoint ${endpoint}`,
    "",
    "How long each step took:",
    ...steps
      .summary()
      .map(({ title, seconds }) => `  ${title.padEnd(40)} ${seconds.toFixed(1).padStart(5)} s`),
  ];
  io.out(lines.join("\n"));
}

async function takeDown(
  steps: Steps,
  engine: EngineProcess | undefined,
  home: string,
): Promise<void> {
  if (engine) {
    await steps.run("take everything down", async () => {
      engine.stop();
      await engine.finished;
    });
  }
  rmSync(home, { recursive: true, force: true });
}

function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, aborted]);
}
