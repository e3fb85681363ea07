/** The loops of an engine, wired to its drivers, in the order in which they start. */
import type { Answerer } from "../dataplane/dns/port.ts";
import { createResolver } from "../dataplane/dns/resolver.ts";
import { balancersLoop } from "../loops/balancers.ts";
import { createBlobCollectionLoop } from "../loops/blob-collection.ts";
import { createDefinitionDeletionLoop } from "../loops/definition-deletion.ts";
import { createEventFeed, type EventFeed } from "../loops/event-feed.ts";
import { createExecAgentLoop } from "../loops/exec-agents.ts";
import { createExecSessions, type ExecSessions } from "../loops/exec-sessions.ts";
import { createFlowLogLoop } from "../loops/flow-logs.ts";
import { createLogRetentionLoop } from "../loops/log-retention.ts";
import { createLogShipping } from "../loops/log-shipping.ts";
import type { Loop, LoopDependencies } from "../loops/loop.ts";
import { createMetadataLoop, type MetadataLoop } from "../loops/metadata.ts";
import { createMetricFilterLoop } from "../loops/metric-filters.ts";
import { createNetworkLoop } from "../loops/network.ts";
import { createServiceLoop } from "../loops/services.ts";
import { targetsLoop } from "../loops/targets.ts";
import { resolveTaskImage } from "../loops/tasks/images.ts";
import { type Blocked, type Destination, taskPath } from "../loops/tasks/paths.ts";
import { createTaskLoop } from "../loops/tasks.ts";
import { createUpkeepLoop } from "../loops/upkeep.ts";
import type { Task } from "../model/ecs.ts";
import type { Sealing } from "../seams/sealing.ts";
import type { RegistryCredentials } from "../services/ecr/credentials.ts";
import { logGroups } from "../state/tables/logs.ts";
import { dnsSources, resolveInVpc } from "../state/vpc-resolution.ts";
import type { Drivers } from "./drivers.ts";

export type LoopParts = LoopDependencies & {
  readonly drivers: Drivers;
  readonly credentials: RegistryCredentials;
  readonly sealing: Sealing;
  /** The port under which the container runtime reaches this engine's registry. */
  readonly port: () => number;
};

export type EngineLoops = {
  readonly events: EventFeed;
  readonly sessions: ExecSessions;
  /** What tasks ask of their endpoint. */
  readonly endpoint: MetadataLoop;
  start(): void;
  stop(): Promise<void>;
};

export function createEngineLoops(parts: LoopParts): EngineLoops {
  const { store, clock, ids, logger, drivers, credentials } = parts;
  const common: LoopDependencies = { store, clock, ids, logger };
  const { runtime, fabric, balancers, logs, blobs } = drivers;
  const answer: Answerer = (vpcId, question) =>
    store.read((tx) => resolveInVpc(tx, dnsSources, vpcId, question));
  const resolver = fabric.kind === "linux" ? createResolver({ answer, clock, logger }) : undefined;
  const network = createNetworkLoop({ ...common, fabric, resolver });
  const pathTo = (task: Task, destination: Destination): Blocked =>
    store.read((tx) => taskPath(tx, task, destination));
  const shipping = createLogShipping({ ...common, runtime, logs, pathTo });
  const tasks = createTaskLoop({
    ...common,
    runtime,
    sealing: parts.sealing,
    settled: network.settled,
    findImage: (scope, image) =>
      store.read((tx) =>
        resolveTaskImage(tx, image, parts.port(), credentials.registryCredentials(scope.account)),
      ),
    pathTo,
    hasLogGroup: (scope, name) =>
      store.read((tx) => tx.table(logGroups).get(scope, name) !== undefined),
    logsDrained: shipping.drained,
  });
  const endpoint = createMetadataLoop({ ...common, runtime, sealing: parts.sealing });
  const events = createEventFeed(common);
  const sessions = createExecSessions({ ...common, runtime, logs, sealing: parts.sealing, pathTo });
  const loops: readonly Loop[] = [
    events,
    network,
    balancersLoop({ ...common, balancers }),
    targetsLoop({ ...common, balancers }),
    endpoint,
    shipping,
    tasks,
    createExecAgentLoop(common),
    sessions,
    createFlowLogLoop({ ...common, fabric, logs }),
    createServiceLoop(common),
    createDefinitionDeletionLoop(common),
    createLogRetentionLoop({ ...common, logs }),
    createMetricFilterLoop({ ...common, logs }),
    createUpkeepLoop({ ...common, sealing: parts.sealing }),
    createBlobCollectionLoop({ ...common, blobs }),
  ];
  return {
    events,
    sessions,
    endpoint,
    start() {
      for (const loop of loops) loop.start();
    },
    async stop() {
      // The ones that make work stop before the ones that do it.
      for (const loop of loops.toReversed()) await loop.stop();
    },
  };
}
