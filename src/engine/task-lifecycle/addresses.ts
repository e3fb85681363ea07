/** Names and addresses that a VPC gives its interfaces. */
import { formatAddress, networkOf, parseCidr } from "../../model/cidr.ts";
import type { DhcpOptions, Vpc } from "../../model/network.ts";

/** The search domain of a region's private names. */
export const privateDomain = (region: string): string =>
  region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;

/** `ip-10-0-1-23.ap-northeast-1.compute.internal` */
export const privateDnsName = (region: string, address: string): string =>
  `ip-${address.replaceAll(".", "-")}.${privateDomain(region)}`;

/** `ec2-198-18-0-7.ap-northeast-1.compute.amazonaws.com` */
export const publicDnsName = (region: string, address: string): string =>
  `ec2-${address.replaceAll(".", "-")}.${publicDomain(region)}`;

export const publicDomain = (region: string): string =>
  `${region === "us-east-1" ? "compute-1" : `${region}.compute`}.amazonaws.com`;

/** Whom a task of a VPC asks for names, and the domains that it tries. */
export type NameServing = {
  readonly servers: readonly string[];
  readonly search: readonly string[];
};

/** As the VPC's DHCP options say; without any, a task is told nothing. */
export function nameServing(
  vpc: Pick<Vpc, "cidrBlocks" | "enableDnsSupport">,
  options: Pick<DhcpOptions, "configurations"> | undefined,
): NameServing {
  const valuesOf = (key: string): readonly string[] =>
    options?.configurations.find((one) => one.key === key)?.values ?? [];
  const own = vpc.enableDnsSupport ? dnsServerOf(vpc.cidrBlocks[0]?.cidr ?? "") : undefined;
  return {
    servers: valuesOf("domain-name-servers").flatMap((server) =>
      server === "AmazonProvidedDNS" ? (own ?? []) : server,
    ),
    // Linux takes a value of several names, as AWS's documentation says.
    search: valuesOf("domain-name").flatMap((value) => value.split(/\s+/)),
  };
}

/** The VPC's own resolver: its first address plus two. */
export function dnsServerOf(vpcCidr: string): string | undefined {
  const cidr = parseCidr(vpcCidr);
  return cidr && formatAddress(networkOf(cidr) + 2);
}
