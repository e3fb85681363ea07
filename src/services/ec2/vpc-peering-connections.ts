/** Peering connections: asking for, accepting, rejecting, showing and ending them. */
import type {
  AcceptVpcPeeringConnectionRequest,
  AcceptVpcPeeringConnectionResult,
  CreateVpcPeeringConnectionRequest,
  CreateVpcPeeringConnectionResult,
  DeleteVpcPeeringConnectionRequest,
  DeleteVpcPeeringConnectionResult,
  DescribeVpcPeeringConnectionsRequest,
  DescribeVpcPeeringConnectionsResult,
  RejectVpcPeeringConnectionRequest,
  RejectVpcPeeringConnectionResult,
} from "@aws-sdk/client-ec2";
import { overlaps } from "../../model/cidr.ts";
import type { PeeringSide, Vpc, VpcPeeringConnection } from "../../model/network.ts";
import { regionNames } from "../../model/regions.ts";
import { vpcPeeringConnections, vpcs } from "../../state/tables/network.ts";
import { requireBlock } from "./cidr-blocks.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import { invalidValue, missingParameter } from "./errors.ts";
import {
  invalidTransition,
  notTheAccepter,
  peeringExists,
  wrongPeeringRegion,
} from "./link-errors.ts";
import { birth } from "./make-vpc.ts";
import { arnOf, operation } from "./operation.ts";
import { farSideOf } from "./peering-sides.ts";
import {
  type Context,
  find,
  findRequired,
  newId,
  vpcKind,
  vpcPeeringConnectionKind,
} from "./resources.ts";
import { tagsFrom } from "./tags.ts";
import { changePeering, putNewPeering, settlePeerings } from "./vpc-peering-records.ts";
import { toVpcPeeringView, vpcPeeringFilters } from "./vpc-peering-views.ts";

export const createVpcPeeringConnection = operation<
  CreateVpcPeeringConnectionRequest,
  CreateVpcPeeringConnectionResult
>({
  name: "CreateVpcPeeringConnection",
  resources: (input, scope) => [
    arnOf(scope, "vpc", input.VpcId),
    arnOf(scope, "vpc-peering-connection", undefined),
  ],
  accepts: {
    VpcId: true,
    PeerVpcId: true,
    PeerOwnerId: true,
    PeerRegion: true,
    TagSpecifications: true,
  },
  run(context, input) {
    settlePeerings(context);
    const vpc = findRequired(context, vpcKind, input.VpcId, "vpcId");
    const accepter = accepterOf(context, input);
    const tags = tagsFrom(input.TagSpecifications, "vpc-peering-connection");
    const connection: VpcPeeringConnection = {
      ...birth(context, tags),
      vpcPeeringConnectionId: newId(context, "pcx-"),
      requester: sideOf(vpc),
      accepter,
      ...firstStatus(context, vpc, accepter),
    };
    putNewPeering(context, connection);
    const view = toVpcPeeringView(context, connection);
    // The answer still has the step before, as on AWS.
    const Status = {
      Code: "initiating-request",
      Message: `Initiating Request to ${accepter.account}`,
    };
    return { VpcPeeringConnection: { ...view, Status } as typeof view };
  },
});

const sideOf = ({ account, region, vpcId }: PeeringSide | Vpc): PeeringSide => ({
  account,
  region,
  vpcId,
  allowDnsResolutionFromRemoteVpc: false,
});

function accepterOf(context: Context, input: CreateVpcPeeringConnectionRequest): PeeringSide {
  const { PeerVpcId: vpcId, PeerOwnerId, PeerRegion } = input;
  if (!vpcId) throw missingParameter("peerVpcId");
  const account = PeerOwnerId ?? context.scope.account;
  const region = PeerRegion ?? context.scope.region;
  if (!/^\d{12}$/.test(account)) throw invalidValue("peerOwnerId", account, "Invalid account ID.");
  if (!regionNames.includes(region)) throw invalidValue("peerRegion", region, "Invalid region.");
  const isHere = account === context.scope.account && region === context.scope.region;
  if (isHere) find(context, vpcKind, vpcId);
  return { account, region, vpcId, allowDnsResolutionFromRemoteVpc: false };
}

type Status = Pick<VpcPeeringConnection, "status" | "statusMessage" | "endedAt">;

/** A connection that can never be is made all the same, and has failed. */
function firstStatus(context: Context, vpc: Vpc, accepter: PeeringSide): Status {
  const { tx, scope, now } = context;
  const between = tx.table(vpcPeeringConnections).by("vpc", scope, vpc.vpcId);
  const exists = between.some(
    (other) =>
      (other.status === "active" || other.status === "pending-acceptance") &&
      farSideOf(other, vpc.vpcId).vpcId === accepter.vpcId,
  );
  if (exists) throw peeringExists();
  const peer = tx.table(vpcs).get(accepter, accepter.vpcId);
  if (peer && !haveCommonAddresses(vpc, peer)) {
    return {
      status: "pending-acceptance",
      statusMessage: `Pending Acceptance by ${accepter.account}`,
      endedAt: undefined,
    };
  }
  return {
    status: "failed",
    statusMessage: "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range",
    endedAt: now,
  };
}

const haveCommonAddresses = (a: Vpc, b: Vpc): boolean =>
  a.cidrBlocks.some((one) =>
    b.cidrBlocks.some((other) => overlaps(requireBlock(one.cidr), requireBlock(other.cidr))),
  );

const connectionArn = (
  input: { VpcPeeringConnectionId: string | undefined },
  scope: Context["scope"],
): string[] => [arnOf(scope, "vpc-peering-connection", input.VpcPeeringConnectionId)];

export const acceptVpcPeeringConnection = operation<
  AcceptVpcPeeringConnectionRequest,
  AcceptVpcPeeringConnectionResult
>({
  name: "AcceptVpcPeeringConnection",
  resources: connectionArn,
  accepts: { VpcPeeringConnectionId: true },
  run(context, input) {
    const connection = findConnection(context, input.VpcPeeringConnectionId);
    checkAnswerable(context, connection, "active");
    const { accepter } = connection;
    if (!context.tx.table(vpcs).get(accepter, accepter.vpcId)) {
      throw vpcKind.notFound(accepter.vpcId);
    }
    const changed = changePeering(context, connection, {
      status: "active",
      statusMessage: "Active",
    });
    return { VpcPeeringConnection: toVpcPeeringView(context, changed) };
  },
});

export const rejectVpcPeeringConnection = operation<
  RejectVpcPeeringConnectionRequest,
  RejectVpcPeeringConnectionResult
>({
  name: "RejectVpcPeeringConnection",
  resources: connectionArn,
  accepts: { VpcPeeringConnectionId: true },
  run(context, input) {
    const connection = findConnection(context, input.VpcPeeringConnectionId);
    checkAnswerable(context, connection, "rejected");
    changePeering(context, connection, {
      status: "rejected",
      statusMessage: `Rejected by ${context.scope.account}`,
      endedAt: context.now,
    });
    return { Return: true };
  },
});

function findConnection(context: Context, id: string | undefined): VpcPeeringConnection {
  settlePeerings(context);
  return findRequired(context, vpcPeeringConnectionKind, id, "vpcPeeringConnectionId");
}

/** Only the accepter answers a request, and only once. */
function checkAnswerable({ scope }: Context, connection: VpcPeeringConnection, to: string): void {
  const { vpcPeeringConnectionId: id, accepter, status } = connection;
  if (accepter.account !== scope.account) throw notTheAccepter(scope.account, id);
  if (accepter.region !== scope.region) {
    throw wrongPeeringRegion(id, scope.region, accepter.region);
  }
  if (status !== "pending-acceptance") throw invalidTransition(id, status, to);
}

export const deleteVpcPeeringConnection = operation<
  DeleteVpcPeeringConnectionRequest,
  DeleteVpcPeeringConnectionResult
>({
  name: "DeleteVpcPeeringConnection",
  resources: connectionArn,
  accepts: { VpcPeeringConnectionId: true },
  run(context, input) {
    const connection = findConnection(context, input.VpcPeeringConnectionId);
    const { vpcPeeringConnectionId: id, status } = connection;
    if (status !== "active" && status !== "pending-acceptance" && status !== "failed") {
      throw invalidTransition(id, status, "deleting");
    }
    changePeering(context, connection, {
      status: "deleted",
      statusMessage: `Deleted by ${context.scope.account}`,
      endedAt: context.now,
    });
    return { Return: true };
  },
});

export const describeVpcPeeringConnections = operation<
  DescribeVpcPeeringConnectionsRequest,
  DescribeVpcPeeringConnectionsResult
>({
  name: "DescribeVpcPeeringConnections",
  accepts: { VpcPeeringConnectionIds: true, ...acceptsDescribe },
  run(context, input) {
    settlePeerings(context);
    const { tx, scope } = context;
    const records = chosen(
      input.VpcPeeringConnectionIds,
      () => tx.table(vpcPeeringConnections).list(scope),
      (id) => find(context, vpcPeeringConnectionKind, id),
    );
    const views = records.map((connection) => toVpcPeeringView(context, connection));
    const { items, NextToken } = describePage(views, input, {
      operation: "DescribeVpcPeeringConnections",
      keyOf: (connection) => connection.VpcPeeringConnectionId,
      filters: vpcPeeringFilters,
    });
    return { VpcPeeringConnections: items, NextToken };
  },
});
