/** Network interfaces that EC2 makes, with its errors for addresses that cannot be had. */
import { reservedPerSubnet } from "../../engine/addresses.ts";
import { cidrSize, networkOf, parseAddress } from "../../model/cidr.ts";
import type { InterfaceOwner, NetworkInterface, Subnet } from "../../model/network.ts";
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
  if (privateIp !== undefined) checkAddress(context, subnet, privateIp);
  const address = privateIp === undefined ? {} : { privateIp };
  try {
    const { subnetId } = subnet;
    return createNetworkInterface(tx, ids, { ...input, ...address, scope, subnetId, now });
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

function checkAddress({ tx, scope }: Context, subnet: Subnet, privateIp: string): void {
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
  const others = tx.table(networkInterfaces).by("subnet", scope, subnet.subnetId);
  if (others.some((eni) => eni.privateIp === privateIp)) {
    throw addressInUse("The specified address is already in use.");
  }
}
