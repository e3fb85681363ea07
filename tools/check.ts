/** `npm run check`: format, lint and types; with no Docker and in seconds. */
import { processExec } from "../src/seams/exec.ts";

const steps: readonly {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}[] = [
  { name: "format and lint", program: "node_modules/.bin/biome", args: ["check", "."] },
  { name: "types", program: "node_modules/.bin/tsc", args: ["-p", "."] },
];

/** Runs every step and says which failed. */
export async function runChecks(): Promise<boolean> {
  let good = true;
  for (const step of steps) {
    const result = await processExec().run(step.program, step.args);
    const failed = result.code !== 0;
    process.stdout.write(`check: ${step.name}: ${failed ? "FAILED" : "ok"}\n`);
    if (failed) process.stdout.write(`${result.stdout}${result.stderr}\n`);
    good &&= !failed;
  }
  return good;
}

if (import.meta.main) process.exitCode = (await runChecks()) ? 0 : 1;
