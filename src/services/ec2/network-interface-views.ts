/** Network interfaces as they are shown, and what they can be filtered by. */
import type {
  NetworkInterfaceAssociation,
  NetworkInterfaceAttachment,
  NetworkInterfacePrivateIpAddress,
  NetworkInterface as NetworkInterfaceView,
} from "@aws-sdk/client-ec2";
import { privateDnsName, publicDnsName } from "../../engine/task-lifecycle/addresses.ts";
import {
  addressesOf,
  type InterfaceAddress,
  type InterfaceOwner,
  type NetworkInterface,
} from "../../model/network.ts";
import { securityGroups, subnets, vpcs } from "../../state/tables/network.ts";
import { addressOf } from "./address-associations.ts";
import type { FilterTable } from "./filters.ts";
import type { Context } from "./resources.ts";
import { toTagViews } from "./tags.ts";

const addressesIn = (eni: NetworkInterfaceView) => eni.PrivateIpAddresses ?? [];

export const networkInterfaceFilters: FilterTable<NetworkInterfaceView> = {
  "association.allocation-id": (eni) => eni.Association?.AllocationId,
  "association.association-id": (eni) => eni.Association?.AssociationId,
  "association.ip-owner-id": (eni) => eni.Association?.IpOwnerId,
  "association.public-dns-name": (eni) => eni.Association?.PublicDnsName,
  "association.public-ip": (eni) => eni.Association?.PublicIp,
  "addresses.association.owner-id": (eni) =>
    addressesIn(eni).map(({ Association }) => Association?.IpOwnerId),
  "addresses.association.public-ip": (eni) =>
    addressesIn(eni).map(({ Association }) => Association?.PublicIp),
  "addresses.primary": (eni) => addressesIn(eni).map((address) => address.Primary),
  "addresses.private-ip-address": (eni) =>
    addressesIn(eni).map((address) => address.PrivateIpAddress),
  "attachment.attach-time": (eni) => eni.Attachment?.AttachTime?.toISOString(),
  "attachment.attachment-id": (eni) => eni.Attachment?.AttachmentId,
  "attachment.delete-on-termination": (eni) => eni.Attachment?.DeleteOnTermination,
  "attachment.device-index": (eni) => eni.Attachment?.DeviceIndex,
  "attachment.instance-id": () => [],
  "attachment.instance-owner-id": (eni) => eni.Attachment?.InstanceOwnerId,
  "attachment.status": (eni) => eni.Attachment?.Status,
  "availability-zone": (eni) => eni.AvailabilityZone,
  "availability-zone-id": (eni) => eni.AvailabilityZoneId,
  description: (eni) => eni.Description,
  "group-id": (eni) => eni.Groups?.map((group) => group.GroupId) ?? [],
  "group-name": (eni) => eni.Groups?.map((group) => group.GroupName) ?? [],
  "interface-type": (eni) => eni.InterfaceType,
  "ipv6-addresses.ipv6-address": () => [],
  "mac-address": (eni) => eni.MacAddress,
  "network-interface-id": (eni) => eni.NetworkInterfaceId,
  "operator.managed": (eni) => eni.Operator?.Managed,
  "operator.principal": (eni) => eni.Operator?.Principal,
  "owner-id": (eni) => eni.OwnerId,
  "private-dns-name": (eni) => eni.PrivateDnsName,
  "private-ip-address": (eni) => eni.PrivateIpAddress,
  "requester-id": (eni) => eni.RequesterId,
  "requester-managed": (eni) => eni.RequesterManaged,
  "source-dest-check": (eni) => eni.SourceDestCheck,
  status: (eni) => eni.Status,
  "subnet-id": (eni) => eni.SubnetId,
  "vpc-id": (eni) => eni.VpcId,
};

type OwnerFacts = {
  readonly interfaceType: "interface" | "nat_gateway" | "vpc_endpoint";
  readonly requesterId: string | undefined;
  readonly requesterManaged: boolean;
  /** Who has it attached. */
  readonly instanceOwnerId: string;
  /** Who a public address on it belongs to, when it is no Elastic IP. */
  readonly ipOwnerId: string;
};

/** Fargate's instances belong to an account of AWS's own; so do its requests for interfaces. */
const fargateAccount = "111122223333";
const ecsRequester = "AROAECSSERVICELINKED0:ecs-eni-provisioning";
const endpointRequester = "727180483921";

function factsOf(eni: NetworkInterface): OwnerFacts {
  const { type }: InterfaceOwner = eni.owner;
  switch (type) {
    case "ecs-task":
      return {
        interfaceType: "interface",
        requesterId: ecsRequester,
        requesterManaged: false,
        instanceOwnerId: fargateAccount,
        ipOwnerId: "amazon",
      };
    case "load-balancer":
      return {
        interfaceType: "interface",
        requesterId: "amazon-elb",
        requesterManaged: true,
        instanceOwnerId: "amazon-elb",
        ipOwnerId: "amazon-elb",
      };
    case "nat-gateway":
      return {
        interfaceType: "nat_gateway",
        requesterId: eni.account,
        requesterManaged: true,
        instanceOwnerId: "amazon-aws",
        ipOwnerId: "amazon",
      };
    case "vpc-endpoint":
      return {
        interfaceType: "vpc_endpoint",
        requesterId: endpointRequester,
        requesterManaged: true,
        instanceOwnerId: "amazon-aws",
        ipOwnerId: "amazon",
      };
    case "user":
      return {
        interfaceType: "interface",
        requesterId: eni.owner.type === "user" ? eni.owner.requesterId : undefined,
        requesterManaged: false,
        instanceOwnerId: eni.account,
        ipOwnerId: "amazon",
      };
  }
}

export function toNetworkInterfaceView(
  context: Pick<Context, "tx" | "scope">,
  eni: NetworkInterface,
): NetworkInterfaceView {
  const { tx, scope } = context;
  const facts = factsOf(eni);
  const [primary, ...secondary] = addressesOf(eni).map((address) =>
    toAddressView(context, eni, facts, address),
  );
  return {
    NetworkInterfaceId: eni.networkInterfaceId,
    OwnerId: eni.account,
    // The SDK's type has `natGateway`; what EC2 answers is `nat_gateway`.
    InterfaceType: facts.interfaceType as NetworkInterfaceView["InterfaceType"],
    Description: eni.description,
    RequesterId: facts.requesterId,
    RequesterManaged: facts.requesterManaged,
    Operator: { Managed: false },
    Status: eni.status,
    Attachment: attachmentOf(eni, facts),
    VpcId: eni.vpcId,
    SubnetId: eni.subnetId,
    AvailabilityZone: eni.availabilityZone,
    AvailabilityZoneId: tx.table(subnets).get(scope, eni.subnetId)?.availabilityZoneId,
    MacAddress: eni.macAddress,
    SourceDestCheck: eni.sourceDestCheck,
    PrivateIpAddress: eni.privateIp,
    PrivateDnsName: primary?.PrivateDnsName,
    PrivateIpAddresses: [
      ...(primary ? [{ ...primary, Primary: true }] : []),
      ...secondary.map((address) => ({ ...address, Primary: false })),
    ],
    Association: primary?.Association,
    Ipv6Addresses: [],
    Groups: eni.groupIds.map((groupId) => ({
      GroupId: groupId,
      GroupName: tx.table(securityGroups).get(scope, groupId)?.groupName,
    })),
    TagSet: toTagViews(eni.tags),
  };
}

function attachmentOf(
  eni: NetworkInterface,
  facts: OwnerFacts,
): NetworkInterfaceAttachment | undefined {
  if (!eni.attachmentId) return undefined;
  return {
    AttachmentId: eni.attachmentId,
    AttachTime: new Date(eni.createdAt),
    DeleteOnTermination: false,
    DeviceIndex: 1,
    NetworkCardIndex: 0,
    InstanceOwnerId: facts.instanceOwnerId,
    Status: "attached",
  };
}

function toAddressView(
  context: Pick<Context, "tx" | "scope">,
  eni: NetworkInterface,
  facts: OwnerFacts,
  address: InterfaceAddress,
): NetworkInterfacePrivateIpAddress {
  const { privateIp } = address;
  return {
    PrivateIpAddress: privateIp,
    PrivateDnsName: hasHostnames(context, eni) ? privateDnsName(eni.region, privateIp) : undefined,
    Association: associationOf(context, eni, facts, address),
  };
}

function associationOf(
  context: Pick<Context, "tx" | "scope">,
  eni: NetworkInterface,
  facts: OwnerFacts,
  { privateIp, publicIp }: InterfaceAddress,
): NetworkInterfaceAssociation | undefined {
  if (!publicIp) return undefined;
  const address = addressOf(context, eni.networkInterfaceId, privateIp);
  return {
    PublicIp: publicIp,
    PublicDnsName: publicDnsNameOf(context, eni, publicIp),
    AllocationId: address?.allocationId,
    AssociationId: address?.association?.associationId,
    IpOwnerId: address ? eni.account : facts.ipOwnerId,
  };
}

/** Interfaces have names in VPCs that give names to hosts. */
const hasHostnames = (
  { tx, scope }: Pick<Context, "tx" | "scope">,
  eni: NetworkInterface,
): boolean => tx.table(vpcs).get(scope, eni.vpcId)?.enableDnsHostnames ?? false;

function publicDnsNameOf(
  context: Pick<Context, "tx" | "scope">,
  eni: NetworkInterface,
  publicIp: string,
): string {
  return hasHostnames(context, eni) ? publicDnsName(eni.region, publicIp) : "";
}
