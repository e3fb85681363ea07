/** Which security groups a VPC has: its own, and those of other VPCs that are associated with it. */
import type { SecurityGroup } from "../model/network.ts";
import type { Scope } from "../model/scope.ts";
import type { ReadTransaction } from "./store.ts";
import { securityGroups, securityGroupVpcAssociations } from "./tables/network.ts";

/** The groups that the VPC's interfaces can hold. */
export const groupsOfVpc = (
  tx: ReadTransaction,
  scope: Scope,
  vpcId: string,
): readonly SecurityGroup[] => [
  ...tx.table(securityGroups).by("vpc", scope, vpcId),
  ...tx
    .table(securityGroupVpcAssociations)
    .by("vpc", scope, vpcId)
    .flatMap(({ groupId }) => tx.table(securityGroups).get(scope, groupId) ?? []),
];

/** The VPCs whose interfaces can hold the group; its own is the first. */
export const vpcsOfGroup = (tx: ReadTransaction, group: SecurityGroup): readonly string[] => [
  group.vpcId,
  ...tx
    .table(securityGroupVpcAssociations)
    .by("group", group, group.groupId)
    .map(({ vpcId }) => vpcId),
];
