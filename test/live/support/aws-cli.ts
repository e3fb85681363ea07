/** AWS CLI v2, which is not the CLI that most other tests run: looked for once, its absence told. */
import { exec } from "./live-engine.ts";

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
