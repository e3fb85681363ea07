/** Peering connections seen from one of their VPCs. */
import type { PeeringSide, VpcPeeringConnection } from "../../model/network.ts";
import { vpcPeeringConnections } from "../../state/tables/network.ts";
import type { Context } from "./resources.ts";

/** The side that is not `vpcId`'s. */
export const farSideOf = (
  { requester, accepter }: VpcPeeringConnection,
  vpcId: string,
): PeeringSide => (requester.vpcId === vpcId ? accepter : requester);

/** The active connection between two VPCs, of which the first is in the context's scope. */
export const activePeering = (
  { tx, scope }: Pick<Context, "tx" | "scope">,
  vpcId: string,
  otherVpcId: string,
): VpcPeeringConnection | undefined =>
  tx
    .table(vpcPeeringConnections)
    .by("vpc", scope, vpcId)
    .find(
      (connection) =>
        connection.status === "active" && farSideOf(connection, vpcId).vpcId === otherVpcId,
    );
