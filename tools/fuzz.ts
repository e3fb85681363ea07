/**
 * Hostile requests for as long as one likes; the part of it that runs with every test is
 * `src/gateway/fuzz.test.ts`.
 *
 *     npm run fuzz                    100 000 requests of a new seed
 *     npm run fuzz 500000 42          so many, of this seed
 *     npm run fuzz sockets 100000     so many over connections, cut off, mixed up and wrong about themselves
 *     npm run fuzz round-trip 50      every operation of every client package, 50 times there and back
 */

import { processExec } from "../src/seams/exec.ts";
import { randomIds } from "../src/seams/ids.ts";
import { fuzzServices } from "../test/builders/fuzz-run.ts";
import { fuzzSockets } from "../test/builders/fuzz-sockets.ts";

const [first = "100000", second, third] = process.argv.slice(2);
const newSeed = randomIds().digits(8);

async function fuzzRequests(
  fuzz: typeof fuzzServices,
  cases: number,
  seed: number,
): Promise<boolean> {
  const findings = await fuzz(cases, seed);
  for (const { operation, reason, request } of findings) {
    process.stdout.write(`${operation}: ${reason}\n  ${request}\n`);
  }
  process.stdout.write(`${cases} requests, seed ${seed}: ${findings.length} findings\n`);
  return findings.length === 0;
}

async function fuzzCodecs(runs: string): Promise<boolean> {
  const vitest = "node_modules/vitest/vitest.mjs";
  const args = [vitest, "run", "src/gateway/protocols/round-trip.test.ts"];
  const env = { NEARGATE_FUZZ_RUNS: runs, NEARGATE_FUZZ_SEED: newSeed };
  const result = await processExec().run(process.execPath, args, {
    env: { ...process.env, ...env },
  });
  process.stdout.write(`${result.stdout}${result.stderr}\nseed ${newSeed}\n`);
  return result.code === 0;
}

function run(): Promise<boolean> {
  if (first === "round-trip") return fuzzCodecs(second ?? "50");
  if (first === "sockets") {
    return fuzzRequests(fuzzSockets, Number(second ?? 100_000), Number(third ?? newSeed));
  }
  return fuzzRequests(fuzzServices, Number(first), Number(second ?? newSeed));
}

process.exitCode = (await run()) ? 0 : 1;
