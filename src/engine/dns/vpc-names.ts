/**
 * The names that a VPC's resolver knows by itself: private names of interfaces, load balancers, and
 * AWS's API names that lead to an interface endpoint. Whatever else is somebody else's.
 */
import type { DnsAnswer, DnsQuestion } from "../../model/dns.ts";
import type { LoadBalancer } from "../../model/load-balancing.ts";
import { contains, type NetworkRecords } from "../network-path/records.ts";
import { endpointFor, serviceOfHost } from "../network-path/services.ts";
import { privateDomain } from "../task-lifecycle/addresses.ts";

export type NameRecords = NetworkRecords & {
  readonly loadBalancers: readonly Pick<LoadBalancer, "dnsName" | "vpcId" | "nodes">[];
};

/** Seconds; AWS's own for balancers and interfaces. */
const ttl = 60;

export function vpcName(records: NameRecords, vpcId: string, question: DnsQuestion): DnsAnswer {
  const addresses =
    balancerAddresses(records, vpcId, question.name) ??
    endpointAddresses(records, vpcId, question.name) ??
    privateAddresses(records, vpcId, question.name);
  if (!addresses) return { type: "forward" };
  if (addresses.length === 0) return { type: "no-such-name" };
  if (question.type !== "A") return { type: "records", records: [] };
  return {
    type: "records",
    records: addresses.map((address) => ({ type: "A", ttl, address })),
  };
}

/** Inside its VPC, or one that is peered, a balancer has its private addresses; elsewhere its public ones. */
function balancerAddresses(
  { loadBalancers, networkInterfaces }: NameRecords,
  vpcId: string,
  name: string,
): string[] | undefined {
  if (!/\.elb\.(localhost|amazonaws\.com)$/.test(name)) return undefined;
  const known = name.replace(/\.elb\.amazonaws\.com$/, ".elb.localhost");
  const balancer = loadBalancers.find((one) => one.dnsName.toLowerCase() === known);
  if (!balancer) return [];
  const nodes = networkInterfaces.filter((one) =>
    balancer.nodes.some((node) => node.networkInterfaceId === one.networkInterfaceId),
  );
  const isInternal = known.startsWith("internal-");
  return balancer.vpcId === vpcId || isInternal
    ? nodes.map(({ privateIp }) => privateIp)
    : nodes.flatMap(({ publicIp }) => publicIp ?? []);
}

function endpointAddresses(
  records: NameRecords,
  vpcId: string,
  name: string,
): string[] | undefined {
  const service = serviceOfHost(name);
  const endpoint = service && endpointFor(records, vpcId, service.region, service.service);
  if (!endpoint) return undefined;
  return records.networkInterfaces
    .filter((one) => endpoint.networkInterfaceIds.includes(one.networkInterfaceId))
    .map(({ privateIp }) => privateIp);
}

/** `ip-10-0-1-23.<region>.compute.internal`: any address of the VPC has its name, whoever holds it. */
function privateAddresses(
  { vpcs }: NameRecords,
  vpcId: string,
  name: string,
): string[] | undefined {
  const vpc = vpcs.find((one) => one.vpcId === vpcId);
  const domain = vpc && `.${privateDomain(vpc.region)}`;
  if (!domain || !name.endsWith(domain)) return undefined;
  const match = /^ip-(\d+)-(\d+)-(\d+)-(\d+)$/.exec(name.slice(0, -domain.length));
  const address = match?.slice(1).join(".");
  const isOwn = address !== undefined && vpc.cidrBlocks.some(({ cidr }) => contains(cidr, address));
  return isOwn ? [address] : [];
}
