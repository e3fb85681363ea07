/** Names and addresses that a VPC gives its interfaces. */
import { formatAddress, networkOf, parseCidr } from "../../model/cidr.ts";

/** The search domain of a region's private names. */
export const privateDomain = (region: string): string =>
  region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;

/** `ip-10-0-1-23.ap-northeast-1.compute.internal` */
export const privateDnsName = (region: string, address: string): string =>
  `ip-${address.replaceAll(".", "-")}.${privateDomain(region)}`;

/** The VPC's own resolver: its first address plus two. */
export function dnsServerOf(vpcCidr: string): string | undefined {
  const cidr = parseCidr(vpcCidr);
  return cidr && formatAddress(networkOf(cidr) + 2);
}
