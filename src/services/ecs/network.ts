/** The awsvpc configuration of a service or task: it must name what is there, all of one VPC. */
import type { NetworkConfiguration } from "@aws-sdk/client-ecs";
import type { ReadContext } from "../../gateway/service.ts";
import type { AwsvpcConfiguration } from "../../model/ecs.ts";
import type { Subnet } from "../../model/network.ts";
import { vpcsOfGroup } from "../../state/security-groups.ts";
import { securityGroups, subnets } from "../../state/tables/network.ts";
import { checkAtMost, checkEnum } from "./checks.ts";
import { invalidParameter } from "./errors.ts";

const mostSubnets = 16;
const mostSecurityGroups = 5;

export function readNetwork(
  context: ReadContext,
  configuration: NetworkConfiguration | undefined,
): AwsvpcConfiguration {
  const awsvpc = configuration?.awsvpcConfiguration;
  if (!awsvpc) {
    throw invalidParameter(
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    );
  }
  const { subnets: subnetIds = [], securityGroups: groupIds = [], assignPublicIp } = awsvpc;
  if (subnetIds.length === 0) throw invalidParameter("subnets can not be empty.");
  checkAtMost("subnets", subnetIds, mostSubnets);
  checkAtMost("securityGroups", groupIds, mostSecurityGroups);
  checkEnum("assignPublicIp", assignPublicIp, ["ENABLED", "DISABLED"]);
  const vpcIds = new Set(getSubnets(context, subnetIds).map((subnet) => subnet.vpcId));
  const places = groupIds.map((groupId) => getGroupVpcs(context, groupId));
  const isOfAll = (vpcId: string): boolean => places.every((ids) => ids.includes(vpcId));
  if (vpcIds.size > 1 || ![...vpcIds].every(isOfAll)) {
    throw invalidParameter("subnets and securityGroups must all belong to the same VPC.");
  }
  return {
    subnets: subnetIds,
    securityGroups: groupIds,
    assignPublicIp: assignPublicIp ?? "DISABLED",
  };
}

/** The subnets of those ids, in their order. Throws when one is not there. */
export function getSubnets({ tx, scope }: ReadContext, subnetIds: readonly string[]): Subnet[] {
  return subnetIds.map((subnetId) => {
    const subnet = tx.table(subnets).get(scope, subnetId);
    if (subnet) return subnet;
    throw invalidParameter(
      `Error retrieving subnet information for [${subnetId}]: ` +
        `The subnet ID '${subnetId}' does not exist (ErrorCode: InvalidSubnetID.NotFound)`,
    );
  });
}

function getGroupVpcs({ tx, scope }: ReadContext, groupId: string): readonly string[] {
  const group = tx.table(securityGroups).get(scope, groupId);
  if (group) return vpcsOfGroup(tx, group);
  throw invalidParameter(
    `Error retrieving security group information for [${groupId}]: ` +
      `The security group '${groupId}' does not exist (ErrorCode: InvalidGroup.NotFound)`,
  );
}

export function toNetworkView(network: AwsvpcConfiguration): NetworkConfiguration {
  const { subnets, securityGroups, assignPublicIp } = network;
  return {
    awsvpcConfiguration: {
      subnets: [...subnets],
      securityGroups: [...securityGroups],
      assignPublicIp,
    },
  };
}
