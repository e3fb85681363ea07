/** Route tables as they are shown, and what they can be filtered by. */
import type {
  RouteTableAssociation as AssociationView,
  RouteTable as RouteTableView,
  Route as RouteView,
} from "@aws-sdk/client-ec2";
import { type RouteTargets, routeState } from "../../engine/routes.ts";
import type { Route, RouteTable } from "../../model/network.ts";
import {
  internetGateways,
  natGateways,
  networkInterfaces,
  vpcEndpoints,
  vpcPeeringConnections,
} from "../../state/tables/network.ts";
import type { FilterTable } from "./filters.ts";
import type { Context } from "./resources.ts";
import { toTagViews } from "./tags.ts";

const ofRoutes =
  (value: (route: RouteView) => string | undefined) =>
  (table: RouteTableView): (string | undefined)[] =>
    table.Routes?.map(value) ?? [];

const ofAssociations =
  (value: (association: AssociationView) => string | boolean | undefined) =>
  (table: RouteTableView): (string | boolean | undefined)[] =>
    table.Associations?.map(value) ?? [];

export const routeTableFilters: FilterTable<RouteTableView> = {
  "association.gateway-id": () => [],
  "association.main": ofAssociations((association) => association.Main),
  "association.route-table-association-id": ofAssociations(
    (association) => association.RouteTableAssociationId,
  ),
  "association.route-table-id": ofAssociations((association) => association.RouteTableId),
  "association.subnet-id": ofAssociations((association) => association.SubnetId),
  "owner-id": (table) => table.OwnerId,
  "route-table-id": (table) => table.RouteTableId,
  "route.destination-cidr-block": ofRoutes((route) => route.DestinationCidrBlock),
  "route.destination-ipv6-cidr-block": () => [],
  "route.destination-prefix-list-id": ofRoutes((route) => route.DestinationPrefixListId),
  "route.egress-only-internet-gateway-id": () => [],
  "route.gateway-id": ofRoutes((route) => route.GatewayId),
  "route.instance-id": () => [],
  "route.nat-gateway-id": ofRoutes((route) => route.NatGatewayId),
  "route.origin": ofRoutes((route) => route.Origin),
  "route.state": ofRoutes((route) => route.State),
  "route.transit-gateway-id": () => [],
  "route.vpc-peering-connection-id": ofRoutes((route) => route.VpcPeeringConnectionId),
  "vpc-id": (table) => table.VpcId,
};

export function toRouteTableView(
  context: Pick<Context, "tx" | "scope">,
  table: RouteTable,
): RouteTableView {
  const targets = targetsOf(context, table.vpcId);
  return {
    RouteTableId: table.routeTableId,
    VpcId: table.vpcId,
    OwnerId: table.account,
    Routes: table.routes.map((route) => toRouteView(route, targets)),
    Associations: table.associations.map(({ associationId, subnetId, main }) => ({
      RouteTableAssociationId: associationId,
      RouteTableId: table.routeTableId,
      SubnetId: subnetId,
      Main: main,
      AssociationState: { State: "associated" },
    })),
    PropagatingVgws: [],
    Tags: toTagViews(table.tags),
  };
}

const targetsOf = ({ tx, scope }: Pick<Context, "tx" | "scope">, vpcId: string): RouteTargets => ({
  internetGateways: tx.table(internetGateways).by("vpc", scope, vpcId),
  natGateways: tx.table(natGateways).by("vpc", scope, vpcId),
  networkInterfaces: tx.table(networkInterfaces).by("vpc", scope, vpcId),
  vpcEndpoints: tx.table(vpcEndpoints).by("vpc", scope, vpcId),
  vpcPeeringConnections: tx.table(vpcPeeringConnections).by("vpc", scope, vpcId),
});

function toRouteView(route: Route, targets: RouteTargets): RouteView {
  return {
    DestinationCidrBlock: route.destinationCidr,
    DestinationPrefixListId: route.destinationPrefixListId,
    ...targetMembers(route),
    Origin: route.origin,
    State: routeState(route, targets),
  };
}

function targetMembers({ target }: Route): RouteView {
  switch (target.type) {
    case "local":
      return { GatewayId: "local" };
    case "internet-gateway":
      return { GatewayId: target.id };
    case "nat-gateway":
      return { NatGatewayId: target.id };
    case "network-interface":
      return { NetworkInterfaceId: target.id };
    // AWS shows gateway endpoints as gateways.
    case "vpc-endpoint":
      return { GatewayId: target.id };
    case "vpc-peering-connection":
      return { VpcPeeringConnectionId: target.id };
  }
}
