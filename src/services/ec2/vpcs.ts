/** VPCs: making, showing and ending them. */
import type {
  CreateDefaultVpcRequest,
  CreateDefaultVpcResult,
  CreateVpcRequest,
  CreateVpcResult,
  DeleteVpcRequest,
  DescribeVpcsRequest,
  DescribeVpcsResult,
  Vpc as VpcView,
} from "@aws-sdk/client-ec2";
import { formatCidr } from "../../model/cidr.ts";
import type { RouteTable, Vpc } from "../../model/network.ts";
import {
  internetGateways,
  networkAcls,
  networkInterfaces,
  routeTables,
  securityGroups,
  securityGroupVpcAssociations,
  subnets,
  vpcEndpoints,
  vpcPeeringConnections,
  vpcs,
} from "../../state/tables/network.ts";
import { checkVpcBlock, parseBlock } from "./cidr-blocks.ts";
import { findDefaultVpc, makeDefaultVpc } from "./default-vpc.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import { defaultVpcExists, hasDependencies, invalidValue } from "./errors.ts";
import type { FilterTable } from "./filters.ts";
import { makeVpc } from "./make-vpc.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, find, findRequired, vpcKind } from "./resources.ts";
import { tagsFrom, toTagViews } from "./tags.ts";

const tenancies = ["default", "dedicated"];

export const createVpc = operation<CreateVpcRequest, CreateVpcResult>({
  name: "CreateVpc",
  resources: (_, scope) => [arnOf(scope, "vpc", undefined)],
  // Asking for no IPv6 block is what the SDKs say by sending false.
  accepts: { CidrBlock: true, InstanceTenancy: true, TagSpecifications: true },
  stored: ["InstanceTenancy"],
  run(context, input) {
    const cidr = parseBlock(input.CidrBlock, "cidrBlock");
    checkVpcBlock(cidr);
    const instanceTenancy = input.InstanceTenancy ?? "default";
    if (!tenancies.includes(instanceTenancy)) {
      throw invalidValue("instanceTenancy", instanceTenancy, "Expecting default or dedicated.");
    }
    const tags = tagsFrom(input.TagSpecifications, "vpc");
    const vpc = makeVpc(context, {
      cidr: formatCidr(cidr),
      isDefault: false,
      instanceTenancy,
      tags,
    });
    return { Vpc: toVpcView(vpc) };
  },
});

export const createDefaultVpc = operation<CreateDefaultVpcRequest, CreateDefaultVpcResult>({
  name: "CreateDefaultVpc",
  accepts: {},
  run(context) {
    if (findDefaultVpc(context)) {
      throw defaultVpcExists();
    }
    return { Vpc: toVpcView(makeDefaultVpc(context)) };
  },
});

export const deleteVpc = operation<DeleteVpcRequest, Record<string, never>>({
  name: "DeleteVpc",
  resources: (input, scope) => [arnOf(scope, "vpc", input.VpcId)],
  accepts: { VpcId: true },
  run(context, input) {
    const { vpcId } = findRequired(context, vpcKind, input.VpcId, "vpcId");
    const { tx, scope } = context;
    if (hasOccupants(context, vpcId)) throw hasDependencies("vpc", vpcId);
    for (const { routeTableId } of tx.table(routeTables).by("vpc", scope, vpcId)) {
      tx.table(routeTables).delete(scope, routeTableId);
    }
    for (const { groupId } of tx.table(securityGroups).by("vpc", scope, vpcId)) {
      tx.table(securityGroups).delete(scope, groupId);
    }
    for (const { networkAclId } of tx.table(networkAcls).by("vpc", scope, vpcId)) {
      tx.table(networkAcls).delete(scope, networkAclId);
    }
    tx.table(vpcs).delete(scope, vpcId);
    return {};
  },
});

/** Whether the VPC holds more than what it was born with. */
function hasOccupants({ tx, scope }: Context, vpcId: string): boolean {
  const isMain = (table: RouteTable): boolean =>
    table.associations.some((association) => association.main);
  return (
    tx.table(subnets).by("vpc", scope, vpcId).length > 0 ||
    tx.table(internetGateways).by("vpc", scope, vpcId).length > 0 ||
    tx.table(networkInterfaces).by("vpc", scope, vpcId).length > 0 ||
    tx.table(vpcEndpoints).by("vpc", scope, vpcId).length > 0 ||
    tx.table(securityGroupVpcAssociations).by("vpc", scope, vpcId).length > 0 ||
    tx
      .table(vpcPeeringConnections)
      .by("vpc", scope, vpcId)
      .some(({ status }) => status === "active" || status === "pending-acceptance") ||
    tx
      .table(routeTables)
      .by("vpc", scope, vpcId)
      .some((table) => !isMain(table)) ||
    tx
      .table(securityGroups)
      .by("vpc", scope, vpcId)
      .some((group) => group.groupName !== "default") ||
    tx
      .table(networkAcls)
      .by("vpc", scope, vpcId)
      .some((acl) => !acl.isDefault)
  );
}

const filters: FilterTable<VpcView> = {
  cidr: (vpc) => vpc.CidrBlock,
  "cidr-block-association.association-id": (vpc) =>
    vpc.CidrBlockAssociationSet?.map((association) => association.AssociationId) ?? [],
  "cidr-block-association.cidr-block": (vpc) =>
    vpc.CidrBlockAssociationSet?.map((association) => association.CidrBlock) ?? [],
  "cidr-block-association.state": (vpc) =>
    vpc.CidrBlockAssociationSet?.map((association) => association.CidrBlockState?.State) ?? [],
  "dhcp-options-id": (vpc) => vpc.DhcpOptionsId,
  "ipv6-cidr-block-association.association-id": () => [],
  "ipv6-cidr-block-association.ipv6-cidr-block": () => [],
  "ipv6-cidr-block-association.ipv6-pool": () => [],
  "ipv6-cidr-block-association.state": () => [],
  "is-default": (vpc) => vpc.IsDefault,
  isDefault: (vpc) => vpc.IsDefault,
  "owner-id": (vpc) => vpc.OwnerId,
  state: (vpc) => vpc.State,
  "vpc-id": (vpc) => vpc.VpcId,
};

export const describeVpcs = operation<DescribeVpcsRequest, DescribeVpcsResult>({
  name: "DescribeVpcs",
  accepts: { VpcIds: true, ...acceptsDescribe },
  run(context, input) {
    const { tx, scope } = context;
    const records = chosen(
      input.VpcIds,
      () => tx.table(vpcs).list(scope),
      (id) => find(context, vpcKind, id),
    );
    const { items, NextToken } = describePage(records.map(toVpcView), input, {
      operation: "DescribeVpcs",
      keyOf: (vpc) => vpc.VpcId,
      filters,
    });
    return { Vpcs: items, NextToken };
  },
});

function toVpcView(vpc: Vpc): VpcView {
  return {
    VpcId: vpc.vpcId,
    OwnerId: vpc.account,
    State: "available",
    CidrBlock: vpc.cidrBlocks[0]?.cidr,
    CidrBlockAssociationSet: vpc.cidrBlocks.map(({ associationId, cidr }) => ({
      AssociationId: associationId,
      CidrBlock: cidr,
      CidrBlockState: { State: "associated" },
    })),
    Ipv6CidrBlockAssociationSet: [],
    DhcpOptionsId: vpc.dhcpOptionsId,
    InstanceTenancy: vpc.instanceTenancy as VpcView["InstanceTenancy"],
    IsDefault: vpc.isDefault,
    BlockPublicAccessStates: { InternetGatewayBlockMode: "off" },
    Tags: toTagViews(vpc.tags),
  };
}
