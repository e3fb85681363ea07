/** Loads everything an engine loads sooner or later, so that the compile cache holds it. */
import { readdirSync } from "node:fs";
import path from "node:path";

const source = path.join(import.meta.dirname, "../../src");
const services = readdirSync(path.join(source, "services"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `services/${entry.name}/service.ts`);

for (const file of ["daemon/main.ts", "daemon/engine.ts", ...services]) {
  await import(path.join(source, file));
}
