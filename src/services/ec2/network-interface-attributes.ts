/** The attributes of network interfaces that are asked for and changed one at a time. */
import type {
  DescribeNetworkInterfaceAttributeRequest,
  DescribeNetworkInterfaceAttributeResult,
  ModifyNetworkInterfaceAttributeRequest,
  ResetNetworkInterfaceAttributeRequest,
} from "@aws-sdk/client-ec2";
import type { NetworkInterface } from "../../model/network.ts";
import { networkInterfaces } from "../../state/tables/network.ts";
import {
  invalidParameterCombination,
  invalidValue,
  missingParameter,
  notPermitted,
} from "./errors.ts";
import { toNetworkInterfaceView } from "./network-interface-views.ts";
import { checkGroups } from "./new-interface.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, findRequired, networkInterfaceKind } from "./resources.ts";

export const describeNetworkInterfaceAttribute = operation<
  DescribeNetworkInterfaceAttributeRequest,
  DescribeNetworkInterfaceAttributeResult
>({
  name: "DescribeNetworkInterfaceAttribute",
  resources: (input, scope) => [arnOf(scope, "network-interface", input.NetworkInterfaceId)],
  accepts: { NetworkInterfaceId: true, Attribute: true },
  run(context, { NetworkInterfaceId, Attribute }) {
    const eni = findRequired(
      context,
      networkInterfaceKind,
      NetworkInterfaceId,
      "networkInterfaceId",
    );
    const view = toNetworkInterfaceView(context, eni);
    const plain = { NetworkInterfaceId: eni.networkInterfaceId };
    switch (Attribute) {
      case undefined:
        throw missingParameter("attribute");
      case "description":
        return { ...plain, Description: { Value: view.Description } };
      case "groupSet":
        return { ...plain, Groups: view.Groups };
      case "sourceDestCheck":
        return { ...plain, SourceDestCheck: { Value: view.SourceDestCheck } };
      case "attachment":
        return { ...plain, Attachment: view.Attachment };
      case "associatePublicIpAddress":
        return { ...plain, AssociatePublicIpAddress: view.Association !== undefined };
      default:
        throw invalidValue("attribute", Attribute, "It is not an attribute of an interface.");
    }
  },
});

/** Puts the one attribute that can be reset back to what an interface is made with. */
export const resetNetworkInterfaceAttribute = operation<
  ResetNetworkInterfaceAttributeRequest,
  Record<string, never>
>({
  name: "ResetNetworkInterfaceAttribute",
  resources: (input, scope) => [arnOf(scope, "network-interface", input.NetworkInterfaceId)],
  accepts: { NetworkInterfaceId: true, SourceDestCheck: true },
  run(context, { NetworkInterfaceId: id, SourceDestCheck }) {
    const eni = findRequired(context, networkInterfaceKind, id, "networkInterfaceId");
    if (SourceDestCheck === undefined) throw missingParameter("sourceDestCheck");
    checkChangeable(eni);
    context.tx.table(networkInterfaces).put({ ...eni, sourceDestCheck: true });
    return {};
  },
});

/** Those of balancers, endpoints and NAT gateways are changed through their owners. */
export function checkChangeable({ owner }: NetworkInterface): void {
  if (owner.type !== "user" && owner.type !== "ecs-task") throw notPermitted();
}

export const modifyNetworkInterfaceAttribute = operation<
  ModifyNetworkInterfaceAttributeRequest,
  Record<string, never>
>({
  name: "ModifyNetworkInterfaceAttribute",
  resources: (input, scope) => [arnOf(scope, "network-interface", input.NetworkInterfaceId)],
  accepts: {
    NetworkInterfaceId: true,
    Groups: true,
    Description: true,
    SourceDestCheck: true,
  },
  stored: ["SourceDestCheck"],
  run(context, input) {
    const eni = findRequired(
      context,
      networkInterfaceKind,
      input.NetworkInterfaceId,
      "networkInterfaceId",
    );
    checkChangeable(eni);
    const changes = changesOf(context, eni, input);
    if (changes.length > 1) {
      throw invalidParameterCombination("Fields for multiple attribute types specified");
    }
    const [change] = changes;
    if (!change) throw missingParameter("attribute");
    context.tx.table(networkInterfaces).put({ ...eni, ...change });
    return {};
  },
});

function changesOf(
  context: Context,
  eni: NetworkInterface,
  { Groups, Description, SourceDestCheck }: ModifyNetworkInterfaceAttributeRequest,
): Partial<NetworkInterface>[] {
  const changes: Partial<NetworkInterface>[] = [];
  if (Groups?.length) changes.push({ groupIds: checkGroups(context, eni.vpcId, Groups) });
  if (Description) changes.push({ description: Description.Value ?? "" });
  if (SourceDestCheck) changes.push({ sourceDestCheck: SourceDestCheck.Value ?? true });
  return changes;
}
