/**
 * Names of AWS's APIs inside a VPC: those of its interface endpoints, those that such an endpoint takes
 * over, and the public ones of the APIs that there are here.
 */
import { endpointDnsNames, findEndpointService } from "../../model/endpoint-services.ts";
import type { InterfaceEndpoint, NetworkInterface } from "../../model/network.ts";
import type { NetworkRecords } from "../network-path/records.ts";
import { publicServiceAddress, serviceOfHost } from "../network-path/services.ts";

type EndpointRecords = Pick<NetworkRecords, "vpcs" | "vpcEndpoints" | "networkInterfaces">;

/** Addresses of the endpoint that the name leads to; undefined when it leads to none. */
export function endpointAddresses(
  records: EndpointRecords,
  vpcId: string,
  name: string,
): string[] | undefined {
  if (!name.endsWith(".amazonaws.com")) return undefined;
  if (/^vpce-.*\.vpce\.amazonaws\.com$/.test(name)) return ownName(records, name) ?? [];
  const vpc = records.vpcs.find((one) => one.vpcId === vpcId);
  if (!vpc?.enableDnsSupport || !vpc.enableDnsHostnames) return undefined;
  const endpoint = records.vpcEndpoints.find(
    (one): one is InterfaceEndpoint =>
      one.type === "interface" &&
      one.vpcId === vpcId &&
      one.privateDnsEnabled &&
      takesOver(one, name),
  );
  return endpoint && interfacesOf(records, endpoint).map(({ privateIp }) => privateIp);
}

const takesOver = ({ region, serviceName }: InterfaceEndpoint, name: string): boolean =>
  (findEndpointService(region, serviceName)?.privateDnsNames ?? []).some((taken) =>
    taken.startsWith("*.") ? name.endsWith(taken.slice(1)) : name === taken,
  );

/** An endpoint's own name, or that of its interface in a zone; it is known to everybody. */
function ownName(records: EndpointRecords, name: string): string[] | undefined {
  const id = /^vpce-[0-9a-z]+/.exec(name)?.[0];
  const endpoint = records.vpcEndpoints.find((one) => one.vpcEndpointId === id);
  if (endpoint?.type !== "interface") return undefined;
  const all = interfacesOf(records, endpoint);
  const zones = all.map(({ availabilityZone }) => availabilityZone);
  const [regional, ...zonal] = endpointDnsNames(endpoint, zones);
  if (name === regional) return all.map(({ privateIp }) => privateIp);
  return all.filter((_, at) => zonal[at] === name).map(({ privateIp }) => privateIp);
}

const interfacesOf = (
  { networkInterfaces }: EndpointRecords,
  { networkInterfaceIds }: InterfaceEndpoint,
): NetworkInterface[] =>
  networkInterfaces.filter((one) => networkInterfaceIds.includes(one.networkInterfaceId));

/** Of the APIs that the engine has, the first part of their hosts' names in a region. */
export const apiHosts: readonly string[] = [
  "api.ecr",
  "ec2",
  "ecs",
  "elasticloadbalancing",
  "kms",
  "logs",
  "secretsmanager",
  "ssm",
  "sts",
];

/** Those that all regions have together. */
export const globalHosts: Readonly<Record<string, string>> = {
  "iam.amazonaws.com": "iam",
  "sts.amazonaws.com": "sts",
};

const homeRegion = "us-east-1";

/** Where the engine answers for AWS; undefined for an API that it does not have, which AWS may. */
export function publicApiAddress(name: string): string[] | undefined {
  const global = Object.hasOwn(globalHosts, name) ? globalHosts[name] : undefined;
  if (global !== undefined) return [publicServiceAddress(homeRegion, global)];
  const known = serviceOfHost(name);
  const isHere = known && apiHosts.some((host) => name === `${host}.${known.region}.amazonaws.com`);
  return isHere ? [publicServiceAddress(known.region, known.service)] : undefined;
}
