/**
 * NAT gateways. They become available at once and are deleted at once; a deleted or failed one can
 * still be described for an hour.
 */
import type {
  CreateNatGatewayRequest,
  CreateNatGatewayResult,
  DeleteNatGatewayRequest,
  DeleteNatGatewayResult,
  DescribeNatGatewaysRequest,
  DescribeNatGatewaysResult,
} from "@aws-sdk/client-ec2";
import type { ElasticIp, NatGateway, Subnet } from "../../model/network.ts";
import { deleteNetworkInterface } from "../../state/network-interfaces.ts";
import { internetGateways, natGateways } from "../../state/tables/network.ts";
import { addressesOn, bindAddress, unbindAddress } from "./address-associations.ts";
import { chosen, describePage } from "./describe.ts";
import {
  alreadyAssociated,
  invalidParameterCombination,
  invalidValue,
  missingParameter,
} from "./errors.ts";
import { madeBefore, rememberToken } from "./idempotency.ts";
import { birth } from "./make-vpc.ts";
import { natGatewayFilters, toNatGatewayView } from "./nat-gateway-views.ts";
import { makeInterface } from "./new-interface.ts";
import { arnOf, operation } from "./operation.ts";
import {
  type Context,
  elasticIpKind,
  find,
  findRequired,
  natGatewayKind,
  newId,
  subnetKind,
} from "./resources.ts";
import { tagsFrom } from "./tags.ts";

const shownAfterEndMs = 60 * 60 * 1000;

export const createNatGateway = operation<CreateNatGatewayRequest, CreateNatGatewayResult>({
  name: "CreateNatGateway",
  resources: (input, scope) => [
    arnOf(scope, "natgateway", undefined),
    arnOf(scope, "subnet", input.SubnetId),
    ...(input.AllocationId ? [arnOf(scope, "elastic-ip", input.AllocationId)] : []),
  ],
  accepts: {
    SubnetId: true,
    AllocationId: true,
    ConnectivityType: true,
    PrivateIpAddress: true,
    ClientToken: true,
    TagSpecifications: true,
  },
  run(context, input) {
    const known = madeBefore(context, "CreateNatGateway", input.ClientToken, input);
    const gateway = known ? find(context, natGatewayKind, known) : makeNatGateway(context, input);
    const { natGatewayId } = gateway;
    if (!known) rememberToken(context, "CreateNatGateway", input.ClientToken, input, natGatewayId);
    return { NatGateway: toNatGatewayView(context, gateway), ClientToken: input.ClientToken };
  },
});

function makeNatGateway(context: Context, input: CreateNatGatewayRequest): NatGateway {
  const subnet = findRequired(context, subnetKind, input.SubnetId, "subnetId");
  const connectivityType = input.ConnectivityType ?? "public";
  const address = addressFor(context, connectivityType, input.AllocationId);
  const tags = tagsFrom(input.TagSpecifications, "natgateway");
  const plain: NatGateway = {
    ...birth(context, tags),
    natGatewayId: newId(context, "nat-"),
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    connectivityType,
    state: "available",
    deletedAt: undefined,
    networkInterfaceId: undefined,
    privateIp: undefined,
    allocationId: address?.allocationId,
    publicIp: address?.publicIp,
  };
  const gateway =
    address && !hasInternetGateway(context, subnet)
      ? failedWithoutGateway(context, plain)
      : withInterface(context, plain, subnet, input.PrivateIpAddress, address);
  context.tx.table(natGateways).put(gateway);
  return gateway;
}

/** The Elastic IP of a public gateway; a private one has none. */
function addressFor(
  context: Context,
  connectivityType: string,
  allocationId: string | undefined,
): ElasticIp | undefined {
  switch (connectivityType) {
    case "private":
      if (!allocationId) return undefined;
      throw invalidParameterCombination(
        "The parameter AllocationId cannot be used with a private NAT gateway",
      );
    case "public": {
      if (!allocationId) throw missingParameter("AllocationId");
      const address = find(context, elasticIpKind, allocationId);
      if (!address.association) return address;
      throw alreadyAssociated(`Elastic IP address [${allocationId}] is already associated`);
    }
    default:
      throw invalidValue("connectivityType", connectivityType, "Expecting public or private.");
  }
}

const hasInternetGateway = ({ tx, scope }: Context, subnet: Subnet): boolean =>
  tx.table(internetGateways).by("vpc", scope, subnet.vpcId).length > 0;

/** As on AWS the request succeeds and the gateway fails; Terraform shows the words as the reason. */
const failedWithoutGateway = ({ now }: Context, gateway: NatGateway): NatGateway => ({
  ...gateway,
  state: "failed",
  failure: {
    code: "Gateway.NotAttached",
    message: `Network ${gateway.vpcId} has no Internet gateway attached`,
  },
  deletedAt: now,
});

function withInterface(
  context: Context,
  gateway: NatGateway,
  subnet: Subnet,
  privateIp: string | undefined,
  address: ElasticIp | undefined,
): NatGateway {
  const { natGatewayId } = gateway;
  const eni = makeInterface(context, subnet, {
    privateIp,
    groupIds: [],
    description: `Interface for NAT Gateway ${natGatewayId}`,
    owner: { type: "nat-gateway", natGatewayId },
    tags: [],
  });
  if (address) bindAddress(context, address, eni.networkInterfaceId, eni.privateIp);
  return { ...gateway, networkInterfaceId: eni.networkInterfaceId, privateIp: eni.privateIp };
}

export const deleteNatGateway = operation<DeleteNatGatewayRequest, DeleteNatGatewayResult>({
  name: "DeleteNatGateway",
  resources: (input, scope) => [arnOf(scope, "natgateway", input.NatGatewayId)],
  accepts: { NatGatewayId: true },
  run(context, input) {
    const gateway = findRequired(context, natGatewayKind, input.NatGatewayId, "natGatewayId");
    const { natGatewayId, networkInterfaceId } = gateway;
    if (gateway.state === "deleted") return { NatGatewayId: natGatewayId };
    if (networkInterfaceId) {
      for (const address of addressesOn(context, networkInterfaceId))
        unbindAddress(context, address);
      deleteNetworkInterface(context.tx, context.scope, networkInterfaceId);
    }
    const deletedAt = gateway.deletedAt ?? context.now;
    context.tx.table(natGateways).put({ ...gateway, state: "deleted", deletedAt });
    return { NatGatewayId: natGatewayId };
  },
});

export const describeNatGateways = operation<DescribeNatGatewaysRequest, DescribeNatGatewaysResult>(
  {
    name: "DescribeNatGateways",
    accepts: { NatGatewayIds: true, Filter: true, MaxResults: true, NextToken: true },
    run(context, input) {
      const { tx, scope } = context;
      forgetLongEnded(context);
      const records = chosen(
        input.NatGatewayIds,
        () => tx.table(natGateways).list(scope),
        (id) => find(context, natGatewayKind, id),
      );
      const views = records.map((gateway) => toNatGatewayView(context, gateway));
      const asked = { ...input, Filters: input.Filter };
      const { items, NextToken } = describePage(views, asked, {
        operation: "DescribeNatGateways",
        keyOf: (gateway) => gateway.NatGatewayId,
        filters: natGatewayFilters,
      });
      return { NatGateways: items, NextToken };
    },
  },
);

function forgetLongEnded({ tx, scope, now }: Context): void {
  for (const { natGatewayId, deletedAt } of tx.table(natGateways).list(scope)) {
    if (deletedAt === undefined || now - deletedAt <= shownAfterEndMs) continue;
    tx.table(natGateways).delete(scope, natGatewayId);
  }
}
