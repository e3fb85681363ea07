/** Internet gateways. */
import type {
  AttachInternetGatewayRequest,
  CreateInternetGatewayRequest,
  CreateInternetGatewayResult,
  DeleteInternetGatewayRequest,
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult,
  DetachInternetGatewayRequest,
  InternetGateway as InternetGatewayView,
} from "@aws-sdk/client-ec2";
import { addressesOf, type InternetGateway } from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import { internetGateways, networkInterfaces } from "../../state/tables/network.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import {
  alreadyAssociated,
  dependencyViolation,
  gatewayNotAttached,
  hasDependencies,
  invalidParameterValue,
} from "./errors.ts";
import type { FilterTable } from "./filters.ts";
import { birth } from "./make-vpc.ts";
import { arnOf, operation } from "./operation.ts";
import { find, findRequired, internetGatewayKind, newId, vpcKind } from "./resources.ts";
import { tagsFrom, toTagViews } from "./tags.ts";

type Attachment = { InternetGatewayId: string | undefined; VpcId?: string | undefined };

const bothArns = (input: Attachment, scope: Scope): string[] => [
  arnOf(scope, "internet-gateway", input.InternetGatewayId),
  arnOf(scope, "vpc", input.VpcId),
];

export const createInternetGateway = operation<
  CreateInternetGatewayRequest,
  CreateInternetGatewayResult
>({
  name: "CreateInternetGateway",
  resources: (_, scope) => [arnOf(scope, "internet-gateway", undefined)],
  accepts: { TagSpecifications: true },
  run(context, input) {
    const gateway: InternetGateway = {
      ...birth(context, tagsFrom(input.TagSpecifications, "internet-gateway")),
      internetGatewayId: newId(context, "igw-"),
      vpcId: undefined,
    };
    context.tx.table(internetGateways).put(gateway);
    return { InternetGateway: toInternetGatewayView(gateway) };
  },
});

export const attachInternetGateway = operation<AttachInternetGatewayRequest, Record<string, never>>(
  {
    name: "AttachInternetGateway",
    resources: bothArns,
    accepts: { InternetGatewayId: true, VpcId: true },
    run(context, input) {
      const gateway = findRequired(
        context,
        internetGatewayKind,
        input.InternetGatewayId,
        "internetGatewayId",
      );
      const { vpcId } = findRequired(context, vpcKind, input.VpcId, "vpcId");
      const table = context.tx.table(internetGateways);
      if (gateway.vpcId) {
        throw alreadyAssociated(
          `resource ${gateway.internetGatewayId} is already attached to network ${gateway.vpcId}`,
        );
      }
      if (table.by("vpc", context.scope, vpcId).length > 0) {
        throw invalidParameterValue(`Network ${vpcId} already has an internet gateway attached`);
      }
      table.put({ ...gateway, vpcId });
      return {};
    },
  },
);

export const detachInternetGateway = operation<DetachInternetGatewayRequest, Record<string, never>>(
  {
    name: "DetachInternetGateway",
    resources: bothArns,
    accepts: { InternetGatewayId: true, VpcId: true },
    run(context, input) {
      const { tx, scope } = context;
      const gateway = findRequired(
        context,
        internetGatewayKind,
        input.InternetGatewayId,
        "internetGatewayId",
      );
      const { vpcId } = findRequired(context, vpcKind, input.VpcId, "vpcId");
      if (gateway.vpcId !== vpcId) {
        throw gatewayNotAttached(
          `resource ${gateway.internetGatewayId} is not attached to network ${vpcId}`,
        );
      }
      if (
        tx
          .table(networkInterfaces)
          .by("vpc", scope, vpcId)
          .some((eni) => addressesOf(eni).some(({ publicIp }) => publicIp))
      ) {
        throw dependencyViolation(
          `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
        );
      }
      tx.table(internetGateways).put({ ...gateway, vpcId: undefined });
      return {};
    },
  },
);

export const deleteInternetGateway = operation<DeleteInternetGatewayRequest, Record<string, never>>(
  {
    name: "DeleteInternetGateway",
    resources: (input, scope) => [arnOf(scope, "internet-gateway", input.InternetGatewayId)],
    accepts: { InternetGatewayId: true },
    run(context, input) {
      const { internetGatewayId, vpcId } = findRequired(
        context,
        internetGatewayKind,
        input.InternetGatewayId,
        "internetGatewayId",
      );
      if (vpcId) throw hasDependencies("internetGateway", internetGatewayId);
      context.tx.table(internetGateways).delete(context.scope, internetGatewayId);
      return {};
    },
  },
);

const filters: FilterTable<InternetGatewayView> = {
  "attachment.state": (gateway) => gateway.Attachments?.map(({ State }) => State) ?? [],
  "attachment.vpc-id": (gateway) => gateway.Attachments?.map(({ VpcId }) => VpcId) ?? [],
  "internet-gateway-id": (gateway) => gateway.InternetGatewayId,
  "owner-id": (gateway) => gateway.OwnerId,
};

export const describeInternetGateways = operation<
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult
>({
  name: "DescribeInternetGateways",
  accepts: { InternetGatewayIds: true, ...acceptsDescribe },
  run(context, input) {
    const { tx, scope } = context;
    const records = chosen(
      input.InternetGatewayIds,
      () => tx.table(internetGateways).list(scope),
      (id) => find(context, internetGatewayKind, id),
    );
    const { items, NextToken } = describePage(records.map(toInternetGatewayView), input, {
      operation: "DescribeInternetGateways",
      keyOf: (gateway) => gateway.InternetGatewayId,
      filters,
    });
    return { InternetGateways: items, NextToken };
  },
});

function toInternetGatewayView(gateway: InternetGateway): InternetGatewayView {
  return {
    InternetGatewayId: gateway.internetGatewayId,
    OwnerId: gateway.account,
    // The state of an internet gateway's attachment is `available`, which no type of the SDK allows for.
    Attachments: gateway.vpcId ? [{ VpcId: gateway.vpcId, State: "available" as "attached" }] : [],
    Tags: toTagViews(gateway.tags),
  };
}
