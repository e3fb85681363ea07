/** Subnets. */
import type {
  CreateSubnetRequest,
  CreateSubnetResult,
  DeleteSubnetRequest,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  Subnet as SubnetView,
} from "@aws-sdk/client-ec2";
import { formatArn } from "../../model/arn.ts";
import { type Cidr, containsCidr, formatCidr, overlaps } from "../../model/cidr.ts";
import { deepFreeze } from "../../model/deep-freeze.ts";
import type { Subnet, Vpc } from "../../model/network.ts";
import { type Zone, zonesOf } from "../../model/regions.ts";
import { freeAddressesOf } from "../../state/network-interfaces.ts";
import {
  networkAcls,
  networkInterfaces,
  routeTables,
  subnetCidrReservations,
  subnets,
} from "../../state/tables/network.ts";
import { hasUsableSize, parseBlock, requireBlock } from "./cidr-blocks.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import {
  hasDependencies,
  invalidParameterCombination,
  invalidSubnetRange,
  invalidValue,
  subnetConflict,
} from "./errors.ts";
import type { FilterTable } from "./filters.ts";
import { makeSubnet } from "./make-vpc.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, find, findRequired, subnetKind, vpcKind } from "./resources.ts";
import { tagsFrom, toTagViews } from "./tags.ts";

export const createSubnet = operation<CreateSubnetRequest, CreateSubnetResult>({
  name: "CreateSubnet",
  resources: (input, scope) => [
    arnOf(scope, "subnet", undefined),
    arnOf(scope, "vpc", input.VpcId),
  ],
  accepts: {
    VpcId: true,
    CidrBlock: true,
    AvailabilityZone: true,
    AvailabilityZoneId: true,
    TagSpecifications: true,
  },
  run(context, input) {
    const vpc = findRequired(context, vpcKind, input.VpcId, "vpcId");
    const cidr = parseBlock(input.CidrBlock, "cidrBlock");
    checkSubnetBlock(context, vpc, cidr);
    const zone = zoneOf(context, input);
    const tags = tagsFrom(input.TagSpecifications, "subnet");
    const subnet = makeSubnet(context, {
      vpcId: vpc.vpcId,
      cidr: formatCidr(cidr),
      zone,
      isDefault: false,
      tags,
    });
    return { Subnet: toSubnetView(context, subnet) };
  },
});

function checkSubnetBlock({ tx, scope }: Context, vpc: Vpc, cidr: Cidr): void {
  const isInside = vpc.cidrBlocks.some((block) => containsCidr(requireBlock(block.cidr), cidr));
  if (!isInside || !hasUsableSize(cidr)) throw invalidSubnetRange(formatCidr(cidr));
  const others = tx.table(subnets).by("vpc", scope, vpc.vpcId);
  if (others.some((other) => overlaps(requireBlock(other.cidr), cidr))) {
    throw subnetConflict(formatCidr(cidr));
  }
}

type ZoneInput = Pick<CreateSubnetRequest, "AvailabilityZone" | "AvailabilityZoneId">;

/** The zone that is named, or one of the region's. */
export function zoneOf({ scope, ids }: Context, input: ZoneInput): Zone {
  const { AvailabilityZone: name, AvailabilityZoneId: id } = input;
  const zones = zonesOf(scope.region);
  if (name && id) {
    throw invalidParameterCombination(
      "The parameters AvailabilityZone and AvailabilityZoneId cannot be used together",
    );
  }
  const zone =
    name || id
      ? zones.find((candidate) => candidate.name === name || candidate.id === id)
      : zones[Math.floor(ids.fraction() * zones.length)];
  if (zone) return zone;
  const known = zones.map((candidate) => (name ? candidate.name : candidate.id)).join(", ");
  throw invalidValue(
    name ? "availabilityZone" : "availabilityZoneId",
    name ?? id ?? "",
    `Subnets can currently only be created in the following availability zones: ${known}.`,
  );
}

export const deleteSubnet = operation<DeleteSubnetRequest, Record<string, never>>({
  name: "DeleteSubnet",
  resources: (input, scope) => [arnOf(scope, "subnet", input.SubnetId)],
  accepts: { SubnetId: true },
  run(context, input) {
    const { subnetId } = findRequired(context, subnetKind, input.SubnetId, "subnetId");
    const { tx, scope } = context;
    if (tx.table(networkInterfaces).by("subnet", scope, subnetId).length > 0) {
      throw hasDependencies("subnet", subnetId);
    }
    dropAssociations(context, subnetId);
    for (const kept of tx.table(subnetCidrReservations).by("subnet", scope, subnetId)) {
      tx.table(subnetCidrReservations).delete(scope, kept.subnetCidrReservationId);
    }
    tx.table(subnets).delete(scope, subnetId);
    return {};
  },
});

/** Associations with route table and network ACL go with the subnet. */
function dropAssociations({ tx, scope }: Context, subnetId: string): void {
  const without = <T extends { readonly subnetId: string | undefined }>(all: readonly T[]): T[] =>
    all.filter((association) => association.subnetId !== subnetId);
  for (const table of tx.table(routeTables).by("subnet", scope, subnetId)) {
    tx.table(routeTables).put({ ...table, associations: without(table.associations) });
  }
  for (const acl of tx.table(networkAcls).list(scope)) {
    if (!acl.associations.some((association) => association.subnetId === subnetId)) continue;
    tx.table(networkAcls).put({ ...acl, associations: without(acl.associations) });
  }
}

const filters: FilterTable<SubnetView> = {
  "availability-zone": (subnet) => subnet.AvailabilityZone,
  availabilityZone: (subnet) => subnet.AvailabilityZone,
  "availability-zone-id": (subnet) => subnet.AvailabilityZoneId,
  availabilityZoneId: (subnet) => subnet.AvailabilityZoneId,
  "available-ip-address-count": (subnet) => subnet.AvailableIpAddressCount,
  "cidr-block": (subnet) => subnet.CidrBlock,
  cidr: (subnet) => subnet.CidrBlock,
  cidrBlock: (subnet) => subnet.CidrBlock,
  "customer-owned-ipv4-pool": () => [],
  "default-for-az": (subnet) => subnet.DefaultForAz,
  defaultForAz: (subnet) => subnet.DefaultForAz,
  "enable-dns64": (subnet) => subnet.EnableDns64,
  "enable-lni-at-device-index": () => [],
  "ipv6-cidr-block-association.association-id": () => [],
  "ipv6-cidr-block-association.ipv6-cidr-block": () => [],
  "ipv6-cidr-block-association.state": () => [],
  "ipv6-native": (subnet) => subnet.Ipv6Native,
  "map-customer-owned-ip-on-launch": (subnet) => subnet.MapCustomerOwnedIpOnLaunch,
  "map-public-ip-on-launch": (subnet) => subnet.MapPublicIpOnLaunch,
  "outpost-arn": () => [],
  "owner-id": (subnet) => subnet.OwnerId,
  "private-dns-name-options-on-launch.enable-resource-name-dns-a-record": (subnet) =>
    subnet.PrivateDnsNameOptionsOnLaunch?.EnableResourceNameDnsARecord,
  "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record": (subnet) =>
    subnet.PrivateDnsNameOptionsOnLaunch?.EnableResourceNameDnsAAAARecord,
  "private-dns-name-options-on-launch.hostname-type": (subnet) =>
    subnet.PrivateDnsNameOptionsOnLaunch?.HostnameType,
  state: (subnet) => subnet.State,
  "subnet-arn": (subnet) => subnet.SubnetArn,
  "subnet-id": (subnet) => subnet.SubnetId,
  "vpc-id": (subnet) => subnet.VpcId,
};

export const describeSubnets = operation<DescribeSubnetsRequest, DescribeSubnetsResult>({
  name: "DescribeSubnets",
  accepts: { SubnetIds: true, ...acceptsDescribe },
  run(context, input) {
    const { tx, scope } = context;
    const records = chosen(
      input.SubnetIds,
      () => tx.table(subnets).list(scope),
      (id) => find(context, subnetKind, id),
    );
    const views = records.map((subnet) => toSubnetView(context, subnet));
    const { items, NextToken } = describePage(views, input, {
      operation: "DescribeSubnets",
      keyOf: (subnet) => subnet.SubnetId,
      filters,
    });
    return { Subnets: items, NextToken };
  },
});

export function toSubnetView({ tx }: Pick<Context, "tx" | "scope">, subnet: Subnet): SubnetView {
  const free = freeAddressesOf(tx, subnet);
  const known = views.get(subnet);
  if (known?.AvailableIpAddressCount === free) return known;
  const view = makeView(subnet, free);
  views.set(subnet, view);
  return view;
}

// By the record, which is replaced when anything of it changes: all else that a view tells is how many
// addresses are free.
const views = new WeakMap<Subnet, SubnetView>();

const makeView = (subnet: Subnet, free: number): SubnetView =>
  deepFreeze({
    SubnetId: subnet.subnetId,
    SubnetArn: formatArn("ec2", subnet, `subnet/${subnet.subnetId}`),
    OwnerId: subnet.account,
    State: "available",
    VpcId: subnet.vpcId,
    CidrBlock: subnet.cidr,
    AvailableIpAddressCount: free,
    AvailabilityZone: subnet.availabilityZone,
    AvailabilityZoneId: subnet.availabilityZoneId,
    DefaultForAz: subnet.defaultForAz ?? false,
    MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: subnet.assignIpv6AddressOnCreation,
    Ipv6CidrBlockAssociationSet: [],
    Ipv6Native: false,
    EnableDns64: subnet.enableDns64,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: subnet.privateDnsHostnameType === "resource-name" ? "resource-name" : "ip-name",
      EnableResourceNameDnsARecord: subnet.enableResourceNameDnsARecord,
      EnableResourceNameDnsAAAARecord: subnet.enableResourceNameDnsAaaaRecord,
    },
    BlockPublicAccessStates: { InternetGatewayBlockMode: "off" },
    Tags: toTagViews(subnet.tags),
  });
