/** GetSecurityGroupsForVpc: the groups that interfaces of a VPC can have. */
import type {
  GetSecurityGroupsForVpcRequest,
  GetSecurityGroupsForVpcResult,
  SecurityGroupForVpc,
} from "@aws-sdk/client-ec2";
import { groupsOfVpc } from "../../state/security-groups.ts";
import { acceptsDescribe, describePage } from "./describe.ts";
import type { FilterTable } from "./filters.ts";
import { arnOf, operation } from "./operation.ts";
import { findRequired, vpcKind } from "./resources.ts";
import { toTagViews } from "./tags.ts";

const filters: FilterTable<SecurityGroupForVpc> = {
  "group-id": (group) => group.GroupId,
  description: (group) => group.Description,
  "group-name": (group) => group.GroupName,
  "owner-id": (group) => group.OwnerId,
  "primary-vpc-id": (group) => group.PrimaryVpcId,
};

export const getSecurityGroupsForVpc = operation<
  GetSecurityGroupsForVpcRequest,
  GetSecurityGroupsForVpcResult
>({
  name: "GetSecurityGroupsForVpc",
  resources: (input, scope) => [arnOf(scope, "vpc", input.VpcId)],
  accepts: { VpcId: true, ...acceptsDescribe },
  run(context, input) {
    const { vpcId } = findRequired(context, vpcKind, input.VpcId, "vpcId");
    const groups = groupsOfVpc(context.tx, context.scope, vpcId);
    const views = groups.map((group) => ({
      GroupId: group.groupId,
      GroupName: group.groupName,
      Description: group.description,
      OwnerId: group.account,
      PrimaryVpcId: group.vpcId,
      Tags: toTagViews(group.tags),
    }));
    const { items, NextToken } = describePage(views, input, {
      operation: "GetSecurityGroupsForVpc",
      keyOf: (group) => group.GroupId,
      filters,
    });
    return { SecurityGroupForVpcs: items, NextToken };
  },
});
