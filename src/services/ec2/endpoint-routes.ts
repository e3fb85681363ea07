/** The routes by which gateway endpoints are reached: one in each of their route tables. */
import { awsPrefixLists } from "../../model/aws-prefix-lists.ts";
import type { GatewayEndpoint, Route } from "../../model/network.ts";
import { routeTables, vpcEndpoints } from "../../state/tables/network.ts";
import { invalidParameter, routeToPrefixListExists } from "./link-errors.ts";
import { type Context, find, routeTableKind } from "./resources.ts";

/** Adds the tables to the endpoint and the route to the tables; writes and returns the endpoint. */
export function addEndpointRoutes(
  context: Context,
  endpoint: GatewayEndpoint,
  routeTableIds: readonly string[],
): GatewayEndpoint {
  const added = [...new Set(routeTableIds)];
  for (const id of added) addRoute(context, endpoint, id);
  const changed = { ...endpoint, routeTableIds: [...endpoint.routeTableIds, ...added] };
  context.tx.table(vpcEndpoints).put(changed);
  return changed;
}

function addRoute(context: Context, endpoint: GatewayEndpoint, routeTableId: string): void {
  const { vpcEndpointId, vpcId, region, serviceName } = endpoint;
  const table = find(context, routeTableKind, routeTableId);
  if (table.vpcId !== vpcId) {
    throw invalidParameter(`Route table ${routeTableId} does not belong to VPC ${vpcId}`);
  }
  const list = awsPrefixLists(region).find((one) => one.prefixListName === serviceName);
  if (!list) throw new Error(`${serviceName} has no prefix list`);
  const { prefixListId } = list;
  if (table.routes.some((route) => route.destinationPrefixListId === prefixListId)) {
    throw routeToPrefixListExists(routeTableId, prefixListId);
  }
  const route: Route = {
    destinationCidr: undefined,
    destinationPrefixListId: prefixListId,
    target: { type: "vpc-endpoint", id: vpcEndpointId },
    origin: "CreateRoute",
  };
  context.tx.table(routeTables).put({ ...table, routes: [...table.routes, route] });
}

/** Takes the tables from the endpoint and its route from the tables; writes and returns it. */
export function removeEndpointRoutes(
  { tx, scope }: Context,
  endpoint: GatewayEndpoint,
  routeTableIds: readonly string[],
): GatewayEndpoint {
  for (const id of routeTableIds) {
    if (!endpoint.routeTableIds.includes(id)) {
      throw invalidParameter(
        `Route table ${id} is not associated with VPC endpoint ${endpoint.vpcEndpointId}`,
      );
    }
    const table = tx.table(routeTables).get(scope, id);
    if (!table) continue;
    const routes = table.routes.filter(({ target }) => !leadsTo(target, endpoint));
    tx.table(routeTables).put({ ...table, routes });
  }
  const left = endpoint.routeTableIds.filter((id) => !routeTableIds.includes(id));
  const changed = { ...endpoint, routeTableIds: left };
  tx.table(vpcEndpoints).put(changed);
  return changed;
}

const leadsTo = (target: Route["target"], { vpcEndpointId }: GatewayEndpoint): boolean =>
  target.type === "vpc-endpoint" && target.id === vpcEndpointId;
