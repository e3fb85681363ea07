/** Security groups: making, showing and ending them. */
import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  IpPermission,
  SecurityGroup as SecurityGroupView,
} from "@aws-sdk/client-ec2";
import type { SecurityGroup } from "../../model/network.ts";
import {
  networkInterfaces,
  securityGroups,
  securityGroupVpcAssociations,
} from "../../state/tables/network.ts";
import { findDefaultVpc } from "./default-vpc.ts";
import { acceptsDescribe, describePage } from "./describe.ts";
import {
  cannotDeleteDefaultGroup,
  dependencyViolation,
  groupExists,
  invalidParameterValue,
  invalidValue,
  missingParameter,
  noDefaultVpc,
} from "./errors.ts";
import type { FilterTable } from "./filters.ts";
import { allowAllOut, birth } from "./make-vpc.ts";
import { arnOf, operation } from "./operation.ts";
import { findGroup, findGroupByName } from "./peer-groups.ts";
import { type Context, find, newId, securityGroupKind, vpcKind } from "./resources.ts";
import {
  securityGroupArn,
  securityGroupFilters,
  toSecurityGroupView,
} from "./security-group-views.ts";
import { tagsFrom, toTagViews } from "./tags.ts";

const longestText = 255;
const allowedText = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/;

export const createSecurityGroup = operation<CreateSecurityGroupRequest, CreateSecurityGroupResult>(
  {
    name: "CreateSecurityGroup",
    resources: (input, scope) => [
      arnOf(scope, "security-group", undefined),
      arnOf(scope, "vpc", input.VpcId),
    ],
    accepts: { GroupName: true, Description: true, VpcId: true, TagSpecifications: true },
    run(context, input) {
      const groupName = checkName(input.GroupName);
      const description = checkDescription(input.Description);
      const vpcId = vpcFor(context, input.VpcId);
      const { tx, scope } = context;
      const others = tx.table(securityGroups).by("vpc", scope, vpcId);
      if (others.some((other) => other.groupName === groupName)) {
        throw groupExists(groupName, vpcId);
      }
      const group: SecurityGroup = {
        ...birth(context, tagsFrom(input.TagSpecifications, "security-group")),
        groupId: newId(context, "sg-"),
        groupName,
        description,
        vpcId,
        rules: [allowAllOut(context)],
      };
      tx.table(securityGroups).put(group);
      return {
        GroupId: group.groupId,
        SecurityGroupArn: securityGroupArn(group),
        Tags: toTagViews(group.tags),
      };
    },
  },
);

function checkName(name: string | undefined): string {
  if (!name) throw missingParameter("groupName");
  if (name.startsWith("sg-")) {
    throw invalidValue("groupName", name, "Group names may not be in the format sg-*.");
  }
  if (name === "default") {
    throw invalidParameterValue("Cannot use reserved security group name: default");
  }
  if (name.length > longestText || !allowedText.test(name)) {
    throw invalidValue("groupName", name, "Character sets beyond ASCII are not supported.");
  }
  return name;
}

function checkDescription(description: string | undefined): string {
  if (!description) throw missingParameter("groupDescription");
  if (description.length <= longestText && allowedText.test(description)) return description;
  throw invalidParameterValue(
    "Invalid security group description. Valid descriptions are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
  );
}

function vpcFor(context: Context, vpcId: string | undefined): string {
  if (vpcId) return find(context, vpcKind, vpcId).vpcId;
  const vpc = findDefaultVpc(context);
  if (!vpc) throw noDefaultVpc();
  return vpc.vpcId;
}

export const deleteSecurityGroup = operation<DeleteSecurityGroupRequest, DeleteSecurityGroupResult>(
  {
    name: "DeleteSecurityGroup",
    resources: (input, scope) => [arnOf(scope, "security-group", input.GroupId)],
    accepts: { GroupId: true, GroupName: true },
    run(context, input) {
      const group = findGroup(context, input);
      if (group.groupName === "default") {
        throw cannotDeleteDefaultGroup(group.groupId);
      }
      if (isNeeded(context, group)) {
        throw dependencyViolation(`resource ${group.groupId} has a dependent object`);
      }
      context.tx.table(securityGroups).delete(context.scope, group.groupId);
      return { Return: true, GroupId: group.groupId };
    },
  },
);

/** By an interface that holds it, by another VPC that has it, or by a rule that names it. */
function isNeeded({ tx, scope }: Context, { groupId, vpcId }: SecurityGroup): boolean {
  if (tx.table(networkInterfaces).by("group", scope, groupId).length > 0) return true;
  if (tx.table(securityGroupVpcAssociations).by("group", scope, groupId).length > 0) return true;
  const others = tx.table(securityGroups).by("vpc", scope, vpcId);
  return others.some(
    (other) =>
      other.groupId !== groupId &&
      other.rules.some(({ peer }) => peer.type === "group" && peer.groupId === groupId),
  );
}

export const describeSecurityGroups = operation<
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult
>({
  name: "DescribeSecurityGroups",
  accepts: { GroupIds: true, GroupNames: true, ...acceptsDescribe },
  run(context, input) {
    const records = chosenGroups(context, input);
    const { items, NextToken } = describePage(records.map(toSecurityGroupView), input, {
      operation: "DescribeSecurityGroups",
      keyOf: (group) => group.GroupId,
      filters: { ...securityGroupFilters, ...peerNameFilters(context) },
    });
    return { SecurityGroups: items, NextToken };
  },
});

/** The names of the groups that rules refer to, which rules themselves do not have. */
function peerNameFilters({ tx, scope }: Context): FilterTable<SecurityGroupView> {
  const namesIn = (permissions: IpPermission[] | undefined): (string | undefined)[] =>
    (permissions ?? [])
      .flatMap(({ UserIdGroupPairs }) => UserIdGroupPairs ?? [])
      .map(({ GroupId = "" }) => tx.table(securityGroups).get(scope, GroupId)?.groupName);
  return {
    "ip-permission.group-name": (group) => namesIn(group.IpPermissions),
    "egress.ip-permission.group-name": (group) => namesIn(group.IpPermissionsEgress),
  };
}

function chosenGroups(
  context: Context,
  { GroupIds = [], GroupNames = [] }: DescribeSecurityGroupsRequest,
): readonly SecurityGroup[] {
  const { tx, scope } = context;
  if (GroupIds.length + GroupNames.length === 0) return tx.table(securityGroups).list(scope);
  const vpcId = findDefaultVpc(context)?.vpcId;
  const groups = [
    ...GroupIds.map((id) => find(context, securityGroupKind, id)),
    ...GroupNames.map((name) => findGroupByName(context, vpcId, name)),
  ];
  return [...new Set(groups)];
}
