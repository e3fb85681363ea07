/** Where in a VPC a balancer stands: its subnets and groups, checked, and its interfaces. */
import type { WriteContext } from "../../gateway/service.ts";
import { parseCidr } from "../../model/cidr.ts";
import type { LoadBalancer } from "../../model/load-balancing.ts";
import type { Subnet } from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import { createNetworkInterface, freeAddressesOf } from "../../state/network-interfaces.ts";
import { allocatePublicAddress } from "../../state/public-addresses.ts";
import { vpcsOfGroup } from "../../state/security-groups.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { internetGateways, securityGroups, subnets } from "../../state/tables/network.ts";
import {
  invalidConfiguration,
  invalidSecurityGroup,
  invalidSubnet,
  subnetNotFound,
  validationError,
} from "./errors.ts";

/** Addresses that AWS wants free in each subnet, so that the balancer can grow. */
const freeAddressesWanted = 8;
/** The smallest subnet that AWS takes. */
const smallestSubnetBits = 27;

/** The subnets, all of one VPC and in two zones or more; throws AWS's error otherwise. */
export function validateSubnets(
  tx: ReadTransaction,
  scope: Scope,
  ids: readonly string[],
): Subnet[] {
  const found = ids.map((id) => {
    const subnet = tx.table(subnets).get(scope, id);
    if (!subnet) throw subnetNotFound(id);
    return subnet;
  });
  const vpcIds = new Set(found.map((subnet) => subnet.vpcId));
  if (vpcIds.size > 1) {
    throw invalidConfiguration(
      `All subnets must belong to the same VPC: '${[...vpcIds].join(", ")}'`,
    );
  }
  const zones = new Set(found.map((subnet) => subnet.availabilityZone));
  if (zones.size < found.length && zones.size > 1) {
    throw invalidConfiguration(
      "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    );
  }
  if (zones.size < 2) {
    throw validationError(
      "At least two subnets in two different Availability Zones must be specified",
    );
  }
  return found;
}

/** Throws AWS's error when the subnet has too little room for a balancer to grow. */
export function validateRoom(tx: ReadTransaction, subnet: Subnet): void {
  const cidr = parseCidr(subnet.cidr);
  const free = freeAddressesOf(tx, subnet);
  if (!cidr || cidr.bits > smallestSubnetBits || free < freeAddressesWanted) {
    throw invalidSubnet(
      `Not enough IP space available in ${subnet.subnetId}. ELB requires at least ${freeAddressesWanted} free IP addresses in each subnet.`,
    );
  }
}

export const hasInternetGateway = (tx: ReadTransaction, scope: Scope, vpcId: string): boolean =>
  tx.table(internetGateways).by("vpc", scope, vpcId).length > 0;

/** The groups, all of the VPC; throws AWS's error otherwise. */
export function validateGroups(
  tx: ReadTransaction,
  scope: Scope,
  vpcId: string,
  ids: readonly string[],
): string[] {
  for (const id of ids) {
    const group = tx.table(securityGroups).get(scope, id);
    if (!group) throw invalidSecurityGroup(id);
    if (!vpcsOfGroup(tx, group).includes(vpcId)) {
      throw invalidConfiguration(`Security group '${id}' does not belong to VPC '${vpcId}'`);
    }
  }
  return [...new Set(ids)];
}

/** The VPC's own group, which a balancer gets that names none. */
export const defaultGroups = (tx: ReadTransaction, scope: Scope, vpcId: string): string[] =>
  tx
    .table(securityGroups)
    .by("vpc", scope, vpcId)
    .filter((group) => group.groupName === "default")
    .map((group) => group.groupId);

/** A node in the subnet: an interface of the balancer's, with a public address if it faces the internet. */
export function addNode(
  { tx, scope, ids, now }: WriteContext,
  balancer: Pick<LoadBalancer, "arn" | "name" | "scheme" | "securityGroupIds">,
  subnet: Subnet,
): LoadBalancer["nodes"][number] {
  const { arn, name, scheme } = balancer;
  const record = createNetworkInterface(tx, ids, {
    scope,
    subnetId: subnet.subnetId,
    groupIds: balancer.securityGroupIds,
    description: `ELB app/${name}/${arn.slice(-16)}`,
    owner: { type: "load-balancer", loadBalancerArn: arn },
    ...(scheme === "internet-facing" && { publicIp: allocatePublicAddress(tx, ids) }),
    now,
  });
  return {
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    networkInterfaceId: record.networkInterfaceId,
  };
}
