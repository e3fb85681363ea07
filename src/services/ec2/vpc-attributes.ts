/** The attributes of a VPC that are asked for and changed one at a time. */
import type {
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  ModifyVpcAttributeRequest,
} from "@aws-sdk/client-ec2";
import type { Vpc } from "../../model/network.ts";
import { vpcs } from "../../state/tables/network.ts";
import { invalidParameterCombination, invalidValue, missingParameter } from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { findRequired, vpcKind } from "./resources.ts";

export const describeVpcAttribute = operation<
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult
>({
  name: "DescribeVpcAttribute",
  resources: (input, scope) => [arnOf(scope, "vpc", input.VpcId)],
  accepts: { VpcId: true, Attribute: true },
  run(context, input) {
    const vpc = findRequired(context, vpcKind, input.VpcId, "vpcId");
    switch (input.Attribute) {
      case undefined:
        throw missingParameter("attribute");
      case "enableDnsSupport":
        return { VpcId: vpc.vpcId, EnableDnsSupport: { Value: vpc.enableDnsSupport } };
      case "enableDnsHostnames":
        return { VpcId: vpc.vpcId, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } };
      case "enableNetworkAddressUsageMetrics":
        return {
          VpcId: vpc.vpcId,
          EnableNetworkAddressUsageMetrics: { Value: vpc.enableNetworkAddressUsageMetrics },
        };
      default:
        throw invalidValue("attribute", input.Attribute, "It is not an attribute of a VPC.");
    }
  },
});

export const modifyVpcAttribute = operation<
  ModifyVpcAttributeRequest & { DryRun?: boolean },
  Record<string, never>
>({
  name: "ModifyVpcAttribute",
  resources: (input, scope) => [arnOf(scope, "vpc", input.VpcId)],
  accepts: {
    VpcId: true,
    EnableDnsSupport: true,
    EnableDnsHostnames: true,
    EnableNetworkAddressUsageMetrics: true,
  },
  stored: ["EnableNetworkAddressUsageMetrics"],
  run(context, input) {
    const vpc = findRequired(context, vpcKind, input.VpcId, "vpcId");
    const changes = changesOf(input);
    if (changes.length > 1) {
      throw invalidParameterCombination("Fields for multiple attribute types specified");
    }
    const [change] = changes;
    if (!change) throw missingParameter("attribute");
    context.tx.table(vpcs).put({ ...vpc, ...change });
    return {};
  },
});

function changesOf(input: ModifyVpcAttributeRequest): Partial<Vpc>[] {
  const changes: Partial<Vpc>[] = [];
  const { EnableDnsSupport, EnableDnsHostnames, EnableNetworkAddressUsageMetrics } = input;
  if (EnableDnsSupport) changes.push({ enableDnsSupport: EnableDnsSupport.Value ?? false });
  if (EnableDnsHostnames) changes.push({ enableDnsHostnames: EnableDnsHostnames.Value ?? false });
  if (EnableNetworkAddressUsageMetrics) {
    const enableNetworkAddressUsageMetrics = EnableNetworkAddressUsageMetrics.Value ?? false;
    changes.push({ enableNetworkAddressUsageMetrics });
  }
  return changes;
}
