/**
 * IpPermissions as requests carry them, taken apart into one rule for each peer, and rules put
 * together into IpPermissions again, always in the same order.
 */
import type { IpPermission, SecurityGroupRuleRequest } from "@aws-sdk/client-ec2";
import { ApiError } from "../../gateway/api-error.ts";
import { formatCidr, parseCidr } from "../../model/cidr.ts";
import { canonicalIpv6Cidr } from "../../model/ipv6.ts";
import type { RulePeer, SecurityGroup, SecurityGroupRule } from "../../model/network.ts";
import { invalidParameterCombination, invalidParameterValue, missingParameter } from "./errors.ts";
import { resolvePeerGroup } from "./peer-groups.ts";
import { findPrefixList } from "./prefix-list-lookup.ts";
import { portsOf, protocolOf } from "./protocols.ts";
import type { Context } from "./resources.ts";

/** What is acted on in an IpPermission. */
export const acceptsPermission = {
  IpProtocol: true,
  FromPort: true,
  ToPort: true,
  IpRanges: true,
  Ipv6Ranges: true,
  PrefixListIds: true,
  UserIdGroupPairs: {
    GroupId: true,
    GroupName: true,
    UserId: true,
    VpcId: true,
    VpcPeeringConnectionId: true,
    Description: true,
  },
} as const;

/** A rule before it has an id. */
export type RuleContent = Pick<
  SecurityGroupRule,
  "direction" | "protocol" | "fromPort" | "toPort" | "peer" | "description"
>;

type Direction = SecurityGroupRule["direction"];
type DescribedPeer = { peer: RulePeer; description: string | undefined };

/** The rules that `permissions` ask for, in their order. Throws on the first that cannot be. */
export function contentsOf(
  context: Context,
  group: SecurityGroup,
  direction: Direction,
  permissions: readonly IpPermission[],
): RuleContent[] {
  return permissions.flatMap((permission) => {
    const protocol = protocolOf(permission.IpProtocol);
    const ports = portsOf(protocol, permission.FromPort, permission.ToPort);
    const peers = peersOf(context, group, permission);
    if (peers.length === 0) throw missingParameter("cidrIp, cidrIpv6, prefixListId or groupId");
    return peers.map((peer) => ({ direction, protocol, ...ports, ...peer }));
  });
}

/** AWS has words of its own where one rule is asked for. */
function checkSinglePeer(request: SecurityGroupRuleRequest): void {
  const protocol = protocolOf(request.IpProtocol);
  const hasPorts = request.FromPort !== undefined && request.ToPort !== undefined;
  if ((protocol === "tcp" || protocol === "udp") && !hasPorts) {
    throw invalidParameterValue(
      "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
    );
  }
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId } = request;
  const peers = [CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId].filter(Boolean);
  if (peers.length === 0) throw noPeer();
  if (peers.length > 1) {
    throw invalidParameterCombination(
      "Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified",
    );
  }
}

const noPeer = (): ApiError =>
  new ApiError(
    "MissingParameter",
    "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId",
  );

/** The rule that a single-peer request (ModifySecurityGroupRules) asks for. */
export function contentOf(
  context: Context,
  group: SecurityGroup,
  direction: Direction,
  request: SecurityGroupRuleRequest,
): RuleContent {
  checkSinglePeer(request);
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId, Description } = request;
  const permission: IpPermission = {
    IpProtocol: request.IpProtocol,
    FromPort: request.FromPort,
    ToPort: request.ToPort,
    ...(CidrIpv4 && { IpRanges: [{ CidrIp: CidrIpv4, Description }] }),
    ...(CidrIpv6 && { Ipv6Ranges: [{ CidrIpv6, Description }] }),
    ...(PrefixListId && { PrefixListIds: [{ PrefixListId, Description }] }),
    ...(ReferencedGroupId && {
      UserIdGroupPairs: [{ GroupId: ReferencedGroupId, Description }],
    }),
  };
  const [content] = contentsOf(context, group, direction, [permission]);
  if (!content) throw noPeer();
  return content;
}

function peersOf(
  context: Context,
  group: SecurityGroup,
  permission: IpPermission,
): DescribedPeer[] {
  const described = (peer: RulePeer, text: string | undefined): DescribedPeer => ({
    peer,
    description: descriptionOf(text),
  });
  return [
    ...(permission.IpRanges ?? []).map((range) =>
      described({ type: "ipv4", cidr: ipv4Of(range.CidrIp) }, range.Description),
    ),
    ...(permission.Ipv6Ranges ?? []).map((range) =>
      described({ type: "ipv6", cidr: ipv6Of(range.CidrIpv6) }, range.Description),
    ),
    ...(permission.PrefixListIds ?? []).map(({ PrefixListId = "", Description }) => {
      findPrefixList(context, PrefixListId);
      return described({ type: "prefix-list", prefixListId: PrefixListId }, Description);
    }),
    ...(permission.UserIdGroupPairs ?? []).map((pair) =>
      described(resolvePeerGroup(context, group, pair), pair.Description),
    ),
  ];
}

function ipv4Of(text: string | undefined): string {
  const cidr = parseCidr(text ?? "");
  if (!cidr) throw invalidParameterValue(`CIDR block ${text} is malformed`);
  return formatCidr(cidr);
}

function ipv6Of(text: string | undefined): string {
  const cidr = canonicalIpv6Cidr(text ?? "");
  if (!cidr) throw invalidParameterValue(`CIDR block ${text} is malformed`);
  return cidr;
}

/** Throws when AWS does not take the text; no text is no description. */
export function descriptionOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (text.length < 256 && /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/.test(text)) return text;
  throw invalidParameterValue(
    "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
  );
}

/** Whether two rules let the same packets through: descriptions, tags and ids aside. */
export const isSameRule = (a: RuleContent, b: RuleContent): boolean => keyOf(a) === keyOf(b);

const keyOf = (rule: RuleContent): string =>
  JSON.stringify([rule.direction, portKeyOf(rule), peerTextOf(rule.peer)]);

const portKeyOf = ({ protocol, fromPort, toPort }: RuleContent): string =>
  [protocol, fromPort ?? "", toPort ?? ""].join("/");

export function peerTextOf(peer: RulePeer): string {
  switch (peer.type) {
    case "ipv4":
    case "ipv6":
      return peer.cidr;
    case "group":
      return peer.groupId;
    case "prefix-list":
      return peer.prefixListId;
  }
}

/**
 * Rules of one direction, those with the same protocol and ports in one permission, in the order in
 * which they were authorised.
 */
export function toPermissionViews(
  rules: readonly SecurityGroupRule[],
  direction: Direction,
): IpPermission[] {
  const permissions = new Map<string, FilledPermission>();
  for (const rule of rules) {
    if (rule.direction !== direction) continue;
    const key = portKeyOf(rule);
    const permission = permissions.get(key) ?? emptyPermission(rule);
    permissions.set(key, permission);
    addPeer(permission, rule);
  }
  return [...permissions.values()];
}

export const toPermissionView = (content: RuleContent): IpPermission => {
  const permission = emptyPermission(content);
  addPeer(permission, content);
  return permission;
};

type FilledPermission = IpPermission &
  Required<{
    [List in "UserIdGroupPairs" | "IpRanges" | "Ipv6Ranges" | "PrefixListIds"]: NonNullable<
      IpPermission[List]
    >;
  }>;

const emptyPermission = (content: RuleContent): FilledPermission => ({
  IpProtocol: content.protocol,
  FromPort: content.fromPort,
  ToPort: content.toPort,
  UserIdGroupPairs: [],
  IpRanges: [],
  Ipv6Ranges: [],
  PrefixListIds: [],
});

function addPeer(permission: FilledPermission, { peer, description }: RuleContent): void {
  const Description = description;
  switch (peer.type) {
    case "ipv4":
      permission.IpRanges.push({ CidrIp: peer.cidr, Description });
      return;
    case "ipv6":
      permission.Ipv6Ranges.push({ CidrIpv6: peer.cidr, Description });
      return;
    case "group":
      permission.UserIdGroupPairs.push({
        GroupId: peer.groupId,
        UserId: peer.account,
        VpcPeeringConnectionId: peer.vpcPeeringConnectionId,
        Description,
      });
      return;
    case "prefix-list":
      permission.PrefixListIds.push({ PrefixListId: peer.prefixListId, Description });
      return;
  }
}
