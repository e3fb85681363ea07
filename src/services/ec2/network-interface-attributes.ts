/** ModifyNetworkInterfaceAttribute: one attribute a call. */
import type { ModifyNetworkInterfaceAttributeRequest } from "@aws-sdk/client-ec2";
import type { NetworkInterface } from "../../model/network.ts";
import { networkInterfaces } from "../../state/tables/network.ts";
import { invalidParameterCombination, missingParameter, notPermitted } from "./errors.ts";
import { checkGroups } from "./new-interface.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, findRequired, networkInterfaceKind } from "./resources.ts";

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
    // Those of balancers and NAT gateways are changed through their owners.
    if (eni.owner.type !== "user" && eni.owner.type !== "ecs-task") throw notPermitted();
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
