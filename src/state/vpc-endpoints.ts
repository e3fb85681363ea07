/** VPC endpoints by what packets and requests know of them. */

import {
  type OriginRecords,
  originFor,
  originTowards,
  type VpcOrigin,
} from "../engine/network-path/origin.ts";
import type { ConditionValues } from "../engine/policy/condition-keys.ts";
import type { Task } from "../model/ecs.ts";
import type { InterfaceEndpoint, NetworkInterface } from "../model/network.ts";
import type { ReadTransaction } from "./store.ts";
import {
  internetGateways,
  natGateways,
  networkInterfaces,
  prefixLists,
  routeTables,
  vpcEndpoints,
  vpcs,
} from "./tables/network.ts";

/** Undefined where no endpoint has the address. */
export function endpointAt(
  tx: ReadTransaction,
  vpcId: string,
  address: string,
): InterfaceEndpoint | undefined {
  const record = interfaceOf(tx, vpcId, address);
  if (record?.owner.type !== "vpc-endpoint") return undefined;
  const endpoint = tx.table(vpcEndpoints).get(record, record.owner.vpcEndpointId);
  return endpoint?.type === "interface" ? endpoint : undefined;
}

const interfaceOf = (
  tx: ReadTransaction,
  vpcId: string,
  address: string,
): NetworkInterface | undefined =>
  tx
    .table(networkInterfaces)
    .all()
    .find((one) => one.vpcId === vpcId && one.privateIp === address);

/** The last part of the service's name, such as `ecr.api`. */
export const serviceOfEndpoint = ({ serviceName }: InterfaceEndpoint): string =>
  serviceName.replace(/^com\.amazonaws\.[^.]+\./, "");

/** Of what is asked of a service by a task's interface; undefined for a task that has none. */
export function taskOrigin(
  tx: ReadTransaction,
  task: Task,
  service: { readonly service: string; readonly region: string },
): VpcOrigin | undefined {
  const { networkInterfaceId } = task.attachment;
  if (networkInterfaceId === undefined) return undefined;
  const record = tx.table(networkInterfaces).get(task, networkInterfaceId);
  return record && originFor(readOriginRecords(tx, record), record, service);
}

/** Of a connection to an address, from an address of the VPC where it was taken. */
export function connectionOrigin(
  tx: ReadTransaction,
  { vpcId, address, calledAddress }: Connection,
): VpcOrigin | undefined {
  const endpoint = endpointAt(tx, vpcId, calledAddress);
  if (endpoint) return { privateIp: address, publicIp: undefined, endpoint };
  const sender = interfaceOf(tx, vpcId, address);
  return sender && originTowards(readOriginRecords(tx, sender), sender, calledAddress);
}

/** Neither other interfaces nor peers lead to AWS's services. Asked often: only the VPC's are read. */
function readOriginRecords(tx: ReadTransaction, sender: NetworkInterface): OriginRecords {
  const { vpcId } = sender;
  const vpc = tx.table(vpcs).get(sender, vpcId);
  return {
    vpcs: vpc ? [vpc] : [],
    routeTables: tx.table(routeTables).by("vpc", sender, vpcId),
    internetGateways: tx.table(internetGateways).by("vpc", sender, vpcId),
    natGateways: tx.table(natGateways).by("vpc", sender, vpcId),
    vpcEndpoints: tx.table(vpcEndpoints).by("vpc", sender, vpcId),
    prefixLists: tx.table(prefixLists).list(sender),
    networkInterfaces: [],
    vpcPeeringConnections: [],
  };
}

type Connection = {
  readonly vpcId: string;
  readonly address: string;
  readonly calledAddress: string;
};

/** What a request's origin tells to conditions. By an endpoint it has no public address. */
export const originKeys = ({ privateIp, publicIp, endpoint }: VpcOrigin): ConditionValues =>
  endpoint
    ? {
        "aws:SourceIp": undefined,
        "aws:SourceVpc": endpoint.vpcId,
        "aws:SourceVpce": endpoint.vpcEndpointId,
        "aws:VpcSourceIp": privateIp,
      }
    : { "aws:SourceIp": publicIp };
