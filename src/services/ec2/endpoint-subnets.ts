/** The subnets of interface endpoints, in each of which the endpoint has an interface. */
import type { SubnetConfiguration } from "@aws-sdk/client-ec2";
import type { ApiError } from "../../gateway/api-error.ts";
import { findEndpointService } from "../../model/endpoint-services.ts";
import type { InterfaceEndpoint, NetworkInterface, Subnet } from "../../model/network.ts";
import { deleteNetworkInterface } from "../../state/network-interfaces.ts";
import { networkInterfaces, vpcEndpoints } from "../../state/tables/network.ts";
import { missingParameter } from "./errors.ts";
import {
  invalidParameter,
  privateDnsConflict,
  privateDnsNeedsAttributes,
  zoneHasEndpointSubnet,
} from "./link-errors.ts";
import { makeInterface } from "./new-interface.ts";
import { type Context, find, subnetKind, vpcKind } from "./resources.ts";

/** Which address the endpoint is to have in a subnet. */
export type ChosenAddresses = ReadonlyMap<string, string>;

export function chosenAddresses(configurations: readonly SubnetConfiguration[]): ChosenAddresses {
  const chosen = new Map<string, string>();
  for (const { SubnetId, Ipv4 } of configurations) {
    if (!SubnetId) throw missingParameter("subnetConfigurations.subnetId");
    if (!Ipv4) throw missingParameter("subnetConfigurations.ipv4");
    if (chosen.has(SubnetId)) {
      throw invalidParameter(`Subnet ${SubnetId} has more than one configuration.`);
    }
    chosen.set(SubnetId, Ipv4);
  }
  return chosen;
}

/** Makes an interface in each of the subnets; writes and returns the endpoint. */
export function addEndpointSubnets(
  context: Context,
  endpoint: InterfaceEndpoint,
  subnetIds: readonly string[],
  chosen: ChosenAddresses,
): InterfaceEndpoint {
  let changed = endpoint;
  for (const id of new Set([...subnetIds, ...chosen.keys()])) {
    if (!changed.subnetIds.includes(id)) changed = addSubnet(context, changed, id, chosen.get(id));
  }
  context.tx.table(vpcEndpoints).put(changed);
  return changed;
}

/** Subnets of the endpoint whose interface is to have another address: it is made anew. */
export const subnetsToMove = (
  { tx, scope }: Context,
  { networkInterfaceIds }: InterfaceEndpoint,
  chosen: ChosenAddresses,
): string[] =>
  networkInterfaceIds.flatMap((id) => {
    const eni = tx.table(networkInterfaces).get(scope, id);
    const address = eni && chosen.get(eni.subnetId);
    return eni && address !== undefined && address !== eni.privateIp ? [eni.subnetId] : [];
  });

function addSubnet(
  context: Context,
  endpoint: InterfaceEndpoint,
  id: string,
  privateIp: string | undefined,
): InterfaceEndpoint {
  const subnet = find(context, subnetKind, id);
  if (subnet.vpcId !== endpoint.vpcId) {
    throw invalidParameter(`Subnet ${id} does not belong to VPC ${endpoint.vpcId}`);
  }
  const others = endpoint.subnetIds.map((other) => find(context, subnetKind, other));
  if (others.some((other) => other.availabilityZone === subnet.availabilityZone)) {
    throw zoneHasEndpointSubnet(id);
  }
  const { networkInterfaceId } = makeEndpointInterface(context, endpoint, subnet, privateIp);
  return {
    ...endpoint,
    subnetIds: [...endpoint.subnetIds, id],
    networkInterfaceIds: [...endpoint.networkInterfaceIds, networkInterfaceId],
  };
}

const makeEndpointInterface = (
  context: Context,
  { vpcEndpointId, groupIds }: InterfaceEndpoint,
  subnet: Subnet,
  privateIp: string | undefined,
): NetworkInterface =>
  makeInterface(context, subnet, {
    privateIp,
    groupIds,
    description: `VPC Endpoint Interface ${vpcEndpointId}`,
    owner: { type: "vpc-endpoint", vpcEndpointId },
    tags: [],
  });

/** Ends the interfaces in the subnets; writes and returns the endpoint. */
export function removeEndpointSubnets(
  { tx, scope }: Context,
  endpoint: InterfaceEndpoint,
  subnetIds: readonly string[],
): InterfaceEndpoint {
  const isGone = (id: string): boolean => {
    const eni = tx.table(networkInterfaces).get(scope, id);
    return eni !== undefined && subnetIds.includes(eni.subnetId);
  };
  const gone = endpoint.networkInterfaceIds.filter(isGone);
  for (const id of gone) deleteNetworkInterface(tx, scope, id);
  const changed = {
    ...endpoint,
    subnetIds: endpoint.subnetIds.filter((id) => !subnetIds.includes(id)),
    networkInterfaceIds: endpoint.networkInterfaceIds.filter((id) => !gone.includes(id)),
  };
  tx.table(vpcEndpoints).put(changed);
  return changed;
}

/** Gives the endpoint and its interfaces these groups; writes and returns the endpoint. */
export function setEndpointGroups(
  { tx, scope }: Context,
  endpoint: InterfaceEndpoint,
  groupIds: readonly string[],
): InterfaceEndpoint {
  for (const id of endpoint.networkInterfaceIds) {
    const eni = tx.table(networkInterfaces).get(scope, id);
    if (eni) tx.table(networkInterfaces).put({ ...eni, groupIds });
  }
  const changed = { ...endpoint, groupIds };
  tx.table(vpcEndpoints).put(changed);
  return changed;
}

/** Private DNS needs a VPC with names, in which no other endpoint has the service's. */
export function checkPrivateDns(context: Context, endpoint: InterfaceEndpoint): void {
  const refusal = endpoint.privateDnsEnabled ? explainPrivateDns(context, endpoint) : undefined;
  if (refusal) throw refusal;
}

/** What an endpoint has that was made without a word about it: private DNS where nothing stands against it. */
export const hasPrivateDnsByDefault = (context: Context, endpoint: InterfaceEndpoint): boolean =>
  !/\.(?:s3|dynamodb)$/.test(endpoint.serviceName) && !explainPrivateDns(context, endpoint);

/** Why the endpoint cannot have private DNS; undefined when it can. */
function explainPrivateDns(context: Context, endpoint: InterfaceEndpoint): ApiError | undefined {
  const { tx, scope } = context;
  const { vpcId, serviceName, vpcEndpointId } = endpoint;
  const vpc = find(context, vpcKind, vpcId);
  if (!vpc.enableDnsSupport || !vpc.enableDnsHostnames) return privateDnsNeedsAttributes(vpcId);
  const others = tx.table(vpcEndpoints).by("vpc", scope, vpcId);
  const hasName = others.some(
    (other) =>
      other.vpcEndpointId !== vpcEndpointId &&
      other.type === "interface" &&
      other.privateDnsEnabled &&
      other.serviceName === serviceName,
  );
  if (!hasName) return undefined;
  const [name] = findEndpointService(scope.region, serviceName)?.privateDnsNames ?? [];
  return privateDnsConflict(name ?? serviceName, vpcId);
}
