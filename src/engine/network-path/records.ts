/** The records that decide which way a packet takes, and what is looked up in them again and again. */
import { awsPrefixLists } from "../../model/aws-prefix-lists.ts";
import { type Cidr, containsAddress, parseAddress, parseCidr } from "../../model/cidr.ts";
import type {
  InternetGateway,
  NatGateway,
  NetworkAcl,
  NetworkInterface,
  PrefixList,
  RouteTable,
  SecurityGroup,
  Subnet,
  Vpc,
  VpcEndpoint,
  VpcPeeringConnection,
} from "../../model/network.ts";

/** Of a region and account, or of as many VPCs of it as a question touches. */
export type NetworkRecords = {
  readonly vpcs: readonly Vpc[];
  readonly subnets: readonly Subnet[];
  readonly routeTables: readonly RouteTable[];
  readonly internetGateways: readonly InternetGateway[];
  readonly natGateways: readonly NatGateway[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly networkAcls: readonly NetworkAcl[];
  readonly networkInterfaces: readonly NetworkInterface[];
  readonly vpcEndpoints: readonly VpcEndpoint[];
  readonly vpcPeeringConnections: readonly VpcPeeringConnection[];
  readonly prefixLists: readonly PrefixList[];
};

/** The table that a subnet uses: its own, else the VPC's main one. */
export function effectiveRouteTable(
  routeTables: readonly RouteTable[],
  subnet: { readonly vpcId: string; readonly subnetId: string },
): RouteTable | undefined {
  const ofVpc = routeTables.filter((table) => table.vpcId === subnet.vpcId);
  return (
    ofVpc.find((table) =>
      table.associations.some((association) => association.subnetId === subnet.subnetId),
    ) ?? ofVpc.find((table) => table.associations.some((association) => association.main))
  );
}

/** Undefined for a subnet that no ACL is associated with: nothing is filtered there. */
export const aclOf = (
  networkAcls: readonly NetworkAcl[],
  subnetId: string,
): NetworkAcl | undefined =>
  networkAcls.find((acl) => acl.associations.some((one) => one.subnetId === subnetId));

/** The IPv4 blocks in force; none for a list that does not exist. */
export function prefixListCidrs(
  prefixLists: readonly PrefixList[],
  region: string,
  prefixListId: string,
): readonly string[] {
  const own = prefixLists.find((list) => list.prefixListId === prefixListId);
  if (own?.addressFamily === "IPv6") return [];
  if (own) return own.versions.at(-1)?.entries.map(({ cidr }) => cidr) ?? [];
  return awsPrefixLists(region).find((list) => list.prefixListId === prefixListId)?.cidrs ?? [];
}

export const contains = (cidr: string, address: string): boolean => {
  const block: Cidr | undefined = parseCidr(cidr);
  const value = parseAddress(address);
  return block !== undefined && value !== undefined && containsAddress(block, value);
};

export const cidrsOf = (vpc: Vpc): string[] => vpc.cidrBlocks.map(({ cidr }) => cidr);
