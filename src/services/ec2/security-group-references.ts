/** Who refers to security groups across peering connections, and which rules refer to nothing. */
import type {
  DescribeSecurityGroupReferencesRequest,
  DescribeSecurityGroupReferencesResult,
  DescribeStaleSecurityGroupsRequest,
  DescribeStaleSecurityGroupsResult,
  SecurityGroupReference,
  StaleIpPermission,
  StaleSecurityGroup,
} from "@aws-sdk/client-ec2";
import type { SecurityGroup, SecurityGroupRule } from "../../model/network.ts";
import { securityGroups, vpcPeeringConnections } from "../../state/tables/network.ts";
import { describePage } from "./describe.ts";
import { missingParameter } from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { farSideOf } from "./peering-sides.ts";
import { toPermissionViews } from "./permissions.ts";
import { type Context, find, findRequired, securityGroupKind, vpcKind } from "./resources.ts";

export const describeSecurityGroupReferences = operation<
  DescribeSecurityGroupReferencesRequest,
  DescribeSecurityGroupReferencesResult
>({
  name: "DescribeSecurityGroupReferences",
  resources: (input, scope) =>
    (input.GroupId ?? []).map((id) => arnOf(scope, "security-group", id)),
  accepts: { GroupId: true },
  run(context, input) {
    if (!input.GroupId?.length) throw missingParameter("groupId");
    const groups = input.GroupId.map((id) => find(context, securityGroupKind, id));
    return { SecurityGroupReferenceSet: groups.flatMap((group) => referencesTo(context, group)) };
  },
});

/** One for each peering connection over which a group of the other VPC names this one. */
function referencesTo({ tx, scope }: Context, group: SecurityGroup): SecurityGroupReference[] {
  const connections = tx.table(vpcPeeringConnections).by("vpc", scope, group.vpcId);
  return connections.flatMap((connection) => {
    const { vpcPeeringConnectionId } = connection;
    const far = farSideOf(connection, group.vpcId);
    const isNamed = tx
      .table(securityGroups)
      .by("vpc", far, far.vpcId)
      .some(({ rules }) => rules.some((rule) => names(rule, group.groupId)));
    if (connection.status !== "active" || !isNamed) return [];
    return {
      GroupId: group.groupId,
      ReferencingVpcId: far.vpcId,
      VpcPeeringConnectionId: vpcPeeringConnectionId,
    };
  });
}

const names = ({ peer }: SecurityGroupRule, groupId: string): boolean =>
  peer.type === "group" && peer.groupId === groupId;

export const describeStaleSecurityGroups = operation<
  DescribeStaleSecurityGroupsRequest,
  DescribeStaleSecurityGroupsResult
>({
  name: "DescribeStaleSecurityGroups",
  resources: (input, scope) => [arnOf(scope, "vpc", input.VpcId)],
  accepts: { VpcId: true, MaxResults: true, NextToken: true },
  run(context, input) {
    const { vpcId } = findRequired(context, vpcKind, input.VpcId, "vpcId");
    const groups = context.tx.table(securityGroups).by("vpc", context.scope, vpcId);
    const views = groups.flatMap((group) => toStaleView(context, group) ?? []);
    const { items, NextToken } = describePage(views, input, {
      operation: "DescribeStaleSecurityGroups",
      keyOf: (group) => group.GroupId,
      filters: {},
    });
    return { StaleSecurityGroupSet: items, NextToken };
  },
});

/** Undefined when every rule of the group still means something. */
function toStaleView(context: Context, group: SecurityGroup): StaleSecurityGroup | undefined {
  const stale = group.rules.filter((rule) => isStale(context, rule));
  if (stale.length === 0) return undefined;
  return {
    GroupId: group.groupId,
    GroupName: group.groupName,
    Description: group.description,
    VpcId: group.vpcId,
    StaleIpPermissions: stalePermissions(stale, "ingress"),
    StaleIpPermissionsEgress: stalePermissions(stale, "egress"),
  };
}

/** The rule names a group of a peered VPC, and the connection or the group is no more. */
function isStale({ tx, scope }: Context, { peer }: SecurityGroupRule): boolean {
  if (peer.type !== "group" || peer.vpcPeeringConnectionId === undefined) return false;
  const connection = tx.table(vpcPeeringConnections).get(scope, peer.vpcPeeringConnectionId);
  if (connection?.status !== "active") return true;
  const sides = [connection.requester, connection.accepter];
  return !sides.some((side) => tx.table(securityGroups).get(side, peer.groupId));
}

const stalePermissions = (
  rules: readonly SecurityGroupRule[],
  direction: SecurityGroupRule["direction"],
): StaleIpPermission[] =>
  toPermissionViews(rules, direction).map(({ FromPort, ToPort, IpProtocol, UserIdGroupPairs }) => ({
    FromPort,
    ToPort,
    IpProtocol,
    UserIdGroupPairs,
  }));
