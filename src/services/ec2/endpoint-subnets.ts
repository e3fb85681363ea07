/** The subnets of interface endpoints, in each of which the endpoint has an interface. */
import { findEndpointService } from "../../model/endpoint-services.ts";
import type { InterfaceEndpoint, NetworkInterface, Subnet } from "../../model/network.ts";
import { deleteNetworkInterface } from "../../state/network-interfaces.ts";
import { networkInterfaces, vpcEndpoints } from "../../state/tables/network.ts";
import {
  invalidParameter,
  privateDnsConflict,
  privateDnsNeedsAttributes,
  zoneHasEndpointSubnet,
} from "./link-errors.ts";
import { makeInterface } from "./new-interface.ts";
import { type Context, find, subnetKind, vpcKind } from "./resources.ts";

/** Makes an interface in each of the subnets; writes and returns the endpoint. */
export function addEndpointSubnets(
  context: Context,
  endpoint: InterfaceEndpoint,
  subnetIds: readonly string[],
): InterfaceEndpoint {
  let changed = endpoint;
  for (const id of new Set(subnetIds)) {
    if (!changed.subnetIds.includes(id)) changed = addSubnet(context, changed, id);
  }
  context.tx.table(vpcEndpoints).put(changed);
  return changed;
}

function addSubnet(context: Context, endpoint: InterfaceEndpoint, id: string): InterfaceEndpoint {
  const subnet = find(context, subnetKind, id);
  if (subnet.vpcId !== endpoint.vpcId) {
    throw invalidParameter(`Subnet ${id} does not belong to VPC ${endpoint.vpcId}`);
  }
  const others = endpoint.subnetIds.map((other) => find(context, subnetKind, other));
  if (others.some((other) => other.availabilityZone === subnet.availabilityZone)) {
    throw zoneHasEndpointSubnet(id);
  }
  const { networkInterfaceId } = makeEndpointInterface(context, endpoint, subnet);
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
): NetworkInterface =>
  makeInterface(context, subnet, {
    privateIp: undefined,
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
  if (!endpoint.privateDnsEnabled) return;
  const { tx, scope } = context;
  const { vpcId, serviceName, vpcEndpointId } = endpoint;
  const vpc = find(context, vpcKind, vpcId);
  if (!vpc.enableDnsSupport || !vpc.enableDnsHostnames) throw privateDnsNeedsAttributes(vpcId);
  const others = tx.table(vpcEndpoints).by("vpc", scope, vpcId);
  const hasName = others.some(
    (other) =>
      other.vpcEndpointId !== vpcEndpointId &&
      other.type === "interface" &&
      other.privateDnsEnabled &&
      other.serviceName === serviceName,
  );
  if (!hasName) return;
  const [name] = findEndpointService(scope.region, serviceName)?.privateDnsNames ?? [];
  throw privateDnsConflict(name ?? serviceName, vpcId);
}
