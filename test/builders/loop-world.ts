/**
 * Task and service loops over a store, a manual clock, the simulated runtime, and stand-ins for the
 * network and the balancer. The loops may be killed between any two effects and started again.
 */
import type { ContainerRuntime } from "../../src/dataplane/containers/port.ts";
import {
  type SimulatedImage,
  simulatedRuntime,
} from "../../src/dataplane/containers/simulated/runtime.ts";
import type { Loop, LoopDependencies } from "../../src/loops/loop.ts";
import { createServiceLoop } from "../../src/loops/services.ts";
import { resolveTaskImage } from "../../src/loops/tasks/images.ts";
import type { TaskLoopNeeds } from "../../src/loops/tasks/needs.ts";
import { createTaskLoop } from "../../src/loops/tasks.ts";
import type { Image } from "../../src/model/ecr.ts";
import type { Service, Task, TaskDefinition } from "../../src/model/ecs.ts";
import type { Listener, Target, TargetGroup } from "../../src/model/load-balancing.ts";
import type { NetworkInterface, Subnet, Vpc } from "../../src/model/network.ts";
import { type Clock, type ManualClock, manualClock } from "../../src/seams/clock.ts";
import { sequentialIds } from "../../src/seams/ids.ts";
import { type RecordedLog, recordingLogger } from "../../src/seams/logger.ts";
import { memorySealing, type Sealing } from "../../src/seams/sealing.ts";
import { openStore, type Store } from "../../src/state/store.ts";
import { images } from "../../src/state/tables/ecr.ts";
import { clusters, services, taskDefinitions, tasks } from "../../src/state/tables/ecs.ts";
import { listeners, targetGroups, targets } from "../../src/state/tables/load-balancing.ts";
import { networkInterfaces, subnets, vpcs } from "../../src/state/tables/network.ts";
import { aCluster, aTaskDefinition, groupArn, scope } from "./ecs.ts";

export const drainDelayMs = 5000;
const healthyAfterMs = 2000;

export type LoopWorld = {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly runtime: ContainerRuntime;
  readonly logger: RecordedLog;
  /** What secrets are sealed by. */
  readonly sealing: Sealing;
  /** Containers and how often each was started. */
  readonly starts: Map<string, number>;
  /** Parts of the loops' needs that a test replaces. */
  readonly overrides: Partial<TaskLoopNeeds>;
  /** Starts fresh loops; they die for ever at the `killAt`-th effect, and `onDeath` is called then. */
  start(killAt?: number, onDeath?: () => void): void;
  /** Stops the present loops in good order; `resume` starts the very same ones again. */
  stop(): Promise<void>;
  resume(): void;
  pushImage(tag?: string): void;
  putService(service: Service): void;
  updateService(change: (service: Service) => Service): void;
  putTask(task: Task): void;
  putDefinition(definition: TaskDefinition): void;
  service(): Service;
  tasks(): Task[];
  targets(): Target[];
  interfaces(): NetworkInterface[];
  /** Oldest first, without `(service web) `. */
  messages(): string[];
};

export type LoopWorldOptions = {
  readonly images?: (reference: string) => SimulatedImage | undefined;
};

const firstListed = Promise.resolve();

export function loopWorld(options: LoopWorldOptions = {}): LoopWorld {
  const clock = manualClock();
  const store = openStore(undefined);
  const ids = sequentialIds();
  const logger = recordingLogger();
  const starts = new Map<string, number>();
  const lookUp = options.images ?? ((): SimulatedImage => ({}));
  const simulated = simulatedRuntime({ clock, ids, images: ({ reference }) => lookUp(reference) });
  const runtime: ContainerRuntime = {
    ...simulated,
    async startContainer(id) {
      const state = await simulated.inspect(id);
      if (state?.status !== "running") starts.set(id, (starts.get(id) ?? 0) + 1);
      return simulated.startContainer(id);
    },
  };
  const sealing = memorySealing();
  const overrides: Partial<TaskLoopNeeds> = {};
  let loops: Loop[] = [];
  seed(store);
  followTargets(store, clock);

  const needs = (dependencies: LoopDependencies, over: ContainerRuntime): TaskLoopNeeds => ({
    ...dependencies,
    runtime: over,
    sealing,
    settled: () => firstListed,
    findImage: (_, image) => store.read((tx) => resolveTaskImage(tx, image, 4566, undefined)),
    pathTo: () => undefined,
    hasLogGroup: () => true,
    logsDrained: () => firstListed,
    ...overrides,
  });

  return {
    clock,
    store,
    runtime,
    logger,
    sealing,
    starts,
    overrides,
    start(killAt = Number.POSITIVE_INFINITY, onDeath = () => {}) {
      const life = createLife(killAt, onDeath);
      const dependencies = {
        store: life.store(store),
        clock: life.clock(clock),
        ids,
        logger: Number.isFinite(killAt) ? recordingLogger() : logger,
      };
      loops = [
        createTaskLoop(needs(dependencies, life.runtime(runtime))),
        createServiceLoop(dependencies),
      ];
      for (const loop of loops) loop.start();
    },
    async stop() {
      for (const loop of loops) await loop.stop();
    },
    resume() {
      for (const loop of loops) loop.start();
    },
    pushImage(tag = "v1") {
      store.write((tx) => tx.table(images).put(anImage(tag)));
    },
    putService: (service) => store.write((tx) => tx.table(services).put(service)),
    updateService: (change) =>
      store.write((tx) => {
        const [service] = tx.table(services).list(scope);
        if (service) tx.table(services).put(change(service));
      }),
    putTask: (task) => store.write((tx) => tx.table(tasks).put(task)),
    putDefinition: (definition) => store.write((tx) => tx.table(taskDefinitions).put(definition)),
    service() {
      const [service] = store.read((tx) => tx.table(services).list(scope));
      if (!service) throw new Error("there is no service");
      return service;
    },
    tasks: () => store.read((tx) => tx.table(tasks).list(scope)),
    targets: () => store.read((tx) => tx.table(targets).list(scope)),
    interfaces: () => store.read((tx) => tx.table(networkInterfaces).list(scope)),
    messages() {
      const events = store.read((tx) => tx.table(services).list(scope)[0]?.events ?? []);
      return events.map(({ message }) => message.replace(/^\(service \S+\) /, "")).toReversed();
    },
  };
}

/** Counts effects, and lets nothing more happen after the last one. */
function createLife(killAt: number, onDeath: () => void) {
  let effects = 0;
  let isDead = false;
  const never = (): Promise<never> => new Promise(() => {});
  const count = (): boolean => {
    effects += 1;
    if (effects >= killAt && !isDead) {
      isDead = true;
      onDeath();
    }
    return isDead;
  };
  const mortal =
    <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      if (isDead || count()) return never();
      const result = await call(...given);
      return isDead || count() ? never() : result;
    };
  return {
    runtime: (runtime: ContainerRuntime): ContainerRuntime => ({
      ...runtime,
      createSandbox: mortal(runtime.createSandbox),
      removeSandbox: mortal(runtime.removeSandbox),
      pull: mortal(runtime.pull),
      createContainer: mortal(runtime.createContainer),
      startContainer: mortal(runtime.startContainer),
      signal: mortal(runtime.signal),
      removeContainer: mortal(runtime.removeContainer),
      removeShared: mortal(runtime.removeShared),
      inventory: mortal(runtime.inventory),
      watch: (listener) => runtime.watch((event) => !isDead && listener(event)),
    }),
    store: (store: Store): Store => ({
      ...store,
      write(work) {
        if (isDead || count()) throw new Error("killed");
        const result = store.write(work);
        if (count()) throw new Error("killed");
        return result;
      },
      watch: (listener) => store.watch((changes) => !isDead && listener(changes)),
    }),
    clock: (clock: Clock): Clock => ({
      ...clock,
      after: (ms, run) => clock.after(ms, () => !isDead && run()),
      wallAfter: (ms, run) => clock.wallAfter(ms, () => !isDead && run()),
      sleep: (ms, signal) => clock.sleep(ms, signal).then(() => (isDead ? never() : undefined)),
    }),
  };
}

/** What the target loop and a balancer do. */
function followTargets(store: Store, clock: ManualClock): void {
  const write = (target: Target, change: (now: Target) => Target | undefined): void =>
    store.write((tx) => {
      const now = tx.table(targets).get(target, targets.key(target));
      if (now?.registration !== target.registration) return;
      const changed = change(now);
      if (changed) tx.table(targets).put(changed);
      else tx.table(targets).delete(target, targets.key(target));
    });
  store.watch((changes) => {
    for (const { table, before, after } of changes) {
      const target = after as Target | undefined;
      if (table !== targets.name || !target) continue;
      if (target.registration === (before as Target | undefined)?.registration) continue;
      if (target.registration === "draining") {
        clock.after(drainDelayMs, () => write(target, () => undefined));
        continue;
      }
      clock.after(healthyAfterMs, () =>
        write(target, (now) => ({
          ...now,
          health: { state: "healthy", reason: undefined, description: undefined },
        })),
      );
    }
  });
}

function seed(store: Store): void {
  const vpc = {
    ...scope,
    vpcId: "vpc-1",
    cidrBlocks: [{ associationId: "vpc-cidr-assoc-1", cidr: "10.0.0.0/16" }],
    enableDnsSupport: true,
    createdAt: 0,
    tags: [],
  } as unknown as Vpc;
  const aSubnet = (zone: "a" | "c", cidr: string): Subnet =>
    ({
      ...scope,
      subnetId: `subnet-${zone}`,
      vpcId: "vpc-1",
      cidr,
      availabilityZone: `${scope.region}${zone}`,
      createdAt: 0,
      tags: [],
    }) as unknown as Subnet;
  const group = { ...scope, arn: groupArn, name: "web", vpcId: "vpc-1" } as unknown as TargetGroup;
  const targets = [{ targetGroupArn: groupArn, weight: 1 }];
  const listener = {
    ...scope,
    arn: "listener-1",
    loadBalancerArn: "balancer-1",
    defaultAction: { type: "forward", targets, stickinessSeconds: undefined },
  } as unknown as Listener;
  store.write((tx) => {
    tx.table(vpcs).put(vpc);
    tx.table(subnets).put(aSubnet("a", "10.0.1.0/24"));
    tx.table(subnets).put(aSubnet("c", "10.0.2.0/24"));
    tx.table(clusters).put(aCluster());
    tx.table(taskDefinitions).put(aTaskDefinition());
    tx.table(targetGroups).put(group);
    tx.table(listeners).put(listener);
  });
}

const anImage = (tag: string): Image =>
  ({
    ...scope,
    repository: "app",
    digest: `sha256:${"0".repeat(62)}${String(tag.length).padStart(2, "0")}`,
    tags: [tag],
    blobs: [],
    children: [],
    pushedAt: 0,
  }) as unknown as Image;
