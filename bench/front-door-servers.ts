/**
 * The three servers that the front door's bench compares, each a process of its own: the engine, with a
 * user whose key is real and whose policy allows no more than the calls; moto_server, with the same; and
 * a bare Node server that parses and answers JSON.
 */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { startEngineProcess } from "../src/cli/engine-process.ts";
import type { Clock } from "../src/seams/clock.ts";
import type { Exec } from "../src/seams/exec.ts";
import { type Key, roleName } from "./signed-requests.ts";

export type ServerProcess = {
  readonly port: number;
  readonly pid: number;
  /** With which its requests are signed. */
  readonly key: Key;
  stop(): Promise<void>;
};

// Each in a session of its own, as the engine is: the kernel shares processors out by session.
const alone = { detached: true, output: "ignore" } as const;

type Tools = { readonly exec: Exec; readonly clock: Clock };

/** With simulated tasks: no request of the bench is about one. */
export async function startEngine(): Promise<ServerProcess> {
  const port = await freePort();
  const home = mkdtempSync(path.join(tmpdir(), "ng-bench-"));
  const args = ["--runtime", "simulated", "--state-dir", home, "--port", String(port)];
  const engine = startEngineProcess(args, path.join(home, "log"));
  await engine.ready;
  return started(port, engine.pid, async () => {
    engine.stop();
    await engine.finished;
    rmSync(home, { recursive: true, force: true });
  });
}

/** As it is shipped, which neither verifies signatures nor evaluates policies. */
export async function startMoto(program: string, tools: Tools): Promise<ServerProcess> {
  const port = await freePort();
  const child = tools.exec.start(program, ["-p", String(port)], alone);
  await untilItListens(port, tools.clock);
  return started(port, child.pid ?? -1, () => end(child));
}

const bareScript = (port: number): string => `
require("node:http").createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
    const { Action } = JSON.parse(Buffer.concat(chunks).toString());
    const body = JSON.stringify({ Account: "000000000000", Action });
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    });
    response.end(body);
  });
}).listen(${port}, "127.0.0.1");`;

export async function startBare(key: Key, { exec, clock }: Tools): Promise<ServerProcess> {
  const port = await freePort();
  const child = exec.start(process.execPath, ["-e", bareScript(port)], alone);
  await untilItListens(port, clock);
  return { port, pid: child.pid ?? -1, key, stop: () => end(child) };
}

/** Nothing is left running when the server does not take what is asked of it. */
async function started(
  port: number,
  pid: number,
  stop: () => Promise<void>,
): Promise<ServerProcess> {
  try {
    return { port, pid, key: await makeUser(port), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A role to ask for, and a user who may make the calls and nothing else. */
async function makeUser(port: number): Promise<Key> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const iam = new IAMClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials,
  });
  const [RoleName, UserName] = [roleName, "bench-caller"];
  const AssumeRolePolicyDocument = policy({
    Principal: { Service: "ecs-tasks.amazonaws.com" },
    Action: "sts:AssumeRole",
  });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  await iam.send(new CreateUserCommand({ UserName }));
  const Action = ["sts:GetCallerIdentity", "iam:GetRole", "ec2:DescribeSubnets"];
  const PolicyDocument = policy({ Action, Resource: "*" });
  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: "bench-calls", PolicyDocument }),
  );
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: Policy?.Arn }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  iam.destroy();
  const { AccessKeyId = "", SecretAccessKey = "" } = AccessKey ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
}

const policy = (statement: object): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });

async function untilItListens(port: number, clock: Clock): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "{}" }).catch(
      () => undefined,
    );
    await answer?.text();
    if (answer) return;
    await clock.wallSleep(100);
  }
  throw new Error(`nothing answers on port ${port}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("close", () => resolve());
    child.kill();
  });
}
