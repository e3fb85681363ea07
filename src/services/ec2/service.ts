/** Amazon EC2: the part of it that is a VPC. */
import type { ServiceModule } from "../../gateway/service.ts";
import { describeAccountAttributes } from "./account-attributes.ts";
import { associateAddress, disassociateAddress } from "./address-associations.ts";
import {
  allocateAddress,
  describeAddresses,
  describeAddressesAttribute,
  releaseAddress,
} from "./addresses.ts";
import { authorizeSecurityGroupEgress, authorizeSecurityGroupIngress } from "./authorize.ts";
import { createDefaultSubnet } from "./default-subnets.ts";
import {
  associateDhcpOptions,
  createDhcpOptions,
  deleteDhcpOptions,
  describeDhcpOptions,
} from "./dhcp-options.ts";
import { explainBroken, missingParameter } from "./errors.ts";
import { createFlowLogs, deleteFlowLogs, describeFlowLogs } from "./flow-logs.ts";
import { assignPrivateIpAddresses, unassignPrivateIpAddresses } from "./interface-addresses.ts";
import {
  attachInternetGateway,
  createInternetGateway,
  deleteInternetGateway,
  describeInternetGateways,
  detachInternetGateway,
} from "./internet-gateways.ts";
import { modifyVpcEndpoint } from "./modify-vpc-endpoint.ts";
import { createNatGateway, deleteNatGateway, describeNatGateways } from "./nat-gateways.ts";
import {
  createNetworkAclEntry,
  deleteNetworkAclEntry,
  replaceNetworkAclEntry,
} from "./network-acl-entries.ts";
import {
  createNetworkAcl,
  deleteNetworkAcl,
  describeNetworkAcls,
  replaceNetworkAclAssociation,
} from "./network-acls.ts";
import { attachNetworkInterface, detachNetworkInterface } from "./network-interface-attachments.ts";
import {
  describeNetworkInterfaceAttribute,
  modifyNetworkInterfaceAttribute,
  resetNetworkInterfaceAttribute,
} from "./network-interface-attributes.ts";
import {
  createNetworkInterface,
  deleteNetworkInterface,
  describeNetworkInterfaces,
} from "./network-interfaces.ts";
import {
  getManagedPrefixListAssociations,
  getManagedPrefixListEntries,
  modifyManagedPrefixList,
  restoreManagedPrefixListVersion,
} from "./prefix-list-versions.ts";
import {
  createManagedPrefixList,
  deleteManagedPrefixList,
  describeManagedPrefixLists,
  describePrefixLists,
} from "./prefix-lists.ts";
import { describeAvailabilityZones, describeRegions } from "./regions.ts";
import { revokeSecurityGroupEgress, revokeSecurityGroupIngress } from "./revoke.ts";
import {
  associateRouteTable,
  disassociateRouteTable,
  replaceRouteTableAssociation,
} from "./route-table-associations.ts";
import { createRouteTable, deleteRouteTable, describeRouteTables } from "./route-tables.ts";
import { createRoute, deleteRoute, replaceRoute } from "./routes.ts";
import {
  describeSecurityGroupReferences,
  describeStaleSecurityGroups,
} from "./security-group-references.ts";
import {
  describeSecurityGroupRules,
  modifySecurityGroupRules,
  updateSecurityGroupRuleDescriptionsEgress,
  updateSecurityGroupRuleDescriptionsIngress,
} from "./security-group-rules.ts";
import {
  associateSecurityGroupVpc,
  describeSecurityGroupVpcAssociations,
  disassociateSecurityGroupVpc,
} from "./security-group-vpc-associations.ts";
import {
  createSecurityGroup,
  deleteSecurityGroup,
  describeSecurityGroups,
} from "./security-groups.ts";
import { getSecurityGroupsForVpc } from "./security-groups-for-vpc.ts";
import { modifySubnetAttribute } from "./subnet-attributes.ts";
import {
  createSubnetCidrReservation,
  deleteSubnetCidrReservation,
  getSubnetCidrReservations,
} from "./subnet-cidr-reservations.ts";
import { createSubnet, deleteSubnet, describeSubnets } from "./subnets.ts";
import { tagOnCreate } from "./tag-on-create.ts";
import { createTags, deleteTags, describeTags } from "./tagging.ts";
import { describeVpcAttribute, modifyVpcAttribute, modifyVpcTenancy } from "./vpc-attributes.ts";
import { associateVpcCidrBlock, disassociateVpcCidrBlock } from "./vpc-cidr-blocks.ts";
import { describeVpcEndpointServices } from "./vpc-endpoint-services.ts";
import { createVpcEndpoint, deleteVpcEndpoints, describeVpcEndpoints } from "./vpc-endpoints.ts";
import {
  acceptVpcPeeringConnection,
  createVpcPeeringConnection,
  deleteVpcPeeringConnection,
  describeVpcPeeringConnections,
  rejectVpcPeeringConnection,
} from "./vpc-peering-connections.ts";
import { modifyVpcPeeringConnectionOptions } from "./vpc-peering-options.ts";
import { createDefaultVpc, createVpc, deleteVpc, describeVpcs } from "./vpcs.ts";

export const ec2Service = (): ServiceModule => ({
  name: "ec2",
  tagOnCreate,
  brokenConstraint: explainBroken,
  missingMember: (member, name, byDefault) =>
    member === "Resources" && /^(?:Create|Delete)Tags$/.test(name)
      ? missingParameter("resourceIdSet")
      : byDefault(),
  operations: {
    AcceptVpcPeeringConnection: acceptVpcPeeringConnection,
    AllocateAddress: allocateAddress,
    AssignPrivateIpAddresses: assignPrivateIpAddresses,
    AssociateAddress: associateAddress,
    AssociateDhcpOptions: associateDhcpOptions,
    AssociateRouteTable: associateRouteTable,
    AssociateSecurityGroupVpc: associateSecurityGroupVpc,
    AssociateVpcCidrBlock: associateVpcCidrBlock,
    AttachInternetGateway: attachInternetGateway,
    AttachNetworkInterface: attachNetworkInterface,
    AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress,
    AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
    CreateDefaultSubnet: createDefaultSubnet,
    CreateDefaultVpc: createDefaultVpc,
    CreateDhcpOptions: createDhcpOptions,
    CreateFlowLogs: createFlowLogs,
    CreateInternetGateway: createInternetGateway,
    CreateManagedPrefixList: createManagedPrefixList,
    CreateNatGateway: createNatGateway,
    CreateNetworkAcl: createNetworkAcl,
    CreateNetworkAclEntry: createNetworkAclEntry,
    CreateNetworkInterface: createNetworkInterface,
    CreateRoute: createRoute,
    CreateRouteTable: createRouteTable,
    CreateSecurityGroup: createSecurityGroup,
    CreateSubnet: createSubnet,
    CreateSubnetCidrReservation: createSubnetCidrReservation,
    CreateTags: createTags,
    CreateVpc: createVpc,
    CreateVpcEndpoint: createVpcEndpoint,
    CreateVpcPeeringConnection: createVpcPeeringConnection,
    DeleteDhcpOptions: deleteDhcpOptions,
    DeleteFlowLogs: deleteFlowLogs,
    DeleteInternetGateway: deleteInternetGateway,
    DeleteManagedPrefixList: deleteManagedPrefixList,
    DeleteNatGateway: deleteNatGateway,
    DeleteNetworkAcl: deleteNetworkAcl,
    DeleteNetworkAclEntry: deleteNetworkAclEntry,
    DeleteNetworkInterface: deleteNetworkInterface,
    DeleteRoute: deleteRoute,
    DeleteRouteTable: deleteRouteTable,
    DeleteSecurityGroup: deleteSecurityGroup,
    DeleteSubnet: deleteSubnet,
    DeleteSubnetCidrReservation: deleteSubnetCidrReservation,
    DeleteTags: deleteTags,
    DeleteVpc: deleteVpc,
    DeleteVpcEndpoints: deleteVpcEndpoints,
    DeleteVpcPeeringConnection: deleteVpcPeeringConnection,
    DescribeAccountAttributes: describeAccountAttributes,
    DescribeAddresses: describeAddresses,
    DescribeAddressesAttribute: describeAddressesAttribute,
    DescribeAvailabilityZones: describeAvailabilityZones,
    DescribeDhcpOptions: describeDhcpOptions,
    DescribeFlowLogs: describeFlowLogs,
    DescribeInternetGateways: describeInternetGateways,
    DescribeManagedPrefixLists: describeManagedPrefixLists,
    DescribeNatGateways: describeNatGateways,
    DescribeNetworkAcls: describeNetworkAcls,
    DescribeNetworkInterfaceAttribute: describeNetworkInterfaceAttribute,
    DescribeNetworkInterfaces: describeNetworkInterfaces,
    DescribePrefixLists: describePrefixLists,
    DescribeRegions: describeRegions,
    DescribeRouteTables: describeRouteTables,
    DescribeSecurityGroupReferences: describeSecurityGroupReferences,
    DescribeSecurityGroupRules: describeSecurityGroupRules,
    DescribeSecurityGroups: describeSecurityGroups,
    DescribeSecurityGroupVpcAssociations: describeSecurityGroupVpcAssociations,
    DescribeStaleSecurityGroups: describeStaleSecurityGroups,
    DescribeSubnets: describeSubnets,
    DescribeTags: describeTags,
    DescribeVpcAttribute: describeVpcAttribute,
    DescribeVpcEndpointServices: describeVpcEndpointServices,
    DescribeVpcEndpoints: describeVpcEndpoints,
    DescribeVpcPeeringConnections: describeVpcPeeringConnections,
    DescribeVpcs: describeVpcs,
    DetachInternetGateway: detachInternetGateway,
    DetachNetworkInterface: detachNetworkInterface,
    DisassociateAddress: disassociateAddress,
    DisassociateRouteTable: disassociateRouteTable,
    DisassociateSecurityGroupVpc: disassociateSecurityGroupVpc,
    DisassociateVpcCidrBlock: disassociateVpcCidrBlock,
    GetManagedPrefixListAssociations: getManagedPrefixListAssociations,
    GetManagedPrefixListEntries: getManagedPrefixListEntries,
    GetSecurityGroupsForVpc: getSecurityGroupsForVpc,
    GetSubnetCidrReservations: getSubnetCidrReservations,
    ModifyManagedPrefixList: modifyManagedPrefixList,
    ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
    ModifySecurityGroupRules: modifySecurityGroupRules,
    ModifySubnetAttribute: modifySubnetAttribute,
    ModifyVpcAttribute: modifyVpcAttribute,
    ModifyVpcTenancy: modifyVpcTenancy,
    ModifyVpcEndpoint: modifyVpcEndpoint,
    ModifyVpcPeeringConnectionOptions: modifyVpcPeeringConnectionOptions,
    RejectVpcPeeringConnection: rejectVpcPeeringConnection,
    ReleaseAddress: releaseAddress,
    ReplaceNetworkAclAssociation: replaceNetworkAclAssociation,
    ReplaceNetworkAclEntry: replaceNetworkAclEntry,
    ReplaceRoute: replaceRoute,
    ReplaceRouteTableAssociation: replaceRouteTableAssociation,
    ResetNetworkInterfaceAttribute: resetNetworkInterfaceAttribute,
    RestoreManagedPrefixListVersion: restoreManagedPrefixListVersion,
    RevokeSecurityGroupEgress: revokeSecurityGroupEgress,
    RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
    UnassignPrivateIpAddresses: unassignPrivateIpAddresses,
    UpdateSecurityGroupRuleDescriptionsEgress: updateSecurityGroupRuleDescriptionsEgress,
    UpdateSecurityGroupRuleDescriptionsIngress: updateSecurityGroupRuleDescriptionsIngress,
  },
});
