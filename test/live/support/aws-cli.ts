/** The AWS CLI, where there is one: its absence is told. */
import { describe } from "vitest";
import { exec } from "./live-engine.ts";

/** Of any version. `tests` are those that are skipped without it. */
export async function hasAwsCli(tests: string): Promise<boolean> {
  const { code } = await exec.run("sh", ["-c", "command -v aws"]);
  if (code === 0) return true;
  process.stderr.write(`\nTESTS WITH THE AWS CLI ARE SKIPPED (${tests}): aws is not installed\n\n`);
  return false;
}

export async function describeAwsCli(title: string, tests: () => void): Promise<void> {
  if (await hasAwsCli(title)) describe(title, tests);
  else describe.skip(`${title} (aws is not installed)`, tests);
}

/** Version 2, which is not the one that most other tests run: looked for once. */

/** `program` is what to run; `missing` says why there is none. */
export async function findAwsCliV2(): Promise<
  { readonly program: string } | { readonly missing: string }
> {
  const program = process.env["NEARGATE_AWS_CLI_V2"] ?? "aws";
  const said = await exec.run(program, ["--version"]).then(
    ({ stdout, stderr }) => stdout + stderr,
    (error: unknown) => String(error),
  );
  if (/^aws-cli\/2\./m.test(said)) return { program };
  return {
    missing: `no AWS CLI v2: ${program} says ${said.trim()}; NEARGATE_AWS_CLI_V2 names another`,
  };
}
