/** Routes of a route table. */
import type {
  CreateRouteRequest,
  CreateRouteResult,
  DeleteRouteRequest,
  ReplaceRouteRequest,
} from "@aws-sdk/client-ec2";
import type { ApiError } from "../../gateway/api-error.ts";
import { containsCidr, formatCidr } from "../../model/cidr.ts";
import type { Route, RouteTable, RouteTarget } from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import {
  internetGateways,
  natGateways,
  networkInterfaces,
  routeTables,
  vpcs,
} from "../../state/tables/network.ts";
import { parseBlock, requireBlock } from "./cidr-blocks.ts";
import {
  gatewayNotFound,
  invalidParameterCombination,
  invalidParameterValue,
  natGatewayTargetNotFound,
  routeExists,
  routeNotFound,
} from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, findRequired, networkInterfaceKind, routeTableKind } from "./resources.ts";

type TargetInput = Pick<ReplaceRouteRequest, "GatewayId" | "NatGatewayId" | "NetworkInterfaceId">;

const acceptsTarget = { GatewayId: true, NatGatewayId: true, NetworkInterfaceId: true } as const;

const tableArn = (input: { RouteTableId: string | undefined }, scope: Scope): string[] => [
  arnOf(scope, "route-table", input.RouteTableId),
];

export const createRoute = operation<CreateRouteRequest, CreateRouteResult>({
  name: "CreateRoute",
  resources: tableArn,
  accepts: { RouteTableId: true, DestinationCidrBlock: true, ...acceptsTarget },
  run(context, input) {
    const table = findRequired(context, routeTableKind, input.RouteTableId, "routeTableId");
    const destination = destinationOf(input);
    const target = targetOf(context, table, input);
    if (table.routes.some((route) => route.destinationCidr === destination)) {
      throw routeExists(destination);
    }
    checkInsideVpc(context, table, destination, target);
    const route: Route = { destinationCidr: destination, target, origin: "CreateRoute" };
    context.tx.table(routeTables).put({ ...table, routes: [...table.routes, route] });
    return { Return: true };
  },
});

export const replaceRoute = operation<ReplaceRouteRequest, Record<string, never>>({
  name: "ReplaceRoute",
  resources: tableArn,
  accepts: {
    RouteTableId: true,
    DestinationCidrBlock: true,
    LocalTarget: true,
    ...acceptsTarget,
  },
  run(context, input) {
    const table = findRequired(context, routeTableKind, input.RouteTableId, "routeTableId");
    const destination = destinationOf(input);
    const old = findRoute(table, destination);
    const target: RouteTarget = input.LocalTarget
      ? { type: "local" }
      : targetOf(context, table, input);
    if (input.LocalTarget && old.origin !== "CreateRouteTable") {
      throw invalidParameterValue("The local target is only valid for the route of the VPC");
    }
    if (old.origin === "CreateRouteTable" && target.type === "internet-gateway") {
      throw tooSpecific(destination);
    }
    const routes = table.routes.map((route) => (route === old ? { ...route, target } : route));
    context.tx.table(routeTables).put({ ...table, routes });
    return {};
  },
});

export const deleteRoute = operation<DeleteRouteRequest, Record<string, never>>({
  name: "DeleteRoute",
  resources: tableArn,
  accepts: { RouteTableId: true, DestinationCidrBlock: true },
  run(context, input) {
    const table = findRequired(context, routeTableKind, input.RouteTableId, "routeTableId");
    const old = findRoute(table, destinationOf(input));
    if (old.origin === "CreateRouteTable") {
      throw invalidParameterValue(
        `cannot remove local route ${old.destinationCidr} in route table ${table.routeTableId}`,
      );
    }
    const routes = table.routes.filter((route) => route !== old);
    context.tx.table(routeTables).put({ ...table, routes });
    return {};
  },
});

const destinationOf = (input: { DestinationCidrBlock?: string | undefined }): string =>
  formatCidr(parseBlock(input.DestinationCidrBlock, "destinationCidrBlock"));

function findRoute(table: RouteTable, destination: string): Route {
  const route = table.routes.find((candidate) => candidate.destinationCidr === destination);
  if (route) return route;
  throw routeNotFound(destination, table.routeTableId);
}

/** Inside the VPC traffic may be led through a box, but not out to the internet. */
function checkInsideVpc(
  { tx, scope }: Context,
  table: RouteTable,
  destination: string,
  target: RouteTarget,
): void {
  if (target.type !== "internet-gateway") return;
  const blocks = tx.table(vpcs).get(scope, table.vpcId)?.cidrBlocks ?? [];
  const isInside = blocks.some(({ cidr }) =>
    containsCidr(requireBlock(cidr), requireBlock(destination)),
  );
  if (isInside) throw tooSpecific(destination);
}

const tooSpecific = (destination: string): ApiError =>
  invalidParameterValue(
    `The destination CIDR block ${destination} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.`,
  );

function targetOf(context: Context, table: RouteTable, input: TargetInput): RouteTarget {
  const { GatewayId, NatGatewayId, NetworkInterfaceId } = input;
  if ([GatewayId, NatGatewayId, NetworkInterfaceId].filter(Boolean).length !== 1) {
    throw invalidParameterCombination(
      "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId",
    );
  }
  if (GatewayId) return internetGatewayTarget(context, table, GatewayId);
  if (NatGatewayId) return natGatewayTarget(context, table, NatGatewayId);
  return interfaceTarget(context, table, NetworkInterfaceId ?? "");
}

function internetGatewayTarget({ tx, scope }: Context, table: RouteTable, id: string): RouteTarget {
  const gateway = tx.table(internetGateways).get(scope, id);
  if (!gateway) {
    throw gatewayNotFound(id);
  }
  checkSameNetwork(table, "network gateway", id, gateway.vpcId);
  return { type: "internet-gateway", id };
}

function natGatewayTarget({ tx, scope }: Context, table: RouteTable, id: string): RouteTarget {
  const gateway = tx.table(natGateways).get(scope, id);
  if (gateway?.state !== "available") {
    throw natGatewayTargetNotFound(id);
  }
  checkSameNetwork(table, "NAT gateway", id, gateway.vpcId);
  return { type: "nat-gateway", id };
}

function interfaceTarget({ tx, scope }: Context, table: RouteTable, id: string): RouteTarget {
  const eni = tx.table(networkInterfaces).get(scope, id);
  if (!eni) {
    throw networkInterfaceKind.notFound(id);
  }
  checkSameNetwork(table, "interface", id, eni.vpcId);
  return { type: "network-interface", id };
}

function checkSameNetwork(
  table: RouteTable,
  noun: string,
  id: string,
  vpcId: string | undefined,
): void {
  if (vpcId === table.vpcId) return;
  throw invalidParameterValue(
    `route table ${table.routeTableId} and ${noun} ${id} belong to different networks`,
  );
}
