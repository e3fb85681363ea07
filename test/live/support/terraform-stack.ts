/** Tests with Terraform, and what they begin with: an engine without containers and a copy of an example. */
import { afterAll, beforeAll, describe } from "vitest";
import { hasAwsCli } from "./aws-cli.ts";
import { type LiveEngine, startLiveEngine } from "./live-engine.ts";
import { findMirror, openTerraform, type Terraform } from "./terraform.ts";

/** Tests that are skipped, and said to be, where there is no Terraform, or no AWS CLI beside it. */
export async function describeTerraform(
  title: string,
  tests: (mirror: string) => void,
): Promise<void> {
  const found = await findMirror();
  if ("mirror" in found && !(await hasAwsCli(title))) {
    return void describe.skip(`${title} (aws is not installed)`, () => tests(found.mirror));
  }
  if ("mirror" in found) return void describe(title, () => tests(found.mirror));
  process.stderr.write(`\nTERRAFORM TESTS ARE SKIPPED (${title}): ${found.missing}\n\n`);
  describe.skip(`${title} (${found.missing})`, () => tests(""));
}

export type TerraformStack = { readonly engine: LiveEngine; readonly terraform: Terraform };

/** Inside a `describe`: an engine whose tasks are simulated, and a copy of an example against it. */
export function openStack(mirror: string, example: string): TerraformStack {
  let engine: LiveEngine | undefined;
  let terraform: Terraform | undefined;
  beforeAll(async () => {
    engine = await startLiveEngine({ args: ["--runtime", "simulated"] });
    terraform = await openTerraform(engine, mirror, example);
  });
  afterAll(async () => {
    terraform?.dispose();
    await engine?.[Symbol.asyncDispose]();
  });
  return {
    get engine() {
      if (!engine) throw new Error("not started yet");
      return engine;
    },
    get terraform() {
      if (!terraform) throw new Error("not opened yet");
      return terraform;
    },
  };
}
