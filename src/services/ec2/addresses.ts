/** Elastic IP addresses: allocating, releasing and showing them. */
import type {
  Address,
  AllocateAddressRequest,
  AllocateAddressResult,
  DescribeAddressesAttributeRequest,
  DescribeAddressesAttributeResult,
  DescribeAddressesRequest,
  DescribeAddressesResult,
  ReleaseAddressRequest,
} from "@aws-sdk/client-ec2";
import type { ElasticIp } from "../../model/network.ts";
import { allocatePublicAddress } from "../../state/public-addresses.ts";
import { elasticIps, networkInterfaces } from "../../state/tables/network.ts";
import { chosen } from "./describe.ts";
import {
  addressInUse,
  addressNotFound,
  allocationIdNeeded,
  invalidNextToken,
  invalidValue,
  missingParameter,
} from "./errors.ts";
import { applyFilters, type FilterTable } from "./filters.ts";
import { birth } from "./make-vpc.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, elasticIpKind, find, newId } from "./resources.ts";
import { tagsFrom, toTagViews } from "./tags.ts";

export const allocateAddress = operation<AllocateAddressRequest, AllocateAddressResult>({
  name: "AllocateAddress",
  resources: (_, scope) => [arnOf(scope, "elastic-ip", undefined)],
  accepts: { Domain: true, NetworkBorderGroup: true, TagSpecifications: true },
  run(context, input) {
    const { tx, scope, ids } = context;
    if (input.Domain && input.Domain !== "vpc") {
      throw invalidValue("domain", input.Domain, "Expecting vpc.");
    }
    checkBorderGroup(scope, input);
    const address: ElasticIp = {
      ...birth(context, tagsFrom(input.TagSpecifications, "elastic-ip")),
      allocationId: newId(context, "eipalloc-"),
      publicIp: allocatePublicAddress(tx, ids),
      association: undefined,
    };
    tx.table(elasticIps).put(address);
    return {
      AllocationId: address.allocationId,
      PublicIp: address.publicIp,
      PublicIpv4Pool: "amazon",
      NetworkBorderGroup: scope.region,
      Domain: "vpc",
    };
  },
});

/** A region has no other group of zones than its own. */
function checkBorderGroup(
  { region }: Context["scope"],
  { NetworkBorderGroup: group }: { readonly NetworkBorderGroup?: string | undefined },
): void {
  if (!group || group === region) return;
  throw invalidValue("networkBorderGroup", group, `Expecting ${region}.`);
}

export const releaseAddress = operation<ReleaseAddressRequest, Record<string, never>>({
  name: "ReleaseAddress",
  resources: (input, scope) => [arnOf(scope, "elastic-ip", input.AllocationId)],
  accepts: { AllocationId: true, PublicIp: true, NetworkBorderGroup: true },
  run(context, input) {
    if (!input.AllocationId && input.PublicIp) throw allocationIdNeeded();
    checkBorderGroup(context.scope, input);
    const address = findAddress(context, input);
    if (address.association) {
      throw addressInUse(`Address ${address.publicIp} is in use.`);
    }
    context.tx.table(elasticIps).delete(context.scope, address.allocationId);
    return {};
  },
});

/** The address by its allocation or, failing that, by itself. */
export function findAddress(
  context: Pick<Context, "tx" | "scope">,
  { AllocationId, PublicIp }: { AllocationId?: string | undefined; PublicIp?: string | undefined },
): ElasticIp {
  if (AllocationId) return find(context, elasticIpKind, AllocationId);
  if (!PublicIp) throw missingParameter("allocationId");
  return findByPublicIp(context, PublicIp);
}

function findByPublicIp({ tx, scope }: Pick<Context, "tx" | "scope">, publicIp: string): ElasticIp {
  const address = tx
    .table(elasticIps)
    .list(scope)
    .find((candidate) => candidate.publicIp === publicIp);
  if (address) return address;
  throw addressNotFound(publicIp);
}

const filters: FilterTable<Address> = {
  "allocation-id": (address) => address.AllocationId,
  "association-id": (address) => address.AssociationId,
  domain: (address) => address.Domain,
  "instance-id": () => [],
  "network-border-group": (address) => address.NetworkBorderGroup,
  "network-interface-id": (address) => address.NetworkInterfaceId,
  "network-interface-owner-id": (address) => address.NetworkInterfaceOwnerId,
  "private-ip-address": (address) => address.PrivateIpAddress,
  "public-ip": (address) => address.PublicIp,
};

export const describeAddresses = operation<DescribeAddressesRequest, DescribeAddressesResult>({
  name: "DescribeAddresses",
  accepts: { AllocationIds: true, PublicIps: true, Filters: true },
  run(context, input) {
    const { tx, scope } = context;
    const named = [
      ...(input.AllocationIds ?? []).map((id) => find(context, elasticIpKind, id)),
      ...(input.PublicIps ?? []).map((publicIp) => findByPublicIp(context, publicIp)),
    ];
    const isAsked = input.AllocationIds?.length || input.PublicIps?.length;
    const records = isAsked ? [...new Set(named)] : tx.table(elasticIps).list(scope);
    const views = records.map((address) => toAddressView(context, address));
    return { Addresses: applyFilters(views, input.Filters, filters) };
  },
});

function toAddressView({ tx, scope }: Context, address: ElasticIp): Address {
  const { association } = address;
  const eni = association && tx.table(networkInterfaces).get(scope, association.networkInterfaceId);
  return {
    AllocationId: address.allocationId,
    PublicIp: address.publicIp,
    PublicIpv4Pool: "amazon",
    NetworkBorderGroup: address.region,
    Domain: "vpc",
    AssociationId: association?.associationId,
    NetworkInterfaceId: association?.networkInterfaceId,
    NetworkInterfaceOwnerId: association && address.account,
    PrivateIpAddress: association?.privateIp,
    SubnetId: eni?.subnetId,
    Tags: toTagViews(address.tags),
  };
}

export const describeAddressesAttribute = operation<
  DescribeAddressesAttributeRequest,
  DescribeAddressesAttributeResult
>({
  name: "DescribeAddressesAttribute",
  accepts: { AllocationIds: true, Attribute: true, MaxResults: true, NextToken: true },
  run(context, input) {
    if (input.Attribute !== undefined && input.Attribute !== "domain-name") {
      throw invalidValue("attribute", input.Attribute, "Expecting domain-name.");
    }
    // Only addresses with a reverse name are answered, and none can be given one here.
    chosen(
      input.AllocationIds,
      () => [],
      (id) => find(context, elasticIpKind, id),
    );
    if (input.NextToken !== undefined) throw invalidNextToken();
    return { Addresses: [] };
  },
});
