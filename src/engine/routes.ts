/** Whether a route leads anywhere. */
import type {
  InternetGateway,
  NatGateway,
  NetworkInterface,
  Route,
  VpcEndpoint,
  VpcPeeringConnection,
} from "../model/network.ts";

/** What routes of one VPC can lead to: everything here belongs to that VPC. */
export type RouteTargets = {
  readonly internetGateways: readonly Pick<InternetGateway, "internetGatewayId">[];
  readonly natGateways: readonly Pick<NatGateway, "natGatewayId" | "state">[];
  readonly networkInterfaces: readonly Pick<NetworkInterface, "networkInterfaceId">[];
  readonly vpcEndpoints: readonly Pick<VpcEndpoint, "vpcEndpointId">[];
  readonly vpcPeeringConnections: readonly Pick<
    VpcPeeringConnection,
    "vpcPeeringConnectionId" | "status"
  >[];
};

/** `blackhole` when the target was deleted or detached from the VPC since the route was made. */
export function routeState(route: Route, targets: RouteTargets): "active" | "blackhole" {
  return hasTarget(route, targets) ? "active" : "blackhole";
}

function hasTarget({ target }: Route, targets: RouteTargets): boolean {
  switch (target.type) {
    case "local":
      return true;
    case "internet-gateway":
      return targets.internetGateways.some((gateway) => gateway.internetGatewayId === target.id);
    case "nat-gateway":
      return targets.natGateways.some(
        (gateway) => gateway.natGatewayId === target.id && gateway.state === "available",
      );
    case "network-interface":
      return targets.networkInterfaces.some((eni) => eni.networkInterfaceId === target.id);
    case "vpc-endpoint":
      return targets.vpcEndpoints.some((endpoint) => endpoint.vpcEndpointId === target.id);
    case "vpc-peering-connection":
      return targets.vpcPeeringConnections.some(
        (one) => one.vpcPeeringConnectionId === target.id && one.status === "active",
      );
  }
}
