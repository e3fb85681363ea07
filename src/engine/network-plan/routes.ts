/** Where the routes of a subnet lead. */
import type { RoutePlan } from "../../model/vpc-plan.ts";
import { blockRoutes, type RouteRecords, type SubnetOfVpc, wayOf } from "../network-path/routes.ts";

export type PlannedEnds = {
  /** VPCs with which a peering connection is planned. */
  readonly peerings: ReadonlySet<string>;
  /** Interfaces that are wired. */
  readonly interfaces: ReadonlySet<string>;
};

/** The routes of the table that the subnet uses, its own or else the main one. */
export const planRoutes = (
  records: RouteRecords,
  subnet: SubnetOfVpc,
  ends: PlannedEnds,
): RoutePlan[] =>
  blockRoutes(records, subnet).map(({ destination, route }) => ({
    destination,
    ...planWay(wayOf(records, subnet.vpcId, route), ends),
  }));

function planWay(
  way: ReturnType<typeof wayOf>,
  { peerings, interfaces }: PlannedEnds,
): Pick<RoutePlan, "via" | "through"> {
  switch (way.type) {
    case "local":
    case "internet":
    case "endpoint":
    case "blackhole":
      return { via: way.type };
    case "nat":
      return { via: "nat", through: way.gateway.subnetId };
    case "peering": {
      const through = way.connection.vpcPeeringConnectionId;
      return peerings.has(through) ? { via: "peering", through } : { via: "blackhole" };
    }
    case "interface": {
      const through = way.router.networkInterfaceId;
      return interfaces.has(through) ? { via: "interface", through } : { via: "blackhole" };
    }
  }
}
