/** Keeps the balancers' data plane in step with the records: one picture, handed over when it changes. */
import type { LoadBalancerDataplane } from "../dataplane/loadbalancer/port.ts";
import { type EdgeRecords, planEdge } from "../engine/targets/edge-plan.ts";
import { networkTables, readNetworkRecords } from "../state/network-records.ts";
import type { ReadTransaction } from "../state/store.ts";
import { listeners, loadBalancers, targetGroups, targets } from "../state/tables/load-balancing.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

const concerning: ReadonlySet<string> = new Set([
  ...[listeners, loadBalancers, targetGroups, targets].map((table) => table.name),
  ...networkTables,
]);

export function balancersLoop(
  dependencies: LoopDependencies & { readonly balancers: LoadBalancerDataplane },
): Loop {
  const { store, balancers } = dependencies;
  let applied: string | undefined;
  return createLoop({
    ...dependencies,
    name: "balancers",
    concerns: (change) => concerning.has(change.table),
    async pass() {
      const plan = planEdge(store.read(readRecords));
      const text = JSON.stringify(plan);
      if (text === applied) return undefined;
      applied = undefined;
      await balancers.apply(plan);
      applied = text;
      return undefined;
    },
  });
}

const readRecords = (tx: ReadTransaction): EdgeRecords => ({
  ...readNetworkRecords(tx),
  loadBalancers: tx.table(loadBalancers).all(),
  listeners: tx.table(listeners).all(),
  targetGroups: tx.table(targetGroups).all(),
  targets: tx.table(targets).all(),
});
