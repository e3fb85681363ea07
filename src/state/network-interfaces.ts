/**
 * Making and ending network interfaces, for every writer that has one made: EC2 itself, load
 * balancers, NAT gateways and tasks.
 */
import { freeAddressCount, nextFreeAddress, type Taken } from "../engine/addresses.ts";
import { type Cidr, parseAddress, parseCidr } from "../model/cidr.ts";
import {
  addressesOf,
  type InterfaceOwner,
  type NetworkInterface,
  type Subnet,
} from "../model/network.ts";
import type { Scope, Tag } from "../model/scope.ts";
import type { Ids } from "../seams/ids.ts";
import type { ReadTransaction, WriteTransaction } from "./store.ts";
import { defineTable } from "./table.ts";
import { networkInterfaces, subnetCidrReservations, subnets } from "./tables/network.ts";

/** The last address a subnet gave out. */
type AddressCursor = Scope & { readonly subnetId: string; readonly last: string };
const addressCursors = defineTable<AddressCursor>({
  name: "address-cursors",
  key: (cursor) => cursor.subnetId,
});

/** The subnet has no free address; AWS's InsufficientFreeAddressesInSubnet. */
export class SubnetFullError extends Error {
  readonly subnetId: string;
  constructor(subnetId: string) {
    super(`subnet ${subnetId} has no free address`);
    this.name = "SubnetFullError";
    this.subnetId = subnetId;
  }
}

export type NewInterface = {
  readonly scope: Scope;
  /** Must exist. */
  readonly subnetId: string;
  /** A free address of the subnet; the next free one when not given. */
  readonly privateIp?: string;
  readonly groupIds: readonly string[];
  readonly description: string;
  readonly owner: InterfaceOwner;
  readonly publicIp?: string;
  readonly tags?: readonly Tag[];
  readonly now: number;
};

/** Creates the record. Throws `SubnetFullError`. Interfaces of an owner start attached and in use. */
export function createNetworkInterface(
  tx: WriteTransaction,
  ids: Ids,
  input: NewInterface,
): NetworkInterface {
  const { scope, subnetId } = input;
  const subnet = tx.table(subnets).get(scope, subnetId);
  const cidr = subnet && parseCidr(subnet.cidr);
  if (!cidr) throw new Error(`subnet ${subnetId} does not exist`);
  const privateIp = input.privateIp ?? takeAddress(tx, scope, subnetId, cidr);
  const attached = input.owner.type !== "user";
  const record: NetworkInterface = {
    account: scope.account,
    region: scope.region,
    networkInterfaceId: `eni-${ids.hex(17)}`,
    vpcId: subnet.vpcId,
    subnetId,
    availabilityZone: subnet.availabilityZone,
    privateIp,
    macAddress: macOf(ids),
    groupIds: input.groupIds,
    description: input.description,
    owner: input.owner,
    publicIp: input.publicIp,
    sourceDestCheck: input.owner.type !== "nat-gateway",
    status: attached ? "in-use" : "available",
    attachmentId: attached ? `eni-attach-${ids.hex(17)}` : undefined,
    tags: input.tags ?? [],
    createdAt: input.now,
  };
  tx.table(networkInterfaces).put(record);
  return record;
}

export function deleteNetworkInterface(
  tx: WriteTransaction,
  scope: Scope,
  networkInterfaceId: string,
): void {
  tx.table(networkInterfaces).delete(scope, networkInterfaceId);
}

function takenIn(tx: ReadTransaction, scope: Scope, subnetId: string): Taken {
  const interfaces = tx.table(networkInterfaces).by("subnet", scope, subnetId);
  const reservations = tx.table(subnetCidrReservations).by("subnet", scope, subnetId);
  return {
    used: new Set(interfaces.flatMap(addressesOf).map(({ privateIp }) => privateIp)),
    reserved: reservations.flatMap(({ cidr }) => parseCidr(cidr) ?? []),
  };
}

/** How many interfaces the subnet has room for whose address nobody chooses. */
export function freeAddressesOf(tx: ReadTransaction, subnet: Subnet): number {
  const cidr = parseCidr(subnet.cidr);
  return cidr ? freeAddressCount(cidr, takenIn(tx, subnet, subnet.subnetId)) : 0;
}

/**
 * Gives the interface more addresses: those that are named, which must be free, and `count` of the
 * next free ones. Throws `SubnetFullError`. Answers the new ones.
 */
export function addAddresses(
  tx: WriteTransaction,
  record: NetworkInterface,
  { named, count }: { readonly named: readonly string[]; readonly count: number },
): readonly string[] {
  const { subnetId, networkInterfaceId } = record;
  const cidr = parseCidr(tx.table(subnets).get(record, subnetId)?.cidr ?? "");
  if (!cidr) throw new Error(`subnet ${subnetId} does not exist`);
  const added: string[] = [];
  const add = (privateIp: string): void => {
    const table = tx.table(networkInterfaces);
    const now = table.get(record, networkInterfaceId) ?? record;
    const secondaryAddresses = [
      ...(now.secondaryAddresses ?? []),
      { privateIp, publicIp: undefined },
    ];
    table.put({ ...now, secondaryAddresses });
    added.push(privateIp);
  };
  for (const privateIp of named) add(privateIp);
  for (let left = count; left > 0; left--) add(takeAddress(tx, record, subnetId, cidr));
  return added;
}

function takeAddress(tx: WriteTransaction, scope: Scope, subnetId: string, cidr: Cidr): string {
  const cursor = tx.table(addressCursors).get(scope, subnetId);
  const after = cursor && parseAddress(cursor.last);
  const address = nextFreeAddress(cidr, takenIn(tx, scope, subnetId), after);
  if (address === undefined) throw new SubnetFullError(subnetId);
  tx.table(addressCursors).put({
    account: scope.account,
    region: scope.region,
    subnetId,
    last: address,
  });
  return address;
}

/** A locally administered unicast address, as AWS's interfaces have. */
function macOf(ids: Ids): string {
  const digits = ids.hex(10);
  return `0a:${[0, 2, 4, 6, 8].map((at) => digits.slice(at, at + 2)).join(":")}`;
}
