/** The whole picture of a VPC's network that the fabric is to make true. Addresses are IPv4. */

export type PeerMatch =
  | { readonly type: "cidr"; readonly cidr: string }
  | { readonly type: "group"; readonly groupId: string };

export type PacketRule = {
  /** `any`, or a lower-case protocol name or number. */
  readonly protocol: string;
  /** Inclusive; for ICMP the type (`from`) and code (`to`, -1 for any), undefined for any. */
  readonly ports: { readonly from: number; readonly to: number } | undefined;
  readonly peer: PeerMatch;
};

export type GroupPlan = {
  readonly groupId: string;
  /** Addresses of the interfaces that hold the group. */
  readonly members: readonly string[];
  readonly ingress: readonly PacketRule[];
  readonly egress: readonly PacketRule[];
};

/** Where an interface's other end is. */
export type InterfacePlace =
  /** eth0 in a task's sandbox. */
  | { readonly type: "sandbox"; readonly netns: string }
  /** A link of the edge namespace, where the balancer runs. */
  | { readonly type: "edge" };

export type InterfacePlan = {
  readonly interfaceId: string;
  readonly address: string;
  readonly subnetId: string;
  readonly macAddress: string;
  readonly groupIds: readonly string[];
  readonly place: InterfacePlace;
  /** Whether the internet gateway serves it: it has a public address. */
  readonly hasPublicAddress: boolean;
};

export type RoutePlan = {
  readonly destination: string;
  /** `internet`: out by the internet gateway, for interfaces with a public address only. `nat`: out for all. */
  readonly via: "local" | "internet" | "nat" | "blackhole";
};

export type SubnetPlan = {
  readonly subnetId: string;
  readonly cidr: string;
  readonly routes: readonly RoutePlan[];
};

export type VpcPlan = {
  readonly vpcId: string;
  readonly cidrs: readonly string[];
  readonly subnets: readonly SubnetPlan[];
  readonly groups: readonly GroupPlan[];
  readonly interfaces: readonly InterfacePlan[];
};
