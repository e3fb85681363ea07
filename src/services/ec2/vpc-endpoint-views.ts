/** VPC endpoints as they are shown, and what they can be filtered by. */
import type { DnsEntry, VpcEndpoint as VpcEndpointView } from "@aws-sdk/client-ec2";
import { endpointDnsNames, findEndpointService } from "../../model/endpoint-services.ts";
import { fnv1a } from "../../model/hash.ts";
import type { InterfaceEndpoint, VpcEndpoint } from "../../model/network.ts";
import { securityGroups, subnets } from "../../state/tables/network.ts";
import type { FilterTable } from "./filters.ts";
import type { Context } from "./resources.ts";
import { toTagViews } from "./tags.ts";

export const vpcEndpointFilters: FilterTable<VpcEndpointView> = {
  "ip-address-type": (endpoint) => endpoint.IpAddressType,
  "service-name": (endpoint) => endpoint.ServiceName,
  "service-region": (endpoint) => endpoint.ServiceName?.split(".")[2],
  "vpc-endpoint-id": (endpoint) => endpoint.VpcEndpointId,
  "vpc-endpoint-state": (endpoint) => endpoint.State,
  "vpc-endpoint-type": (endpoint) => endpoint.VpcEndpointType,
  "vpc-id": (endpoint) => endpoint.VpcId,
};

type Reader = Pick<Context, "tx" | "scope">;

export const toVpcEndpointView = (context: Reader, endpoint: VpcEndpoint): VpcEndpointView => ({
  VpcEndpointId: endpoint.vpcEndpointId,
  VpcId: endpoint.vpcId,
  OwnerId: endpoint.account,
  ServiceName: endpoint.serviceName,
  // What EC2 answers is in lower case.
  State: "available" as VpcEndpointView["State"],
  PolicyDocument: endpoint.policy,
  IpAddressType: "ipv4",
  RequesterManaged: false,
  CreationTimestamp: new Date(endpoint.createdAt),
  Tags: toTagViews(endpoint.tags),
  ...kindMembers(context, endpoint),
});

function kindMembers(context: Reader, endpoint: VpcEndpoint): VpcEndpointView {
  switch (endpoint.type) {
    case "gateway":
      return {
        VpcEndpointType: "Gateway",
        RouteTableIds: [...endpoint.routeTableIds],
        SubnetIds: [],
        Groups: [],
        NetworkInterfaceIds: [],
        DnsEntries: [],
        PrivateDnsEnabled: false,
      };
    case "interface":
      return {
        VpcEndpointType: "Interface",
        RouteTableIds: [],
        SubnetIds: [...endpoint.subnetIds],
        Groups: endpoint.groupIds.map((groupId) => ({
          GroupId: groupId,
          GroupName: context.tx.table(securityGroups).get(context.scope, groupId)?.groupName,
        })),
        NetworkInterfaceIds: [...endpoint.networkInterfaceIds],
        DnsOptions: { DnsRecordIpType: "ipv4" },
        DnsEntries: dnsEntriesOf(context, endpoint),
        PrivateDnsEnabled: endpoint.privateDnsEnabled,
      };
  }
}

/** One name for all zones, one for each zone, and the service's own with private DNS. */
function dnsEntriesOf(context: Reader, endpoint: InterfaceEndpoint): DnsEntry[] {
  const zones = endpoint.subnetIds.flatMap(
    (subnetId) => context.tx.table(subnets).get(context.scope, subnetId)?.availabilityZone ?? [],
  );
  const regional = endpointDnsNames(endpoint, zones).map((DnsName) => ({
    DnsName,
    HostedZoneId: zoneIdOf(`${endpoint.region}.vpce.amazonaws.com`),
  }));
  if (!endpoint.privateDnsEnabled) return regional;
  const service = findEndpointService(endpoint.region, endpoint.serviceName);
  const names = service?.privateDnsNames ?? [];
  return [
    ...regional,
    ...names.map((DnsName) => ({
      DnsName,
      HostedZoneId: zoneIdOf(`${endpoint.vpcEndpointId}/${DnsName}`),
    })),
  ];
}

const zoneIdOf = (name: string): string =>
  `Z${fnv1a(name).toString(36).toUpperCase().padStart(13, "0")}`;
