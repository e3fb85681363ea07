/**
 * CloudWatch Logs at size, on an engine with simulated tasks: the first page of a group of a million
 * events from either end and with filters, lines taken a second by PutLogEvents, and what that does
 * to another call's times. Those are taken in turns: with no writer, with one that writes to a server
 * that throws all away (what the client itself costs), with one that writes to a second engine (the
 * same work on the same processors, only not in the engine that is asked), and with one that writes
 * to the engine itself. Also the processor time of the engine's main thread, which nothing else on
 * the machine changes.
 *
 *   npm run bench logs
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { startEngineProcess } from "../src/cli/engine-process.ts";
import { clock } from "../test/live/support/live-engine.ts";
import { type LogWriter, startLogWriter, startSink } from "./log-writer.ts";
import { median, quantile, report } from "./report.ts";

const million = 1_000_000;
const streams = 10;
const batch = 10_000;
const rounds = 15;
const windows = 20;
const windowMs = 1_000;
const wantedRate = 20_000;

async function startEngine() {
  const home = mkdtempSync(path.join(tmpdir(), "ng-bench-logs-"));
  const started = startEngineProcess(
    ["--runtime", "simulated", "--state-dir", home, "--port", "0"],
    path.join(home, "log"),
  );
  return {
    pid: started.pid,
    endpoint: new URL(await started.ready),
    home,
    async end() {
      started.stop();
      await started.finished;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const engine = await startEngine();
const agent = new Agent({ keepAlive: true });

type Answer = { readonly events?: readonly unknown[]; readonly nextToken?: string };

function call(
  service: string,
  target: string | undefined,
  body: string,
  endpoint = engine.endpoint,
): Promise<string> {
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

const logs = async (operation: string, input: object, endpoint?: URL): Promise<Answer> =>
  JSON.parse(
    (await call("logs", `Logs_20140328.${operation}`, JSON.stringify(input), endpoint)) || "{}",
  );

const identity = (): Promise<string> =>
  call("sts", undefined, "Action=GetCallerIdentity&Version=2011-06-15");

const group = { logGroupName: "bench" };
const streamOf = (at: number): string => `web/app/${at}`;

async function makeStreams(endpoint: URL): Promise<void> {
  await logs("CreateLogGroup", group, endpoint);
  for (let at = 0; at < streams; at++) {
    await logs("CreateLogStream", { ...group, logStreamName: streamOf(at) }, endpoint);
  }
}

async function fill(): Promise<number> {
  await makeStreams(engine.endpoint);
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

/** The probe's times while a writer is at work, and what it writes a second. */
async function probeBeside(writer: LogWriter): Promise<{ took: number[]; rate: number }> {
  writer.tell("go");
  await clock.wallSleep(200);
  await writer.written();
  const begun = clock.monotonic();
  const took = await probe();
  const rate = (await writer.written()) / ((clock.monotonic() - begun) / 1_000);
  writer.tell("stop");
  await clock.wallSleep(200);
  return { took, rate };
}

/** All of them in turns, so that whatever else the machine does is spread over all. */
async function compareLatency() {
  const sink = await startSink();
  const other = await startEngine();
  await makeStreams(other.endpoint);
  const writers = {
    sink: startLogWriter(sink.url, wantedRate),
    other: startLogWriter(other.endpoint.href, wantedRate),
    here: startLogWriter(engine.endpoint.href, wantedRate),
  };
  const took: Record<"idle" | keyof typeof writers, number[]> = {
    idle: [],
    sink: [],
    other: [],
    here: [],
  };
  const rates: number[] = [];
  for (const writer of Object.values(writers)) await probeBeside(writer);
  for (let turn = 0; turn < windows; turn++) {
    took.idle.push(...(await probe()));
    took.sink.push(...(await probeBeside(writers.sink)).took);
    took.other.push(...(await probeBeside(writers.other)).took);
    const here = await probeBeside(writers.here);
    took.here.push(...here.took);
    rates.push(here.rate);
  }
  await Promise.all([...Object.values(writers), sink].map((one) => one.end()));
  await other.end();
  const p99 = (of: keyof typeof took): number => quantile(took[of], 0.99);
  return { p99, ratio: p99("here") / p99("other"), rate: median(rates) };
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
const { size } = statSync(path.join(engine.home, "logs", "logs.db"));
const costs = await mainThreadCosts();
const latency = await compareLatency();
await engine.end();

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
report(
  `Ingest and the API beside it (${windows} windows of ${windowMs / 1_000} s each, in turns)`,
  [
    {
      what: "lines a second acknowledged, batches of 250",
      value: latency.rate.toFixed(0),
      bound: `≥ ${wantedRate}`,
      ok: latency.rate >= wantedRate,
    },
    { what: "GetCallerIdentity p99, no writer", value: `${latency.p99("idle").toFixed(2)} ms` },
    {
      what: "the same beside a client whose lines are thrown away",
      value: `${latency.p99("sink").toFixed(2)} ms`,
    },
    {
      what: "the same while a second engine takes the lines",
      value: `${latency.p99("other").toFixed(2)} ms`,
    },
    { what: "the same while the engine takes them", value: `${latency.p99("here").toFixed(2)} ms` },
    {
      what: "ratio of the last two",
      value: latency.ratio.toFixed(2),
      bound: "≤ 1.25",
      ok: latency.ratio <= 1.25,
    },
  ],
);
