/** Which route of a subnet's table takes a packet, and where its target leads as things are. */
import { parseCidr } from "../../model/cidr.ts";
import type {
  InternetGateway,
  NatGateway,
  NetworkInterface,
  Route,
  RouteTable,
  VpcEndpoint,
  VpcPeeringConnection,
} from "../../model/network.ts";
import { contains, effectiveRouteTable, type NetworkRecords, prefixListCidrs } from "./records.ts";

export type SubnetOfVpc = {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly region: string;
};

export type RouteRecords = Omit<
  NetworkRecords,
  "vpcs" | "subnets" | "securityGroups" | "networkAcls"
>;

/** One route to one block: a route to a prefix list stands for several. */
export type BlockRoute = { readonly destination: string; readonly route: Route };

/** Where a route leads. */
export type Way =
  | { readonly type: "local" }
  | { readonly type: "internet"; readonly gateway: InternetGateway }
  | { readonly type: "nat"; readonly gateway: NatGateway }
  | { readonly type: "interface"; readonly router: NetworkInterface }
  | { readonly type: "endpoint"; readonly endpoint: VpcEndpoint }
  | { readonly type: "peering"; readonly connection: VpcPeeringConnection; readonly vpcId: string }
  | { readonly type: "blackhole"; readonly because: string };

export const tableOf = (records: RouteRecords, subnet: SubnetOfVpc): RouteTable | undefined =>
  effectiveRouteTable(records.routeTables, subnet);

/** Each block once: a route that names it itself comes before one to a prefix list that holds it. */
export function blockRoutes(records: RouteRecords, subnet: SubnetOfVpc): BlockRoute[] {
  const routes = tableOf(records, subnet)?.routes ?? [];
  const named = routes.filter(({ destinationCidr }) => destinationCidr !== undefined);
  const listed = routes.filter(({ destinationCidr }) => destinationCidr === undefined);
  const byBlock = new Map<string, BlockRoute>();
  for (const route of [...named, ...listed]) {
    for (const destination of destinationsOf(records, subnet.region, route)) {
      if (!byBlock.has(destination)) byBlock.set(destination, { destination, route });
    }
  }
  return [...byBlock.values()];
}

function destinationsOf(records: RouteRecords, region: string, route: Route): readonly string[] {
  const { destinationCidr, destinationPrefixListId } = route;
  if (destinationCidr !== undefined) return destinationCidr.includes(":") ? [] : [destinationCidr];
  if (destinationPrefixListId === undefined) return [];
  return prefixListCidrs(records.prefixLists, region, destinationPrefixListId);
}

/** The route with the longest prefix. */
export function routeTo(
  records: RouteRecords,
  subnet: SubnetOfVpc,
  address: string,
): BlockRoute | undefined {
  return blockRoutes(records, subnet)
    .filter(({ destination }) => contains(destination, address))
    .toSorted((a, b) => bitsOf(b) - bitsOf(a))[0];
}

const bitsOf = ({ destination }: BlockRoute): number => parseCidr(destination)?.bits ?? 0;

export function wayOf(records: RouteRecords, vpcId: string, { target }: Route): Way {
  switch (target.type) {
    case "local":
      return { type: "local" };
    case "internet-gateway": {
      const gateway = records.internetGateways.find(
        (one) => one.internetGatewayId === target.id && one.vpcId === vpcId,
      );
      return gateway
        ? { type: "internet", gateway }
        : blackhole(`${target.id} is not attached to ${vpcId}`);
    }
    case "nat-gateway":
      return natWay(records, target.id);
    case "network-interface":
      return interfaceWay(records, target.id);
    case "vpc-endpoint": {
      const endpoint = records.vpcEndpoints.find((one) => one.vpcEndpointId === target.id);
      return endpoint ? { type: "endpoint", endpoint } : blackhole(`${target.id} does not exist`);
    }
    case "vpc-peering-connection":
      return peeringWay(records, vpcId, target.id);
  }
}

const blackhole = (because: string): Way => ({ type: "blackhole", because });

/** A NAT gateway is a host of its own subnet: without a way out there, it has none to offer. */
function natWay(records: RouteRecords, id: string): Way {
  const gateway = records.natGateways.find((one) => one.natGatewayId === id);
  if (gateway?.state !== "available") return blackhole(`${id} is not available`);
  if (gateway.connectivityType !== "public") return blackhole(`${id} is a private NAT gateway`);
  const out = blockRoutes(records, gateway).find(
    ({ destination, route }) =>
      destination === "0.0.0.0/0" && route.target.type === "internet-gateway",
  );
  const way = out && wayOf(records, gateway.vpcId, out.route);
  return way?.type === "internet"
    ? { type: "nat", gateway }
    : blackhole(`${id} stands in ${gateway.subnetId}, which has no route to an internet gateway`);
}

/** Only an interface that may pass on what is not its own forwards anything. */
function interfaceWay(records: RouteRecords, id: string): Way {
  const router = records.networkInterfaces.find((one) => one.networkInterfaceId === id);
  if (!router) return blackhole(`${id} does not exist`);
  if (router.owner.type !== "ecs-task") return blackhole(`nothing is attached to ${id}`);
  return router.sourceDestCheck
    ? blackhole(`${id} checks source and destination, and forwards nothing`)
    : { type: "interface", router };
}

function peeringWay(records: RouteRecords, vpcId: string, id: string): Way {
  const connection = records.vpcPeeringConnections.find((one) => one.vpcPeeringConnectionId === id);
  if (!connection) return blackhole(`${id} does not exist`);
  if (connection.status !== "active") return blackhole(`${id} is ${connection.status}`);
  const { requester, accepter } = connection;
  const other = requester.vpcId === vpcId ? accepter : requester;
  return { type: "peering", connection, vpcId: other.vpcId };
}
