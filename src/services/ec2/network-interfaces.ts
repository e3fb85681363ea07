/** Network interfaces that users make; those of tasks, balancers and NAT gateways are made elsewhere. */
import type {
  CreateNetworkInterfaceRequest,
  CreateNetworkInterfaceResult,
  DeleteNetworkInterfaceRequest,
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
} from "@aws-sdk/client-ec2";
import type { NetworkInterface, Subnet } from "../../model/network.ts";
import { deleteNetworkInterface as removeInterface } from "../../state/network-interfaces.ts";
import { networkInterfaces, securityGroups } from "../../state/tables/network.ts";
import { addressesOn, unbindAddress } from "./address-associations.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import { invalidParameterValue, missingParameter } from "./errors.ts";
import { madeBefore, rememberToken } from "./idempotency.ts";
import { assignAddresses } from "./interface-addresses.ts";
import { networkInterfaceFilters, toNetworkInterfaceView } from "./network-interface-views.ts";
import { checkGroups, makeInterface } from "./new-interface.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, find, findRequired, networkInterfaceKind, subnetKind } from "./resources.ts";
import { tagsFrom } from "./tags.ts";

const interfaceTypes = ["interface"];

export const createNetworkInterface = operation<
  CreateNetworkInterfaceRequest,
  CreateNetworkInterfaceResult
>({
  name: "CreateNetworkInterface",
  resources: (input, scope) => [
    arnOf(scope, "network-interface", undefined),
    arnOf(scope, "subnet", input.SubnetId),
    ...(input.Groups ?? []).map((groupId) => arnOf(scope, "security-group", groupId)),
  ],
  accepts: {
    SubnetId: true,
    Description: true,
    PrivateIpAddress: true,
    PrivateIpAddresses: { PrivateIpAddress: true, Primary: true },
    SecondaryPrivateIpAddressCount: true,
    Groups: true,
    InterfaceType: true,
    ClientToken: true,
    TagSpecifications: true,
  },
  run(context, input) {
    const known = madeBefore(context, "CreateNetworkInterface", input.ClientToken, input);
    const eni = known
      ? find(context, networkInterfaceKind, known)
      : makeForUser(context, context.caller.userId, input);
    const { networkInterfaceId } = eni;
    if (!known) {
      rememberToken(
        context,
        "CreateNetworkInterface",
        input.ClientToken,
        input,
        networkInterfaceId,
      );
    }
    return {
      NetworkInterface: toNetworkInterfaceView(context, eni),
      ClientToken: input.ClientToken,
    };
  },
});

function makeForUser(
  context: Context,
  requesterId: string,
  input: CreateNetworkInterfaceRequest,
): NetworkInterface {
  const subnet = findRequired(context, subnetKind, input.SubnetId, "subnetId");
  if (input.InterfaceType && !interfaceTypes.includes(input.InterfaceType)) {
    throw invalidParameterValue(`Invalid interface type ${input.InterfaceType}`);
  }
  const { primary, ...secondary } = addressesAskedFor(input);
  const made = makeInterface(context, subnet, {
    privateIp: primary,
    groupIds: groupsFor(context, subnet, input.Groups ?? []),
    description: input.Description ?? "",
    owner: { type: "user", requesterId },
    tags: tagsFrom(input.TagSpecifications, "network-interface"),
  });
  assignAddresses(context, made, { ...secondary, mayMove: false });
  return find(context, networkInterfaceKind, made.networkInterfaceId);
}

/** The primary address may be one of the list, too; the others of it are secondary. */
function addressesAskedFor({
  PrivateIpAddress: alone,
  PrivateIpAddresses: listed = [],
  SecondaryPrivateIpAddressCount: count = 0,
}: CreateNetworkInterfaceRequest) {
  const primaries = listed.filter(({ Primary }) => Primary);
  if (primaries.length + (alone ? 1 : 0) > 1) {
    throw invalidParameterValue("Only one primary private IP address can be specified.");
  }
  const nameless = listed.findIndex(({ PrivateIpAddress }) => !PrivateIpAddress);
  if (nameless >= 0) {
    throw missingParameter(`privateIpAddresses.${nameless + 1}.privateIpAddress`);
  }
  return {
    primary: alone ?? primaries[0]?.PrivateIpAddress,
    named: listed.flatMap(({ Primary, PrivateIpAddress }) =>
      Primary ? [] : (PrivateIpAddress ?? []),
    ),
    count,
  };
}

/** The groups, or the default group of the subnet's VPC when none is named. */
function groupsFor(context: Context, subnet: Subnet, groupIds: readonly string[]): string[] {
  if (groupIds.length > 0) return checkGroups(context, subnet.vpcId, groupIds);
  const groups = context.tx.table(securityGroups).by("vpc", context.scope, subnet.vpcId);
  return groups.flatMap((group) => (group.groupName === "default" ? [group.groupId] : []));
}

export const deleteNetworkInterface = operation<
  DeleteNetworkInterfaceRequest,
  Record<string, never>
>({
  name: "DeleteNetworkInterface",
  resources: (input, scope) => [arnOf(scope, "network-interface", input.NetworkInterfaceId)],
  accepts: { NetworkInterfaceId: true },
  run(context, input) {
    const { networkInterfaceId, status } = findRequired(
      context,
      networkInterfaceKind,
      input.NetworkInterfaceId,
      "networkInterfaceId",
    );
    if (status === "in-use") {
      throw invalidParameterValue(`Network interface '${networkInterfaceId}' is currently in use.`);
    }
    for (const address of addressesOn(context, networkInterfaceId)) unbindAddress(context, address);
    removeInterface(context.tx, context.scope, networkInterfaceId);
    return {};
  },
});

export const describeNetworkInterfaces = operation<
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult
>({
  name: "DescribeNetworkInterfaces",
  accepts: { NetworkInterfaceIds: true, ...acceptsDescribe },
  run(context, input) {
    const { tx, scope } = context;
    const records = chosen(
      input.NetworkInterfaceIds,
      () => tx.table(networkInterfaces).list(scope),
      (id) => find(context, networkInterfaceKind, id),
    );
    const views = records.map((eni) => toNetworkInterfaceView(context, eni));
    const { items, NextToken } = describePage(views, input, {
      operation: "DescribeNetworkInterfaces",
      keyOf: (eni) => eni.NetworkInterfaceId,
      filters: networkInterfaceFilters,
    });
    return { NetworkInterfaces: items, NextToken };
  },
});
