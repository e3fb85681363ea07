/**
 * The service modules as declared, for tools that only read the declarations. A port that a service
 * needs is replaced by one that does nothing and may not be asked to: making a service must not use it.
 */
import type { ServiceModule } from "../src/gateway/service.ts";
import type { ServiceName } from "./wire-model.ts";

/** In place of any port: answers every property with itself and refuses to be called. */
export const unusable: unknown = new Proxy(() => {}, {
  get: () => unusable,
  apply: () => {
    throw new Error("a service used a port while it was being made");
  },
});

/**
 * Imports `src/services/<name>/service.ts` and calls its `<name>Service`. One service at a time, so
 * that a mistake in one does not keep the others from being generated.
 */
export async function loadDeclaredService(name: ServiceName): Promise<ServiceModule> {
  const exports: Readonly<Record<string, unknown>> = await import(
    new URL(`../src/services/${name}/service.ts`, import.meta.url).href
  );
  const make = exports[`${name}Service`];
  if (typeof make !== "function") throw new Error(`${name}/service.ts has no ${name}Service`);
  return make(unusable) as ServiceModule;
}
