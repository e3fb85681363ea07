/**
 * One lane of `npm test`, as a process that `run-tests.ts` starts: `test-lane.ts LANE [filters]` runs
 * the lane's layers and sends their counts.
 */
import os from "node:os";
import { startVitest } from "vitest/node";

export type Counts = { passed: number; failed: string[]; skipped: string[] };

/**
 * What may run side by side. `host` has the host's ports and namespaces for itself. `beside` takes
 * none of them, and stands back when there is not enough processor for both.
 */
const lanes = {
  host: { projects: ["live"], workers: 1, niceness: 0 },
  beside: { projects: ["simulated", "unit"], workers: 2, niceness: 5 },
  unit: { projects: ["unit"], workers: 2, niceness: 0 },
} as const;

export type Lane = keyof typeof lanes;

async function runLane(lane: Lane, filters: readonly string[]): Promise<Counts> {
  const { projects, workers, niceness } = lanes[lane];
  os.setPriority(niceness);
  const vitest = await startVitest("test", [...filters], {
    project: [...projects],
    maxWorkers: workers,
    watch: false,
    // Two lanes at once would write the same file.
    cache: false,
    passWithNoTests: true,
    reporters: ["default"],
  });
  const counts: Counts = { passed: 0, failed: [], skipped: [] };
  for (const file of vitest.state.getTestModules()) {
    const nameOf = (test: string): string => `${file.relativeModuleId}: ${test}`;
    for (const test of file.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") counts.passed++;
      else (state === "failed" ? counts.failed : counts.skipped).push(nameOf(test.fullName));
    }
    for (const error of file.errors()) counts.failed.push(nameOf(error.message));
  }
  for (const error of vitest.state.getUnhandledErrors()) {
    counts.failed.push(`unhandled: ${error instanceof Error ? error.message : String(error)}`);
  }
  await vitest.close();
  return counts;
}

if (import.meta.main) {
  const [lane, ...filters] = process.argv.slice(2);
  if (lane !== "host" && lane !== "beside" && lane !== "unit") throw new Error(`no lane ${lane}`);
  process.send?.(await runLane(lane, filters), () => process.exit());
}
