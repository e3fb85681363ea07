/** Security groups by id or name, and as peers in other groups' rules. */
import type { UserIdGroupPair } from "@aws-sdk/client-ec2";
import type { RulePeer, SecurityGroup } from "../../model/network.ts";
import { securityGroups } from "../../state/tables/network.ts";
import { findDefaultVpc } from "./default-vpc.ts";
import {
  groupNameNotFound,
  groupOfOtherNetwork,
  missingParameter,
  noDefaultVpc,
} from "./errors.ts";
import { type Context, find, securityGroupKind } from "./resources.ts";

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

/** The peer that a rule of `group` names; it must be a group of the same VPC. */
export function resolvePeerGroup(
  context: Context,
  group: SecurityGroup,
  pair: UserIdGroupPair,
): RulePeer {
  if (pair.UserId && pair.UserId !== group.account) {
    throw securityGroupKind.notFound(`${pair.UserId}/${pair.GroupId ?? pair.GroupName}`);
  }
  if (!pair.GroupId && !pair.GroupName) throw missingParameter("groupId");
  const peer = pair.GroupId
    ? find(context, securityGroupKind, pair.GroupId)
    : findGroupByName(context, group.vpcId, pair.GroupName ?? "");
  if (peer.vpcId !== group.vpcId) {
    throw groupOfOtherNetwork();
  }
  return { type: "group", groupId: peer.groupId, account: peer.account };
}
