/**
 * The composition root: builds every part once, passes it down, starts it in order and stops it in
 * reverse. It serves as soon as the API can answer; the data plane comes up meanwhile.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { PrerequisiteError } from "../dataplane/errors.ts";
import { createRegistry } from "../dataplane/registry/registry.ts";
import { createGateway, type GatewayOptions } from "../gateway/server.ts";
import { serveTasks } from "../loops/metadata.ts";
import { type Clock, realClock } from "../seams/clock.ts";
import { randomIds } from "../seams/ids.ts";
import { jsonLogger, type Logger } from "../seams/logger.ts";
import { fileSealing, memorySealing } from "../seams/sealing.ts";
import { createRegistryCatalog } from "../services/ecr/catalog.ts";
import { createRegistryCredentials } from "../services/ecr/credentials.ts";
import { services } from "../services/index.ts";
import { roleSession } from "../state/authorization.ts";
import { openStore, type Store } from "../state/store.ts";
import { balancerRoute } from "./balancer-route.ts";
import { advanceBy, afterMoment, makeClock } from "./clocks.ts";
import { createComponents } from "./components.ts";
import { ConfigError, defaultPort, type EngineConfig } from "./config.ts";
import { createControlApi } from "./control.ts";
import { type Drivers, makeDrivers } from "./drivers.ts";
import { eventsRoute } from "./events-route.ts";
import { explainRoute } from "./explain.ts";
import { listen } from "./listen.ts";
import { createEngineLoops } from "./loops.ts";
import { advanceClock, informingRoutes } from "./routes.ts";
import { sessionsRoute } from "./sessions-route.ts";
import { type StateDirectory, sealingFile, takeStateDirectory } from "./state-directory.ts";
import { createTaskApi } from "./task-api.ts";
import { taskEndpointRoute } from "./task-endpoint-route.ts";

export type Engine = {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  /** Resolves when every part of the data plane is up; rejects when one failed. */
  readonly ready: Promise<void>;
  /** Resolves when the engine has ended. */
  readonly stopped: Promise<void>;
  /** `removeAll`: every object on the host goes. Calling it again gives the same end. */
  stop(options: { removeAll: boolean }): Promise<void>;
  /** Manual clock only. */
  advance(milliseconds: number): Promise<void>;
};

/** How long `up` waits to hear at once that the host lacks something; the network's tools say it last. */
const prerequisitesMs = 150;
const engineTimeKey = "engine-time";
const engineTimeEveryMs = 1_000;

/**
 * Throws `StateDirectoryInUseError`, `PortTakenError`, `NewerStateError`, `PrerequisiteError`, and
 * `ConfigError` for what the state does not have.
 */
export async function startEngine(config: EngineConfig): Promise<Engine> {
  const ids = randomIds();
  const directory =
    config.stateDir === undefined ? undefined : takeStateDirectory(config.stateDir, ids);
  try {
    const store = openStore(directory?.path);
    checkRole(config, store);
    return await startOn(config, directory, store);
  } catch (error) {
    directory?.release();
    throw error;
  }
}

/** Throws `ConfigError` when callers are to be a role that is not there: none of them could come in. */
function checkRole({ unknownCallers }: EngineConfig, store: Store): void {
  if (unknownCallers.type !== "role") return;
  const { roleArn } = unknownCallers;
  if (store.read((tx) => roleSession(tx, roleArn, "neargate"))) return;
  throw new ConfigError(
    `--as-role: there is no role ${roleArn} in this state directory; create it while the engine runs ` +
      "without --as-role",
  );
}

/** Takes away what a killed engine of this state directory left on the host. */
export async function tearDown(config: EngineConfig): Promise<void> {
  const ids = randomIds();
  const clock = realClock();
  const directory = takeStateDirectory(config.stateDir ?? "", ids);
  const logger = makeLogger(config, clock);
  const { engineId } = directory.identity;
  const drivers = makeDrivers({ config, engineId, clock, ids, logger });
  await stopDrivers(drivers, true, logger);
  directory.release();
}

async function startOn(
  config: EngineConfig,
  directory: StateDirectory | undefined,
  store: Store,
): Promise<Engine> {
  const ids = randomIds();
  const clock = makeClock(config.clock, Number(store.getMeta(engineTimeKey) ?? 0));
  const logger = makeLogger(config, clock);
  const engineId = directory?.identity.engineId ?? ids.hex(6);
  const drivers = makeDrivers({ config, engineId, clock, ids, logger });
  const sealing = directory ? fileSealing(sealingFile(directory.path)) : memorySealing();
  const credentials = createRegistryCredentials({ store, ids, clock });
  const catalog = createRegistryCatalog({ store, clock });
  const registry = createRegistry({
    blobs: drivers.blobs,
    catalog,
    passwords: credentials,
    clock,
    ids,
    logger,
  });
  let port = 0;
  const loops = createEngineLoops({
    store,
    clock,
    ids,
    logger,
    drivers,
    credentials,
    sealing,
    port: () => port,
  });
  const sessions = sessionsRoute(loops.sessions.attach);
  const components = createComponents(["network", "containers", "balancers"]);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const { promise: stopped, resolve: onStopped } = Promise.withResolvers<void>();

  const facts = {
    config,
    engineId,
    clock,
    store,
    drivers,
    components,
    delay,
    endpoint: () => endpointOf(config, port),
  };
  const control = createControlApi([
    ...informingRoutes(facts),
    explainRoute(store),
    { method: "POST", path: "reset", run: () => reset() },
    { method: "POST", path: "clock/advance", run: (body) => advanceClock(clock, body) },
    {
      method: "POST",
      path: "down",
      run() {
        // Answered first: the client would otherwise lose its connection before the answer.
        clock.wallAfter(50, () => void stop({ removeAll: true }));
        return {};
      },
    },
  ]);
  const gatewayOptions: GatewayOptions = {
    services: services({
      logs: drivers.logs,
      clock,
      credentials,
      blobs: drivers.blobs,
      sealing,
      sessions: loops.sessions,
    }),
    store,
    clock,
    ids,
    logger,
    endpoint: () => ({ host: config.host, port }),
    defaults: { account: config.account, region: config.region },
    sealing,
    unknownCallers: config.unknownCallers,
    extraRoutes: [
      eventsRoute(loops.events),
      taskEndpointRoute(loops.endpoint),
      control,
      { match: (request) => /^\/v2(?:\/|\?|$)/.test(request.url ?? ""), handle: registry.handle },
      balancerRoute(store, drivers.balancerSocket),
    ],
    upgradeRoutes: [sessions],
  };
  const gateway = createGateway(gatewayOptions);
  const { metadata } = drivers;
  const taskApi = metadata && createTaskApi(gatewayOptions, gateway, loops.endpoint.taskOf);
  if (taskApi) serveTasks(metadata, loops.endpoint, taskApi.connect);
  port = await listen(
    gateway.server,
    config.host,
    config.port ?? directory?.identity.port ?? defaultPort,
  );
  const endpoint = endpointOf(config, port);

  const hostChecked = Promise.withResolvers<void>();
  /** Resolves when nothing is coming up any more, whatever became of it. */
  let comingUp: Promise<unknown> = Promise.resolve();
  const bringUp = async (): Promise<void> => {
    await drivers.blobs.start();
    await drivers.metadata?.start();
    const network = components.bringUp("network", () => drivers.fabric.start());
    network.then(hostChecked.resolve, hostChecked.reject);
    const parts = [
      components.bringUp("containers", () => drivers.runtime.start()),
      network.then(() => components.bringUp("balancers", () => drivers.balancers.start())),
    ];
    comingUp = Promise.allSettled(parts);
    await Promise.all(parts);
    loops.start();
  };

  const stampEngineTime = (): void => {
    if (config.clock.type === "real") return;
    try {
      store.setMeta(engineTimeKey, String(clock.now()));
    } catch (error) {
      logger.error("the engine's time was not noted", { error });
    }
    stamping = clock.wallAfter(engineTimeEveryMs, stampEngineTime);
  };
  let stamping = clock.wallAfter(0, stampEngineTime);

  let ending: Promise<void> | undefined;
  const stop = (options: { removeAll: boolean }): Promise<void> => {
    ending ??= end(options);
    return ending;
  };
  const end = async ({ removeAll }: { removeAll: boolean }): Promise<void> => {
    await ready.catch(() => {});
    await comingUp;
    // The gateway waits for its connections, of which these would go on.
    await loops.sessions.stop();
    sessions.close();
    await Promise.all([gateway.close(), taskApi?.close()]);
    await loops.stop();
    await registry.stop();
    await stopDrivers(drivers, removeAll, logger);
    await drivers.logs.close();
    delay.disable();
    stamping.cancel();
    store.close();
    directory?.release();
    onStopped();
  };

  const reset = async (): Promise<object> => {
    await ready;
    await loops.stop();
    await registry.stop();
    await stopDrivers(drivers, true, logger);
    store.clear();
    await drivers.logs.clear();
    await drivers.blobs.clear();
    await bringUp();
    return {};
  };

  const ready = bringUp();
  ready.catch(() => {});
  hostChecked.promise.catch(() => {});
  await refuseAtOnce([ready, hostChecked.promise], clock, stop);
  ready.catch((error: unknown) => {
    // What the host lacks is told in a sentence by whoever started the engine.
    if (!(error instanceof PrerequisiteError)) {
      logger.error("the data plane did not start", { error });
    }
  });
  directory?.rememberPort(port);
  directory?.announce(endpoint);
  delay.enable();
  return {
    endpoint,
    ready,
    stopped,
    stop,
    advance: (milliseconds) => advanceBy(clock, milliseconds),
  };
}

/** Waits a moment for a start that fails at once, so that the reason is told instead of `ready`. */
async function refuseAtOnce(
  starts: readonly Promise<void>[],
  clock: Clock,
  stop: (options: { removeAll: boolean }) => Promise<void>,
): Promise<void> {
  const moment = Promise.withResolvers<void>();
  const timer = afterMoment(clock, prerequisitesMs, moment.resolve);
  try {
    await Promise.race([...starts, moment.promise]);
  } catch (error) {
    await stop({ removeAll: true });
    throw error;
  } finally {
    timer.cancel();
  }
}

/** One that fails keeps no other from leaving the host clean. */
async function stopDrivers(drivers: Drivers, removeAll: boolean, logger: Logger): Promise<void> {
  const parts = [drivers.metadata, drivers.runtime, drivers.balancers, drivers.fabric];
  for (const part of parts) {
    try {
      await part?.stop({ removeAll });
    } catch (error) {
      logger.error("a part of the data plane did not stop", { error });
    }
  }
}

function makeLogger(config: EngineConfig, clock: Clock): Logger {
  const write = (line: string): void => void process.stderr.write(line);
  return jsonLogger({ level: config.logLevel, stamp: clock.wall, write });
}

const endpointOf = (config: EngineConfig, port: number): string => `http://${config.host}:${port}`;
