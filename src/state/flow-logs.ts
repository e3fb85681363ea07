/** What flow logs are about: a VPC, a subnet or an interface, told by the id. */
import type { FlowLog, NetworkInterface } from "../model/network.ts";
import type { Scope } from "../model/scope.ts";
import type { ReadTransaction } from "./store.ts";
import { flowLogs, networkInterfaces, subnets } from "./tables/network.ts";

/** The VPC in which the log's traffic passes; undefined when what it is about is gone. */
export function loggedVpc(tx: ReadTransaction, log: FlowLog): string | undefined {
  const { resourceId } = log;
  if (resourceId.startsWith("vpc-")) return resourceId;
  const part = resourceId.startsWith("subnet-")
    ? tx.table(subnets).get(log, resourceId)
    : tx.table(networkInterfaces).get(log, resourceId);
  return part?.vpcId;
}

export const flowLogsOf = (tx: ReadTransaction, scope: Scope, vpcId: string): FlowLog[] =>
  tx
    .table(flowLogs)
    .list(scope)
    .filter((log) => loggedVpc(tx, log) === vpcId);

/** Whether the interface's traffic belongs into the log. */
export const isLoggedBy = (
  { resourceId }: FlowLog,
  { vpcId, subnetId, networkInterfaceId }: NetworkInterface,
): boolean => [vpcId, subnetId, networkInterfaceId].includes(resourceId);
