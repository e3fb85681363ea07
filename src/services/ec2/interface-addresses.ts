/** Secondary private addresses of network interfaces: given, taken away, and moved between them. */
import type {
  AssignPrivateIpAddressesRequest,
  AssignPrivateIpAddressesResult,
  UnassignPrivateIpAddressesRequest,
} from "@aws-sdk/client-ec2";
import {
  addressesOf,
  type InterfaceAddress,
  type NetworkInterface,
  type Subnet,
} from "../../model/network.ts";
import { addAddresses } from "../../state/network-interfaces.ts";
import { elasticIps, networkInterfaces } from "../../state/tables/network.ts";
import { addressOf, unbindAddress } from "./address-associations.ts";
import {
  addressInUse,
  invalidParameterCombination,
  invalidParameterValue,
  invalidValue,
  missingParameter,
  tooManyAddresses,
} from "./errors.ts";
import { checkChangeable } from "./network-interface-attributes.ts";
import { checkInSubnet, holderOf, unlessFull } from "./new-interface.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, find, findRequired, networkInterfaceKind, subnetKind } from "./resources.ts";

/** As on the largest instances; the primary one counts. */
const mostAddresses = 50;

type Wanted = {
  readonly named: readonly string[];
  /** How many of the next free ones. */
  readonly count: number;
  /** Whether they may be taken off other interfaces. */
  readonly mayMove: boolean;
};

/** Gives the interface secondary addresses; answers the new ones. Throws when one cannot be had. */
export function assignAddresses(
  context: Context,
  eni: NetworkInterface,
  { named, count, mayMove }: Wanted,
): readonly string[] {
  if (named.length > 0 && count > 0) {
    throw invalidParameterCombination(
      "A count of secondary private IP addresses cannot be used with a list of them",
    );
  }
  if (count < 0) {
    throw invalidValue("secondaryPrivateIpAddressCount", count, "Expecting no negative number.");
  }
  if (new Set(named).size < named.length) {
    throw invalidParameterValue("The list of private IP addresses names one of them twice");
  }
  const subnet = find(context, subnetKind, eni.subnetId);
  for (const address of named) checkInSubnet(subnet, address);
  const own = addressesOf(eni).map(({ privateIp }) => privateIp);
  const added = named.filter((address) => !(mayMove && own.includes(address)));
  if (own.length + added.length + count > mostAddresses) throw tooManyAddresses();
  const moved = added.flatMap((address) => take(context, subnet, address, mayMove) ?? []);
  const given = unlessFull(() => addAddresses(context.tx, eni, { named: added, count }));
  for (const address of moved) follow(context, eni, address);
  return given;
}

/** Takes the address off its interface, where it must be a secondary one; undefined when it is free. */
function take(
  context: Context,
  { subnetId }: Subnet,
  privateIp: string,
  mayMove: boolean,
): InterfaceAddress | undefined {
  const holder = holderOf(context, subnetId, privateIp);
  if (!holder) return undefined;
  const { owner } = holder;
  const isMovable = owner.type === "user" || owner.type === "ecs-task";
  const address = holder.secondaryAddresses?.find((one) => one.privateIp === privateIp);
  if (!mayMove || !isMovable || !address) {
    throw addressInUse(`The specified address ${privateIp} is already in use.`);
  }
  dropAddress(context, holder, privateIp);
  return address;
}

/** An Elastic IP goes with the private address that it stands for. */
function follow(context: Context, eni: NetworkInterface, address: InterfaceAddress): void {
  const { tx, scope } = context;
  const { networkInterfaceId } = eni;
  const elastic = tx
    .table(elasticIps)
    .list(scope)
    .find(({ publicIp }) => publicIp === address.publicIp);
  if (!elastic?.association) return;
  const association = { ...elastic.association, networkInterfaceId };
  tx.table(elasticIps).put({ ...elastic, association });
  const now = find(context, networkInterfaceKind, networkInterfaceId);
  const secondaryAddresses = now.secondaryAddresses?.map((one) =>
    one.privateIp === address.privateIp ? address : one,
  );
  if (secondaryAddresses) tx.table(networkInterfaces).put({ ...now, secondaryAddresses });
}

function dropAddress({ tx }: Context, eni: NetworkInterface, privateIp: string): void {
  const secondaryAddresses = (eni.secondaryAddresses ?? []).filter(
    (one) => one.privateIp !== privateIp,
  );
  tx.table(networkInterfaces).put({ ...eni, secondaryAddresses });
}

/** These have no DryRun on AWS. */
type Plain<T> = T & { DryRun?: undefined };

export const assignPrivateIpAddresses = operation<
  Plain<AssignPrivateIpAddressesRequest>,
  AssignPrivateIpAddressesResult
>({
  name: "AssignPrivateIpAddresses",
  resources: (input, scope) => [arnOf(scope, "network-interface", input.NetworkInterfaceId)],
  accepts: {
    NetworkInterfaceId: true,
    PrivateIpAddresses: true,
    SecondaryPrivateIpAddressCount: true,
    AllowReassignment: true,
  },
  run(context, input) {
    const eni = findChangeable(context, input);
    const { PrivateIpAddresses: named = [], SecondaryPrivateIpAddressCount: count = 0 } = input;
    if (named.length === 0 && count === 0) {
      throw missingParameter("privateIpAddresses or secondaryPrivateIpAddressCount");
    }
    const mayMove = input.AllowReassignment ?? false;
    const added = assignAddresses(context, eni, { named, count, mayMove });
    return {
      NetworkInterfaceId: eni.networkInterfaceId,
      AssignedPrivateIpAddresses: added.map((PrivateIpAddress) => ({ PrivateIpAddress })),
      AssignedIpv4Prefixes: [],
    };
  },
});

function findChangeable(
  context: Context,
  input: { NetworkInterfaceId: string | undefined },
): NetworkInterface {
  const { NetworkInterfaceId: id } = input;
  const eni = findRequired(context, networkInterfaceKind, id, "networkInterfaceId");
  checkChangeable(eni);
  return eni;
}

export const unassignPrivateIpAddresses = operation<
  Plain<UnassignPrivateIpAddressesRequest>,
  Record<string, never>
>({
  name: "UnassignPrivateIpAddresses",
  resources: (input, scope) => [arnOf(scope, "network-interface", input.NetworkInterfaceId)],
  accepts: { NetworkInterfaceId: true, PrivateIpAddresses: true },
  run(context, input) {
    const { networkInterfaceId, privateIp, secondaryAddresses } = findChangeable(context, input);
    const gone = input.PrivateIpAddresses ?? [];
    if (gone.length === 0) throw missingParameter("privateIpAddresses");
    if (gone.includes(privateIp)) {
      throw invalidParameterValue(
        `The address ${privateIp} is the primary private IP address of ${networkInterfaceId} and cannot be unassigned`,
      );
    }
    const isOwn = (address: string): boolean =>
      secondaryAddresses?.some((one) => one.privateIp === address) ?? false;
    if (!gone.every(isOwn)) {
      throw invalidParameterValue(
        `Some of the specified addresses are not assigned to interface ${networkInterfaceId}`,
      );
    }
    for (const address of new Set(gone)) unassign(context, networkInterfaceId, address);
    return {};
  },
});

function unassign(context: Context, networkInterfaceId: string, privateIp: string): void {
  const elastic = addressOf(context, networkInterfaceId, privateIp);
  if (elastic) unbindAddress(context, elastic);
  dropAddress(context, find(context, networkInterfaceKind, networkInterfaceId), privateIp);
}
