/** VPC endpoints by what packets know of them. */
import type { ReadTransaction } from "./store.ts";
import { networkInterfaces, vpcEndpoints } from "./tables/network.ts";

/** The last part of the service's name, such as `ecr.api`; undefined where no endpoint has the address. */
export function serviceAtEndpoint(
  tx: ReadTransaction,
  vpcId: string,
  address: string,
): string | undefined {
  const record = tx
    .table(networkInterfaces)
    .all()
    .find((one) => one.vpcId === vpcId && one.privateIp === address);
  if (record?.owner.type !== "vpc-endpoint") return undefined;
  const endpoint = tx.table(vpcEndpoints).get(record, record.owner.vpcEndpointId);
  return endpoint?.serviceName.replace(/^com\.amazonaws\.[^.]+\./, "");
}
