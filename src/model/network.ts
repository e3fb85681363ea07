/** The nouns of a VPC, as the engine keeps them. EC2's answers are shaped from these. */
import type { Scope, Tag } from "./scope.ts";

type Ec2Resource = Scope & { readonly tags: readonly Tag[]; readonly createdAt: number };

export type Vpc = Ec2Resource & {
  readonly vpcId: string;
  /** The first is the primary one. */
  readonly cidrBlocks: readonly { readonly associationId: string; readonly cidr: string }[];
  readonly isDefault: boolean;
  readonly instanceTenancy: string;
  readonly enableDnsSupport: boolean;
  readonly enableDnsHostnames: boolean;
  readonly enableNetworkAddressUsageMetrics: boolean;
  readonly dhcpOptionsId: string;
};

export type Subnet = Ec2Resource & {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly cidr: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  readonly mapPublicIpOnLaunch: boolean;
  readonly assignIpv6AddressOnCreation: boolean;
  readonly enableDns64: boolean;
  readonly enableResourceNameDnsARecord: boolean;
  readonly enableResourceNameDnsAaaaRecord: boolean;
  readonly privateDnsHostnameType: string;
  /** The subnet that an account's default VPC has in each zone. */
  readonly defaultForAz?: boolean;
};

/** Addresses of a subnet that are given out to nobody who does not ask for one of them. */
export type SubnetCidrReservation = Ec2Resource & {
  readonly subnetCidrReservationId: string;
  readonly subnetId: string;
  readonly cidr: string;
  /** `prefix` keeps them for prefixes of instances' interfaces, `explicit` for addresses by name. */
  readonly reservationType: "prefix" | "explicit";
  readonly description: string | undefined;
};

export type InternetGateway = Ec2Resource & {
  readonly internetGatewayId: string;
  readonly vpcId: string | undefined;
};

export type ElasticIp = Ec2Resource & {
  readonly allocationId: string;
  readonly publicIp: string;
  /** Set while something uses it. */
  readonly association:
    | {
        readonly associationId: string;
        readonly networkInterfaceId: string;
        readonly privateIp: string;
      }
    | undefined;
};

export type NatGateway = Ec2Resource & {
  readonly natGatewayId: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly connectivityType: "public" | "private";
  readonly state: "available" | "failed" | "deleted";
  /** Why it is `failed`. */
  readonly failure?: { readonly code: string; readonly message: string };
  /** Of a failed gateway, when it failed: it goes the way of a deleted one. */
  readonly deletedAt: number | undefined;
  /** A failed gateway has neither interface nor address. */
  readonly networkInterfaceId: string | undefined;
  readonly privateIp: string | undefined;
  readonly allocationId: string | undefined;
  readonly publicIp: string | undefined;
};

/** What a route leads to. `blackhole` is found out when the target is looked up, never stored. */
export type RouteTarget =
  | { readonly type: "local" }
  | { readonly type: "internet-gateway"; readonly id: string }
  | { readonly type: "nat-gateway"; readonly id: string }
  | { readonly type: "network-interface"; readonly id: string }
  /** A gateway endpoint; its routes lead to an AWS-managed prefix list. */
  | { readonly type: "vpc-endpoint"; readonly id: string }
  | { readonly type: "vpc-peering-connection"; readonly id: string };

/** Either a block or a prefix list, whose blocks are those of its current version. */
export type Route = {
  readonly destinationCidr: string | undefined;
  readonly destinationPrefixListId?: string;
  readonly target: RouteTarget;
  readonly origin: "CreateRouteTable" | "CreateRoute";
};

export type RouteTable = Ec2Resource & {
  readonly routeTableId: string;
  readonly vpcId: string;
  readonly routes: readonly Route[];
  /** The main table's own association has no subnet. */
  readonly associations: readonly {
    readonly associationId: string;
    readonly subnetId: string | undefined;
    readonly main: boolean;
  }[];
};

/** One peer of a rule. Exactly one of the peers of a permission makes one rule, as on AWS. */
export type RulePeer =
  | { readonly type: "ipv4"; readonly cidr: string }
  | { readonly type: "ipv6"; readonly cidr: string }
  | {
      readonly type: "group";
      readonly groupId: string;
      readonly account: string;
      /** The group is one of the VPC on the other side of this connection. */
      readonly vpcPeeringConnectionId?: string;
    }
  | { readonly type: "prefix-list"; readonly prefixListId: string };

export type SecurityGroupRule = {
  readonly ruleId: string;
  readonly direction: "ingress" | "egress";
  /** `-1`, `tcp`, `udp`, `icmp`, `icmpv6`, or a protocol number as text. */
  readonly protocol: string;
  /** Absent for protocol -1. For ICMP: type and code, -1 for any. */
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
  readonly peer: RulePeer;
  readonly description: string | undefined;
  readonly tags: readonly Tag[];
};

export type SecurityGroup = Ec2Resource & {
  readonly groupId: string;
  readonly groupName: string;
  readonly description: string;
  readonly vpcId: string;
  readonly rules: readonly SecurityGroupRule[];
};

/** Makes a group one of another VPC of its region, too. */
export type SecurityGroupVpcAssociation = Scope & {
  readonly groupId: string;
  readonly vpcId: string;
};

export type NetworkAclEntry = {
  readonly ruleNumber: number;
  readonly egress: boolean;
  readonly protocol: string;
  readonly action: "allow" | "deny";
  /** A block of IPv4 or of IPv6. */
  readonly cidr: string;
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
};

export const isIpv6Entry = ({ cidr }: Pick<NetworkAclEntry, "cidr">): boolean => cidr.includes(":");

export type NetworkAcl = Ec2Resource & {
  readonly networkAclId: string;
  readonly vpcId: string;
  readonly isDefault: boolean;
  readonly entries: readonly NetworkAclEntry[];
  readonly associations: readonly { readonly associationId: string; readonly subnetId: string }[];
};

/** Who made an interface, which decides its owner fields and who may delete it. */
export type InterfaceOwner =
  /** `requesterId`: the unique id of who made it. */
  | { readonly type: "user"; readonly requesterId?: string }
  | { readonly type: "ecs-task"; readonly taskArn: string; readonly attachmentId: string }
  | { readonly type: "load-balancer"; readonly loadBalancerArn: string }
  | { readonly type: "nat-gateway"; readonly natGatewayId: string }
  | { readonly type: "vpc-endpoint"; readonly vpcEndpointId: string };

/** A private address of an interface, and the public one that stands for it outside. */
export type InterfaceAddress = {
  readonly privateIp: string;
  readonly publicIp: string | undefined;
};

export type NetworkInterface = Ec2Resource & {
  readonly networkInterfaceId: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  /** The primary one. */
  readonly privateIp: string;
  readonly secondaryAddresses?: readonly InterfaceAddress[];
  readonly macAddress: string;
  readonly groupIds: readonly string[];
  readonly description: string;
  readonly owner: InterfaceOwner;
  readonly publicIp: string | undefined;
  readonly sourceDestCheck: boolean;
  readonly status: "available" | "in-use";
  /** `eni-attach-…` while attached. */
  readonly attachmentId: string | undefined;
};

/** All of an interface's addresses, the primary one first. */
export const addressesOf = ({
  privateIp,
  publicIp,
  secondaryAddresses = [],
}: Pick<NetworkInterface, "privateIp" | "publicIp" | "secondaryAddresses">): readonly [
  InterfaceAddress,
  ...InterfaceAddress[],
] => [{ privateIp, publicIp }, ...secondaryAddresses];

/** The interface as whoever talks to one of its addresses sees it; undefined when it does not have it. */
export function interfaceAt<
  T extends Pick<NetworkInterface, "privateIp" | "publicIp" | "secondaryAddresses">,
>(record: T, privateIp: string): T | undefined {
  const found = addressesOf(record).find((one) => one.privateIp === privateIp);
  return found && { ...record, ...found };
}

type VpcEndpointBase = Ec2Resource & {
  readonly vpcEndpointId: string;
  readonly vpcId: string;
  /** `com.amazonaws.<region>.<service>`. */
  readonly serviceName: string;
  /** A policy document as text. */
  readonly policy: string;
};

/** Leads to its service by a route to the service's prefix list in each of these tables. */
export type GatewayEndpoint = VpcEndpointBase & {
  readonly type: "gateway";
  readonly routeTableIds: readonly string[];
};

/** Has one interface, owned by `vpc-endpoint`, in each of its subnets. */
export type InterfaceEndpoint = VpcEndpointBase & {
  readonly type: "interface";
  readonly subnetIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly networkInterfaceIds: readonly string[];
  /** The service's own names lead to the endpoint inside the VPC. */
  readonly privateDnsEnabled: boolean;
};

export type VpcEndpoint = GatewayEndpoint | InterfaceEndpoint;

export type PeeringSide = Scope & {
  readonly vpcId: string;
  readonly allowDnsResolutionFromRemoteVpc: boolean;
};

/** Both sides keep a record of it, each in its own region and account with its own tags. */
export type VpcPeeringConnection = Ec2Resource & {
  readonly vpcPeeringConnectionId: string;
  readonly requester: PeeringSide;
  readonly accepter: PeeringSide;
  readonly status: "pending-acceptance" | "active" | "rejected" | "failed" | "expired" | "deleted";
  readonly statusMessage: string;
  /** When it came to be in a status that is the last one. */
  readonly endedAt: number | undefined;
};

export type PrefixListEntry = { readonly cidr: string; readonly description: string | undefined };

/** A customer-managed prefix list; those of AWS are in `aws-prefix-lists.ts`. */
export type PrefixList = Ec2Resource & {
  readonly prefixListId: string;
  readonly prefixListName: string;
  readonly addressFamily: "IPv4" | "IPv6";
  readonly maxEntries: number;
  /** What was done to it last, which its state says; undefined for a new one. */
  readonly lastChange?: "modify" | "restore";
  /** Its deletion was asked for and failed: something refers to it. */
  readonly deletionFailed?: boolean;
  /** Oldest first; the last is in force. */
  readonly versions: readonly {
    readonly version: number;
    readonly entries: readonly PrefixListEntry[];
  }[];
};

export type DhcpOptions = Ec2Resource & {
  readonly dhcpOptionsId: string;
  /** What new VPCs of the region have. */
  readonly isDefault: boolean;
  readonly configurations: readonly { readonly key: string; readonly values: readonly string[] }[];
};

export type FlowLog = Ec2Resource & {
  readonly flowLogId: string;
  /** A VPC, a subnet or a network interface. */
  readonly resourceId: string;
  readonly trafficType: "ACCEPT" | "REJECT" | "ALL";
  /** Its records go to streams of this log group, by the role. */
  readonly logGroupName: string;
  readonly roleArn: string;
  /** Fields such as `${srcaddr}`, in the order of a record. */
  readonly logFormat: string;
  /** Seconds. */
  readonly maxAggregationInterval: number;
  /** Why the last records were not delivered. */
  readonly failure?: "Access error";
};
