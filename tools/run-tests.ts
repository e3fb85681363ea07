/**
 * `npm test`: checks, then the test layers in two lanes side by side, then a look at whether the host
 * is as it was.
 *
 * `--unit` leaves out the layers that need root and Docker. What was skipped and what failed is
 * printed last, before one line with the counts.
 */
import { fork } from "node:child_process";
import path from "node:path";
import { runChecks } from "./check.ts";
import { compareSnapshots, hasEngine, takeHostSnapshot } from "./host-snapshot.ts";
import type { Counts, Lane } from "./test-lane.ts";

function runLane(lane: Lane, filters: readonly string[]): Promise<Counts> {
  return new Promise((resolve) => {
    let counts: Counts = { passed: 0, failed: [`the lane ${lane} ended early`], skipped: [] };
    fork(path.join(import.meta.dirname, "test-lane.ts"), [lane, ...filters])
      .on("message", (message: Counts) => {
        counts = message;
      })
      .on("close", () => resolve(counts));
  });
}

function printList(title: string, names: readonly string[]): void {
  if (names.length === 0) return;
  process.stdout.write(`\n${title}:\n`);
  for (const name of names) process.stdout.write(`  ${name}\n`);
}

const args = process.argv.slice(2);
const filters = args.filter((arg) => !arg.startsWith("--"));
const unitOnly = args.includes("--unit");
const root = process.getuid?.() === 0;
const lanes: readonly Lane[] = unitOnly || !root ? ["unit"] : ["host", "beside"];

const before = await takeHostSnapshot();
const checked = filters.length > 0 || (await runChecks());
const counts = await Promise.all(lanes.map((lane) => runLane(lane, filters)));
const { leftBehind, gone } = compareSnapshots(before, await takeHostSnapshot());
// An engine that was there before goes when its owner wants, and takes what is its own with it.
const isOthers = hasEngine(before);

const passed = counts.reduce((sum, lane) => sum + lane.passed, 0);
const skipped = counts.flatMap((lane) => lane.skipped);
if (!root && !unitOnly) skipped.push("test/live: every test (needs root)");
const failed = [
  ...(checked ? [] : ["check"]),
  ...counts.flatMap((lane) => lane.failed),
  ...leftBehind.map((line) => `left behind on the host: ${line}`),
  ...(isOthers ? [] : gone.map((line) => `gone from the host: ${line}`)),
  ...(passed === 0 ? ["no test ran"] : []),
];
if (isOthers) printList("gone from the host, where other engines were", gone);
printList("skipped", skipped);
printList("failed", failed);
process.stdout.write(`\n${passed} passed, ${failed.length} failed, ${skipped.length} skipped\n`);
process.exit(failed.length === 0 ? 0 : 1);
