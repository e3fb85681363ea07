/** Making a VPC with what it is born with, and subnets, for requests and for default VPCs. */
import type { RouteTable, SecurityGroupRule, Subnet, Vpc } from "../../model/network.ts";
import type { Zone } from "../../model/regions.ts";
import type { Tag } from "../../model/scope.ts";
import {
  dhcpOptions,
  networkAcls,
  routeTables,
  securityGroups,
  subnets,
  vpcs,
} from "../../state/tables/network.ts";
import { type Context, newId } from "./resources.ts";

type NewVpc = {
  readonly cidr: string;
  readonly isDefault: boolean;
  readonly instanceTenancy: string;
  readonly tags?: readonly Tag[];
};

/** A VPC with its main route table, default security group and default network ACL. */
export function makeVpc(context: Context, { cidr, isDefault, ...input }: NewVpc): Vpc {
  const vpc: Vpc = {
    ...birth(context, input.tags),
    vpcId: newId(context, "vpc-"),
    cidrBlocks: [{ associationId: newId(context, "vpc-cidr-assoc-"), cidr }],
    isDefault,
    instanceTenancy: input.instanceTenancy,
    enableDnsSupport: true,
    enableDnsHostnames: isDefault,
    enableNetworkAddressUsageMetrics: false,
    dhcpOptionsId: dhcpOptionsOf(context),
  };
  context.tx.table(vpcs).put(vpc);
  makeMainRouteTable(context, vpc, cidr);
  makeDefaultSecurityGroup(context, vpc);
  makeDefaultNetworkAcl(context, vpc);
  return vpc;
}

type NewSubnet = {
  readonly vpcId: string;
  readonly cidr: string;
  readonly zone: Zone;
  readonly isDefault: boolean;
  readonly tags?: readonly Tag[];
};

/** A subnet, under its VPC's default network ACL. */
export function makeSubnet(context: Context, input: NewSubnet): Subnet {
  const subnet: Subnet = {
    ...birth(context, input.tags),
    subnetId: newId(context, "subnet-"),
    vpcId: input.vpcId,
    cidr: input.cidr,
    availabilityZone: input.zone.name,
    availabilityZoneId: input.zone.id,
    mapPublicIpOnLaunch: input.isDefault,
    assignIpv6AddressOnCreation: false,
    enableDns64: false,
    enableResourceNameDnsARecord: false,
    enableResourceNameDnsAaaaRecord: false,
    privateDnsHostnameType: "ip-name",
    defaultForAz: input.isDefault,
  };
  context.tx.table(subnets).put(subnet);
  const acls = context.tx.table(networkAcls);
  const acl = acls.by("vpc", context.scope, input.vpcId).find((candidate) => candidate.isDefault);
  if (acl) {
    const associationId = newId(context, "aclassoc-");
    const association = { associationId, subnetId: subnet.subnetId };
    acls.put({ ...acl, associations: [...acl.associations, association] });
  }
  return subnet;
}

/** Every VPC has one. */
export function mainRouteTable({ tx, scope }: Context, vpcId: string): RouteTable {
  const table = tx
    .table(routeTables)
    .by("vpc", scope, vpcId)
    .find((candidate) => candidate.associations.some((association) => association.main));
  if (!table) throw new Error(`VPC ${vpcId} has no main route table`);
  return table;
}

/** The rule that lets everything out, which a new security group has. */
export const allowAllOut = (context: Context): SecurityGroupRule => ({
  ruleId: newId(context, "sgr-"),
  direction: "egress",
  protocol: "-1",
  fromPort: undefined,
  toPort: undefined,
  peer: { type: "ipv4", cidr: "0.0.0.0/0" },
  description: undefined,
  tags: [],
});

/** What every record starts with. */
export const birth = ({ scope, now }: Context, tags: readonly Tag[] = []) => ({
  account: scope.account,
  region: scope.region,
  tags,
  createdAt: now,
});

/** A new VPC has the region's default options, which are made with the region's first VPC. */
function dhcpOptionsOf(context: Context): string {
  const { tx, scope } = context;
  const made = tx
    .table(dhcpOptions)
    .list(scope)
    .find((options) => options.isDefault);
  if (made) return made.dhcpOptionsId;
  const dhcpOptionsId = newId(context, "dopt-");
  const domain = scope.region === "us-east-1" ? "ec2.internal" : `${scope.region}.compute.internal`;
  tx.table(dhcpOptions).put({
    ...birth(context),
    dhcpOptionsId,
    isDefault: true,
    configurations: [
      { key: "domain-name", values: [domain] },
      { key: "domain-name-servers", values: ["AmazonProvidedDNS"] },
    ],
  });
  return dhcpOptionsId;
}

function makeMainRouteTable(context: Context, vpc: Vpc, cidr: string): void {
  context.tx.table(routeTables).put({
    ...birth(context),
    routeTableId: newId(context, "rtb-"),
    vpcId: vpc.vpcId,
    routes: [{ destinationCidr: cidr, target: { type: "local" }, origin: "CreateRouteTable" }],
    associations: [{ associationId: newId(context, "rtbassoc-"), subnetId: undefined, main: true }],
  });
}

function makeDefaultSecurityGroup(context: Context, vpc: Vpc): void {
  const groupId = newId(context, "sg-");
  const fromItself: SecurityGroupRule = {
    ...allowAllOut(context),
    direction: "ingress",
    peer: { type: "group", groupId, account: vpc.account },
  };
  context.tx.table(securityGroups).put({
    ...birth(context),
    groupId,
    groupName: "default",
    description: "default VPC security group",
    vpcId: vpc.vpcId,
    rules: [fromItself, allowAllOut(context)],
  });
}

function makeDefaultNetworkAcl(context: Context, vpc: Vpc): void {
  const allowAll = (egress: boolean) =>
    ({
      ruleNumber: 100,
      egress,
      protocol: "-1",
      action: "allow",
      cidr: "0.0.0.0/0",
      fromPort: undefined,
      toPort: undefined,
    }) as const;
  context.tx.table(networkAcls).put({
    ...birth(context),
    networkAclId: newId(context, "acl-"),
    vpcId: vpc.vpcId,
    isDefault: true,
    entries: [allowAll(true), allowAll(false)],
    associations: [],
  });
}
