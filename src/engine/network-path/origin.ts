/** What an AWS service sees of a request from inside a VPC: the endpoint that it came by, and addresses. */
import type { NetworkInterface, VpcEndpoint } from "../../model/network.ts";
import type { NetworkRecords } from "./records.ts";
import { type RouteRecords, routeTo, wayOf } from "./routes.ts";
import { endpointFor, publicServiceAddress } from "./services.ts";

export type VpcOrigin = {
  readonly privateIp: string;
  /** What stands for the sender outside: its own public address, or its NAT gateway's. */
  readonly publicIp: string | undefined;
  /** Undefined when the request leaves the VPC by another gateway. */
  readonly endpoint: VpcEndpoint | undefined;
};

/** Those of the sender's VPC. */
export type OriginRecords = RouteRecords & Pick<NetworkRecords, "vpcs">;

type Service = { readonly service: string; readonly region: string };

/** As a client sees to it that calls the service by its own name. */
export function originFor(
  records: OriginRecords,
  sender: NetworkInterface,
  { service, region }: Service,
): VpcOrigin {
  const endpoint = endpointFor(records, sender.vpcId, region, service);
  if (endpoint) return { privateIp: sender.privateIp, publicIp: undefined, endpoint };
  return originTowards(records, sender, publicServiceAddress(region, service));
}

/** Of a request to an address outside the VPC. */
export function originTowards(
  records: OriginRecords,
  sender: NetworkInterface,
  address: string,
): VpcOrigin {
  const { privateIp } = sender;
  const found = routeTo(records, sender, address);
  const way = found && wayOf(records, sender.vpcId, found.route);
  if (way?.type === "endpoint") return { privateIp, publicIp: undefined, endpoint: way.endpoint };
  const publicIp = way?.type === "nat" ? way.gateway.publicIp : sender.publicIp;
  return { privateIp, publicIp, endpoint: undefined };
}
