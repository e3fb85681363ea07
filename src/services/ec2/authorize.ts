/** Adding rules to security groups. */
import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult,
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  IpPermission,
  SecurityGroupRule as SecurityGroupRuleView,
  TagSpecification,
} from "@aws-sdk/client-ec2";
import type { SecurityGroup, SecurityGroupRule } from "../../model/network.ts";
import { securityGroups } from "../../state/tables/network.ts";
import { invalidParameterValue, missingParameter, ruleExists, tooManyRules } from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { findGroup } from "./peer-groups.ts";
import {
  acceptsPermission,
  contentsOf,
  isSameRule,
  peerTextOf,
  type RuleContent,
} from "./permissions.ts";
import { weightOf } from "./prefix-list-lookup.ts";
import { type Context, newId } from "./resources.ts";
import { toRuleView } from "./security-group-views.ts";
import { tagsFrom } from "./tags.ts";

const mostRules = 60;

export const authorizeSecurityGroupIngress = operation<
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult
>({
  name: "AuthorizeSecurityGroupIngress",
  resources: (input, scope) => [arnOf(scope, "security-group", input.GroupId)],
  accepts: {
    GroupId: true,
    GroupName: true,
    IpPermissions: acceptsPermission,
    IpProtocol: true,
    FromPort: true,
    ToPort: true,
    CidrIp: true,
    TagSpecifications: true,
  },
  run: (context, input) => ({
    Return: true,
    SecurityGroupRules: authorize(context, input, "ingress", permissionsOf(input)),
  }),
});

export const authorizeSecurityGroupEgress = operation<
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult
>({
  name: "AuthorizeSecurityGroupEgress",
  resources: (input, scope) => [arnOf(scope, "security-group", input.GroupId)],
  accepts: { GroupId: true, IpPermissions: acceptsPermission, TagSpecifications: true },
  run: (context, input) => ({
    Return: true,
    SecurityGroupRules: authorize(context, input, "egress", permissionsOf(input)),
  }),
});

/** The list, and the one permission that may stand outside of it. */
export function permissionsOf(
  input: Pick<
    AuthorizeSecurityGroupIngressRequest,
    "IpPermissions" | "IpProtocol" | "FromPort" | "ToPort" | "CidrIp"
  >,
): IpPermission[] {
  const { IpProtocol, FromPort, ToPort, CidrIp } = input;
  const single =
    IpProtocol || CidrIp
      ? [{ IpProtocol, FromPort, ToPort, IpRanges: CidrIp ? [{ CidrIp }] : [] }]
      : [];
  return [...(input.IpPermissions ?? []), ...single];
}

type GroupInput = {
  GroupId?: string | undefined;
  GroupName?: string | undefined;
  TagSpecifications?: TagSpecification[] | undefined;
};

function authorize(
  context: Context,
  input: GroupInput,
  direction: SecurityGroupRule["direction"],
  permissions: readonly IpPermission[],
): SecurityGroupRuleView[] {
  const group = findGroup(context, input);
  if (permissions.length === 0) throw missingParameter("ipPermissions");
  const contents = contentsOf(context, group, direction, permissions);
  checkNew(group, contents);
  const tags = tagsFrom(input.TagSpecifications, "security-group-rule");
  const added = contents.map((content) => ({ ...content, ruleId: newId(context, "sgr-"), tags }));
  const rules = [...group.rules, ...added];
  checkCount(
    context,
    rules.filter((rule) => rule.direction === direction),
  );
  context.tx.table(securityGroups).put({ ...group, rules });
  return added.map((rule) => toRuleView(group, rule));
}

/** A prefix list counts for as many rules as it can have entries. */
export function checkCount(context: Context, rules: readonly SecurityGroupRule[]): void {
  const weights = rules.map(({ peer }) =>
    peer.type === "prefix-list" ? weightOf(context, peer.prefixListId) : 1,
  );
  if (weights.reduce((sum, weight) => sum + weight, 0) > mostRules) throw tooManyRules();
}

function checkNew(group: SecurityGroup, contents: readonly RuleContent[]): void {
  contents.forEach((content, at) => {
    if (contents.findIndex((other) => isSameRule(other, content)) < at) {
      throw invalidParameterValue("The same permission must not appear multiple times");
    }
    checkNotThere(group.rules, content);
  });
}

/** Throws when one of `rules` is the same as `content`. */
export function checkNotThere(rules: readonly SecurityGroupRule[], content: RuleContent): void {
  if (!rules.some((rule) => isSameRule(rule, content))) return;
  throw ruleExists(wordsFor(content));
}

function wordsFor({ peer, protocol, fromPort, toPort }: RuleContent): string {
  const ports =
    fromPort === undefined ? [] : [`from port: ${fromPort}`, `to port: ${toPort ?? fromPort}`];
  const protocolWord = protocol === "-1" ? "ALL" : protocol.toUpperCase();
  return [`peer: ${peerTextOf(peer)}`, protocolWord, ...ports, "ALLOW"].join(", ");
}
