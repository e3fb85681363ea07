/** The nouns of Elastic Load Balancing v2. */
import type { Scope, Tag } from "./scope.ts";

export type LoadBalancer = Scope & {
  readonly arn: string;
  readonly name: string;
  readonly type: "application";
  readonly scheme: "internet-facing" | "internal";
  readonly ipAddressType: string;
  readonly vpcId: string;
  /** One node a subnet; the interface carries the node's address. */
  readonly nodes: readonly {
    readonly subnetId: string;
    readonly availabilityZone: string;
    readonly networkInterfaceId: string;
  }[];
  readonly securityGroupIds: readonly string[];
  /**
   * `<name>-<number>.<region>.elb.localhost`, `internal-…` for internal ones: AWS's form with an
   * ending that browsers and curl resolve to this machine by themselves.
   */
  readonly dnsName: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly tags: readonly Tag[];
};

export type ForwardTarget = { readonly targetGroupArn: string; readonly weight: number };

export type Action =
  | {
      readonly type: "forward";
      readonly targets: readonly ForwardTarget[];
      readonly stickinessSeconds: number | undefined;
    }
  | {
      readonly type: "redirect";
      readonly protocol: string;
      readonly port: string;
      readonly host: string;
      readonly path: string;
      readonly query: string;
      readonly statusCode: "HTTP_301" | "HTTP_302";
    }
  | {
      readonly type: "fixed-response";
      readonly statusCode: string;
      readonly contentType: string | undefined;
      readonly messageBody: string | undefined;
    };

export type Listener = Scope & {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: "HTTP";
  readonly defaultAction: Action;
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly tags: readonly Tag[];
};

export type TargetGroup = Scope & {
  readonly arn: string;
  readonly name: string;
  readonly targetType: "ip";
  readonly protocol: "HTTP";
  readonly protocolVersion: string;
  readonly port: number;
  readonly vpcId: string;
  readonly ipAddressType: string;
  readonly healthCheck: HealthCheck;
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly tags: readonly Tag[];
};

export type HealthCheck = {
  readonly enabled: boolean;
  readonly protocol: "HTTP";
  /** `traffic-port` or a port number. */
  readonly port: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** HTTP codes: `200`, `200,202`, `200-299`. */
  readonly matcher: string;
};

/** What the checks say of a registered target, their thresholds already applied. */
export type CheckVerdict =
  | { readonly type: "checking" }
  | { readonly type: "passing" }
  | {
      readonly type: "failing";
      readonly cause: "timeout" | "connection" | "code";
      /** The HTTP code for `code`. */
      readonly code: number | undefined;
    };

export type TargetState = "initial" | "healthy" | "unhealthy" | "draining" | "unused";

/**
 * A registered target. Desired by `registration` (written by RegisterTargets, DeregisterTargets and
 * the ECS loop); observed by `health` (written only by the target loop).
 */
export type Target = Scope & {
  readonly targetGroupArn: string;
  /** The address; target groups here are of type ip. */
  readonly id: string;
  readonly port: number;
  readonly availabilityZone: string | undefined;
  readonly registration: "registered" | "draining";
  readonly registeredAt: number;
  /** Engine time of deregistration. */
  readonly drainingSince: number | undefined;
  readonly health: {
    readonly state: TargetState;
    /** Such as `Target.Timeout`; absent when healthy. */
    readonly reason: string | undefined;
    readonly description: string | undefined;
  };
};
