/**
 * The network without a host: keeps the plans and does nothing. What they would let through can be
 * asked, and an apply can be made to fail once.
 */
import { type FlowCounts, noFlows } from "../../../model/flow-count.ts";
import type { VpcPlan } from "../../../model/vpc-plan.ts";
import type { NetworkFabric } from "../port.ts";
import { type Flow, isReachable } from "./reachability.ts";

export type SimulatedFabric = NetworkFabric & {
  /** The plan applied last. */
  planOf(vpcId: string): VpcPlan | undefined;
  /** Whether a new flow would get through. */
  reachable(vpcId: string, flow: Flow): boolean;
  /** The next apply rejects with `error`. */
  failNext(error: Error): void;
  /** What the next reading of the VPC's flows gives. */
  willCount(vpcId: string, counts: FlowCounts): void;
  /** How often `apply` was called. */
  applies(): number;
};

export function simulatedFabric(): SimulatedFabric {
  const plans = new Map<string, VpcPlan>();
  const flows = new Map<string, FlowCounts>();
  let failure: Error | undefined;
  let applies = 0;
  return {
    kind: "simulated",
    start: async () => {},
    async stop({ removeAll }) {
      if (removeAll) plans.clear();
    },
    async apply(plan) {
      applies += 1;
      const error = failure;
      failure = undefined;
      if (error) throw error;
      plans.set(plan.vpcId, plan);
    },
    async removeVpc(vpcId) {
      plans.delete(vpcId);
    },
    inventory: async () => [...plans.keys()],
    uplinkOf: () => undefined,
    async takeFlows(vpcId) {
      const taken = flows.get(vpcId);
      flows.delete(vpcId);
      return taken && plans.get(vpcId)?.countsFlows ? taken : noFlows;
    },
    planOf: (vpcId) => plans.get(vpcId),
    reachable(vpcId, flow) {
      const plan = plans.get(vpcId);
      return plan !== undefined && isReachable(plan, flow, plans);
    },
    willCount(vpcId, counts) {
      flows.set(vpcId, counts);
    },
    failNext(error) {
      failure = error;
    },
    applies: () => applies,
  };
}
