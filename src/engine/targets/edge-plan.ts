/**
 * What the balancers' data plane has to do, from the records of the whole engine: which addresses and
 * ports listen, what each does, which targets are checked and which get requests.
 */
import type {
  BalancerPlan,
  EdgePlan,
  ListenerPlan,
  MetadataPlan,
  TargetGroupPlan,
  TargetPlan,
} from "../../model/edge-plan.ts";
import type { Listener, LoadBalancer, Target, TargetGroup } from "../../model/load-balancing.ts";
import type { NetworkInterface, Vpc } from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import { isOpenToInternet } from "../network-path/open-to-internet.ts";
import type { NetworkRecords } from "../network-path/records.ts";

export type EdgeRecords = NetworkRecords & {
  readonly loadBalancers: readonly LoadBalancer[];
  readonly listeners: readonly Listener[];
  readonly targetGroups: readonly TargetGroup[];
  readonly targets: readonly Target[];
};

export function planEdge(records: EdgeRecords): EdgePlan {
  return {
    balancers: records.loadBalancers.map((balancer) => planBalancer(records, balancer)),
    targetGroups: planTargetGroups(records),
    metadata: records.vpcs.flatMap((vpc) => planMetadata(records, vpc) ?? []),
  };
}

/** A VPC comes to the host, with its way to the metadata, with its first wired interface. */
function planMetadata(
  { networkInterfaces }: NetworkRecords,
  { vpcId }: Vpc,
): MetadataPlan | undefined {
  const wired = networkInterfaces.filter((one) => one.vpcId === vpcId && isWired(one));
  if (wired.length === 0) return undefined;
  const endpoints = wired
    .filter(({ owner }) => owner.type === "vpc-endpoint")
    .map(({ networkInterfaceId, privateIp }) => ({
      interfaceId: networkInterfaceId,
      address: privateIp,
    }));
  return { vpcId, endpoints };
}

const isWired = ({ owner }: NetworkInterface): boolean =>
  owner.type === "ecs-task" || owner.type === "load-balancer" || owner.type === "vpc-endpoint";

/** All names by which clients of the host know a balancer, lower-case; AWS's own form is the last. */
export const hostNamesOf = (balancer: Pick<LoadBalancer, "dnsName">): string[] => [
  balancer.dnsName,
  balancer.dnsName.replace(/\.elb\.localhost$/, ".elb.amazonaws.com"),
];

/** The group's balancer, found by the listeners that forward to it; AWS allows it only one. */
function balancerArnOf(listeners: readonly Listener[], targetGroupArn: string): string | undefined {
  return listeners.find((listener) => forwardsTo(listener, targetGroupArn))?.loadBalancerArn;
}

const forwardsTo = ({ defaultAction }: Listener, targetGroupArn: string): boolean =>
  defaultAction.type === "forward" &&
  defaultAction.targets.some((target) => target.targetGroupArn === targetGroupArn);

function planBalancer(records: EdgeRecords, balancer: LoadBalancer): BalancerPlan {
  const interfaces = balancer.nodes.flatMap(
    (node) =>
      records.networkInterfaces.find(
        (candidate) => candidate.networkInterfaceId === node.networkInterfaceId,
      ) ?? [],
  );
  const { attributes } = balancer;
  return {
    arn: balancer.arn,
    vpcId: balancer.vpcId,
    hostNames: hostNamesOf(balancer),
    nodes: interfaces.map((record) => ({
      interfaceId: record.networkInterfaceId,
      address: record.privateIp,
      availabilityZone: record.availabilityZone,
    })),
    listeners: records.listeners
      .filter((listener) => listener.loadBalancerArn === balancer.arn)
      .map((listener) => planListener(records, balancer, interfaces, listener)),
    idleTimeoutSeconds: Number(attributes["idle_timeout.timeout_seconds"] ?? 60),
    forwardedFor: forwardedForOf(attributes["routing.http.xff_header_processing.mode"]),
    forwardedClientPort: attributes["routing.http.xff_client_port.enabled"] === "true",
    dropInvalidHeaders: attributes["routing.http.drop_invalid_header_fields.enabled"] === "true",
  };
}

const forwardedForOf = (mode: string | undefined): BalancerPlan["forwardedFor"] =>
  mode === "preserve" || mode === "remove" ? mode : "append";

function planListener(
  records: EdgeRecords,
  balancer: LoadBalancer,
  interfaces: readonly NetworkInterface[],
  listener: Listener,
): ListenerPlan {
  return {
    arn: listener.arn,
    port: listener.port,
    defaultAction: listener.defaultAction,
    openToHost:
      balancer.scheme === "internet-facing" &&
      interfaces.some((node) => isOpenToInternet(records, node, listener.port)),
  };
}

function planTargetGroups(records: EdgeRecords): TargetGroupPlan[] {
  return records.targetGroups.flatMap((group) => {
    const balancerArn = balancerArnOf(records.listeners, group.arn);
    const balancer = records.loadBalancers.find(({ arn }) => arn === balancerArn);
    if (!balancer) return [];
    return {
      arn: group.arn,
      balancerArn: balancer.arn,
      healthCheck: group.healthCheck,
      algorithm: algorithmOf(group),
      targets: records.targets
        .filter((target) => target.targetGroupArn === group.arn)
        .filter((target) => isZoneEnabled(balancer, target))
        .map(planTarget),
    };
  });
}

function algorithmOf({ attributes }: TargetGroup): TargetGroupPlan["algorithm"] {
  const type = attributes["load_balancing.algorithm.type"];
  return type === "least_outstanding_requests" || type === "weighted_random" ? type : "round_robin";
}

/** Whether the balancer has a node in the target's zone; targets outside the VPC have none. */
export const isZoneEnabled = (
  balancer: Scope & Pick<LoadBalancer, "nodes">,
  { availabilityZone }: Pick<Target, "availabilityZone">,
): boolean =>
  availabilityZone === undefined ||
  availabilityZone === "all" ||
  balancer.nodes.some((node) => node.availabilityZone === availabilityZone);

function planTarget(target: Target): TargetPlan {
  return {
    address: target.id,
    port: target.port,
    availabilityZone: target.availabilityZone,
    registeredAt: target.registeredAt,
    duty: dutyOf(target),
    failing: target.health.state === "unhealthy",
  };
}

function dutyOf({ health }: Target): TargetPlan["duty"] {
  switch (health.state) {
    case "draining":
      return "draining";
    // The data plane itself keeps requests from a target that fails, and gives them again.
    case "healthy":
    case "unhealthy":
      return "serving";
    case "initial":
    case "unused":
      return "waiting";
  }
}
