/** `ec2:CreateTags` on whatever an operation makes with the tags that its input specifies. */
import type { TagSpecification } from "@aws-sdk/client-ec2";
import type { RequestContext, TagOnCreate } from "../../gateway/service.ts";
import { arnOf } from "./operation.ts";

type Tagging = { readonly TagSpecifications?: readonly TagSpecification[] | undefined };

const permission = {
  action: "ec2:CreateTags",
  resources: ({ TagSpecifications = [] }: Tagging, { scope }: RequestContext) =>
    TagSpecifications.map(({ ResourceType = "*" }) => arnOf(scope, ResourceType, undefined)),
};

export const tagOnCreate: TagOnCreate = {
  AllocateAddress: permission,
  AuthorizeSecurityGroupEgress: permission,
  AuthorizeSecurityGroupIngress: permission,
  CreateDhcpOptions: permission,
  CreateFlowLogs: permission,
  CreateInternetGateway: permission,
  CreateManagedPrefixList: permission,
  CreateNatGateway: permission,
  CreateNetworkAcl: permission,
  CreateNetworkInterface: permission,
  CreateRouteTable: permission,
  CreateSecurityGroup: permission,
  CreateSubnet: permission,
  CreateSubnetCidrReservation: permission,
  CreateVpc: permission,
  CreateVpcEndpoint: permission,
  CreateVpcPeeringConnection: permission,
};
