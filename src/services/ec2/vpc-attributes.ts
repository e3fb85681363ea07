/** The attributes of a VPC that are asked for and changed one at a time. */
import type {
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  ModifyVpcAttributeRequest,
  ModifyVpcTenancyRequest,
  ModifyVpcTenancyResult,
} from "@aws-sdk/client-ec2";
import type { Vpc } from "../../model/network.ts";
import { vpcs } from "../../state/tables/network.ts";
import {
  invalidParameterCombination,
  invalidValue,
  missingParameter,
  unsupportedTenancy,
} from "./errors.ts";
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

export const modifyVpcTenancy = operation<ModifyVpcTenancyRequest, ModifyVpcTenancyResult>({
  name: "ModifyVpcTenancy",
  resources: (input, scope) => [arnOf(scope, "vpc", input.VpcId)],
  accepts: { VpcId: true, InstanceTenancy: true },
  stored: ["InstanceTenancy"],
  run(context, input) {
    const vpc = findRequired(context, vpcKind, input.VpcId, "vpcId");
    if (!input.InstanceTenancy) throw missingParameter("instanceTenancy");
    // The way back to dedicated is closed: instances may be there.
    if (input.InstanceTenancy !== "default") throw unsupportedTenancy(input.InstanceTenancy);
    context.tx.table(vpcs).put({ ...vpc, instanceTenancy: "default" });
    return { ReturnValue: true };
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
