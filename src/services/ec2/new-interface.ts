/** Network interfaces that EC2 makes, with its errors for addresses that cannot be had. */
import { reservedPerSubnet } from "../../engine/addresses.ts";
import { cidrSize, networkOf, parseAddress } from "../../model/cidr.ts";
import {
  type InterfaceOwner,
  interfaceAt,
  type NetworkInterface,
  type Subnet,
} from "../../model/network.ts";
import type { Tag } from "../../model/scope.ts";
import { createNetworkInterface, SubnetFullError } from "../../state/network-interfaces.ts";
import { vpcsOfGroup } from "../../state/security-groups.ts";
import { networkInterfaces } from "../../state/tables/network.ts";
import { requireBlock } from "./cidr-blocks.ts";
import {
  addressInUse,
  groupOfOtherNetwork,
  insufficientFreeAddresses,
  invalidParameterValue,
  invalidValue,
  tooManyGroupsPerInterface,
} from "./errors.ts";
import { type Context, find, securityGroupKind } from "./resources.ts";

export const mostGroupsPerInterface = 5;

type NewInterface = {
  /** The next free one when undefined. */
  readonly privateIp: string | undefined;
  readonly groupIds: readonly string[];
  readonly description: string;
  readonly owner: InterfaceOwner;
  readonly tags: readonly Tag[];
};

/** Throws InsufficientFreeAddressesInSubnet, or what is wrong with the address asked for. */
export function makeInterface(
  context: Context,
  subnet: Subnet,
  { privateIp, ...input }: NewInterface,
): NetworkInterface {
  const { tx, scope, ids, now } = context;
  if (privateIp !== undefined) checkFree(context, subnet, privateIp);
  const address = privateIp === undefined ? {} : { privateIp };
  const { subnetId } = subnet;
  return unlessFull(() =>
    createNetworkInterface(tx, ids, { ...input, ...address, scope, subnetId, now }),
  );
}

/** What `work` gives. Throws InsufficientFreeAddressesInSubnet when the subnet has no room for it. */
export function unlessFull<R>(work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (error instanceof SubnetFullError) throw insufficientFreeAddresses();
    throw error;
  }
}

/** The groups without repetitions. Throws when one is not there or is another VPC's. */
export function checkGroups(
  context: Context,
  vpcId: string,
  groupIds: readonly string[],
): string[] {
  for (const groupId of groupIds) {
    const group = find(context, securityGroupKind, groupId);
    if (!vpcsOfGroup(context.tx, group).includes(vpcId)) throw groupOfOtherNetwork();
  }
  const groups = [...new Set(groupIds)];
  if (groups.length > mostGroupsPerInterface) throw tooManyGroupsPerInterface();
  return groups;
}

/** Throws when the address is none that an interface of the subnet can have. */
export function checkInSubnet(subnet: Subnet, privateIp: string): void {
  const address = parseAddress(privateIp);
  if (address === undefined) {
    throw invalidValue("privateIpAddress", privateIp, "Invalid IPv4 address.");
  }
  const cidr = requireBlock(subnet.cidr);
  const offset = address - networkOf(cidr);
  const lastOffset = cidrSize(cidr) - 1;
  if (offset < 0 || offset > lastOffset) {
    throw invalidParameterValue(`Address does not fall within the subnet's address range`);
  }
  // All but one of the reserved addresses stand at the start.
  if (offset < reservedPerSubnet - 1 || offset === lastOffset) {
    throw invalidParameterValue("Address is in subnet's reserved address range");
  }
}

/** Whose address it is. */
export const holderOf = (
  { tx, scope }: Context,
  subnetId: string,
  privateIp: string,
): NetworkInterface | undefined =>
  tx
    .table(networkInterfaces)
    .by("subnet", scope, subnetId)
    .find((eni) => interfaceAt(eni, privateIp));

/** Throws when the address cannot be had in the subnet. */
export function checkFree(context: Context, subnet: Subnet, privateIp: string): void {
  checkInSubnet(subnet, privateIp);
  if (!holderOf(context, subnet.subnetId, privateIp)) return;
  throw addressInUse("The specified address is already in use.");
}
