/** What of the records is of the host's network: which VPCs a change touches, and all that one VPC's plan needs. */
import type { PeerVpc, VpcSnapshot } from "../engine/network-plan/snapshot.ts";
import type { Task } from "../model/ecs.ts";
import type {
  FlowLog,
  NetworkInterface,
  SecurityGroup,
  VpcPeeringConnection,
} from "../model/network.ts";
import type { Scope } from "../model/scope.ts";
import type { InterfacePlace } from "../model/vpc-plan.ts";
import { flowLogsOf, loggedVpc } from "../state/flow-logs.ts";
import { networkTables } from "../state/network-records.ts";
import { groupsOfVpc, vpcsOfGroup } from "../state/security-groups.ts";
import type { ReadTransaction } from "../state/store.ts";
import type { Change } from "../state/table.ts";
import { tasks } from "../state/tables/ecs.ts";
import {
  flowLogs,
  internetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  prefixLists,
  routeTables,
  securityGroups,
  securityGroupVpcAssociations,
  subnets,
  vpcEndpoints,
  vpcPeeringConnections,
  vpcs,
} from "../state/tables/network.ts";

const concerning: ReadonlySet<string> = new Set([
  ...networkTables,
  flowLogs.name,
  securityGroupVpcAssociations.name,
]);

/** Of a task only the sandbox matters here, and where its interface is. */
export const isConcerning = ({ table, before, after }: Change): boolean => {
  if (concerning.has(table)) return true;
  if (table !== tasks.name) return false;
  return netnsOf(before as Task | undefined) !== netnsOf(after as Task | undefined);
};

const netnsOf = (task: Task | undefined): string | undefined => task?.sandbox?.netns;

type Touched = { readonly scope: Scope; readonly vpcId: string };

type Read = <R>(work: (tx: ReadTransaction) => R) => R;

/** A change in one VPC concerns those peered with it, too: their groups' members, whom routes reach. */
export function touchedBy(read: Read, change: Change): readonly Touched[] {
  if (!isConcerning(change)) return [];
  return read((tx) =>
    [change.before, change.after]
      .flatMap((record) => (record ? vpcsOf(tx, change.table, record) : []))
      .flatMap((touched) => [touched, ...peersOf(tx, touched).map(({ other }) => other)]),
  );
}

function vpcsOf(tx: ReadTransaction, table: string, record: Scope): readonly Touched[] {
  switch (table) {
    case tasks.name: {
      const { subnetId } = (record as Task).attachment;
      const vpcId = tx.table(subnets).get(record, subnetId)?.vpcId;
      return vpcId === undefined ? [] : [{ scope: record, vpcId }];
    }
    case vpcPeeringConnections.name: {
      const { requester, accepter } = record as VpcPeeringConnection;
      return [requester, accepter].map((side) => ({ scope: side, vpcId: side.vpcId }));
    }
    case flowLogs.name: {
      const vpcId = loggedVpc(tx, record as FlowLog);
      return vpcId === undefined ? [] : [{ scope: record, vpcId }];
    }
    case securityGroups.name:
      return vpcsOfGroup(tx, record as SecurityGroup).map((vpcId) => ({ scope: record, vpcId }));
    case prefixLists.name:
      return tx
        .table(vpcs)
        .list(record)
        .map(({ vpcId }) => ({ scope: record, vpcId }));
    default: {
      const { vpcId } = record as { readonly vpcId?: string };
      return vpcId === undefined ? [] : [{ scope: record, vpcId }];
    }
  }
}

type Peering = { readonly connection: VpcPeeringConnection; readonly other: Touched };

/** The other ends of the VPC's active connections. */
function peersOf(tx: ReadTransaction, { scope, vpcId }: Touched): readonly Peering[] {
  return tx
    .table(vpcPeeringConnections)
    .by("vpc", scope, vpcId)
    .filter(({ status }) => status === "active")
    .map((connection) => {
      const { requester, accepter } = connection;
      const side = requester.vpcId === vpcId ? accepter : requester;
      return { connection, other: { scope: side, vpcId: side.vpcId } };
    });
}

export function readSnapshot(
  tx: ReadTransaction,
  scope: Scope,
  vpcId: string,
): VpcSnapshot | undefined {
  const vpc = tx.table(vpcs).get(scope, vpcId);
  if (!vpc) return undefined;
  return {
    vpc,
    subnets: tx.table(subnets).by("vpc", scope, vpcId),
    routeTables: tx.table(routeTables).by("vpc", scope, vpcId),
    internetGateways: tx.table(internetGateways).by("vpc", scope, vpcId),
    natGateways: tx.table(natGateways).by("vpc", scope, vpcId),
    securityGroups: groupsOfVpc(tx, scope, vpcId),
    networkAcls: tx.table(networkAcls).by("vpc", scope, vpcId),
    networkInterfaces: tx.table(networkInterfaces).by("vpc", scope, vpcId),
    vpcEndpoints: tx.table(vpcEndpoints).by("vpc", scope, vpcId),
    vpcPeeringConnections: tx.table(vpcPeeringConnections).by("vpc", scope, vpcId),
    prefixLists: tx.table(prefixLists).list(scope),
    placeOf: (record) => placeOf(tx, record),
    isLogged: flowLogsOf(tx, scope, vpcId).length > 0,
    peers: peersOf(tx, { scope, vpcId }).map((peering) => readPeer(tx, peering)),
  };
}

function readPeer(tx: ReadTransaction, { connection, other }: Peering): PeerVpc {
  const interfaces = tx.table(networkInterfaces).by("vpc", other.scope, other.vpcId);
  return {
    connection,
    vpcId: other.vpcId,
    securityGroups: groupsOfVpc(tx, other.scope, other.vpcId),
    networkInterfaces: interfaces,
    isWired: interfaces.some((record) => placeOf(tx, record) !== undefined),
  };
}

/** NAT gateways are routes here and no boxes; what users make themselves is attached to nothing. */
function placeOf(tx: ReadTransaction, record: NetworkInterface): InterfacePlace | undefined {
  const { owner } = record;
  switch (owner.type) {
    case "ecs-task": {
      const netns = netnsOf(tx.table(tasks).get(record, owner.taskArn));
      return netns === undefined ? undefined : { type: "sandbox", netns };
    }
    case "load-balancer":
    case "vpc-endpoint":
      return { type: "edge" };
    case "nat-gateway":
    case "user":
      return undefined;
  }
}
