/**
 * The load balancers' data plane: one whole picture of every balancer of the engine, made true by
 * the driver, and the health it observes handed back.
 */
import type { Action, HealthCheck } from "../../model/load-balancing.ts";

export type BalancerNode = {
  readonly interfaceId: string;
  readonly address: string;
  readonly availabilityZone: string;
};

export type ListenerPlan = {
  readonly arn: string;
  readonly port: number;
  readonly defaultAction: Action;
  /** Whether the path model lets a client of the host ("the internet") reach this port; else silence. */
  readonly openToHost: boolean;
};

export type BalancerPlan = {
  readonly arn: string;
  readonly vpcId: string;
  /** Names by which the host reaches it: AWS's own and `<…>.elb.localhost`. */
  readonly hostNames: readonly string[];
  readonly nodes: readonly BalancerNode[];
  readonly listeners: readonly ListenerPlan[];
  readonly idleTimeoutSeconds: number;
  readonly preserveHostHeader: boolean;
  readonly forwardedFor: "append" | "preserve" | "remove";
};

export type TargetPlan = {
  readonly address: string;
  readonly port: number;
  readonly availabilityZone: string | undefined;
  /** `waiting`: checked, no traffic. `serving`: traffic. `draining`: no new request. */
  readonly duty: "waiting" | "serving" | "draining";
};

export type TargetGroupPlan = {
  readonly arn: string;
  /** The balancer that uses it; a group without one is not planned. */
  readonly balancerArn: string;
  readonly healthCheck: HealthCheck;
  readonly algorithm: "round_robin" | "least_outstanding_requests" | "weighted_random";
  readonly targets: readonly TargetPlan[];
};

export type MetadataPlan = { readonly vpcId: string };

export type EdgePlan = {
  readonly balancers: readonly BalancerPlan[];
  readonly targetGroups: readonly TargetGroupPlan[];
  /** VPCs whose tasks ask 169.254.170.2. */
  readonly metadata: readonly MetadataPlan[];
};

/** What the checks say of one target; sent on every change and once after registration. */
export type TargetObservation = {
  readonly targetGroupArn: string;
  readonly address: string;
  readonly port: number;
  readonly verdict:
    | { readonly type: "checking" }
    | { readonly type: "passing" }
    | {
        readonly type: "failing";
        readonly cause: "timeout" | "connection" | "code";
        /** The HTTP code for `code`. */
        readonly code: number | undefined;
      };
};

export type LoadBalancerDataplane = {
  readonly kind: "haproxy" | "simulated";
  start(): Promise<void>;
  stop(options: { removeAll: boolean }): Promise<void>;
  /** Resolves when new connections meet the new picture. In-flight requests go on. */
  apply(plan: EdgePlan): Promise<void>;
  watch(listener: (observations: readonly TargetObservation[]) => void): () => void;
  /** Ports that could not be bound on the host, with the reason, for `status`. */
  problems(): readonly { readonly port: number; readonly reason: string }[];
};
