/**
 * Keeps the host's network in step with the records, VPC by VPC.
 *
 * A commit marks the VPCs that it touches; a pass plans each as it is then and has it applied, so that
 * the interfaces of many tasks started together are made at once. A VPC comes to the host with its
 * first wired interface, and goes with its record.
 */
import type { Resolver } from "../dataplane/dns/port.ts";
import { type NetworkFabric, UnwiredError } from "../dataplane/network/port.ts";
import { planVpc } from "../engine/network-plan/plan-vpc.ts";
import type { VpcSnapshot } from "../engine/network-plan/snapshot.ts";
import type { Scope } from "../model/scope.ts";
import type { VpcPlan } from "../model/vpc-plan.ts";
import type { Change } from "../state/table.ts";
import { vpcs } from "../state/tables/network.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";
import { isConcerning, readSnapshot, touchedBy } from "./network-records.ts";

export type NetworkLoop = Loop & {
  /**
   * Resolves when the host agrees with the VPC's records as they were at the call. With an interface:
   * not before that one is there, though others that cannot be made are not waited for.
   */
  settled(scope: Scope, vpcId: string, interfaceId?: string): Promise<void>;
};

type VpcProgress = {
  readonly scope: Scope;
  /** Counts the commits that touched the VPC. */
  wanted: number;
  /** Up to which of them the host agrees. */
  settled: number;
  /** The plan applied last, as text. */
  applied: string | undefined;
  /** Interfaces that could not be made; tried again. */
  unwired: ReadonlySet<string>;
  readonly waiting: Waiter[];
};

type Waiter = {
  readonly until: number;
  readonly interfaceId: string | undefined;
  readonly resolve: () => void;
};

const noneUnwired: ReadonlySet<string> = new Set();

export function createNetworkLoop(
  dependencies: LoopDependencies & {
    readonly fabric: NetworkFabric;
    /** Undefined where no packets are to be answered. */
    readonly resolver?: Resolver | undefined;
  },
): NetworkLoop {
  const { store, logger, fabric, resolver } = dependencies;
  const progress = new Map<string, VpcProgress>();
  /** VPCs that the host has. Undefined until the first pass has asked. */
  let onHost: Set<string> | undefined;
  let unwatch = (): void => {};

  const progressOf = (scope: Scope, vpcId: string): VpcProgress => {
    const known = progress.get(vpcId);
    if (known) return known;
    const made = {
      scope,
      wanted: 1,
      settled: 0,
      applied: undefined,
      unwired: noneUnwired,
      waiting: [],
    };
    progress.set(vpcId, made);
    return made;
  };

  const touch = (scope: Scope, vpcId: string): void => {
    progressOf(scope, vpcId).wanted += 1;
  };

  const note = (changes: readonly Change[]): void => {
    for (const change of changes) {
      for (const { scope, vpcId } of touchedBy(store.read, change)) touch(scope, vpcId);
    }
  };

  const settle = (vpc: VpcProgress, version: number, unwired = noneUnwired): void => {
    vpc.settled = version;
    vpc.unwired = unwired;
    const isDone = ({ until, interfaceId }: Waiter): boolean =>
      until <= version && (interfaceId === undefined || !unwired.has(interfaceId));
    const done = vpc.waiting.filter(isDone);
    vpc.waiting.splice(0, Infinity, ...vpc.waiting.filter((waiter) => !isDone(waiter)));
    for (const waiter of done) waiter.resolve();
  };

  const bringUpToDate = async (vpcId: string, host: Set<string>): Promise<void> => {
    const vpc = progress.get(vpcId);
    if (!vpc || (vpc.settled === vpc.wanted && vpc.unwired.size === 0)) return;
    const version = vpc.wanted;
    const snapshot = store.read((tx) => readSnapshot(tx, vpc.scope, vpcId));
    try {
      if (snapshot) await applyPlan(vpc, snapshot, host);
      else await remove(vpcId, host);
    } catch (error) {
      if (error instanceof UnwiredError) settle(vpc, version, new Set(error.interfaceIds));
      throw error;
    }
    settle(vpc, version);
    if (!snapshot && vpc.wanted === version) progress.delete(vpcId);
  };

  const applyPlan = async (
    vpc: VpcProgress,
    snapshot: VpcSnapshot,
    host: Set<string>,
  ): Promise<void> => {
    const plan = planVpc(snapshot);
    if (plan.interfaces.length === 0 && !host.has(plan.vpcId)) return;
    const text = JSON.stringify(plan);
    if (vpc.applied === text) return;
    vpc.applied = undefined;
    // Even an apply that fails may have made the namespace.
    host.add(plan.vpcId);
    await fabric.apply(plan);
    await serveNames(plan);
    vpc.applied = text;
  };

  /** Without names the network is still a network. */
  const serveNames = async ({ vpcId, dnsAddresses }: VpcPlan): Promise<void> => {
    const uplink = fabric.uplinkOf(vpcId);
    try {
      if (uplink && dnsAddresses.length > 0) await resolver?.listen(vpcId, uplink.hostAddress);
      else await resolver?.leave(vpcId);
    } catch (error) {
      logger.error("network: a VPC has no DNS", { vpcId, error });
    }
  };

  const remove = async (vpcId: string, host: Set<string>): Promise<void> => {
    if (!host.has(vpcId)) return;
    await resolver?.leave(vpcId);
    await fabric.removeVpc(vpcId);
    host.delete(vpcId);
  };

  /** What the host has of VPCs whose records went while no engine ran. */
  const sweep = async (host: Set<string>): Promise<void> => {
    const known = new Set(
      store.read((tx) =>
        tx
          .table(vpcs)
          .all()
          .map((vpc) => vpc.vpcId),
      ),
    );
    for (const vpcId of [...host]) {
      if (known.has(vpcId)) continue;
      logger.info("network: removing a VPC that no record knows", { vpcId });
      await remove(vpcId, host);
    }
  };

  const loop = createLoop({
    ...dependencies,
    name: "network",
    concerns: isConcerning,
    async pass() {
      if (!onHost) {
        const found = new Set(await fabric.inventory());
        await sweep(found);
        for (const vpc of store.read((tx) => tx.table(vpcs).all())) progressOf(vpc, vpc.vpcId);
        onHost = found;
      }
      const host = onHost;
      const outcomes = await Promise.allSettled(
        [...progress.keys()].map((vpcId) => bringUpToDate(vpcId, host)),
      );
      const errors = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
      if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors);
      return undefined;
    },
  });

  return {
    ...loop,
    start() {
      unwatch = store.watch(note);
      loop.start();
    },
    async stop() {
      unwatch();
      await loop.stop();
      await resolver?.stop();
      // A later start finds out anew what the host has.
      onHost = undefined;
      progress.clear();
    },
    settled(scope, vpcId, interfaceId) {
      const vpc = progressOf(scope, vpcId);
      const isMissing = interfaceId !== undefined && vpc.unwired.has(interfaceId);
      if (vpc.settled === vpc.wanted && !isMissing) return Promise.resolve();
      const until = vpc.wanted;
      loop.wake();
      return new Promise((resolve) => vpc.waiting.push({ until, interfaceId, resolve }));
    },
  };
}
