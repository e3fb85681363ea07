/**
 * The load balancers' data plane: one whole picture of every balancer of the engine, made true by
 * the driver, and the health it observes handed back.
 */
import type { EdgePlan } from "../../model/edge-plan.ts";
import type { CheckVerdict } from "../../model/load-balancing.ts";

/** What the checks say of one target; sent on every change and once after registration. */
export type TargetObservation = {
  readonly targetGroupArn: string;
  readonly address: string;
  readonly port: number;
  /** As planned: an observation of an earlier registration says nothing of the present one. */
  readonly registeredAt: number;
  readonly verdict: CheckVerdict;
};

/** A port that could not be bound on the host. */
export type PortProblem = { readonly port: number; readonly reason: string };

export type LoadBalancerDataplane = {
  readonly kind: "haproxy" | "simulated";
  start(): Promise<void>;
  stop(options: { removeAll: boolean }): Promise<void>;
  /** Resolves when new connections meet the new picture. In-flight requests go on. */
  apply(plan: EdgePlan): Promise<void>;
  watch(listener: (observations: readonly TargetObservation[]) => void): () => void;
  /** Ports that could not be bound on the host, with the reason, for `status`. */
  problems(): readonly PortProblem[];
};
