/** Taking rules away from security groups, by what they say or by their ids. */
import type {
  IpPermission,
  RevokedSecurityGroupRule,
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupEgressResult,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
} from "@aws-sdk/client-ec2";
import type { ApiError } from "../../gateway/api-error.ts";
import type { SecurityGroup, SecurityGroupRule } from "../../model/network.ts";
import { securityGroups, vpcs } from "../../state/tables/network.ts";
import { permissionsOf } from "./authorize.ts";
import { missingParameter, permissionNotFound, ruleIdMalformed, ruleIdNotFound } from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { findGroup } from "./peer-groups.ts";
import {
  acceptsPermission,
  contentsOf,
  isSameRule,
  type RuleContent,
  toPermissionView,
} from "./permissions.ts";
import { type Context, isWellFormed } from "./resources.ts";
import { toRuleView } from "./security-group-views.ts";

type Direction = SecurityGroupRule["direction"];

export const revokeSecurityGroupIngress = operation<
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult
>({
  name: "RevokeSecurityGroupIngress",
  resources: (input, scope) => [arnOf(scope, "security-group", input.GroupId)],
  accepts: {
    GroupId: true,
    GroupName: true,
    IpPermissions: acceptsPermission,
    SecurityGroupRuleIds: true,
    IpProtocol: true,
    FromPort: true,
    ToPort: true,
    CidrIp: true,
  },
  run: (context, input) => revoke(context, input, "ingress"),
});

export const revokeSecurityGroupEgress = operation<
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupEgressResult
>({
  name: "RevokeSecurityGroupEgress",
  resources: (input, scope) => [arnOf(scope, "security-group", input.GroupId)],
  accepts: { GroupId: true, IpPermissions: acceptsPermission, SecurityGroupRuleIds: true },
  run: (context, input) => revoke(context, input, "egress"),
});

type Revoked = {
  Return: boolean;
  UnknownIpPermissions: IpPermission[];
  RevokedSecurityGroupRules: RevokedSecurityGroupRule[];
};

function revoke(
  context: Context,
  input: RevokeSecurityGroupIngressRequest,
  direction: Direction,
): Revoked {
  const group = findGroup(context, input);
  const permissions = permissionsOf(input);
  const ids = input.SecurityGroupRuleIds ?? [];
  if (permissions.length + ids.length === 0) throw missingParameter("ipPermissions");
  const contents = contentsOf(context, group, direction, permissions);
  const unknown = contents.filter((content) => !hasRule(group, content));
  if (unknown.length > 0 && !isInDefaultVpc(context, group)) throw permissionNotFound();
  const byId = ids.map((id) => findRule(group, direction, id));
  const isGone = (rule: SecurityGroupRule): boolean =>
    byId.includes(rule) || contents.some((content) => isSameRule(content, rule));
  const rules = group.rules.filter((rule) => !isGone(rule));
  context.tx.table(securityGroups).put({ ...group, rules });
  return {
    Return: true,
    UnknownIpPermissions: unknown.map(toPermissionView),
    RevokedSecurityGroupRules: group.rules.filter(isGone).map((rule) => toRevokedView(group, rule)),
  };
}

const hasRule = (group: SecurityGroup, content: RuleContent): boolean =>
  group.rules.some((rule) => isSameRule(rule, content));

/** There, and only there, rules that do not exist are answered and not refused. */
const isInDefaultVpc = ({ tx, scope }: Context, group: SecurityGroup): boolean =>
  tx.table(vpcs).get(scope, group.vpcId)?.isDefault ?? false;

/** The group's rule with this id; with a direction, only one of that direction. */
export function findRule(
  group: SecurityGroup,
  direction: Direction | undefined,
  ruleId: string,
): SecurityGroupRule {
  const rule = group.rules.find((candidate) => candidate.ruleId === ruleId);
  if (rule && (!direction || rule.direction === direction)) return rule;
  throw ruleNotFound(ruleId);
}

export function ruleNotFound(ruleId: string): ApiError {
  return isWellFormed("sgr-", ruleId) ? ruleIdNotFound(ruleId) : ruleIdMalformed(ruleId);
}

function toRevokedView(group: SecurityGroup, rule: SecurityGroupRule): RevokedSecurityGroupRule {
  const view = toRuleView(group, rule);
  return {
    SecurityGroupRuleId: view.SecurityGroupRuleId,
    GroupId: view.GroupId,
    IsEgress: view.IsEgress,
    IpProtocol: view.IpProtocol,
    FromPort: view.FromPort,
    ToPort: view.ToPort,
    CidrIpv4: view.CidrIpv4,
    CidrIpv6: view.CidrIpv6,
    PrefixListId: view.PrefixListId,
    ReferencedGroupId: view.ReferencedGroupInfo?.GroupId,
    Description: view.Description,
  };
}
