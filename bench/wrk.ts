/** Load from a process of its own: `wrk`, sending requests that were made before, one after the other. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Exec } from "../src/seams/exec.ts";

export type Measured = {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor that the server took for a request, all its threads together. */
  readonly cpu: number;
};

export type Load = {
  readonly connections: number;
  readonly seconds: number;
};

// The requests stand in a file, apart from each other by a byte that none of them holds.
const script = (requests: string): string => `
local requests, at = {}, 0
function init()
  for request in io.open("${requests}", "rb"):read("*a"):gmatch("[^%z]+") do
    requests[#requests + 1] = request
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\nresult {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"failed":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
`;

/** Throws when any request is not answered with success. */
export async function runWrk(
  exec: Exec,
  { port, pid }: { readonly port: number; readonly pid: number },
  requests: readonly string[],
  { connections, seconds }: Load,
): Promise<Measured> {
  const directory = mkdtempSync(path.join(tmpdir(), "ng-wrk-"));
  try {
    const held = path.join(directory, "requests");
    const lua = path.join(directory, "load.lua");
    writeFileSync(held, requests.join("\0"));
    writeFileSync(lua, script(held));
    const sizes = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "60s"];
    const before = processorMicroseconds(pid);
    const { stdout } = await exec.run("wrk", [...sizes, "-s", lua, `http://127.0.0.1:${port}/`]);
    return readResult(stdout, port, processorMicroseconds(pid) - before);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

type Said = Readonly<Record<"requests" | "microseconds" | "p50" | "p99" | "failed", number>>;

// Linux tells times of processes in hundredths of a second, whatever its own tick is.
const tickMicroseconds = 10_000;

/** What a process has used of the processors so far, in the kernel too, threads that ended included. */
function processorMicroseconds(pid: number): number {
  const told = readFileSync(`/proc/${pid}/stat`, "utf8");
  // After the name, which may hold anything: state is the first field, user and system time the 12th and 13th.
  const fields = told.slice(told.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMicroseconds;
}

function readResult(said: string, port: number, used: number): Measured {
  const text = /^result (\{.*\})$/m.exec(said)?.[1];
  if (text === undefined) throw new Error(`wrk said: ${said}`);
  const { requests, microseconds, p50, p99, failed } = JSON.parse(text) as Said;
  if (failed > 0) throw new Error(`${failed} of ${requests} requests to port ${port} failed`);
  const perSecond = requests / (microseconds / 1e6);
  return { perSecond, p50: p50 / 1_000, p99: p99 / 1_000, cpu: used / requests };
}
