/** The whole picture of a VPC's network that the fabric is to make true. Addresses are IPv4. */

export type PeerMatch =
  | { readonly type: "cidr"; readonly cidr: string }
  /** A prefix list's blocks; none matches nothing. */
  | { readonly type: "cidrs"; readonly cidrs: readonly string[] }
  | { readonly type: "group"; readonly groupId: string };

export type PacketRule = {
  /** `any`, or a lower-case protocol name or number. */
  readonly protocol: string;
  /** Inclusive; for ICMP the type (`from`) and code (`to`, -1 for any), undefined for any. */
  readonly ports: { readonly from: number; readonly to: number } | undefined;
  readonly peer: PeerMatch;
};

/** A group of a peered VPC that rules of this one name has members and no rules. */
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
  /** A link of the edge namespace, where balancers run and the engine answers for endpoints. */
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
  /** More addresses of it, each served by the internet gateway or not. */
  readonly secondaryAddresses: readonly { readonly address: string; readonly isPublic: boolean }[];
  /** Whether it may send what is not its own, as a router does. */
  readonly forwards: boolean;
};

export type RoutePlan = {
  readonly destination: string;
  /**
   * `internet`: out by the internet gateway, for interfaces with a public address only. `nat`: out for
   * all. `endpoint`: to an AWS service, for which the engine answers.
   */
  readonly via: "local" | "internet" | "nat" | "peering" | "interface" | "endpoint" | "blackhole";
  /** The NAT gateway's subnet, the peering connection, or the interface that forwards. */
  readonly through?: string;
};

export type SubnetPlan = {
  readonly subnetId: string;
  readonly cidr: string;
  readonly routes: readonly RoutePlan[];
  /** One of `acls`; undefined where everything passes. */
  readonly aclId: string | undefined;
};

export type AclRule = {
  readonly allows: boolean;
  /** `any`, or a lower-case protocol name or number. */
  readonly protocol: string;
  readonly ports: PacketRule["ports"];
  /** The other end. */
  readonly cidr: string;
};

/** In the order in which the rules are tried; what none matches is denied. */
export type AclPlan = {
  readonly aclId: string;
  readonly ingress: readonly AclRule[];
  readonly egress: readonly AclRule[];
};

/** A connection to another VPC that is on the host, too. */
export type PeeringPlan = { readonly peeringId: string; readonly peerVpcId: string };

export type VpcPlan = {
  readonly vpcId: string;
  readonly cidrs: readonly string[];
  readonly subnets: readonly SubnetPlan[];
  readonly groups: readonly GroupPlan[];
  readonly interfaces: readonly InterfacePlan[];
  readonly acls: readonly AclPlan[];
  readonly peerings: readonly PeeringPlan[];
  /** Whether somebody wants to know which packets pass. */
  readonly countsFlows: boolean;
  /** Where the VPC's resolver is asked; none where DNS is off. */
  readonly dnsAddresses: readonly string[];
};
