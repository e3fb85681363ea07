/** Tables of the VPC's nouns. */
import type {
  DhcpOptions,
  ElasticIp,
  FlowLog,
  InternetGateway,
  NatGateway,
  NetworkAcl,
  NetworkInterface,
  PrefixList,
  RouteTable,
  SecurityGroup,
  SecurityGroupVpcAssociation,
  Subnet,
  SubnetCidrReservation,
  Vpc,
  VpcEndpoint,
  VpcPeeringConnection,
} from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import { defineTable } from "../table.ts";

/** That a region has had its default VPC made, so that a deleted one does not come back. */
type DefaultVpcMark = Scope & { readonly madeAt: number };
export const defaultVpcMarks = defineTable<DefaultVpcMark>({
  name: "default-vpc-marks",
  key: () => "default",
});

/** What a client token was first used for. */
type ClientToken = Scope & {
  readonly operation: string;
  readonly token: string;
  /** The input it came with, as canonical text. */
  readonly input: string;
  readonly resourceId: string;
  readonly usedAt: number;
};
export const clientTokens = defineTable<ClientToken>({
  name: "ec2-client-tokens",
  key: (use) => `${use.operation}/${use.token}`,
});

export const vpcs = defineTable<Vpc>({ name: "vpcs", key: (vpc) => vpc.vpcId });

export const subnets = defineTable<Subnet, "vpc">({
  name: "subnets",
  key: (subnet) => subnet.subnetId,
  indexes: { vpc: (subnet) => [subnet.vpcId] },
});

export const subnetCidrReservations = defineTable<SubnetCidrReservation, "subnet">({
  name: "subnet-cidr-reservations",
  key: (reservation) => reservation.subnetCidrReservationId,
  indexes: { subnet: (reservation) => [reservation.subnetId] },
});

export const internetGateways = defineTable<InternetGateway, "vpc">({
  name: "internet-gateways",
  key: (gateway) => gateway.internetGatewayId,
  indexes: { vpc: (gateway) => (gateway.vpcId ? [gateway.vpcId] : []) },
});

export const elasticIps = defineTable<ElasticIp>({
  name: "elastic-ips",
  key: (address) => address.allocationId,
});

export const natGateways = defineTable<NatGateway, "vpc" | "subnet">({
  name: "nat-gateways",
  key: (gateway) => gateway.natGatewayId,
  indexes: { vpc: (gateway) => [gateway.vpcId], subnet: (gateway) => [gateway.subnetId] },
});

export const routeTables = defineTable<RouteTable, "vpc" | "subnet">({
  name: "route-tables",
  key: (table) => table.routeTableId,
  indexes: {
    vpc: (table) => [table.vpcId],
    subnet: (table) => table.associations.flatMap((association) => association.subnetId ?? []),
  },
});

export const securityGroups = defineTable<SecurityGroup, "vpc">({
  name: "security-groups",
  key: (group) => group.groupId,
  indexes: { vpc: (group) => [group.vpcId] },
});

export const securityGroupVpcAssociations = defineTable<
  SecurityGroupVpcAssociation,
  "group" | "vpc"
>({
  name: "security-group-vpc-associations",
  key: (association) => `${association.groupId}/${association.vpcId}`,
  indexes: {
    group: (association) => [association.groupId],
    vpc: (association) => [association.vpcId],
  },
});

export const networkAcls = defineTable<NetworkAcl, "vpc">({
  name: "network-acls",
  key: (acl) => acl.networkAclId,
  indexes: { vpc: (acl) => [acl.vpcId] },
});

export const networkInterfaces = defineTable<NetworkInterface, "vpc" | "subnet" | "group">({
  name: "network-interfaces",
  key: (networkInterface) => networkInterface.networkInterfaceId,
  indexes: {
    vpc: (networkInterface) => [networkInterface.vpcId],
    subnet: (networkInterface) => [networkInterface.subnetId],
    group: (networkInterface) => networkInterface.groupIds,
  },
});

export const vpcEndpoints = defineTable<VpcEndpoint, "vpc">({
  name: "vpc-endpoints",
  key: (endpoint) => endpoint.vpcEndpointId,
  indexes: { vpc: (endpoint) => [endpoint.vpcId] },
});

/** Indexed by both VPCs, whichever region or account the other one is in. */
export const vpcPeeringConnections = defineTable<VpcPeeringConnection, "vpc">({
  name: "vpc-peering-connections",
  key: (connection) => connection.vpcPeeringConnectionId,
  indexes: { vpc: ({ requester, accepter }) => [requester.vpcId, accepter.vpcId] },
});

export const prefixLists = defineTable<PrefixList>({
  name: "prefix-lists",
  key: (list) => list.prefixListId,
});

export const dhcpOptions = defineTable<DhcpOptions>({
  name: "dhcp-options",
  key: (options) => options.dhcpOptionsId,
});

export const flowLogs = defineTable<FlowLog, "resource">({
  name: "flow-logs",
  key: (log) => log.flowLogId,
  indexes: { resource: (log) => [log.resourceId] },
});
