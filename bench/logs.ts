/**
 * CloudWatch Logs at size, on an engine with simulated tasks: the first page of a group of a million
 * events from either end and with filters, lines taken a second by PutLogEvents, and what that does
 * to another call's times: in turns with no writer, with one that writes to a server that throws all
 * away (what two processors cost by themselves), and with one that writes to the engine. Also the
 * processor time of the engine's main thread, which nothing else on the machine changes.
 *
 *   npm run bench logs
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { startEngineProcess } from "../src/cli/engine-process.ts";
import { clock } from "../test/live/support/live-engine.ts";
import { median, quantile, report } from "./report.ts";

const million = 1_000_000;
const streams = 10;
const batch = 10_000;
const rounds = 15;
const windows = 7;
const windowMs = 3_000;
const wantedRate = 20_000;

const home = mkdtempSync(path.join(tmpdir(), "ng-bench-logs-"));
const engine = startEngineProcess(
  ["--runtime", "simulated", "--state-dir", home, "--port", "0"],
  path.join(home, "log"),
);
const endpoint = new URL(await engine.ready);
const agent = new Agent({ keepAlive: true });

type Answer = { readonly events?: readonly unknown[]; readonly nextToken?: string };

function call(service: string, target: string | undefined, body: string): Promise<string> {
  const credential = `Credential=test/20260101/us-east-1/${service}/aws4_request`;
  const headers = {
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`,
    "content-type": target ? "application/x-amz-json-1.1" : "application/x-www-form-urlencoded",
    "content-length": Buffer.byteLength(body),
    ...(target && { "x-amz-target": target }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(text)),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const logs = async (operation: string, input: object): Promise<Answer> =>
  JSON.parse((await call("logs", `Logs_20140328.${operation}`, JSON.stringify(input))) || "{}");

const identity = (): Promise<string> =>
  call("sts", undefined, "Action=GetCallerIdentity&Version=2011-06-15");

const group = { logGroupName: "bench" };
const streamOf = (at: number): string => `web/app/${at}`;

async function fill(): Promise<number> {
  await logs("CreateLogGroup", group);
  for (let at = 0; at < streams; at++) {
    await logs("CreateLogStream", { ...group, logStreamName: streamOf(at) });
  }
  const first = clock.now() - 10 * 3_600_000;
  const begun = clock.monotonic();
  for (let at = 0; at < million / batch; at++) {
    const logEvents = Array.from({ length: batch }, (_, event) => {
      const n = at * batch + event;
      const message = n === million / 2 ? "the needle" : `{"n":${n},"level":"info","path":"/a/b"}`;
      return { timestamp: first + Math.floor(n / 50), message };
    });
    await logs("PutLogEvents", { ...group, logStreamName: streamOf(at % streams), logEvents });
  }
  return (million / (clock.monotonic() - begun)) * 1_000;
}

async function time(operation: string, input: object): Promise<{ ms: number; answer: Answer }> {
  const took: number[] = [];
  let answer: Answer = {};
  for (let round = 0; round < rounds; round++) {
    const begun = clock.monotonic();
    answer = await logs(operation, { ...group, ...input });
    took.push(clock.monotonic() - begun);
  }
  return { ms: median(took), answer };
}

/** How long a search takes in all when the client follows its tokens. */
async function timeWhole(input: object): Promise<{ ms: number; pages: number; found: number }> {
  const begun = clock.monotonic();
  let pages = 0;
  let found = 0;
  let nextToken: string | undefined;
  do {
    const page = await logs("FilterLogEvents", { ...group, ...input, nextToken });
    pages += 1;
    found += page.events?.length ?? 0;
    nextToken = page.nextToken;
  } while (nextToken);
  return { ms: clock.monotonic() - begun, pages, found };
}

/** Calls one after the other for a while; the times they took. */
async function probe(): Promise<number[]> {
  const took: number[] = [];
  const end = clock.monotonic() + windowMs;
  while (clock.monotonic() < end) {
    const begun = clock.monotonic();
    await identity();
    took.push(clock.monotonic() - begun);
    await clock.wallSleep(2);
  }
  return took;
}

/** Processor time of the engine's main thread so far, in milliseconds; Linux only. */
function mainThreadMs(): number {
  const [nanoseconds] = readFileSync(`/proc/${engine.pid}/task/${engine.pid}/schedstat`, "utf8")
    .split(" ")
    .map(Number);
  return (nanoseconds ?? 0) / 1e6;
}

/** What one of many calls takes of it. */
async function costOf(count: number, work: () => Promise<unknown>): Promise<number> {
  for (let turn = 0; turn < count / 4; turn++) await work();
  const before = mainThreadMs();
  for (let turn = 0; turn < count; turn++) await work();
  return (mainThreadMs() - before) / count;
}

async function mainThreadCosts() {
  const message =
    "GET /orders/17 200 12 ms 3456 bytes from 10.0.3.17 by user 4711 and so on, as lines are";
  const put = () => {
    const timestamp = clock.now();
    const logEvents = Array.from({ length: 250 }, () => ({ timestamp, message }));
    return logs("PutLogEvents", { ...group, logStreamName: streamOf(0), logEvents });
  };
  return {
    identity: await costOf(400, identity),
    put: await costOf(400, put),
    page: await costOf(40, () => logs("FilterLogEvents", group)),
  };
}

/** A server on a thread of its own that reads what comes and keeps nothing. */
async function startSink(): Promise<{ readonly url: string; end(): Promise<number> }> {
  const script = `
    const { parentPort } = require("node:worker_threads");
    const { createServer } = require("node:http");
    const server = createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => { Buffer.concat(parts); response.end("{}"); });
    });
    server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`;
  const worker = new Worker(script, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once("message", resolve));
  return { url: `http://127.0.0.1:${port}/`, end: () => worker.terminate() };
}

/** Writes lines from a thread of its own, at the wanted rate, while it is told to. */
function startWriter(url: string) {
  const script = `
    const { parentPort, workerData } = require("node:worker_threads");
    const { Agent, request } = require("node:http");
    const { endpoint, rate, lines, headers } = workerData;
    const agent = new Agent({ keepAlive: true });
    let on = false, written = 0, busy = 0;
    const line = "GET /orders/17 200 12 ms 3456 bytes from 10.0.3.17 by user 4711 and so on, as lines are";
    const put = (stream) => {
      const timestamp = Date.now();
      const logEvents = Array.from({ length: lines }, () => ({ timestamp, message: line }));
      const body = JSON.stringify({ logGroupName: "bench", logStreamName: stream, logEvents });
      busy += 1;
      const sent = request(endpoint, { method: "POST", agent, headers: { ...headers,
        "content-length": Buffer.byteLength(body) } }, (response) => {
        response.resume();
        response.on("end", () => { busy -= 1; if (response.statusCode === 200) written += lines; });
      });
      sent.on("error", () => { busy -= 1; });
      sent.end(body);
    };
    let turn = 0;
    setInterval(() => { if (on && busy < 8) put("web/app/" + (turn++ % 10)); }, 1000 * lines / rate);
    parentPort.on("message", (message) => {
      if (message === "report") { parentPort.postMessage(written); written = 0; }
      else on = message === "go";
    });`;
  const worker = new Worker(script, {
    eval: true,
    workerData: {
      endpoint: url,
      rate: wantedRate * 1.05,
      lines: 250,
      headers: {
        authorization:
          "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0",
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "Logs_20140328.PutLogEvents",
      },
    },
  });
  return {
    tell: (what: "go" | "stop") => worker.postMessage(what),
    written: () =>
      new Promise<number>((resolve) => {
        worker.once("message", resolve);
        worker.postMessage("report");
      }),
    end: () => worker.terminate(),
  };
}

type Writer = ReturnType<typeof startWriter>;

/** The probe's 99th percentile while a writer is at work, and what it writes a second. */
async function probeBeside(writer: Writer): Promise<{ p99: number; rate: number }> {
  writer.tell("go");
  await clock.wallSleep(300);
  await writer.written();
  const begun = clock.monotonic();
  const p99 = quantile(await probe(), 0.99);
  const rate = (await writer.written()) / ((clock.monotonic() - begun) / 1_000);
  writer.tell("stop");
  await clock.wallSleep(300);
  return { p99, rate };
}

async function compareLatency() {
  const sink = await startSink();
  const [elsewhere, here] = [startWriter(sink.url), startWriter(endpoint.href)];
  const idle: number[] = [];
  const beside: number[] = [];
  const loaded: number[] = [];
  const rates: number[] = [];
  await probe();
  for (let turn = 0; turn < windows; turn++) {
    idle.push(quantile(await probe(), 0.99));
    beside.push((await probeBeside(elsewhere)).p99);
    const { p99, rate } = await probeBeside(here);
    loaded.push(p99);
    rates.push(rate);
  }
  await Promise.all([elsewhere.end(), here.end(), sink.end()]);
  return {
    idle: median(idle),
    beside: median(beside),
    loaded: median(loaded),
    rate: median(rates),
  };
}

const filled = await fill();
const one = { logStreamName: streamOf(3) };
const pages = {
  "GetLogEvents, 100 from the head": await time("GetLogEvents", {
    ...one,
    startFromHead: true,
    limit: 100,
  }),
  "GetLogEvents, 100 from the tail": await time("GetLogEvents", { ...one, limit: 100 }),
  "GetLogEvents, a full page (10,000 events) from the tail": await time("GetLogEvents", one),
  "FilterLogEvents, 100 of the group": await time("FilterLogEvents", { limit: 100 }),
  "FilterLogEvents, the last minute": await time("FilterLogEvents", {
    startTime: clock.now() - 10 * 3_600_000 + million / 50 - 60_000,
    limit: 100,
  }),
  "FilterLogEvents, a full page (10,000 events)": await time("FilterLogEvents", {}),
  "FilterLogEvents, a rare term, first page": await time("FilterLogEvents", {
    filterPattern: "needle",
  }),
  "FilterLogEvents, a rare JSON condition, first page": await time("FilterLogEvents", {
    filterPattern: "{ $.n = 999999 }",
  }),
};
const term = await timeWhole({ filterPattern: "needle" });
const { size } = statSync(path.join(home, "logs", "logs.db"));
const costs = await mainThreadCosts();
const latency = await compareLatency();
engine.stop();
await engine.finished;
rmSync(home, { recursive: true, force: true });

report(
  `Logs: ${million.toLocaleString("en")} events in ${streams} streams (medians of ${rounds})`,
  [
    ...Object.entries(pages).map(([what, { ms, answer }]) => ({
      what: `${what}: ${answer.events?.length ?? 0} found`,
      value: `${ms.toFixed(1)} ms`,
      bound: "≤ 50 ms",
      ok: ms <= 50,
    })),
    {
      what: `the rare term, all ${term.pages} pages: ${term.found} found`,
      value: `${term.ms.toFixed(0)} ms`,
    },
    { what: "disk", value: `${(size / million).toFixed(0)} bytes an event` },
    { what: "one writer, batches of 10,000", value: `${filled.toFixed(0)} lines/s` },
  ],
);
const putRatio = costs.put / costs.identity;
report("Processor time of the engine's main thread, a call", [
  { what: "GetCallerIdentity", value: `${costs.identity.toFixed(2)} ms` },
  { what: "PutLogEvents of 250 lines (31 KB)", value: `${costs.put.toFixed(2)} ms` },
  {
    what: "ratio of the two",
    value: putRatio.toFixed(2),
    bound: "≤ 3.0",
    ok: putRatio <= 3,
  },
  {
    what: "FilterLogEvents, a full page (10,000 events, 2 MB)",
    value: `${costs.page.toFixed(2)} ms`,
  },
]);
report(`Ingest and the API beside it (medians of ${windows} windows of ${windowMs / 1_000} s)`, [
  {
    what: "lines a second acknowledged, batches of 250",
    value: latency.rate.toFixed(0),
    bound: `≥ ${wantedRate}`,
    ok: latency.rate >= wantedRate,
  },
  { what: "GetCallerIdentity p99, idle", value: `${latency.idle.toFixed(2)} ms` },
  {
    what: "the same beside a writer whose lines are thrown away",
    value: `${latency.beside.toFixed(2)} ms`,
  },
  { what: "the same while the engine takes the lines", value: `${latency.loaded.toFixed(2)} ms` },
  {
    what: "ratio of the last two",
    value: (latency.loaded / latency.beside).toFixed(2),
    bound: "≤ 3.0",
    ok: latency.loaded / latency.beside <= 3,
  },
]);
