/** Security groups by id or name, and as peers in other groups' rules. */
import type { UserIdGroupPair } from "@aws-sdk/client-ec2";
import type { RulePeer, SecurityGroup } from "../../model/network.ts";
import { vpcsOfGroup } from "../../state/security-groups.ts";
import { securityGroups } from "../../state/tables/network.ts";
import { findDefaultVpc } from "./default-vpc.ts";
import {
  groupNameNotFound,
  groupOfOtherNetwork,
  missingParameter,
  noDefaultVpc,
} from "./errors.ts";
import { activePeering } from "./peering-sides.ts";
import { type Context, find, securityGroupKind, vpcPeeringConnectionKind } from "./resources.ts";

/** By id, or by name, which is taken for a group of the default VPC. */
export function findGroup(
  context: Context,
  input: { GroupId?: string | undefined; GroupName?: string | undefined },
): SecurityGroup {
  if (input.GroupId) return find(context, securityGroupKind, input.GroupId);
  if (!input.GroupName) throw missingParameter("groupName or groupId");
  return findGroupByName(context, findDefaultVpc(context)?.vpcId, input.GroupName);
}

export function findGroupByName(
  { tx, scope }: Context,
  vpcId: string | undefined,
  groupName: string,
): SecurityGroup {
  if (!vpcId) {
    throw noDefaultVpc();
  }
  const groups = tx.table(securityGroups).by("vpc", scope, vpcId);
  const group = groups.find((candidate) => candidate.groupName === groupName);
  if (group) return group;
  throw groupNameNotFound(groupName, vpcId);
}

/**
 * The peer that a rule of `group` names: a group that the same VPC has, or of one that an active peering
 * connection leads to, of whatever account.
 */
export function resolvePeerGroup(
  context: Context,
  group: SecurityGroup,
  pair: UserIdGroupPair,
): RulePeer {
  const { GroupId, GroupName, UserId = group.account } = pair;
  if (!GroupId && !GroupName) throw missingParameter("groupId");
  if (!GroupId && UserId !== group.account) {
    throw securityGroupKind.notFound(`${UserId}/${GroupName}`);
  }
  const peer = GroupId
    ? findGroupOf(context, UserId, GroupId)
    : findGroupByName(context, group.vpcId, GroupName ?? "");
  const plain = { type: "group", groupId: peer.groupId, account: peer.account } as const;
  const { VpcId = peer.vpcId, VpcPeeringConnectionId: named } = pair;
  const near = vpcsOfGroup(context.tx, peer);
  if (![...near, peer.vpcId].includes(VpcId)) throw groupOfOtherNetwork();
  const isNear = near.includes(group.vpcId);
  const peering = isNear ? undefined : activePeering(context, group.vpcId, peer.vpcId);
  if (named && named !== peering?.vpcPeeringConnectionId) {
    throw vpcPeeringConnectionKind.notFound(named);
  }
  if (isNear) return plain;
  if (!peering) throw groupOfOtherNetwork();
  return { ...plain, vpcPeeringConnectionId: peering.vpcPeeringConnectionId };
}

function findGroupOf(context: Context, account: string, groupId: string): SecurityGroup {
  const { tx, scope } = context;
  if (account === scope.account) return find(context, securityGroupKind, groupId);
  const group = tx.table(securityGroups).get({ ...scope, account }, groupId);
  if (group) return group;
  throw securityGroupKind.notFound(`${account}/${groupId}`);
}
