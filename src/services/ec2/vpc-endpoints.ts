/** VPC endpoints: making, showing and ending them. */
import type {
  CreateVpcEndpointRequest,
  CreateVpcEndpointResult,
  DeleteVpcEndpointsRequest,
  DeleteVpcEndpointsResult,
  DescribeVpcEndpointsRequest,
  DescribeVpcEndpointsResult,
  UnsuccessfulItem,
} from "@aws-sdk/client-ec2";
import { findEndpointService } from "../../model/endpoint-services.ts";
import type { VpcEndpoint } from "../../model/network.ts";
import { securityGroups, vpcEndpoints } from "../../state/tables/network.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import { addEndpointRoutes, removeEndpointRoutes } from "./endpoint-routes.ts";
import {
  addEndpointSubnets,
  checkPrivateDns,
  chosenAddresses,
  hasPrivateDnsByDefault,
  removeEndpointSubnets,
} from "./endpoint-subnets.ts";
import { invalidValue, missingParameter } from "./errors.ts";
import { madeBefore, rememberToken } from "./idempotency.ts";
import { invalidParameter, notBuilt, serviceNotFound } from "./link-errors.ts";
import { birth } from "./make-vpc.ts";
import { checkGroups } from "./new-interface.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, find, findRequired, newId, vpcEndpointKind, vpcKind } from "./resources.ts";
import { tagsFrom } from "./tags.ts";
import { fullAccess, policyOf } from "./vpc-endpoint-policy.ts";
import { toVpcEndpointView, vpcEndpointFilters } from "./vpc-endpoint-views.ts";

export const createVpcEndpoint = operation<CreateVpcEndpointRequest, CreateVpcEndpointResult>({
  name: "CreateVpcEndpoint",
  resources: (input, scope) => [
    arnOf(scope, "vpc-endpoint", undefined),
    arnOf(scope, "vpc", input.VpcId),
  ],
  accepts: {
    VpcEndpointType: true,
    VpcId: true,
    ServiceName: true,
    PolicyDocument: true,
    RouteTableIds: true,
    SubnetIds: true,
    SubnetConfigurations: { SubnetId: true, Ipv4: true },
    SecurityGroupIds: true,
    IpAddressType: true,
    DnsOptions: { DnsRecordIpType: true },
    ClientToken: true,
    PrivateDnsEnabled: true,
    TagSpecifications: true,
  },
  run(context, input) {
    const known = madeBefore(context, "CreateVpcEndpoint", input.ClientToken, input);
    const endpoint = known ? find(context, vpcEndpointKind, known) : makeEndpoint(context, input);
    const { vpcEndpointId } = endpoint;
    if (!known)
      rememberToken(context, "CreateVpcEndpoint", input.ClientToken, input, vpcEndpointId);
    return {
      VpcEndpoint: toVpcEndpointView(context, endpoint),
      ClientToken: input.ClientToken,
    };
  },
});

function makeEndpoint(context: Context, input: CreateVpcEndpointRequest): VpcEndpoint {
  const vpc = findRequired(context, vpcKind, input.VpcId, "vpcId");
  const type = checkKind(context, input);
  checkIpv4(input);
  const endpoint: VpcEndpoint = {
    ...birth(context, tagsFrom(input.TagSpecifications, "vpc-endpoint")),
    vpcEndpointId: newId(context, "vpce-"),
    vpcId: vpc.vpcId,
    serviceName: input.ServiceName ?? "",
    policy: policyOf(input.PolicyDocument) ?? fullAccess,
    ...(type === "gateway"
      ? { type, routeTableIds: [] }
      : {
          type,
          subnetIds: [],
          groupIds: groupsFor(context, vpc.vpcId, input.SecurityGroupIds ?? []),
          networkInterfaceIds: [],
          privateDnsEnabled: input.PrivateDnsEnabled ?? false,
        }),
  };
  if (endpoint.type === "gateway") {
    return addEndpointRoutes(context, endpoint, input.RouteTableIds ?? []);
  }
  checkPrivateDns(context, endpoint);
  const privateDnsEnabled = input.PrivateDnsEnabled ?? hasPrivateDnsByDefault(context, endpoint);
  const chosen = chosenAddresses(input.SubnetConfigurations ?? []);
  const named = { ...endpoint, privateDnsEnabled };
  return addEndpointSubnets(context, named, input.SubnetIds ?? [], chosen);
}

/** The kind of endpoint, with nothing given that only the other kind has. */
function checkKind(context: Context, input: CreateVpcEndpointRequest): VpcEndpoint["type"] {
  const { ServiceName, VpcEndpointType = "Gateway" } = input;
  if (!ServiceName) throw missingParameter("ServiceName");
  const type = endpointTypeOf(VpcEndpointType);
  const service = findEndpointService(context.scope.region, ServiceName);
  if (!service) throw serviceNotFound(ServiceName);
  if (!service.types.includes(type)) {
    throw invalidParameter(
      `Endpoint type (${VpcEndpointType}) does not match available service types ([Interface]).`,
    );
  }
  const { SubnetIds, SubnetConfigurations, SecurityGroupIds } = input;
  const isForInterfaces = [SubnetIds, SubnetConfigurations, SecurityGroupIds].some(
    (all) => all?.length,
  );
  if (type === "gateway" && isForInterfaces) {
    throw invalidParameter(
      "Subnet IDs and security group IDs are only supported for Interface type VPC Endpoint.",
    );
  }
  if (type === "gateway" && input.PrivateDnsEnabled) {
    throw invalidParameter("Private DNS can only be enabled for Interface type VPC Endpoint.");
  }
  if (type === "interface" && input.RouteTableIds?.length) {
    throw invalidParameter("Route table IDs are only supported for Gateway type VPC Endpoint.");
  }
  return type;
}

function endpointTypeOf(type: string): VpcEndpoint["type"] {
  switch (type) {
    case "Gateway":
      return "gateway";
    case "Interface":
      return "interface";
    case "GatewayLoadBalancer":
    case "Resource":
    case "ServiceNetwork":
      throw notBuilt(`VPC endpoints of the type ${type}`);
    default:
      throw invalidValue("vpcEndpointType", type, "Expecting Gateway or Interface.");
  }
}

/** Subnets here have no IPv6 blocks. */
export function checkIpv4(
  input: Pick<CreateVpcEndpointRequest, "IpAddressType" | "DnsOptions">,
): void {
  const { IpAddressType: type = "ipv4", DnsOptions } = input;
  const record = DnsOptions?.DnsRecordIpType ?? "ipv4";
  if (type !== "ipv4") {
    throw invalidParameter(`The IP address type (${type}) is not supported by the subnets.`);
  }
  if (record !== "ipv4" && record !== "service-defined") {
    throw invalidParameter(
      `The DNS record IP type (${record}) is not compatible with the IP address type (${type}).`,
    );
  }
}

/** The groups, or the VPC's default group when none is named. */
function groupsFor(context: Context, vpcId: string, groupIds: readonly string[]): string[] {
  if (groupIds.length > 0) return checkGroups(context, vpcId, groupIds);
  const groups = context.tx.table(securityGroups).by("vpc", context.scope, vpcId);
  return groups.flatMap((group) => (group.groupName === "default" ? [group.groupId] : []));
}

export const deleteVpcEndpoints = operation<DeleteVpcEndpointsRequest, DeleteVpcEndpointsResult>({
  name: "DeleteVpcEndpoints",
  resources: (input, scope) =>
    (input.VpcEndpointIds ?? []).map((id) => arnOf(scope, "vpc-endpoint", id)),
  accepts: { VpcEndpointIds: true },
  run(context, input) {
    if (!input.VpcEndpointIds?.length) throw missingParameter("vpcEndpointIds");
    return {
      Unsuccessful: input.VpcEndpointIds.flatMap((id) => deleteEndpoint(context, id) ?? []),
    };
  },
});

/** What went wrong, or undefined when it is gone with its routes and interfaces. */
function deleteEndpoint(context: Context, id: string): UnsuccessfulItem | undefined {
  const { tx, scope } = context;
  const endpoint = tx.table(vpcEndpoints).get(scope, id);
  if (!endpoint) {
    const { code, message } = vpcEndpointKind.notFound(id);
    return { ResourceId: id, Error: { Code: code, Message: message } };
  }
  if (endpoint.type === "gateway") removeEndpointRoutes(context, endpoint, endpoint.routeTableIds);
  else removeEndpointSubnets(context, endpoint, endpoint.subnetIds);
  tx.table(vpcEndpoints).delete(scope, id);
  return undefined;
}

export const describeVpcEndpoints = operation<
  DescribeVpcEndpointsRequest,
  DescribeVpcEndpointsResult
>({
  name: "DescribeVpcEndpoints",
  accepts: { VpcEndpointIds: true, ...acceptsDescribe },
  run(context, input) {
    const { tx, scope } = context;
    const records = chosen(
      input.VpcEndpointIds,
      () => tx.table(vpcEndpoints).list(scope),
      (id) => find(context, vpcEndpointKind, id),
    );
    const views = records.map((endpoint) => toVpcEndpointView(context, endpoint));
    const { items, NextToken } = describePage(views, input, {
      operation: "DescribeVpcEndpoints",
      keyOf: (endpoint) => endpoint.VpcEndpointId,
      filters: vpcEndpointFilters,
    });
    return { VpcEndpoints: items, NextToken };
  },
});
