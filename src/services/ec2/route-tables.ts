/** Route tables: making, showing and ending them. */
import type {
  CreateRouteTableRequest,
  CreateRouteTableResult,
  DeleteRouteTableRequest,
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
} from "@aws-sdk/client-ec2";
import type { RouteTable } from "../../model/network.ts";
import { routeTables, vpcEndpoints } from "../../state/tables/network.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import { hasDependencies } from "./errors.ts";
import { madeBefore, rememberToken } from "./idempotency.ts";
import { birth } from "./make-vpc.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, find, findRequired, newId, routeTableKind, vpcKind } from "./resources.ts";
import { routeTableFilters, toRouteTableView } from "./route-table-views.ts";
import { tagsFrom } from "./tags.ts";

export const createRouteTable = operation<CreateRouteTableRequest, CreateRouteTableResult>({
  name: "CreateRouteTable",
  resources: (input, scope) => [
    arnOf(scope, "route-table", undefined),
    arnOf(scope, "vpc", input.VpcId),
  ],
  accepts: { VpcId: true, ClientToken: true, TagSpecifications: true },
  run(context, input) {
    const known = madeBefore(context, "CreateRouteTable", input.ClientToken, input);
    const table = known ? find(context, routeTableKind, known) : makeRouteTable(context, input);
    const { routeTableId } = table;
    if (!known) rememberToken(context, "CreateRouteTable", input.ClientToken, input, routeTableId);
    return { RouteTable: toRouteTableView(context, table), ClientToken: input.ClientToken };
  },
});

function makeRouteTable(context: Context, input: CreateRouteTableRequest): RouteTable {
  const vpc = findRequired(context, vpcKind, input.VpcId, "vpcId");
  const table: RouteTable = {
    ...birth(context, tagsFrom(input.TagSpecifications, "route-table")),
    routeTableId: newId(context, "rtb-"),
    vpcId: vpc.vpcId,
    routes: vpc.cidrBlocks.map(({ cidr }) => ({
      destinationCidr: cidr,
      target: { type: "local" },
      origin: "CreateRouteTable",
    })),
    associations: [],
  };
  context.tx.table(routeTables).put(table);
  return table;
}

export const deleteRouteTable = operation<DeleteRouteTableRequest, Record<string, never>>({
  name: "DeleteRouteTable",
  resources: (input, scope) => [arnOf(scope, "route-table", input.RouteTableId)],
  accepts: { RouteTableId: true },
  run(context, input) {
    const table = findRequired(context, routeTableKind, input.RouteTableId, "routeTableId");
    if (table.associations.length > 0) throw hasDependencies("routeTable", table.routeTableId);
    forgetInEndpoints(context, table);
    context.tx.table(routeTables).delete(context.scope, table.routeTableId);
    return {};
  },
});

function forgetInEndpoints({ tx, scope }: Context, { vpcId, routeTableId }: RouteTable): void {
  for (const endpoint of tx.table(vpcEndpoints).by("vpc", scope, vpcId)) {
    if (endpoint.type !== "gateway" || !endpoint.routeTableIds.includes(routeTableId)) continue;
    const routeTableIds = endpoint.routeTableIds.filter((id) => id !== routeTableId);
    tx.table(vpcEndpoints).put({ ...endpoint, routeTableIds });
  }
}

export const describeRouteTables = operation<DescribeRouteTablesRequest, DescribeRouteTablesResult>(
  {
    name: "DescribeRouteTables",
    accepts: { RouteTableIds: true, ...acceptsDescribe },
    run(context, input) {
      const { tx, scope } = context;
      const records = chosen(
        input.RouteTableIds,
        () => tx.table(routeTables).list(scope),
        (id) => find(context, routeTableKind, id),
      );
      const views = records.map((table) => toRouteTableView(context, table));
      const { items, NextToken } = describePage(views, input, {
        operation: "DescribeRouteTables",
        keyOf: (table) => table.RouteTableId,
        filters: routeTableFilters,
      });
      return { RouteTables: items, NextToken };
    },
  },
);
