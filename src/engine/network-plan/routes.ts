/** Where the routes of a subnet lead. */
import type {
  InternetGateway,
  NatGateway,
  Route,
  RouteTable,
  Subnet,
} from "../../model/network.ts";
import type { RoutePlan } from "../../model/vpc-plan.ts";
import { effectiveRouteTable } from "../host-reachability.ts";

export type RouteRecords = {
  readonly vpc: { readonly vpcId: string };
  readonly routeTables: readonly RouteTable[];
  readonly internetGateways: readonly InternetGateway[];
  readonly natGateways: readonly NatGateway[];
};

type SubnetOfVpc = Pick<Subnet, "vpcId" | "subnetId">;

const anywhere = "0.0.0.0/0";

/** The routes of the table that the subnet uses, its own or else the main one. */
export function planRoutes(records: RouteRecords, subnet: SubnetOfVpc): RoutePlan[] {
  return routesOf(records, subnet).flatMap((route) =>
    route.destinationCidr === undefined
      ? []
      : { destination: route.destinationCidr, via: planTarget(records, route) },
  );
}

const routesOf = (records: RouteRecords, subnet: SubnetOfVpc): readonly Route[] =>
  effectiveRouteTable(records.routeTables, subnet)?.routes ?? [];

function planTarget(records: RouteRecords, { target }: Route): RoutePlan["via"] {
  switch (target.type) {
    case "local":
      return "local";
    case "internet-gateway":
      return isAttached(records, target.id) ? "internet" : "blackhole";
    case "nat-gateway":
      return leadsOut(records, target.id) ? "nat" : "blackhole";
    // No interface that could forward is ever wired.
    case "network-interface":
    case "vpc-endpoint":
    case "vpc-peering-connection":
      return "blackhole";
  }
}

const isAttached = ({ vpc, internetGateways }: RouteRecords, id: string): boolean =>
  internetGateways.some(
    (gateway) => gateway.internetGatewayId === id && gateway.vpcId === vpc.vpcId,
  );

/** A NAT gateway is a host of its own subnet: without a way out there, it has none to offer. */
function leadsOut(records: RouteRecords, natGatewayId: string): boolean {
  const gateway = records.natGateways.find((one) => one.natGatewayId === natGatewayId);
  if (gateway?.state !== "available" || gateway.connectivityType !== "public") return false;
  return routesOf(records, gateway).some(
    ({ destinationCidr, target }) =>
      destinationCidr === anywhere &&
      target.type === "internet-gateway" &&
      isAttached(records, target.id),
  );
}
