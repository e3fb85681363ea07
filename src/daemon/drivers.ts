/** The data plane of an engine: real drivers, or simulated ones that touch nothing of the host. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { dockerRuntime } from "../dataplane/containers/docker/driver.ts";
import type { ContainerRuntime } from "../dataplane/containers/port.ts";
import { simulatedRuntime } from "../dataplane/containers/simulated/runtime.ts";
import { haproxyBalancer } from "../dataplane/loadbalancer/haproxy/driver.ts";
import { gatewaySocketPath } from "../dataplane/loadbalancer/haproxy/names.ts";
import type { LoadBalancerDataplane } from "../dataplane/loadbalancer/port.ts";
import { simulatedBalancer } from "../dataplane/loadbalancer/simulated/driver.ts";
import { memoryLogStore } from "../dataplane/logs/memory-store.ts";
import type { LogStore } from "../dataplane/logs/port.ts";
import { sqliteLogStore } from "../dataplane/logs/sqlite-store.ts";
import { type Authority, createAuthority } from "../dataplane/metadata/authority.ts";
import type { MetadataServer } from "../dataplane/metadata/port.ts";
import { createMetadataServer } from "../dataplane/metadata/server.ts";
import { linuxFabric } from "../dataplane/network/linux/driver.ts";
import type { NetworkFabric } from "../dataplane/network/port.ts";
import { simulatedFabric } from "../dataplane/network/simulated/driver.ts";
import { fileBlobStore } from "../dataplane/registry/blob-files.ts";
import { memoryBlobStore } from "../dataplane/registry/blob-memory.ts";
import type { BlobStore } from "../dataplane/registry/port.ts";
import { logEvaluators } from "../engine/log-evaluation.ts";
import type { Clock } from "../seams/clock.ts";
import { processExec } from "../seams/exec.ts";
import type { Ids } from "../seams/ids.ts";
import type { Logger } from "../seams/logger.ts";
import type { EngineConfig } from "./config.ts";

export type Drivers = {
  readonly runtime: ContainerRuntime;
  readonly fabric: NetworkFabric;
  readonly balancers: LoadBalancerDataplane;
  readonly logs: LogStore;
  readonly blobs: BlobStore;
  /** Answers what tasks ask of 169.254.170.2; undefined when there are no real tasks. */
  readonly metadata: MetadataServer | undefined;
  /** Certifies AWS's names inside VPCs; undefined with `metadata`. */
  readonly authority: Authority | undefined;
  /** Takes requests for any balancer by Host; undefined when balancers carry no traffic. */
  readonly balancerSocket: string | undefined;
};

export type DriverOptions = {
  readonly config: EngineConfig;
  readonly engineId: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
};

export function makeDrivers(options: DriverOptions): Drivers {
  const { config } = options;
  const stores = makeStores(options);
  if (config.runtime === "simulated" || config.stateDir === undefined) {
    return { ...makeSimulated(options), ...stores };
  }
  return { ...makeReal(options, config.stateDir), ...stores };
}

function makeStores({ config, logger }: DriverOptions): Pick<Drivers, "logs" | "blobs"> {
  const { stateDir, logStoreLimitBytes: limitBytes } = config;
  if (stateDir === undefined) {
    return { logs: memoryLogStore(logEvaluators), blobs: memoryBlobStore() };
  }
  const directory = path.join(stateDir, "logs");
  const script = `../engine/log-evaluation${path.extname(import.meta.url)}`;
  const evaluators = new URL(script, import.meta.url).href;
  return {
    logs: sqliteLogStore({ directory, limitBytes, evaluators, logger }),
    blobs: fileBlobStore(path.join(stateDir, "blobs")),
  };
}

function makeSimulated({ clock, ids }: DriverOptions): Omit<Drivers, "logs" | "blobs"> {
  return {
    runtime: simulatedRuntime({ clock, ids }),
    fabric: simulatedFabric(),
    balancers: simulatedBalancer({ clock }),
    metadata: undefined,
    authority: undefined,
    balancerSocket: undefined,
  };
}

function makeReal(options: DriverOptions, stateDir: string): Omit<Drivers, "logs" | "blobs"> {
  const { engineId, clock, ids, logger, config } = options;
  const exec = processExec();
  const sockets = path.join(stateDir, "sockets");
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  const metadataSocket = path.join(sockets, "metadata.sock");
  const authority = createAuthority({ file: path.join(stateDir, "authority.json"), clock });
  const shared = { engineId, stateDir, exec, clock, logger };
  return {
    runtime: dockerRuntime({ ...shared, ids, poolSize: config.sandboxPool }),
    fabric: linuxFabric(shared),
    balancers: haproxyBalancer({ ...shared, metadataSocket }),
    metadata: createMetadataServer({ socketPath: metadataSocket, authority, clock, logger }),
    authority,
    balancerSocket: gatewaySocketPath(stateDir),
  };
}
