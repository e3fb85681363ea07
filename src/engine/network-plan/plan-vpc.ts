/**
 * What a VPC's network has to look like, from its records: who is wired, which groups hold whom, what
 * each subnet's ACL lets pass and where its routes lead. Only IPv4; peers of other kinds match nothing
 * here.
 */
import type { NetworkInterface, Vpc } from "../../model/network.ts";
import type { InterfacePlan, PeeringPlan, VpcPlan } from "../../model/vpc-plan.ts";
import { linkLocalDnsAddress } from "../network-path/link-local.ts";
import { cidrsOf } from "../network-path/records.ts";
import { dnsServerOf } from "../task-lifecycle/addresses.ts";
import { planAclOf, planAcls } from "./acls.ts";
import { planForeignGroups, planGroup } from "./groups.ts";
import { planRoutes } from "./routes.ts";
import type { VpcSnapshot } from "./snapshot.ts";

export function planVpc(snapshot: VpcSnapshot): VpcPlan {
  const { vpc, subnets, securityGroups, networkInterfaces, networkAcls } = snapshot;
  const interfaces = networkInterfaces.flatMap((record) => planInterface(snapshot, record) ?? []);
  const peerings = interfaces.length === 0 ? [] : planPeerings(snapshot);
  const ends = {
    peerings: new Set(peerings.map(({ peeringId }) => peeringId)),
    interfaces: new Set(interfaces.map(({ interfaceId }) => interfaceId)),
  };
  return {
    vpcId: vpc.vpcId,
    cidrs: cidrsOf(vpc),
    subnets: subnets.map((subnet) => ({
      subnetId: subnet.subnetId,
      cidr: subnet.cidr,
      routes: planRoutes(snapshot, subnet, ends),
      aclId: planAclOf(networkAcls, subnet.subnetId),
    })),
    groups: [
      ...securityGroups.map((group) => planGroup(snapshot, group)),
      ...planForeignGroups(snapshot),
    ],
    interfaces,
    acls: planAcls(networkAcls),
    peerings,
    countsFlows: snapshot.isLogged,
    dnsAddresses: dnsAddressesOf(vpc),
  };
}

/** The primary block's first address plus two, and the link-local one; neither when DNS is off. */
function dnsAddressesOf({ enableDnsSupport, cidrBlocks }: Vpc): string[] {
  const own = dnsServerOf(cidrBlocks[0]?.cidr ?? "");
  return enableDnsSupport && own !== undefined ? [own, linkLocalDnsAddress] : [];
}

const planPeerings = ({ peers }: VpcSnapshot): PeeringPlan[] =>
  peers
    .filter(({ isWired }) => isWired)
    .map(({ connection, vpcId }) => ({
      peeringId: connection.vpcPeeringConnectionId,
      peerVpcId: vpcId,
    }));

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
    secondaryAddresses: (record.secondaryAddresses ?? []).map(({ privateIp, publicIp }) => ({
      address: privateIp,
      isPublic: publicIp !== undefined,
    })),
    forwards: !record.sourceDestCheck,
  };
}
