/** Reading the records that the path model walks. */
import type { NetworkRecords } from "../engine/network-path/records.ts";
import type { ReadTransaction } from "./store.ts";
import {
  internetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  prefixLists,
  routeTables,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcPeeringConnections,
  vpcs,
} from "./tables/network.ts";

/** Names of the tables that are read. */
export const networkTables: readonly string[] = [
  vpcs,
  subnets,
  routeTables,
  internetGateways,
  natGateways,
  securityGroups,
  networkAcls,
  networkInterfaces,
  vpcEndpoints,
  vpcPeeringConnections,
  prefixLists,
].map((table) => table.name);

/** Of the whole engine: ids are unique in all of it. */
export const readNetworkRecords = (tx: ReadTransaction): NetworkRecords => ({
  vpcs: tx.table(vpcs).all(),
  subnets: tx.table(subnets).all(),
  routeTables: tx.table(routeTables).all(),
  internetGateways: tx.table(internetGateways).all(),
  natGateways: tx.table(natGateways).all(),
  securityGroups: tx.table(securityGroups).all(),
  networkAcls: tx.table(networkAcls).all(),
  networkInterfaces: tx.table(networkInterfaces).all(),
  vpcEndpoints: tx.table(vpcEndpoints).all(),
  vpcPeeringConnections: oncePerId(tx.table(vpcPeeringConnections).all()),
  prefixLists: tx.table(prefixLists).all(),
});

/** Both sides keep a record of a connection. */
const oncePerId = <T extends { readonly vpcPeeringConnectionId: string }>(
  records: readonly T[],
): T[] => [...new Map(records.map((one) => [one.vpcPeeringConnectionId, one])).values()];
