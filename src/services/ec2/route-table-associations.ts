/** Which subnets a route table serves, and which table is a VPC's main one. */
import type {
  AssociateRouteTableRequest,
  AssociateRouteTableResult,
  DisassociateRouteTableRequest,
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult,
} from "@aws-sdk/client-ec2";
import type { RouteTable } from "../../model/network.ts";
import { routeTables } from "../../state/tables/network.ts";
import {
  alreadyAssociated,
  associationNotFound,
  invalidParameterValue,
  missingParameter,
} from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, findRequired, newId, routeTableKind, subnetKind } from "./resources.ts";

type Association = RouteTable["associations"][number];

const associated = { State: "associated" } as const;

export const associateRouteTable = operation<AssociateRouteTableRequest, AssociateRouteTableResult>(
  {
    name: "AssociateRouteTable",
    resources: (input, scope) => [
      arnOf(scope, "route-table", input.RouteTableId),
      arnOf(scope, "subnet", input.SubnetId),
    ],
    accepts: { RouteTableId: true, SubnetId: true },
    run(context, input) {
      const { tx, scope } = context;
      const table = findRequired(context, routeTableKind, input.RouteTableId, "routeTableId");
      const subnet = findRequired(context, subnetKind, input.SubnetId, "subnetId");
      if (subnet.vpcId !== table.vpcId) {
        throw invalidParameterValue(
          `Route table ${table.routeTableId} and subnet ${subnet.subnetId} belong to different networks`,
        );
      }
      if (tx.table(routeTables).by("subnet", scope, subnet.subnetId).length > 0) {
        throw alreadyAssociated(
          `the specified association for route table ${table.routeTableId} conflicts with an existing association`,
        );
      }
      const associationId = newId(context, "rtbassoc-");
      addAssociation(context, table, { associationId, subnetId: subnet.subnetId, main: false });
      return { AssociationId: associationId, AssociationState: associated };
    },
  },
);

export const disassociateRouteTable = operation<
  DisassociateRouteTableRequest,
  Record<string, never>
>({
  name: "DisassociateRouteTable",
  accepts: { AssociationId: true },
  run(context, input) {
    const { table, association } = findAssociation(context, input.AssociationId);
    if (association.main) {
      throw invalidParameterValue(
        `cannot disassociate the main route table association ${association.associationId}`,
      );
    }
    removeAssociation(context, table, association);
    return {};
  },
});

export const replaceRouteTableAssociation = operation<
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult
>({
  name: "ReplaceRouteTableAssociation",
  resources: (input, scope) => [arnOf(scope, "route-table", input.RouteTableId)],
  accepts: { AssociationId: true, RouteTableId: true },
  run(context, input) {
    const { table, association } = findAssociation(context, input.AssociationId);
    const next = findRequired(context, routeTableKind, input.RouteTableId, "routeTableId");
    if (next.vpcId !== table.vpcId) {
      throw invalidParameterValue(
        `Route table ${next.routeTableId} and association ${association.associationId} belong to different networks`,
      );
    }
    removeAssociation(context, table, association);
    const associationId = newId(context, "rtbassoc-");
    // Read again: it may be the table that the old association was just taken from.
    const target = findRequired(context, routeTableKind, input.RouteTableId, "routeTableId");
    addAssociation(context, target, { ...association, associationId });
    return { NewAssociationId: associationId, AssociationState: associated };
  },
});

function findAssociation(
  { tx, scope }: Context,
  associationId: string | undefined,
): { table: RouteTable; association: Association } {
  if (!associationId) throw missingParameter("associationId");
  for (const table of tx.table(routeTables).list(scope)) {
    const association = table.associations.find(
      (candidate) => candidate.associationId === associationId,
    );
    if (association) return { table, association };
  }
  throw associationNotFound(associationId);
}

function addAssociation({ tx }: Context, table: RouteTable, association: Association): void {
  tx.table(routeTables).put({ ...table, associations: [...table.associations, association] });
}

function removeAssociation({ tx }: Context, table: RouteTable, association: Association): void {
  const associations = table.associations.filter((other) => other !== association);
  tx.table(routeTables).put({ ...table, associations });
}
