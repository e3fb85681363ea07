/** The whole picture of the balancers that the data plane is to make true. */
import type { Action, HealthCheck } from "./load-balancing.ts";

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
  readonly forwardedFor: "append" | "preserve" | "remove";
  /** Whether the client's port goes into X-Forwarded-For beside its address. */
  readonly forwardedClientPort: boolean;
  /** Whether header names with characters other than letters, digits and hyphens are taken out. */
  readonly dropInvalidHeaders: boolean;
};

export type TargetPlan = {
  readonly address: string;
  readonly port: number;
  readonly availabilityZone: string | undefined;
  /** Tells one registration of an address from the next. */
  readonly registeredAt: number;
  /** `waiting`: checked, no traffic. `serving`: traffic. `draining`: no new request. */
  readonly duty: "waiting" | "serving" | "draining";
  /** Whether it was failing when last seen: where a process that knows nothing of it starts. */
  readonly failing: boolean;
};

export type TargetGroupPlan = {
  readonly arn: string;
  /** The balancer that uses it; a group without one is not planned. */
  readonly balancerArn: string;
  readonly healthCheck: HealthCheck;
  readonly algorithm: "round_robin" | "least_outstanding_requests" | "weighted_random";
  readonly targets: readonly TargetPlan[];
};

export type MetadataPlan = {
  readonly vpcId: string;
  /** Interfaces of the VPC's endpoints, where AWS's APIs are answered. */
  readonly endpoints: readonly { readonly interfaceId: string; readonly address: string }[];
};

export type EdgePlan = {
  readonly balancers: readonly BalancerPlan[];
  readonly targetGroups: readonly TargetGroupPlan[];
  /** VPCs whose tasks ask 169.254.170.2 and AWS's APIs. */
  readonly metadata: readonly MetadataPlan[];
};
