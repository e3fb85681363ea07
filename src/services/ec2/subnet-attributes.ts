/** ModifySubnetAttribute: one attribute a call. */
import type { ModifySubnetAttributeRequest } from "@aws-sdk/client-ec2";
import type { Subnet } from "../../model/network.ts";
import { subnets } from "../../state/tables/network.ts";
import {
  invalidParameterCombination,
  invalidParameterValue,
  invalidValue,
  missingParameter,
} from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { findRequired, subnetKind } from "./resources.ts";

const hostnameTypes = ["ip-name", "resource-name"];

export const modifySubnetAttribute = operation<
  ModifySubnetAttributeRequest & { DryRun?: boolean },
  Record<string, never>
>({
  name: "ModifySubnetAttribute",
  resources: (input, scope) => [arnOf(scope, "subnet", input.SubnetId)],
  accepts: {
    SubnetId: true,
    MapPublicIpOnLaunch: true,
    AssignIpv6AddressOnCreation: true,
    EnableDns64: true,
    EnableResourceNameDnsARecordOnLaunch: true,
    EnableResourceNameDnsAAAARecordOnLaunch: true,
    PrivateDnsHostnameTypeOnLaunch: true,
  },
  stored: [
    "MapPublicIpOnLaunch",
    "EnableResourceNameDnsARecordOnLaunch",
    "EnableResourceNameDnsAAAARecordOnLaunch",
    "PrivateDnsHostnameTypeOnLaunch",
  ],
  run(context, input) {
    const subnet = findRequired(context, subnetKind, input.SubnetId, "subnetId");
    const changes = changesOf(subnet, input);
    if (changes.length > 1) {
      throw invalidParameterCombination("Fields for multiple attribute types specified");
    }
    const [change] = changes;
    if (!change) throw missingParameter("attribute");
    context.tx.table(subnets).put({ ...subnet, ...change });
    return {};
  },
});

function changesOf(subnet: Subnet, input: ModifySubnetAttributeRequest): Partial<Subnet>[] {
  const changes: Partial<Subnet>[] = [];
  const flag = (
    given: { Value?: boolean | undefined } | undefined,
    change: (value: boolean) => Partial<Subnet>,
  ): void => {
    if (given) changes.push(change(given.Value ?? false));
  };
  flag(input.MapPublicIpOnLaunch, (mapPublicIpOnLaunch) => ({ mapPublicIpOnLaunch }));
  flag(input.AssignIpv6AddressOnCreation, (value) => withoutIpv6(subnet, value));
  flag(input.EnableDns64, (value) => withoutIpv6(subnet, value));
  flag(input.EnableResourceNameDnsARecordOnLaunch, (enableResourceNameDnsARecord) => ({
    enableResourceNameDnsARecord,
  }));
  flag(input.EnableResourceNameDnsAAAARecordOnLaunch, (enableResourceNameDnsAaaaRecord) => ({
    enableResourceNameDnsAaaaRecord,
  }));
  const hostnameType = input.PrivateDnsHostnameTypeOnLaunch;
  if (hostnameType) {
    if (!hostnameTypes.includes(hostnameType)) {
      throw invalidValue(
        "privateDnsHostnameTypeOnLaunch",
        hostnameType,
        `Expecting ${hostnameTypes.join(" or ")}.`,
      );
    }
    changes.push({ privateDnsHostnameType: hostnameType });
  }
  return changes;
}

/** What needs an IPv6 block can be turned off, which it is, and not on: subnets here have none. */
function withoutIpv6(subnet: Subnet, value: boolean): Partial<Subnet> {
  if (!value) return {};
  throw invalidParameterValue(
    `The subnet ${subnet.subnetId} has no IPv6 CIDR block associated with it.`,
  );
}
