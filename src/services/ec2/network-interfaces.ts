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
import { addressOf, unbindAddress } from "./address-associations.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import { invalidParameterValue, missingParameter } from "./errors.ts";
import { madeBefore, rememberToken } from "./idempotency.ts";
import { notBuilt } from "./link-errors.ts";
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
    Groups: true,
    InterfaceType: true,
    ClientToken: true,
    TagSpecifications: true,
  },
  run(context, input) {
    const known = madeBefore(context, "CreateNetworkInterface", input.ClientToken, input);
    const eni = known ? find(context, networkInterfaceKind, known) : makeForUser(context, input);
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

function makeForUser(context: Context, input: CreateNetworkInterfaceRequest): NetworkInterface {
  const subnet = findRequired(context, subnetKind, input.SubnetId, "subnetId");
  if (input.InterfaceType && !interfaceTypes.includes(input.InterfaceType)) {
    throw invalidParameterValue(`Invalid interface type ${input.InterfaceType}`);
  }
  return makeInterface(context, subnet, {
    privateIp: primaryAddress(input),
    groupIds: groupsFor(context, subnet, input.Groups ?? []),
    description: input.Description ?? "",
    owner: { type: "user" },
    tags: tagsFrom(input.TagSpecifications, "network-interface"),
  });
}

/** A list of one primary address is another way to name it; more addresses are not built. */
function primaryAddress({
  PrivateIpAddress: alone,
  PrivateIpAddresses: listed = [],
}: CreateNetworkInterfaceRequest): string | undefined {
  const [first, ...more] = listed;
  if (!first) return alone;
  const primaries = listed.filter(({ Primary }) => Primary);
  if (primaries.length + (alone ? 1 : 0) > 1) {
    throw invalidParameterValue("Only one primary private IP address can be specified.");
  }
  if (more.length > 0 || !first.Primary) {
    throw notBuilt("secondary private addresses of network interfaces");
  }
  if (!first.PrivateIpAddress) throw missingParameter("privateIpAddresses.1.privateIpAddress");
  return first.PrivateIpAddress;
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
    const address = addressOf(context, networkInterfaceId);
    if (address) unbindAddress(context, address);
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
