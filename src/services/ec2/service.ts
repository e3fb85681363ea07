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
import {
  attachInternetGateway,
  createInternetGateway,
  deleteInternetGateway,
  describeInternetGateways,
  detachInternetGateway,
} from "./internet-gateways.ts";
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
import { modifyNetworkInterfaceAttribute } from "./network-interface-attributes.ts";
import {
  createNetworkInterface,
  deleteNetworkInterface,
  describeNetworkInterfaces,
} from "./network-interfaces.ts";
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
  describeSecurityGroupRules,
  modifySecurityGroupRules,
  updateSecurityGroupRuleDescriptionsEgress,
  updateSecurityGroupRuleDescriptionsIngress,
} from "./security-group-rules.ts";
import {
  createSecurityGroup,
  deleteSecurityGroup,
  describeSecurityGroups,
} from "./security-groups.ts";
import { modifySubnetAttribute } from "./subnet-attributes.ts";
import { createSubnet, deleteSubnet, describeSubnets } from "./subnets.ts";
import { createTags, deleteTags, describeTags } from "./tagging.ts";
import { describeVpcAttribute, modifyVpcAttribute } from "./vpc-attributes.ts";
import { createDefaultVpc, createVpc, deleteVpc, describeVpcs } from "./vpcs.ts";

export const ec2Service = (): ServiceModule => ({
  name: "ec2",
  operations: {
    AllocateAddress: allocateAddress,
    AssociateAddress: associateAddress,
    AssociateRouteTable: associateRouteTable,
    AttachInternetGateway: attachInternetGateway,
    AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress,
    AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
    CreateDefaultVpc: createDefaultVpc,
    CreateInternetGateway: createInternetGateway,
    CreateNatGateway: createNatGateway,
    CreateNetworkAcl: createNetworkAcl,
    CreateNetworkAclEntry: createNetworkAclEntry,
    CreateNetworkInterface: createNetworkInterface,
    CreateRoute: createRoute,
    CreateRouteTable: createRouteTable,
    CreateSecurityGroup: createSecurityGroup,
    CreateSubnet: createSubnet,
    CreateTags: createTags,
    CreateVpc: createVpc,
    DeleteInternetGateway: deleteInternetGateway,
    DeleteNatGateway: deleteNatGateway,
    DeleteNetworkAcl: deleteNetworkAcl,
    DeleteNetworkAclEntry: deleteNetworkAclEntry,
    DeleteNetworkInterface: deleteNetworkInterface,
    DeleteRoute: deleteRoute,
    DeleteRouteTable: deleteRouteTable,
    DeleteSecurityGroup: deleteSecurityGroup,
    DeleteSubnet: deleteSubnet,
    DeleteTags: deleteTags,
    DeleteVpc: deleteVpc,
    DescribeAccountAttributes: describeAccountAttributes,
    DescribeAddresses: describeAddresses,
    DescribeAddressesAttribute: describeAddressesAttribute,
    DescribeAvailabilityZones: describeAvailabilityZones,
    DescribeInternetGateways: describeInternetGateways,
    DescribeNatGateways: describeNatGateways,
    DescribeNetworkAcls: describeNetworkAcls,
    DescribeNetworkInterfaces: describeNetworkInterfaces,
    DescribeRegions: describeRegions,
    DescribeRouteTables: describeRouteTables,
    DescribeSecurityGroupRules: describeSecurityGroupRules,
    DescribeSecurityGroups: describeSecurityGroups,
    DescribeSubnets: describeSubnets,
    DescribeTags: describeTags,
    DescribeVpcAttribute: describeVpcAttribute,
    DescribeVpcs: describeVpcs,
    DetachInternetGateway: detachInternetGateway,
    DisassociateAddress: disassociateAddress,
    DisassociateRouteTable: disassociateRouteTable,
    ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
    ModifySecurityGroupRules: modifySecurityGroupRules,
    ModifySubnetAttribute: modifySubnetAttribute,
    ModifyVpcAttribute: modifyVpcAttribute,
    ReleaseAddress: releaseAddress,
    ReplaceNetworkAclAssociation: replaceNetworkAclAssociation,
    ReplaceNetworkAclEntry: replaceNetworkAclEntry,
    ReplaceRoute: replaceRoute,
    ReplaceRouteTableAssociation: replaceRouteTableAssociation,
    RevokeSecurityGroupEgress: revokeSecurityGroupEgress,
    RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
    UpdateSecurityGroupRuleDescriptionsEgress: updateSecurityGroupRuleDescriptionsEgress,
    UpdateSecurityGroupRuleDescriptionsIngress: updateSecurityGroupRuleDescriptionsIngress,
  },
});
