/** Peering connections as they are shown, and what they can be filtered by. */
import type {
  VpcPeeringConnection as VpcPeeringConnectionView,
  VpcPeeringConnectionVpcInfo,
} from "@aws-sdk/client-ec2";
import type { PeeringSide, VpcPeeringConnection } from "../../model/network.ts";
import { vpcs } from "../../state/tables/network.ts";
import type { FilterTable } from "./filters.ts";
import type { Context } from "./resources.ts";
import { toTagViews } from "./tags.ts";

const blocksOf = (info: VpcPeeringConnectionVpcInfo | undefined): (string | undefined)[] =>
  info?.CidrBlockSet?.map(({ CidrBlock }) => CidrBlock) ?? [];

export const vpcPeeringFilters: FilterTable<VpcPeeringConnectionView> = {
  "accepter-vpc-info.cidr-block": ({ AccepterVpcInfo }) => blocksOf(AccepterVpcInfo),
  "accepter-vpc-info.owner-id": (connection) => connection.AccepterVpcInfo?.OwnerId,
  "accepter-vpc-info.vpc-id": (connection) => connection.AccepterVpcInfo?.VpcId,
  "expiration-time": (connection) => connection.ExpirationTime?.toISOString(),
  "requester-vpc-info.cidr-block": ({ RequesterVpcInfo }) => blocksOf(RequesterVpcInfo),
  "requester-vpc-info.owner-id": (connection) => connection.RequesterVpcInfo?.OwnerId,
  "requester-vpc-info.vpc-id": (connection) => connection.RequesterVpcInfo?.VpcId,
  "status-code": (connection) => connection.Status?.Code,
  "status-message": (connection) => connection.Status?.Message,
  "vpc-peering-connection-id": (connection) => connection.VpcPeeringConnectionId,
};

/** A request that nobody accepts lapses after a week. */
export const lapsesAfterMs = 7 * 24 * 60 * 60 * 1000;

export const toVpcPeeringView = (
  context: Pick<Context, "tx">,
  connection: VpcPeeringConnection,
): VpcPeeringConnectionView => ({
  VpcPeeringConnectionId: connection.vpcPeeringConnectionId,
  RequesterVpcInfo: toSideView(context, connection, connection.requester),
  AccepterVpcInfo: toSideView(context, connection, connection.accepter),
  Status: { Code: connection.status, Message: connection.statusMessage },
  ExpirationTime:
    connection.status === "pending-acceptance"
      ? new Date(connection.createdAt + lapsesAfterMs)
      : undefined,
  Tags: toTagViews(connection.tags),
});

/** The accepter's blocks and options are not known to others before it has accepted. */
function toSideView(
  { tx }: Pick<Context, "tx">,
  { status, accepter }: VpcPeeringConnection,
  side: PeeringSide,
): VpcPeeringConnectionVpcInfo {
  const plain = { OwnerId: side.account, Region: side.region, VpcId: side.vpcId };
  const vpc = tx.table(vpcs).get(side, side.vpcId);
  if (!vpc || (side === accepter && status !== "active")) return plain;
  return {
    ...plain,
    CidrBlock: vpc.cidrBlocks[0]?.cidr,
    CidrBlockSet: vpc.cidrBlocks.map(({ cidr }) => ({ CidrBlock: cidr })),
    PeeringOptions: {
      AllowDnsResolutionFromRemoteVpc: side.allowDnsResolutionFromRemoteVpc,
      AllowEgressFromLocalClassicLinkToRemoteVpc: false,
      AllowEgressFromLocalVpcToRemoteClassicLink: false,
    },
  };
}
