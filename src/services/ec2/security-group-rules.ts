/** Security group rules one by one: showing and changing them. */
import type {
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult,
  UpdateSecurityGroupRuleDescriptionsEgressRequest,
  UpdateSecurityGroupRuleDescriptionsEgressResult,
  UpdateSecurityGroupRuleDescriptionsIngressRequest,
  UpdateSecurityGroupRuleDescriptionsIngressResult,
} from "@aws-sdk/client-ec2";
import type { SecurityGroup, SecurityGroupRule } from "../../model/network.ts";
import { securityGroups } from "../../state/tables/network.ts";
import { checkCount, checkNotThere } from "./authorize.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import { groupIdMalformed, missingParameter, permissionNotFound } from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { findGroup } from "./peer-groups.ts";
import {
  acceptsPermission,
  contentOf,
  contentsOf,
  descriptionOf,
  isSameRule,
} from "./permissions.ts";
import type { Context } from "./resources.ts";
import { findRule, ruleNotFound } from "./revoke.ts";
import { securityGroupRuleFilters, toRuleView } from "./security-group-views.ts";

export const describeSecurityGroupRules = operation<
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult
>({
  name: "DescribeSecurityGroupRules",
  accepts: { SecurityGroupRuleIds: true, ...acceptsDescribe },
  run(context, input) {
    for (const value of input.Filters?.find(({ Name }) => Name === "group-id")?.Values ?? []) {
      if (!/^sg-|[*?]/.test(value)) throw groupIdMalformed(value);
    }
    const groups = context.tx.table(securityGroups).list(context.scope);
    const all = groups.flatMap((group) => group.rules.map((rule) => toRuleView(group, rule)));
    const views = chosen(
      input.SecurityGroupRuleIds,
      () => all,
      (id) => {
        const view = all.find((candidate) => candidate.SecurityGroupRuleId === id);
        if (!view) throw ruleNotFound(id);
        return view;
      },
    );
    const { items, NextToken } = describePage(views, input, {
      operation: "DescribeSecurityGroupRules",
      keyOf: (rule) => rule.SecurityGroupRuleId,
      filters: securityGroupRuleFilters,
    });
    return { SecurityGroupRules: items, NextToken };
  },
});

export const modifySecurityGroupRules = operation<
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult
>({
  name: "ModifySecurityGroupRules",
  resources: (input, scope) => [arnOf(scope, "security-group", input.GroupId)],
  accepts: { GroupId: true, SecurityGroupRules: true },
  run(context, input) {
    const group = findGroup(context, input);
    if (!input.SecurityGroupRules?.length) throw missingParameter("securityGroupRules");
    let { rules } = group;
    for (const { SecurityGroupRuleId, SecurityGroupRule } of input.SecurityGroupRules) {
      if (!SecurityGroupRuleId) throw missingParameter("securityGroupRuleId");
      const old = findRule({ ...group, rules }, undefined, SecurityGroupRuleId);
      const content = contentOf(context, group, old.direction, SecurityGroupRule ?? {});
      checkNotThere(
        rules.filter((rule) => rule !== old),
        content,
      );
      rules = rules.map((rule) => (rule === old ? { ...old, ...content } : rule));
    }
    for (const direction of ["ingress", "egress"]) {
      checkCount(
        context,
        rules.filter((rule) => rule.direction === direction),
      );
    }
    context.tx.table(securityGroups).put({ ...group, rules });
    return { Return: true };
  },
});

const acceptsDescriptions = {
  GroupId: true,
  GroupName: true,
  IpPermissions: acceptsPermission,
  SecurityGroupRuleDescriptions: true,
} as const;

export const updateSecurityGroupRuleDescriptionsIngress = operation<
  UpdateSecurityGroupRuleDescriptionsIngressRequest,
  UpdateSecurityGroupRuleDescriptionsIngressResult
>({
  name: "UpdateSecurityGroupRuleDescriptionsIngress",
  resources: (input, scope) => [arnOf(scope, "security-group", input.GroupId)],
  accepts: acceptsDescriptions,
  run: (context, input) => updateDescriptions(context, input, "ingress"),
});

export const updateSecurityGroupRuleDescriptionsEgress = operation<
  UpdateSecurityGroupRuleDescriptionsEgressRequest,
  UpdateSecurityGroupRuleDescriptionsEgressResult
>({
  name: "UpdateSecurityGroupRuleDescriptionsEgress",
  resources: (input, scope) => [arnOf(scope, "security-group", input.GroupId)],
  accepts: acceptsDescriptions,
  run: (context, input) => updateDescriptions(context, input, "egress"),
});

function updateDescriptions(
  context: Context,
  input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
  direction: SecurityGroupRule["direction"],
): { Return: boolean } {
  const group = findGroup(context, input);
  const descriptions = new Map([
    ...describedByContent(context, group, direction, input),
    ...describedById(group, direction, input),
  ]);
  if (descriptions.size === 0) throw missingParameter("ipPermissions");
  const rules = group.rules.map((rule) =>
    descriptions.has(rule.ruleId) ? { ...rule, description: descriptions.get(rule.ruleId) } : rule,
  );
  context.tx.table(securityGroups).put({ ...group, rules });
  return { Return: true };
}

type Described = readonly (readonly [ruleId: string, description: string | undefined])[];

function describedByContent(
  context: Context,
  group: SecurityGroup,
  direction: SecurityGroupRule["direction"],
  input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
): Described {
  return contentsOf(context, group, direction, input.IpPermissions ?? []).map((content) => {
    const rule = group.rules.find((candidate) => isSameRule(candidate, content));
    if (!rule) throw permissionNotFound();
    return [rule.ruleId, content.description];
  });
}

function describedById(
  group: SecurityGroup,
  direction: SecurityGroupRule["direction"],
  input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
): Described {
  return (input.SecurityGroupRuleDescriptions ?? []).map((update) => {
    const rule = findRule(group, direction, update.SecurityGroupRuleId ?? "");
    return [rule.ruleId, descriptionOf(update.Description)];
  });
}
