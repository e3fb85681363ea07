/** AWS's own services as places that a flow can go to: by an endpoint of the VPC, or in the internet. */
import { awsPrefixLists } from "../../model/aws-prefix-lists.ts";
import { formatAddress, networkOf, parseCidr } from "../../model/cidr.ts";
import { fnv1a } from "../../model/hash.ts";
import type { InterfaceEndpoint, NetworkInterface } from "../../model/network.ts";
import type { NetworkRecords } from "./records.ts";

/** `com.amazonaws.us-east-1.ecr.api` */
const serviceNameOf = (region: string, service: string): string =>
  `com.amazonaws.${region}.${service}`;

/** Where clients find a service, by the last part of its endpoint's name; others are `<service>.<region>`. */
const hosts: Readonly<Record<string, string>> = { "ecr.api": "api.ecr", "ecr.dkr": "dkr.ecr" };

/** `ecr.api` for `api.ecr.us-east-1.amazonaws.com` and the like; undefined for other names. */
export function serviceOfHost(host: string): { service: string; region: string } | undefined {
  const match = /^(.+)\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com\.?$/.exec(host.toLowerCase());
  const [, name, region] = match ?? [];
  if (name === undefined || region === undefined) return undefined;
  const known = Object.entries(hosts).find(([, own]) => name === own || name.endsWith(`.${own}`));
  if (known) return { service: known[0], region };
  // A bucket's name may stand before the service's.
  if (name === "s3" || name.endsWith(".s3")) return { service: "s3", region };
  return name.includes(".") ? undefined : { service: name, region };
}

/** The address of a service that is no endpoint's; of those kept for documentation. */
export function publicServiceAddress(region: string, service: string): string {
  const name = serviceNameOf(region, service);
  const list = awsPrefixLists(region).find((one) => one.prefixListName === name);
  const block = list?.cidrs[0] === undefined ? undefined : parseCidr(list.cidrs[0]);
  if (block) return formatAddress(networkOf(block) + 1);
  return formatAddress(0xcb007100 + 16 + (fnv1a(name) % 224));
}

/** The endpoint that the service's own name leads to inside the VPC. */
export function endpointFor(
  { vpcEndpoints, vpcs }: Pick<NetworkRecords, "vpcEndpoints" | "vpcs">,
  vpcId: string,
  region: string,
  service: string,
): InterfaceEndpoint | undefined {
  const vpc = vpcs.find((one) => one.vpcId === vpcId);
  if (!vpc?.enableDnsSupport || !vpc.enableDnsHostnames) return undefined;
  const name = serviceNameOf(region, service);
  return vpcEndpoints.find(
    (one): one is InterfaceEndpoint =>
      one.type === "interface" &&
      one.vpcId === vpcId &&
      one.serviceName === name &&
      one.privateDnsEnabled,
  );
}

/** The endpoint's interface that a sender in the zone is given first. */
export function endpointInterface(
  { networkInterfaces }: Pick<NetworkRecords, "networkInterfaces">,
  endpoint: InterfaceEndpoint,
  availabilityZone: string,
): NetworkInterface | undefined {
  const all = networkInterfaces.filter((one) =>
    endpoint.networkInterfaceIds.includes(one.networkInterfaceId),
  );
  return all.find((one) => one.availabilityZone === availabilityZone) ?? all[0];
}
