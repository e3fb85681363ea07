/** Security groups of one VPC in another of the region: interfaces there can hold them. */
import type {
  AssociateSecurityGroupVpcRequest,
  AssociateSecurityGroupVpcResult,
  SecurityGroupVpcAssociation as AssociationView,
  DescribeSecurityGroupVpcAssociationsRequest,
  DescribeSecurityGroupVpcAssociationsResult,
  DisassociateSecurityGroupVpcRequest,
  DisassociateSecurityGroupVpcResult,
} from "@aws-sdk/client-ec2";
import type { SecurityGroup, Vpc } from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import {
  networkInterfaces,
  securityGroups,
  securityGroupVpcAssociations,
  vpcs,
} from "../../state/tables/network.ts";
import { acceptsDescribe, describePage } from "./describe.ts";
import {
  dependencyViolation,
  groupAssociationExists,
  groupAssociationNotFound,
  invalidParameterValue,
} from "./errors.ts";
import type { FilterTable } from "./filters.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, findRequired, securityGroupKind, vpcKind } from "./resources.ts";

type Ends = { readonly group: SecurityGroup; readonly vpc: Vpc };

function endsOf(context: Context, input: AssociateSecurityGroupVpcRequest): Ends {
  return {
    group: findRequired(context, securityGroupKind, input.GroupId, "groupId"),
    vpc: findRequired(context, vpcKind, input.VpcId, "vpcId"),
  };
}

const arnsOfEnds = (input: AssociateSecurityGroupVpcRequest, scope: Scope): string[] => [
  arnOf(scope, "security-group", input.GroupId),
  arnOf(scope, "vpc", input.VpcId),
];

export const associateSecurityGroupVpc = operation<
  AssociateSecurityGroupVpcRequest,
  AssociateSecurityGroupVpcResult
>({
  name: "AssociateSecurityGroupVpc",
  resources: arnsOfEnds,
  accepts: { GroupId: true, VpcId: true },
  run(context, input) {
    const { group, vpc } = endsOf(context, input);
    checkMayAssociate(context, group, vpc);
    const { account, region } = context.scope;
    const { groupId } = group;
    const table = context.tx.table(securityGroupVpcAssociations);
    table.put({ account, region, groupId, vpcId: vpc.vpcId });
    // It is so at once; clients ask until it is `associated`.
    return { State: "associating" };
  },
});

function checkMayAssociate({ tx, scope }: Context, group: SecurityGroup, vpc: Vpc): void {
  if (group.groupName === "default") {
    throw invalidParameterValue(
      `The default security group ${group.groupId} cannot be associated with another VPC`,
    );
  }
  if (tx.table(vpcs).get(scope, group.vpcId)?.isDefault) {
    throw invalidParameterValue(
      `The security group ${group.groupId} of a default VPC cannot be associated with another VPC`,
    );
  }
  if (group.vpcId === vpc.vpcId) {
    throw invalidParameterValue(`The VPC ${vpc.vpcId} is the security group's own`);
  }
  if (tx.table(securityGroupVpcAssociations).get(scope, `${group.groupId}/${vpc.vpcId}`)) {
    throw groupAssociationExists(group.groupId, vpc.vpcId);
  }
}

export const disassociateSecurityGroupVpc = operation<
  DisassociateSecurityGroupVpcRequest,
  DisassociateSecurityGroupVpcResult
>({
  name: "DisassociateSecurityGroupVpc",
  resources: arnsOfEnds,
  accepts: { GroupId: true, VpcId: true },
  run(context, input) {
    const { group, vpc } = endsOf(context, input);
    const { groupId } = group;
    const table = context.tx.table(securityGroupVpcAssociations);
    const key = `${groupId}/${vpc.vpcId}`;
    if (!table.get(context.scope, key)) throw groupAssociationNotFound(groupId, vpc.vpcId);
    if (isNeededIn(context, groupId, vpc.vpcId)) {
      throw dependencyViolation(`resource ${groupId} has a dependent object`);
    }
    table.delete(context.scope, key);
    return { State: "disassociating" };
  },
});

/** By an interface of the VPC that holds it, or by a rule of a group of the VPC that names it. */
function isNeededIn({ tx, scope }: Context, groupId: string, vpcId: string): boolean {
  const holders = tx.table(networkInterfaces).by("group", scope, groupId);
  if (holders.some((eni) => eni.vpcId === vpcId)) return true;
  const groups = tx.table(securityGroups).by("vpc", scope, vpcId);
  return groups.some(({ rules }) =>
    rules.some(
      ({ peer }) =>
        peer.type === "group" &&
        peer.groupId === groupId &&
        peer.vpcPeeringConnectionId === undefined,
    ),
  );
}

const filters: FilterTable<AssociationView> = {
  "group-id": (association) => association.GroupId,
  "group-owner-id": (association) => association.GroupOwnerId,
  state: (association) => association.State,
  "vpc-id": (association) => association.VpcId,
  "vpc-owner-id": (association) => association.VpcOwnerId,
};

export const describeSecurityGroupVpcAssociations = operation<
  DescribeSecurityGroupVpcAssociationsRequest,
  DescribeSecurityGroupVpcAssociationsResult
>({
  name: "DescribeSecurityGroupVpcAssociations",
  accepts: acceptsDescribe,
  run({ tx, scope }, input) {
    const views = tx
      .table(securityGroupVpcAssociations)
      .list(scope)
      .map(
        ({ groupId, vpcId, account }): AssociationView => ({
          GroupId: groupId,
          GroupOwnerId: account,
          VpcId: vpcId,
          VpcOwnerId: account,
          State: "associated",
        }),
      );
    const { items, NextToken } = describePage(views, input, {
      operation: "DescribeSecurityGroupVpcAssociations",
      keyOf: ({ GroupId, VpcId }) => `${GroupId}/${VpcId}`,
      filters,
    });
    return { SecurityGroupVpcAssociations: items, NextToken };
  },
});
