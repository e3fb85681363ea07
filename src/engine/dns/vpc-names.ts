/**
 * The names that a VPC's resolver knows by itself: private and public names of interfaces, the names of
 * its addresses, load balancers, interface endpoints, and AWS's API names, which lead to an endpoint or
 * to where the engine answers for AWS. Whatever else is somebody else's.
 */
import type { DnsAnswer, DnsQuestion } from "../../model/dns.ts";
import type { LoadBalancer } from "../../model/load-balancing.ts";
import { addressesOf } from "../../model/network.ts";
import { contains, type NetworkRecords } from "../network-path/records.ts";
import { privateDnsName, privateDomain, publicDomain } from "../task-lifecycle/addresses.ts";
import { endpointAddresses, publicApiAddress } from "./endpoint-names.ts";

export type NameRecords = NetworkRecords & {
  readonly loadBalancers: readonly Pick<LoadBalancer, "dnsName" | "vpcId" | "nodes">[];
};

/** Seconds; AWS's own for balancers and interfaces. */
const ttl = 60;

export function vpcName(records: NameRecords, vpcId: string, question: DnsQuestion): DnsAnswer {
  const { name } = question;
  if (name.endsWith(reverse)) return nameOfAddress(records, vpcId, question);
  const addresses =
    balancerAddresses(records, vpcId, name) ??
    endpointAddresses(records, vpcId, name) ??
    publicApiAddress(name) ??
    privateAddresses(records, vpcId, name) ??
    publicAddresses(records, vpcId, name);
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

/** `ip-10-0-1-23.<region>.compute.internal`: any address of the VPC has its name, whoever holds it. */
function privateAddresses(
  { vpcs }: NameRecords,
  vpcId: string,
  name: string,
): string[] | undefined {
  const vpc = vpcs.find((one) => one.vpcId === vpcId);
  const address = vpc && addressIn(name, "ip", privateDomain(vpc.region));
  if (!vpc || address === undefined) return undefined;
  return vpc.cidrBlocks.some(({ cidr }) => contains(cidr, address)) ? [address] : [];
}

/**
 * `ec2-198-18-0-7.<region>.compute.amazonaws.com`, which addresses have in VPCs that give names to
 * hosts: inside that VPC, or one whose peering resolves it, the private address; elsewhere the public one.
 */
function publicAddresses(
  { vpcs, networkInterfaces, vpcPeeringConnections }: NameRecords,
  vpcId: string,
  name: string,
): string[] | undefined {
  const region = /\.([a-z0-9-]+)\.compute\.amazonaws\.com$/.exec(name)?.[1] ?? "us-east-1";
  const address = addressIn(name, "ec2", publicDomain(region));
  if (address === undefined) return undefined;
  const holder = networkInterfaces
    .flatMap((one) =>
      addressesOf(one).map(({ privateIp, publicIp }) => ({ ...one, privateIp, publicIp })),
    )
    .find((one) => one.publicIp === address);
  const vpc = vpcs.find((one) => one.vpcId === holder?.vpcId);
  if (!holder || !vpc?.enableDnsHostnames || vpc.region !== region) return undefined;
  const isPrivate = vpcPeeringConnections.some(
    ({ status, requester, accepter }) =>
      status === "active" &&
      [
        [requester, accepter],
        [accepter, requester],
      ].some(
        ([own, other]) =>
          own?.vpcId === vpc.vpcId && other?.vpcId === vpcId && own.allowDnsResolutionFromRemoteVpc,
      ),
  );
  return [vpc.vpcId === vpcId || isPrivate ? holder.privateIp : address];
}

/** The address in a name such as `ip-10-0-1-23.<domain>`; empty for another name of the domain. */
function addressIn(name: string, kind: "ip" | "ec2", domain: string): string | undefined {
  if (!name.endsWith(`.${domain}`)) return undefined;
  const own = name.slice(0, -domain.length - 1);
  return new RegExp(`^${kind}-(\\d+)-(\\d+)-(\\d+)-(\\d+)$`).exec(own)?.slice(1).join(".") ?? "";
}

const reverse = ".in-addr.arpa";

/** Every address of the VPC's blocks has a name, once the VPC gives names to hosts. */
function nameOfAddress(
  { vpcs }: NameRecords,
  vpcId: string,
  { name, type }: DnsQuestion,
): DnsAnswer {
  const vpc = vpcs.find((one) => one.vpcId === vpcId);
  const address = name.slice(0, -reverse.length).split(".").toReversed().join(".");
  const isOwn = vpc?.cidrBlocks.some(({ cidr }) => contains(cidr, address)) ?? false;
  if (!vpc?.enableDnsHostnames || !isOwn) return { type: "forward" };
  const target = privateDnsName(vpc.region, address);
  return { type: "records", records: type === "PTR" ? [{ type: "PTR", ttl, target }] : [] };
}
