/** ModifyVpcEndpoint: any number of changes in one call, all of them or none. */
import type { ModifyVpcEndpointRequest, ModifyVpcEndpointResult } from "@aws-sdk/client-ec2";
import type { GatewayEndpoint, InterfaceEndpoint, VpcEndpoint } from "../../model/network.ts";
import { vpcEndpoints } from "../../state/tables/network.ts";
import { addEndpointRoutes, removeEndpointRoutes } from "./endpoint-routes.ts";
import {
  addEndpointSubnets,
  checkPrivateDns,
  chosenAddresses,
  removeEndpointSubnets,
  setEndpointGroups,
  subnetsToMove,
} from "./endpoint-subnets.ts";
import { invalidParameterCombination } from "./errors.ts";
import { invalidParameter } from "./link-errors.ts";
import { checkGroups } from "./new-interface.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, findRequired, vpcEndpointKind } from "./resources.ts";
import { fullAccess, policyOf } from "./vpc-endpoint-policy.ts";
import { checkIpv4 } from "./vpc-endpoints.ts";

export const modifyVpcEndpoint = operation<ModifyVpcEndpointRequest, ModifyVpcEndpointResult>({
  name: "ModifyVpcEndpoint",
  resources: (input, scope) => [arnOf(scope, "vpc-endpoint", input.VpcEndpointId)],
  accepts: {
    VpcEndpointId: true,
    ResetPolicy: true,
    PolicyDocument: true,
    AddRouteTableIds: true,
    RemoveRouteTableIds: true,
    AddSubnetIds: true,
    RemoveSubnetIds: true,
    SubnetConfigurations: { SubnetId: true, Ipv4: true },
    AddSecurityGroupIds: true,
    RemoveSecurityGroupIds: true,
    IpAddressType: true,
    DnsOptions: { DnsRecordIpType: true },
    PrivateDnsEnabled: true,
  },
  run(context, input) {
    const old = findRequired(context, vpcEndpointKind, input.VpcEndpointId, "vpcEndpointId");
    checkIpv4(input);
    const endpoint = { ...old, policy: nextPolicy(old, input) };
    context.tx.table(vpcEndpoints).put(endpoint);
    if (endpoint.type === "gateway") modifyGateway(context, endpoint, input);
    else modifyInterface(context, endpoint, input);
    return { Return: true };
  },
});

function nextPolicy({ policy }: VpcEndpoint, input: ModifyVpcEndpointRequest): string {
  if (input.ResetPolicy && input.PolicyDocument) {
    throw invalidParameterCombination("ResetPolicy and PolicyDocument cannot be used together");
  }
  return input.ResetPolicy ? fullAccess : (policyOf(input.PolicyDocument) ?? policy);
}

function modifyGateway(
  context: Context,
  endpoint: GatewayEndpoint,
  input: ModifyVpcEndpointRequest,
): void {
  const forInterfaces = [
    input.AddSubnetIds,
    input.RemoveSubnetIds,
    input.SubnetConfigurations,
    input.AddSecurityGroupIds,
    input.RemoveSecurityGroupIds,
  ].some((all) => all?.length);
  if (forInterfaces || input.PrivateDnsEnabled) {
    throw invalidParameter(
      "Modifying subnets, security groups or private DNS is only supported for Interface type VPC Endpoint.",
    );
  }
  const removed = removeEndpointRoutes(context, endpoint, input.RemoveRouteTableIds ?? []);
  const added = (input.AddRouteTableIds ?? []).filter((id) => !removed.routeTableIds.includes(id));
  addEndpointRoutes(context, removed, added);
}

function modifyInterface(
  context: Context,
  endpoint: InterfaceEndpoint,
  input: ModifyVpcEndpointRequest,
): void {
  if (input.AddRouteTableIds?.length || input.RemoveRouteTableIds?.length) {
    throw invalidParameter(
      "Modifying route tables is only supported for Gateway type VPC Endpoint.",
    );
  }
  const grouped = setEndpointGroups(context, endpoint, nextGroups(context, endpoint, input));
  const chosen = chosenAddresses(input.SubnetConfigurations ?? []);
  const gone = [...(input.RemoveSubnetIds ?? []), ...subnetsToMove(context, grouped, chosen)];
  const removed = removeEndpointSubnets(context, grouped, gone);
  const added = addEndpointSubnets(context, removed, input.AddSubnetIds ?? [], chosen);
  if (input.PrivateDnsEnabled === undefined) return;
  const changed = { ...added, privateDnsEnabled: input.PrivateDnsEnabled };
  checkPrivateDns(context, changed);
  context.tx.table(vpcEndpoints).put(changed);
}

function nextGroups(
  context: Context,
  endpoint: InterfaceEndpoint,
  input: ModifyVpcEndpointRequest,
): readonly string[] {
  const added = checkGroups(context, endpoint.vpcId, input.AddSecurityGroupIds ?? []);
  const removed = input.RemoveSecurityGroupIds ?? [];
  const groupIds = [...new Set([...endpoint.groupIds, ...added])];
  const left = groupIds.filter((id) => !removed.includes(id));
  if (left.length > 0) return left;
  throw invalidParameter(
    `VPC endpoint ${endpoint.vpcEndpointId} must have at least one security group`,
  );
}
