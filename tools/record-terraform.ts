/**
 * Records what Terraform's AWS provider really sends, as the fixture of
 * `test/scenarios/client-sessions.test.ts`:
 *
 *     node tools/record-terraform.ts [stack ...]
 *
 * A proxy stands between Terraform and an engine on the simulated runtime while each stack is applied,
 * planned, changed where it has stages, and destroyed. What is kept holds no credentials: of headers the
 * ones that choose a protocol and the scope of the signature, and what the engine gave out (ids, keys) as
 * numbered placeholders. A read that says the same members as one before is kept once.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { sessionFile } from "../test/builders/client-session.ts";
import { type Seen, startProxy, toSession } from "../test/builders/recording.ts";
import { startLiveEngine } from "../test/live/support/live-engine.ts";
import { findMirror, openTerraform } from "../test/live/support/terraform.ts";

type Stack = { readonly folder: string; readonly stages: readonly (readonly string[])[] };

const stacks: Readonly<Record<string, Stack>> = {
  "hello-fargate": { folder: "examples/hello-fargate/terraform", stages: [[]] },
  logs: { folder: "examples/logs/terraform", stages: [[], ["-var=retention_in_days=14"]] },
  secrets: { folder: "examples/secrets/terraform", stages: [[]] },
  iam: { folder: "test/fixtures/iam-terraform", stages: [["-var=stage=1"], ["-var=stage=2"]] },
};

async function recordStack({ folder, stages }: Stack, mirror: string): Promise<Seen[]> {
  const seen: Seen[] = [];
  await using engine = await startLiveEngine({ args: ["--runtime", "simulated"] });
  const proxy = await startProxy(engine.endpoint, seen);
  const environment = async () => ({
    ...(await engine.environment()),
    AWS_ENDPOINT_URL: proxy.endpoint,
  });
  const terraform = await openTerraform({ ...engine, environment }, mirror, folder);
  try {
    for (const variables of stages) {
      await terraform.apply("default", ...variables);
      await terraform.ok("default", "plan", "-detailed-exitcode", ...variables);
    }
    const last = stages.at(-1) ?? [];
    await terraform.destroy("default", ...last);
  } finally {
    terraform.dispose();
    proxy.close();
  }
  return seen;
}

const found = await findMirror();
if ("missing" in found) throw new Error(found.missing);
const asked = process.argv.slice(2);
for (const [name, stack] of Object.entries(stacks)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const folder = path.join(import.meta.dirname, "..", stack.folder);
  const exchanges = toSession(await recordStack({ ...stack, folder }, found.mirror));
  const lines = exchanges.map((exchange) => JSON.stringify(exchange));
  await writeFile(sessionFile(name), `[\n${lines.join(",\n")}\n]\n`);
  process.stdout.write(`${name}: ${exchanges.length} requests\n`);
}
