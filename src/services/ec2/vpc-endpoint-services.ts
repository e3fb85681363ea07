/** DescribeVpcEndpointServices: what endpoints can lead to. */
import type {
  DescribeVpcEndpointServicesRequest,
  DescribeVpcEndpointServicesResult,
  ServiceDetail,
} from "@aws-sdk/client-ec2";
import {
  type EndpointService,
  type EndpointType,
  endpointServices,
} from "../../model/endpoint-services.ts";
import { fnv1a } from "../../model/hash.ts";
import { zonesOf } from "../../model/regions.ts";
import { acceptsDescribe, describePage } from "./describe.ts";
import type { FilterTable } from "./filters.ts";
import { serviceNotFound } from "./link-errors.ts";
import { operation } from "./operation.ts";

const filters: FilterTable<ServiceDetail> = {
  owner: (service) => service.Owner,
  "service-name": (service) => service.ServiceName,
  "service-region": (service) => service.ServiceRegion,
  "service-type": (service) => service.ServiceType?.map(({ ServiceType }) => ServiceType) ?? [],
  "supported-ip-address-types": (service) => service.SupportedIpAddressTypes ?? [],
};

export const describeVpcEndpointServices = operation<
  DescribeVpcEndpointServicesRequest,
  DescribeVpcEndpointServicesResult
>({
  name: "DescribeVpcEndpointServices",
  accepts: { ServiceNames: true, ...acceptsDescribe },
  run({ scope }, input) {
    const services = endpointServices(scope.region);
    const missing = input.ServiceNames?.find(
      (name) => !services.some((service) => service.serviceName === name),
    );
    if (missing !== undefined) throw serviceNotFound(missing);
    const asked = input.ServiceNames?.length
      ? services.filter(({ serviceName }) => input.ServiceNames?.includes(serviceName))
      : services;
    // A service with two kinds of endpoint is listed once for each.
    const details = asked.flatMap((service) =>
      service.types.map((type) => toServiceDetail(scope.region, service, type)),
    );
    const { items, NextToken } = describePage(details, input, {
      operation: "DescribeVpcEndpointServices",
      keyOf: (service) => `${service.ServiceName}/${service.ServiceType?.[0]?.ServiceType}`,
      filters,
    });
    return {
      ServiceNames: [...new Set(items.flatMap((service) => service.ServiceName ?? []))],
      ServiceDetails: items,
      NextToken,
    };
  },
});

function toServiceDetail(
  region: string,
  { serviceName, privateDnsNames }: EndpointService,
  type: EndpointType,
): ServiceDetail {
  const zones = zonesOf(region);
  const names = type === "interface" ? privateDnsNames : [];
  return {
    ServiceName: serviceName,
    ServiceId: `vpce-svc-${fnv1a(`${serviceName}/${type}`).toString(16).padStart(17, "0")}`,
    ServiceType: [{ ServiceType: type === "gateway" ? "Gateway" : "Interface" }],
    ServiceRegion: region,
    AvailabilityZones: zones.map((zone) => zone.name),
    AvailabilityZoneIds: zones.map((zone) => zone.id),
    Owner: "amazon",
    BaseEndpointDnsNames: [baseDnsName(region, serviceName, type)],
    PrivateDnsName: names[0],
    PrivateDnsNames: names.map((PrivateDnsName) => ({ PrivateDnsName })),
    PrivateDnsNameVerificationState: names.length > 0 ? "verified" : undefined,
    VpcEndpointPolicySupported: true,
    AcceptanceRequired: false,
    ManagesVpcEndpoints: false,
    SupportedIpAddressTypes: ["ipv4"],
    Tags: [],
  };
}

/** `logs.eu-west-1.vpce.amazonaws.com`; of a gateway, the name of the service itself. */
function baseDnsName(region: string, serviceName: string, type: EndpointType): string {
  const short = serviceName.slice(`com.amazonaws.${region}.`.length);
  const host = short.split(".").reverse().join(".");
  return type === "gateway"
    ? `${short}.${region}.amazonaws.com`
    : `${host}.${region}.vpce.amazonaws.com`;
}
