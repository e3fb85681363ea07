/**
 * What a VPC's network has to look like, from its records: who is wired, which groups hold whom, and
 * where each subnet's routes lead. Only IPv4; peers of other kinds match nothing here.
 */
import type {
  InternetGateway,
  NatGateway,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  Subnet,
  Vpc,
} from "../../model/network.ts";
import type { InterfacePlace, InterfacePlan, VpcPlan } from "../../model/vpc-plan.ts";
import { planGroup } from "./groups.ts";
import { planRoutes } from "./routes.ts";

/** Records of one VPC; an internet gateway counts when it is attached to it. */
export type VpcSnapshot = {
  readonly vpc: Vpc;
  readonly subnets: readonly Subnet[];
  readonly routeTables: readonly RouteTable[];
  readonly internetGateways: readonly InternetGateway[];
  readonly natGateways: readonly NatGateway[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly networkInterfaces: readonly NetworkInterface[];
  /** Undefined for an interface that only reserves its address. */
  readonly placeOf: (networkInterface: NetworkInterface) => InterfacePlace | undefined;
};

export function planVpc(snapshot: VpcSnapshot): VpcPlan {
  const { vpc, subnets, securityGroups, networkInterfaces } = snapshot;
  return {
    vpcId: vpc.vpcId,
    cidrs: vpc.cidrBlocks.map((block) => block.cidr),
    subnets: subnets.map((subnet) => ({
      subnetId: subnet.subnetId,
      cidr: subnet.cidr,
      routes: planRoutes(snapshot, subnet),
    })),
    groups: securityGroups.map((group) => planGroup(group, networkInterfaces)),
    interfaces: networkInterfaces.flatMap((record) => planInterface(snapshot, record) ?? []),
  };
}

function planInterface(
  { placeOf, securityGroups }: VpcSnapshot,
  record: NetworkInterface,
): InterfacePlan | undefined {
  const place = placeOf(record);
  if (!place) return undefined;
  return {
    interfaceId: record.networkInterfaceId,
    address: record.privateIp,
    subnetId: record.subnetId,
    macAddress: record.macAddress,
    groupIds: record.groupIds.filter((id) => securityGroups.some((group) => group.groupId === id)),
    place,
    hasPublicAddress: record.publicIp !== undefined,
  };
}
