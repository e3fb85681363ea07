/** Security groups and their rules as they are shown, and what they can be filtered by. */
import type {
  IpPermission,
  SecurityGroupRule as SecurityGroupRuleView,
  SecurityGroup as SecurityGroupView,
} from "@aws-sdk/client-ec2";
import { formatArn } from "../../model/arn.ts";
import type { SecurityGroup, SecurityGroupRule } from "../../model/network.ts";
import type { FilterTable } from "./filters.ts";
import { toPermissionViews } from "./permissions.ts";
import { toTagViews } from "./tags.ts";

type Values = (string | number | undefined)[];

const permissionFilters: Readonly<Record<string, (permission: IpPermission) => Values>> = {
  cidr: (permission) => permission.IpRanges?.map((range) => range.CidrIp) ?? [],
  "from-port": (permission) => [permission.FromPort],
  "group-id": (permission) => permission.UserIdGroupPairs?.map((pair) => pair.GroupId) ?? [],
  "ipv6-cidr": (permission) => permission.Ipv6Ranges?.map((range) => range.CidrIpv6) ?? [],
  "prefix-list-id": (permission) => permission.PrefixListIds?.map((id) => id.PrefixListId) ?? [],
  protocol: (permission) => [permission.IpProtocol],
  "to-port": (permission) => [permission.ToPort],
  "user-id": (permission) => permission.UserIdGroupPairs?.map((pair) => pair.UserId) ?? [],
};

const overPermissions = (
  prefix: string,
  member: "IpPermissions" | "IpPermissionsEgress",
): FilterTable<SecurityGroupView> =>
  Object.fromEntries(
    Object.entries(permissionFilters).map(([name, valuesOf]) => [
      `${prefix}.${name}`,
      (group: SecurityGroupView) => group[member]?.flatMap(valuesOf) ?? [],
    ]),
  );

export const securityGroupFilters: FilterTable<SecurityGroupView> = {
  description: (group) => group.Description,
  "group-id": (group) => group.GroupId,
  "group-name": (group) => group.GroupName,
  "owner-id": (group) => group.OwnerId,
  "vpc-id": (group) => group.VpcId,
  ...overPermissions("ip-permission", "IpPermissions"),
  ...overPermissions("egress.ip-permission", "IpPermissionsEgress"),
};

export const securityGroupArn = (group: SecurityGroup): string =>
  formatArn("ec2", group, `security-group/${group.groupId}`);

export const toSecurityGroupView = (group: SecurityGroup): SecurityGroupView => ({
  GroupId: group.groupId,
  GroupName: group.groupName,
  Description: group.description,
  OwnerId: group.account,
  VpcId: group.vpcId,
  SecurityGroupArn: securityGroupArn(group),
  IpPermissions: toPermissionViews(group.rules, "ingress"),
  IpPermissionsEgress: toPermissionViews(group.rules, "egress"),
  Tags: toTagViews(group.tags),
});

export const securityGroupRuleFilters: FilterTable<SecurityGroupRuleView> = {
  "group-id": (rule) => rule.GroupId,
  "security-group-rule-id": (rule) => rule.SecurityGroupRuleId,
};

/** Unlike in IpPermissions, ports that do not matter are -1 here. */
export function toRuleView(group: SecurityGroup, rule: SecurityGroupRule): SecurityGroupRuleView {
  const { peer } = rule;
  return {
    SecurityGroupRuleId: rule.ruleId,
    SecurityGroupRuleArn: formatArn("ec2", group, `security-group-rule/${rule.ruleId}`),
    GroupId: group.groupId,
    GroupOwnerId: group.account,
    IsEgress: rule.direction === "egress",
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort ?? -1,
    ToPort: rule.toPort ?? -1,
    CidrIpv4: peer.type === "ipv4" ? peer.cidr : undefined,
    CidrIpv6: peer.type === "ipv6" ? peer.cidr : undefined,
    PrefixListId: peer.type === "prefix-list" ? peer.prefixListId : undefined,
    ReferencedGroupInfo:
      peer.type === "group"
        ? {
            GroupId: peer.groupId,
            UserId: peer.account,
            VpcPeeringConnectionId: peer.vpcPeeringConnectionId,
          }
        : undefined,
    Description: rule.description,
    Tags: toTagViews(rule.tags),
  };
}
