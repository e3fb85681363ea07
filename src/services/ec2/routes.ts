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
import { routeTables, vpcs } from "../../state/tables/network.ts";
import { parseBlock, requireBlock } from "./cidr-blocks.ts";
import {
  invalidParameterCombination,
  invalidParameterValue,
  routeExists,
  routeNotFound,
} from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { findPrefixList } from "./prefix-list-lookup.ts";
import { type Context, findRequired, routeTableKind } from "./resources.ts";
import { targetOf } from "./route-targets.ts";

const acceptsDestination = { DestinationCidrBlock: true, DestinationPrefixListId: true } as const;

const acceptsTarget = {
  GatewayId: true,
  NatGatewayId: true,
  NetworkInterfaceId: true,
  VpcEndpointId: true,
  VpcPeeringConnectionId: true,
} as const;

const tableArn = (input: { RouteTableId: string | undefined }, scope: Scope): string[] => [
  arnOf(scope, "route-table", input.RouteTableId),
];

export const createRoute = operation<CreateRouteRequest, CreateRouteResult>({
  name: "CreateRoute",
  resources: tableArn,
  accepts: { RouteTableId: true, ...acceptsDestination, ...acceptsTarget },
  run(context, input) {
    const table = findRequired(context, routeTableKind, input.RouteTableId, "routeTableId");
    const destination = destinationOf(context, input);
    const target = targetOf(context, table, input);
    checkNotReserved(destination);
    if (table.routes.some((route) => isTo(route, destination))) throw existsTo(destination);
    checkInsideVpc(context, table, destination, target);
    const route: Route = { ...destination, target, origin: "CreateRoute" };
    context.tx.table(routeTables).put({ ...table, routes: [...table.routes, route] });
    return { Return: true };
  },
});

export const replaceRoute = operation<ReplaceRouteRequest, Record<string, never>>({
  name: "ReplaceRoute",
  resources: tableArn,
  accepts: {
    RouteTableId: true,
    ...acceptsDestination,
    LocalTarget: true,
    ...acceptsTarget,
  },
  run(context, input) {
    const table = findRequired(context, routeTableKind, input.RouteTableId, "routeTableId");
    const destination = destinationOf(context, input);
    const old = findRoute(table, destination);
    if (old.target.type === "vpc-endpoint") throw endpointRoute("replace", old, table);
    const target: RouteTarget = input.LocalTarget
      ? { type: "local" }
      : targetOf(context, table, input);
    if (input.LocalTarget && old.origin !== "CreateRouteTable") {
      throw invalidParameterValue("The local target is only valid for the route of the VPC");
    }
    checkInsideVpc(context, table, destination, target);
    const routes = table.routes.map((route) => (route === old ? { ...route, target } : route));
    context.tx.table(routeTables).put({ ...table, routes });
    return {};
  },
});

export const deleteRoute = operation<DeleteRouteRequest, Record<string, never>>({
  name: "DeleteRoute",
  resources: tableArn,
  accepts: { RouteTableId: true, ...acceptsDestination },
  run(context, input) {
    const table = findRequired(context, routeTableKind, input.RouteTableId, "routeTableId");
    const old = findRoute(table, destinationOf(context, input));
    if (old.target.type === "vpc-endpoint") throw endpointRoute("remove", old, table);
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

type Destination = Pick<Route, "destinationCidr" | "destinationPrefixListId">;

type DestinationInput = Pick<
  CreateRouteRequest,
  "DestinationCidrBlock" | "DestinationPrefixListId"
>;

function destinationOf(context: Context, input: DestinationInput): Destination {
  const { DestinationCidrBlock: block, DestinationPrefixListId: prefixListId } = input;
  if (block && prefixListId) {
    throw invalidParameterCombination(
      "The parameters destinationCidrBlock and destinationPrefixListId cannot be used together",
    );
  }
  if (!prefixListId) {
    return { destinationCidr: formatCidr(parseBlock(block, "destinationCidrBlock")) };
  }
  findPrefixList(context, prefixListId);
  return { destinationCidr: undefined, destinationPrefixListId: prefixListId };
}

const isTo = (route: Route, destination: Destination): boolean =>
  route.destinationCidr === destination.destinationCidr &&
  route.destinationPrefixListId === destination.destinationPrefixListId;

const textOf = ({ destinationCidr, destinationPrefixListId }: Destination): string =>
  destinationCidr ?? destinationPrefixListId ?? "";

const existsTo = (destination: Destination): ApiError => routeExists(textOf(destination));

const endpointRoute = (verb: string, route: Route, { routeTableId }: RouteTable): ApiError =>
  invalidParameterValue(
    `cannot ${verb} VPC endpoint route ${textOf(route)} in route table ${routeTableId}`,
  );

function findRoute(table: RouteTable, destination: Destination): Route {
  const route = table.routes.find((candidate) => isTo(candidate, destination));
  if (route) return route;
  throw routeNotFound(destination, table.routeTableId);
}

/** Of AWS's own services; a larger block that has it inside may be a destination. */
const reservedBlock = "169.254.168.0/22";

function checkNotReserved({ destinationCidr: block }: Destination): void {
  if (block === undefined) return;
  if (!containsCidr(requireBlock(reservedBlock), requireBlock(block))) return;
  throw invalidParameterValue(
    `The destination CIDR block ${block} is equal to or more specific than ${reservedBlock}, which is reserved.`,
  );
}

/** Inside the VPC traffic may be led through a box, but not out to the internet. */
function checkInsideVpc(
  { tx, scope }: Context,
  table: RouteTable,
  { destinationCidr }: Destination,
  target: RouteTarget,
): void {
  if (destinationCidr === undefined || !leadsAway(target)) return;
  const blocks = tx.table(vpcs).get(scope, table.vpcId)?.cidrBlocks ?? [];
  const isInside = blocks.some(({ cidr }) =>
    containsCidr(requireBlock(cidr), requireBlock(destinationCidr)),
  );
  if (isInside) throw tooSpecific(destinationCidr);
}

const leadsAway = ({ type }: RouteTarget): boolean =>
  type === "internet-gateway" || type === "vpc-peering-connection";

const tooSpecific = (destination: string): ApiError =>
  invalidParameterValue(
    `The destination CIDR block ${destination} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.`,
  );
