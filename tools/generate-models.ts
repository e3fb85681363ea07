/**
 * Writes `src/gateway/models/<service>.json` for the operations that each service declares:
 *
 *     node tools/generate-models.ts [service ...]
 *
 * Run it whenever an operation is added; a test fails while the files are out of step.
 */
import { writeFile } from "node:fs/promises";
import type { WireModel } from "../src/gateway/wire/model.ts";
import { loadDeclaredService } from "./declared-services.ts";
import { buildModel, clientPackages, type ServiceName } from "./wire-model.ts";

export const modelFile = (service: ServiceName): URL =>
  new URL(`../src/gateway/models/${service}.json`, import.meta.url);

/** The text of a service's model as it should be. */
export async function renderModel(service: ServiceName): Promise<string> {
  const { operations } = await loadDeclaredService(service);
  return printModel(await buildModel(service, Object.keys(operations)));
}

/** One shape or operation a line, so that a change shows as such. */
function printModel(model: WireModel): string {
  const { metadata, operationNames, ...tables } = model;
  const lines = Object.entries(tables).map(([name, table]) => {
    const entries = Object.entries(table).map(
      ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
    );
    return `"${name}": {\n${entries.join(",\n")}\n}`;
  });
  return `{
"metadata": ${JSON.stringify(metadata, undefined, 2)},
"operationNames": ${JSON.stringify(operationNames)},
${lines.join(",\n")}
}
`;
}

const isServiceName = (name: string): name is ServiceName => Object.hasOwn(clientPackages, name);

async function generate(names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (!isServiceName(name)) throw new Error(`no service ${name}`);
    try {
      await writeFile(modelFile(name), await renderModel(name));
    } catch (error) {
      process.stderr.write(`${name}: not generated: ${String(error)}\n`);
      process.exitCode = 1;
    }
  }
}

if (import.meta.main) {
  const names = process.argv.slice(2);
  await generate(names.length > 0 ? names : Object.keys(clientPackages));
}
