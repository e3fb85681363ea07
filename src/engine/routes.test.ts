import { describe, expect, it } from "vitest";
import type { Route, RouteTarget } from "../model/network.ts";
import { routeState } from "./routes.ts";

const targets = {
  internetGateways: [{ internetGatewayId: "igw-1" }],
  natGateways: [
    { natGatewayId: "nat-1", state: "available" as const },
    { natGatewayId: "nat-2", state: "deleted" as const },
    { natGatewayId: "nat-3", state: "failed" as const },
  ],
  networkInterfaces: [{ networkInterfaceId: "eni-1" }],
  vpcEndpoints: [{ vpcEndpointId: "vpce-1" }],
  vpcPeeringConnections: [
    { vpcPeeringConnectionId: "pcx-1", status: "active" as const },
    { vpcPeeringConnectionId: "pcx-2", status: "deleted" as const },
  ],
};

const cases: readonly (readonly [RouteTarget, "active" | "blackhole"])[] = [
  [{ type: "local" }, "active"],
  [{ type: "internet-gateway", id: "igw-1" }, "active"],
  [{ type: "internet-gateway", id: "igw-2" }, "blackhole"],
  [{ type: "nat-gateway", id: "nat-1" }, "active"],
  [{ type: "nat-gateway", id: "nat-2" }, "blackhole"],
  [{ type: "nat-gateway", id: "nat-3" }, "blackhole"],
  [{ type: "nat-gateway", id: "nat-4" }, "blackhole"],
  [{ type: "network-interface", id: "eni-1" }, "active"],
  [{ type: "network-interface", id: "eni-2" }, "blackhole"],
  [{ type: "vpc-endpoint", id: "vpce-1" }, "active"],
  [{ type: "vpc-endpoint", id: "vpce-2" }, "blackhole"],
  [{ type: "vpc-peering-connection", id: "pcx-1" }, "active"],
  [{ type: "vpc-peering-connection", id: "pcx-2" }, "blackhole"],
];

describe("routeState", () => {
  for (const [target, state] of cases) {
    it(`a route to ${JSON.stringify(target)}: ${state}`, () => {
      const route: Route = { destinationCidr: "0.0.0.0/0", target, origin: "CreateRoute" };
      expect(routeState(route, targets)).toBe(state);
    });
  }
});
