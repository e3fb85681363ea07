/**
 * Requests per second and how long they take, signed: the front door against `moto_server` and against a
 * bare Node server that parses and answers JSON. Each in a process of its own, one load at a time.
 *
 *   npm run bench front-door
 *
 * `NEARGATE_MOTO` is the path of `moto_server` (`pip install 'moto[server]'`); its column is left out,
 * and said to be, without it.
 */
import type { ChildProcess } from "node:child_process";
import { Agent, request as httpRequest } from "node:http";
import { createServer } from "node:net";
import { startEngineProcess } from "../src/cli/engine-process.ts";
import { realClock } from "../src/seams/clock.ts";
import { processExec } from "../src/seams/exec.ts";
import { median, quantile, type Row, report } from "./report.ts";

const clock = realClock();
const exec = processExec();
const connections = 16;
const secondsPerRound = 3;
const rounds = 3;

type Call = { readonly name: string; readonly service: string; readonly body: string };

const trust = encodeURIComponent(
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
);
const createRole: Call = {
  name: "CreateRole",
  service: "iam",
  body: `Action=CreateRole&Version=2010-05-08&RoleName=bench&AssumeRolePolicyDocument=${trust}`,
};
const calls: readonly Call[] = [
  {
    name: "GetCallerIdentity",
    service: "sts",
    body: "Action=GetCallerIdentity&Version=2011-06-15",
  },
  { name: "GetRole", service: "iam", body: "Action=GetRole&Version=2010-05-08&RoleName=bench" },
  { name: "DescribeSubnets", service: "ec2", body: "Action=DescribeSubnets&Version=2016-11-15" },
];

type Measured = { readonly perSecond: number; readonly p50: number; readonly p99: number };

function headersOf({ service, body }: Call, port: number) {
  return {
    host: `127.0.0.1:${port}`,
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "x-amz-date": "20260101T000000Z",
    authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=${"0".repeat(64)}`,
  };
}

function send(call: Call, port: number, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      method: "POST",
      agent,
      headers: headersOf(call, port),
    };
    const request = httpRequest(options, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    request.on("error", reject).end(call.body);
  });
}

async function measureRound(call: Call, port: number): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const took: number[] = [];
  const until = clock.monotonic() + secondsPerRound * 1_000;
  const client = async (): Promise<void> => {
    while (clock.monotonic() < until) {
      const begun = clock.monotonic();
      const status = await send(call, port, agent);
      if (status !== 200) throw new Error(`${call.name} at ${port}: status ${status}`);
      took.push(clock.monotonic() - begun);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  return { perSecond: took.length / secondsPerRound, p50: median(took), p99: quantile(took, 0.99) };
}

function middle(all: readonly Measured[]): Measured {
  const of = (pick: (each: Measured) => number): number => median(all.map(pick));
  return { perSecond: of((m) => m.perSecond), p50: of((m) => m.p50), p99: of((m) => m.p99) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

const bareScript = (port: number): string => `
require("http").createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
    const asked = JSON.parse(JSON.stringify({ body: Buffer.concat(chunks).toString() }));
    const body = JSON.stringify({ Account: "000000000000", asked: asked.body.length });
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.end(body);
  });
}).listen(${port}, "127.0.0.1");`;

async function answers(port: number): Promise<void> {
  const agent = new Agent();
  for (let tries = 0; tries < 100; tries++) {
    const first = calls[0];
    if (first && (await send(first, port, agent).catch(() => 0)) === 200) return;
    await clock.wallSleep(200);
  }
  throw new Error(`nothing answers on port ${port}`);
}

async function startBare(): Promise<{ port: number; process: ChildProcess }> {
  const port = await freePort();
  return {
    port,
    process: exec.start(process.execPath, ["-e", bareScript(port)], { output: "ignore" }),
  };
}

async function startMoto(): Promise<{ port: number; process: ChildProcess } | undefined> {
  const program = process.env["NEARGATE_MOTO"];
  if (program === undefined) {
    process.stdout.write("\nNO COLUMN FOR MOTO: NEARGATE_MOTO does not name a moto_server\n");
    return undefined;
  }
  const port = await freePort();
  return { port, process: exec.start(program, ["-p", String(port)], { output: "ignore" }) };
}

const show = ({ perSecond, p50, p99 }: Measured): string =>
  `${Math.round(perSecond)}/s, ${p50.toFixed(1)} / ${p99.toFixed(1)} ms`;

const enginePort = await freePort();
const log = `/tmp/neargate-bench-${enginePort}.log`;
const engine = startEngineProcess(["--runtime", "simulated", "--port", String(enginePort)], log);
await engine.ready;
const [bare, moto] = [await startBare(), await startMoto()];
try {
  const ports = [enginePort, bare.port, ...(moto ? [moto.port] : [])];
  for (const port of ports) await answers(port);
  for (const port of ports) if (port !== bare.port) await send(createRole, port, new Agent());
  const rows: Row[] = [];
  for (const call of calls) {
    const all = new Map(ports.map((port) => [port, [] as Measured[]]));
    // In turns, so that what else the machine does falls on each.
    for (let round = 0; round <= rounds; round++) {
      for (const port of ports) {
        const measured = await measureRound(call, port);
        if (round > 0) all.get(port)?.push(measured);
      }
    }
    const [ours, theirs] = [middle(all.get(enginePort) ?? []), middle(all.get(bare.port) ?? [])];
    const ratio = ours.perSecond / theirs.perSecond;
    rows.push({ what: `${call.name}, requests, p50 / p99`, value: show(ours) });
    rows.push({ what: "- bare Node server", value: show(theirs) });
    rows.push({
      what: "- of the bare server",
      value: `${ratio.toFixed(2)} ×`,
      bound: "≥ 0.4 ×",
      ok: ratio >= 0.4,
    });
    if (!moto) continue;
    const other = middle(all.get(moto.port) ?? []);
    const times = other.perSecond > 0 ? ours.perSecond / other.perSecond : Number.NaN;
    rows.push({ what: "- moto_server", value: show(other) });
    rows.push({
      what: "- of moto_server",
      value: `${times.toFixed(1)} ×`,
      bound: "≥ 8 ×",
      ok: times >= 8,
    });
  }
  report(`The front door (medians of ${rounds}, ${connections} connections, two processors)`, rows);
} finally {
  engine.stop();
  bare.process.kill();
  moto?.process.kill();
  await engine.finished;
}
