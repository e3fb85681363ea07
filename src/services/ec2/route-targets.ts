/** What a route leads to, from a request: exactly one thing, of the VPC of the route table. */
import type { CreateRouteRequest } from "@aws-sdk/client-ec2";
import type { RouteTable, RouteTarget } from "../../model/network.ts";
import {
  internetGateways,
  natGateways,
  networkInterfaces,
  vpcEndpoints,
} from "../../state/tables/network.ts";
import {
  gatewayNotFound,
  invalidParameterCombination,
  invalidParameterValue,
  natGatewayTargetNotFound,
} from "./errors.ts";
import {
  type Context,
  find,
  networkInterfaceKind,
  vpcEndpointKind,
  vpcPeeringConnectionKind,
} from "./resources.ts";

type TargetInput = Pick<
  CreateRouteRequest,
  "GatewayId" | "NatGatewayId" | "NetworkInterfaceId" | "VpcEndpointId" | "VpcPeeringConnectionId"
>;

type Resolve = (context: Context, table: RouteTable, id: string) => RouteTarget;

export function targetOf(context: Context, table: RouteTable, input: TargetInput): RouteTarget {
  const targets: [Resolve, string | undefined][] = [
    [gatewayTarget, input.GatewayId],
    [natGatewayTarget, input.NatGatewayId],
    [interfaceTarget, input.NetworkInterfaceId],
    [endpointTarget, input.VpcEndpointId],
    [peeringTarget, input.VpcPeeringConnectionId],
  ];
  const [chosen, ...more] = targets.flatMap(([resolve, id]) => (id ? [{ resolve, id }] : []));
  if (!chosen || more.length > 0) {
    throw invalidParameterCombination(
      "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId",
    );
  }
  return chosen.resolve(context, table, chosen.id);
}

function gatewayTarget({ tx, scope }: Context, table: RouteTable, id: string): RouteTarget {
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

/** Gateway endpoints make their routes themselves; those of balancers of gateways are not built. */
function endpointTarget({ tx, scope }: Context, _: RouteTable, id: string): RouteTarget {
  const endpoint = tx.table(vpcEndpoints).get(scope, id);
  if (!endpoint) throw vpcEndpointKind.notFound(id);
  throw invalidParameterValue(
    `VPC endpoint ${id} cannot be the target of a route: its type is ${endpoint.type === "gateway" ? "Gateway" : "Interface"}`,
  );
}

function peeringTarget(context: Context, table: RouteTable, id: string): RouteTarget {
  const { requester, accepter, status } = find(context, vpcPeeringConnectionKind, id);
  if (status !== "active") {
    throw invalidParameterValue(`VPC peering connection ${id} is not active`);
  }
  const isOurs = requester.vpcId === table.vpcId || accepter.vpcId === table.vpcId;
  checkSameNetwork(table, "vpc peering connection", id, isOurs ? table.vpcId : undefined);
  return { type: "vpc-peering-connection", id };
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
