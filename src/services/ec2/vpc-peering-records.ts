/**
 * The records of peering connections. Each side has one, in its own region and account and with its
 * own tags; everything else in the two is the same.
 */
import type { PeeringSide, VpcPeeringConnection } from "../../model/network.ts";
import { vpcPeeringConnections } from "../../state/tables/network.ts";
import type { Context } from "./resources.ts";
import { lapsesAfterMs } from "./vpc-peering-views.ts";

const shownAfterEndMs = 2 * 60 * 60 * 1000;

const isSameScope = (a: PeeringSide, b: PeeringSide): boolean =>
  a.account === b.account && a.region === b.region;

/** Writes a new connection for both sides; the tags are the requester's. */
export function putNewPeering({ tx }: Context, connection: VpcPeeringConnection): void {
  const { requester, accepter } = connection;
  tx.table(vpcPeeringConnections).put(connection);
  if (isSameScope(requester, accepter)) return;
  const { account, region } = accepter;
  tx.table(vpcPeeringConnections).put({ ...connection, account, region, tags: [] });
}

type Shared = Partial<
  Pick<VpcPeeringConnection, "requester" | "accepter" | "status" | "statusMessage" | "endedAt">
>;

/** Writes the change for both sides and returns the caller's record. */
export function changePeering(
  { tx, scope }: Context,
  { vpcPeeringConnectionId: id, requester, accepter }: VpcPeeringConnection,
  change: Shared,
): VpcPeeringConnection {
  const table = tx.table(vpcPeeringConnections);
  for (const side of isSameScope(requester, accepter) ? [requester] : [requester, accepter]) {
    const record = table.get(side, id);
    if (record) table.put({ ...record, ...change });
  }
  const changed = table.get(scope, id);
  if (!changed) throw new Error(`peering connection ${id} is not in the caller's region`);
  return changed;
}

/** Lets requests lapse that nobody accepted, and forgets what ended long ago. */
export function settlePeerings(context: Context): void {
  const { tx, scope, now } = context;
  const table = tx.table(vpcPeeringConnections);
  for (const connection of table.list(scope)) {
    const { vpcPeeringConnectionId, status, createdAt, endedAt } = connection;
    if (status === "pending-acceptance" && now - createdAt > lapsesAfterMs) {
      changePeering(context, connection, {
        status: "expired",
        statusMessage: "Expired",
        endedAt: createdAt + lapsesAfterMs,
      });
    } else if (endedAt !== undefined && now - endedAt > shownAfterEndMs) {
      table.delete(scope, vpcPeeringConnectionId);
    }
  }
}
