/** Every service there is, on ports that live in memory. */
import { memoryLogStore } from "../../src/dataplane/logs/memory-store.ts";
import { memoryBlobStore } from "../../src/dataplane/registry/blob-memory.ts";
import { recordedSessions } from "../../src/dataplane/sessions/testing.ts";
import { logEvaluators } from "../../src/engine/log-evaluation.ts";
import type { ServiceSource } from "../../src/gateway/service.ts";
import { startTestGateway, type TestGateway } from "../../src/gateway/testing.ts";
import { manualClock } from "../../src/seams/clock.ts";
import { sequentialIds } from "../../src/seams/ids.ts";
import { memorySealing } from "../../src/seams/sealing.ts";
import { createRegistryCredentials } from "../../src/services/ecr/credentials.ts";
import { services } from "../../src/services/index.ts";
import { openStore } from "../../src/state/store.ts";

/** With the services as they are declared, on the ports of the gateway. */
export type AllServices = TestGateway & { readonly declared: readonly ServiceSource[] };

/** A gateway with all of them. Closing it throws when an operation failed in a way it does not know. */
export async function startAllServices(): Promise<AllServices> {
  const [store, clock, ids, sealing] = [
    openStore(undefined),
    manualClock(),
    sequentialIds(),
    memorySealing(),
  ];
  const declared = once(
    services({
      logs: memoryLogStore(logEvaluators),
      clock,
      blobs: memoryBlobStore(),
      credentials: createRegistryCredentials({ store, ids, clock }),
      sealing,
      sessions: recordedSessions(),
    }),
  );
  const gateway = await startTestGateway(declared, { store, clock, ids, sealing });
  const close = async (): Promise<void> => {
    await gateway.close();
    store.close();
  };
  return { ...gateway, declared, close, [Symbol.asyncDispose]: close };
}

/** Each is made once, whoever asks for it: some hold what they are in the middle of. */
function once(sources: readonly ServiceSource[]): ServiceSource[] {
  return sources.map((source) => {
    if (!("load" in source)) return source;
    let made: ReturnType<typeof source.load> | undefined;
    return { name: source.name, load: () => (made ??= source.load()) };
  });
}
