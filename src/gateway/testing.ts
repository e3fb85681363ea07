/**
 * A gateway for tests: a port of its own, state in memory, a clock that stands still, and clients of
 * the AWS SDK that talk to it.
 *
 *     await using cloud = await startTestGateway([ec2Service()]);
 *     const ec2 = cloud.client(EC2Client);
 */
import type { AddressInfo } from "node:net";
import { evidenceFolder, watched } from "../../test/builders/member-evidence.ts";
import type { Scope } from "../model/scope.ts";
import { type ManualClock, manualClock } from "../seams/clock.ts";
import { type Ids, sequentialIds } from "../seams/ids.ts";
import { type RecordedLog, recordingLogger } from "../seams/logger.ts";
import type { Sealing } from "../seams/sealing.ts";
import { openStore, type Store } from "../state/store.ts";
import type { UnknownCallers } from "./callers.ts";
import type { ApiHandler } from "./gateway.ts";
import type { ModelSource } from "./routing/catalog.ts";
import { createGateway, type ExtraRoute, type GatewayOptions } from "./server.ts";
import type { ServiceModule, ServiceSource } from "./service.ts";

export type ClientConfig = {
  endpoint: string;
  region: string;
  credentials: TestCredentials;
  maxAttempts: number;
};

type TestCredentials = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
};

type Client = { destroy(): void };

export type TestGateway = AsyncDisposable & {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  readonly store: Store;
  readonly clock: ManualClock;
  readonly ids: Ids;
  readonly logger: RecordedLog;
  /** Account and region of clients that are made without others. */
  readonly scope: Scope;
  readonly handle: ApiHandler;
  /**
   * Makes a client; `destroy` is called for it. It tries once, so that an error shows as it is. Without
   * credentials it is the root of the account of its scope.
   */
  client<C extends Client>(
    Client: new (config: ClientConfig) => C,
    scope?: Partial<Scope>,
    credentials?: TestCredentials,
  ): C;
  /** Closes everything. Throws when an operation failed in a way it does not know. */
  close(): Promise<void>;
};

export type TestGatewayOptions = {
  readonly store?: Store;
  readonly clock?: ManualClock;
  readonly ids?: Ids;
  readonly scope?: Scope;
  readonly extraRoutes?: readonly ExtraRoute[];
  readonly sealing?: Sealing;
  readonly unknownCallers?: UnknownCallers;
  /** Of services that this engine has not; by default the generated models. */
  readonly models?: ModelSource;
  readonly headers?: NonNullable<GatewayOptions["headers"]>;
  readonly mostHeldBytes?: number;
};

/** In a run of `npm run members`, every request shows what its members do. */
function withEvidence(service: ServiceSource): ServiceSource {
  if (evidenceFolder === undefined) return service;
  if (!("load" in service)) return watched(service);
  const load = async (): Promise<ServiceModule> => watched(await service.load());
  return { name: service.name, load };
}

export async function startTestGateway(
  services: readonly ServiceSource[],
  options: TestGatewayOptions = {},
): Promise<TestGateway> {
  const store = options.store ?? openStore(undefined);
  const clock = options.clock ?? manualClock();
  const ids = options.ids ?? sequentialIds();
  const logger = recordingLogger();
  const scope = options.scope ?? { account: "000000000000", region: "ap-northeast-1" };
  const clients: Client[] = [];
  let port = 0;
  const { server, handle } = createGateway({
    services: services.map(withEvidence),
    store,
    clock,
    ids,
    logger,
    endpoint: () => ({ host: "127.0.0.1", port }),
    defaults: scope,
    ...(options.extraRoutes && { extraRoutes: options.extraRoutes }),
    ...(options.sealing && { sealing: options.sealing }),
    ...(options.unknownCallers && { unknownCallers: options.unknownCallers }),
    ...(options.models && { models: options.models }),
    ...(options.headers && { headers: options.headers }),
    ...(options.mostHeldBytes !== undefined && { mostHeldBytes: options.mostHeldBytes }),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${port}`;

  const close = async (): Promise<void> => {
    for (const client of clients) client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    if (!options.store) store.close();
    const failure = logger.lines.find(({ level }) => level === "error");
    if (failure) throw new Error(failure.message, { cause: failure.fields["error"] });
  };
  return {
    url,
    port,
    store,
    clock,
    ids,
    logger,
    scope,
    handle,
    client(Client, of = {}, credentials) {
      const accessKeyId = of.account ?? scope.account;
      const client = new Client({
        endpoint: url,
        region: of.region ?? scope.region,
        credentials: credentials ?? { accessKeyId, secretAccessKey: "test" },
        maxAttempts: 1,
      });
      clients.push(client);
      return client;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
