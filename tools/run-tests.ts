/**
 * `npm test`: checks, then every test layer, then a look at whether the host is as it was.
 *
 * `--unit` leaves out the layer that needs root and Docker. What was skipped is printed last, before
 * one line with the counts.
 */
import { startVitest } from "vitest/node";
import { runChecks } from "./check.ts";
import { compareSnapshots, takeHostSnapshot } from "./host-snapshot.ts";

type Counts = { passed: number; failed: number; skipped: string[] };

async function runProjects(
  projects: readonly string[],
  filters: readonly string[],
): Promise<Counts> {
  const vitest = await startVitest("test", [...filters], {
    project: [...projects],
    watch: false,
    reporters: ["default"],
  });
  const counts: Counts = { passed: 0, failed: 0, skipped: [] };
  for (const file of vitest.state.getTestModules()) {
    for (const test of file.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") counts.passed++;
      else if (state === "failed") counts.failed++;
      else counts.skipped.push(`${file.relativeModuleId}: ${test.fullName}`);
    }
    if (file.errors().length > 0) counts.failed++;
  }
  counts.failed += vitest.state.getUnhandledErrors().length;
  await vitest.close();
  return counts;
}

const args = process.argv.slice(2);
const unitOnly = args.includes("--unit");
const filters = args.filter((arg) => !arg.startsWith("--"));
const root = process.getuid?.() === 0;
const projects = unitOnly || !root ? ["unit"] : ["unit", "live"];

const before = await takeHostSnapshot();
const checked = filters.length > 0 || (await runChecks());
const counts = await runProjects(projects, filters);
const leftovers = compareSnapshots(before, await takeHostSnapshot());

for (const line of leftovers) process.stdout.write(`host: ${line}\n`);
if (!root && !unitOnly) counts.skipped.push("test/live: every test (needs root)");
if (counts.skipped.length > 0) {
  process.stdout.write("\nskipped:\n");
  for (const name of counts.skipped) process.stdout.write(`  ${name}\n`);
}
const failed = counts.failed + leftovers.length + (checked ? 0 : 1);
process.stdout.write(
  `\n${counts.passed} passed, ${failed} failed, ${counts.skipped.length} skipped\n`,
);
process.exit(failed === 0 ? 0 : 1);
