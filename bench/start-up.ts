/**
 * From `up` to `ready`, and the memory of the engine's own processes (Docker's aside): after `ready`,
 * and with hello-fargate running. Baseline of the same run: a bare `node` process that listens.
 *
 *   npm run bench start-up
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startEngineProcess } from "../src/cli/engine-process.ts";
import { makeHello } from "../test/live/support/hello.ts";
import { clock, exec, startLiveEngine } from "../test/live/support/live-engine.ts";
import { median, report, residentMegabytes } from "./report.ts";

const rounds = 7;
const dockers = /^(dockerd|containerd|containerd-shim.*|docker-proxy|runc.*|docker-init|pause)$/;

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(
        /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, "utf8"))?.[1],
      );
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {}
  }
  return children;
}

/** The engine and what it started, HAProxy included wherever it has been reparented to. */
function engineMegabytes(pid: number, home: string): number {
  const children = childrenByParent();
  let total = residentMegabytes(pid, children, dockers);
  for (const orphan of children.get(1) ?? []) {
    try {
      const command = readFileSync(`/proc/${orphan}/cmdline`, "utf8");
      if (command.includes(home)) total += residentMegabytes(orphan, children, dockers);
    } catch {}
  }
  return total;
}

async function timeToReady(): Promise<number> {
  const home = mkdtempSync(path.join(tmpdir(), "ng-bench-"));
  const begun = clock.monotonic();
  const engine = startEngineProcess(["--state-dir", home, "--port", "0"], path.join(home, "log"));
  await engine.ready;
  const took = clock.monotonic() - begun;
  engine.stop();
  await engine.finished;
  rmSync(home, { recursive: true, force: true });
  return took;
}

async function timeOfBareNode(): Promise<number> {
  const script =
    "require('http').createServer().listen(0,()=>{console.log('ready endpoint=x');process.exit()})";
  const begun = clock.monotonic();
  await exec.run(process.execPath, ["-e", script]);
  return clock.monotonic() - begun;
}

const ready: number[] = [];
const bare: number[] = [];
for (let round = 0; round < rounds; round++) {
  ready.push(await timeToReady());
  bare.push(await timeOfBareNode());
}

await using engine = await startLiveEngine();
const { pid } = JSON.parse(readFileSync(path.join(engine.home, "endpoint.json"), "utf8"));
await clock.wallSleep(1_000);
const idle = engineMegabytes(pid, engine.home);
await makeHello(engine, "hello-bench");
await clock.wallSleep(1_000);
const loaded = engineMegabytes(pid, engine.home);
const { eventLoopDelayMs } = (await engine.health()) as unknown as {
  eventLoopDelayMs: { max: number };
};

report(`Start-up and memory (medians of ${rounds})`, [
  {
    what: "`up` to `ready`",
    value: `${median(ready).toFixed(0)} ms`,
    bound: "≤ 500 ms",
    ok: median(ready) <= 500,
  },
  { what: "bare node process that listens", value: `${median(bare).toFixed(0)} ms` },
  { what: "ratio", value: (median(ready) / median(bare)).toFixed(1) },
  {
    what: "own memory after ready",
    value: `${idle.toFixed(0)} MB`,
    bound: "≤ 90 MB",
    ok: idle <= 90,
  },
  {
    what: "own memory with hello-fargate",
    value: `${loaded.toFixed(0)} MB`,
    bound: "≤ 250 MB",
    ok: loaded <= 250,
  },
  {
    what: "longest block of the event loop meanwhile",
    value: `${eventLoopDelayMs.max.toFixed(0)} ms`,
    bound: "≤ 50 ms",
    ok: eventLoopDelayMs.max <= 50,
  },
]);
