/** NAT gateways as they are shown, and what they can be filtered by. */
import type { NatGatewayAddress, NatGateway as NatGatewayView } from "@aws-sdk/client-ec2";
import type { NatGateway } from "../../model/network.ts";
import { addressOf } from "./address-associations.ts";
import type { FilterTable } from "./filters.ts";
import type { Context } from "./resources.ts";
import { toTagViews } from "./tags.ts";

export const natGatewayFilters: FilterTable<NatGatewayView> = {
  "nat-gateway-id": (gateway) => gateway.NatGatewayId,
  state: (gateway) => gateway.State,
  "subnet-id": (gateway) => gateway.SubnetId,
  "vpc-id": (gateway) => gateway.VpcId,
};

export function toNatGatewayView(
  context: Pick<Context, "tx" | "scope">,
  gateway: NatGateway,
): NatGatewayView {
  return {
    NatGatewayId: gateway.natGatewayId,
    State: gateway.state,
    FailureCode: gateway.failure?.code,
    FailureMessage: gateway.failure?.message,
    VpcId: gateway.vpcId,
    SubnetId: gateway.subnetId,
    ConnectivityType: gateway.connectivityType,
    CreateTime: new Date(gateway.createdAt),
    DeleteTime: gateway.deletedAt === undefined ? undefined : new Date(gateway.deletedAt),
    NatGatewayAddresses: [toAddressView(context, gateway)],
    Tags: toTagViews(gateway.tags),
  };
}

/** A deleted gateway still says which address it had, though that is free again. */
function toAddressView(
  context: Pick<Context, "tx" | "scope">,
  gateway: NatGateway,
): NatGatewayAddress {
  const { networkInterfaceId, privateIp, state } = gateway;
  const association =
    state === "available" && networkInterfaceId && privateIp
      ? addressOf(context, networkInterfaceId, privateIp)?.association
      : undefined;
  return {
    AllocationId: gateway.allocationId,
    PublicIp: gateway.publicIp,
    NetworkInterfaceId: networkInterfaceId,
    PrivateIp: privateIp,
    AssociationId: association?.associationId,
    IsPrimary: true,
    Status: state === "failed" ? "failed" : "succeeded",
    FailureMessage: gateway.failure?.message,
  };
}
