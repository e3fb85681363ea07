/** The kinds of resources by their ids: where each is kept and how it is said to be missing. */
import type { ApiError } from "../../gateway/api-error.ts";
import type { WriteContext } from "../../gateway/service.ts";
import type { Scope, Tag } from "../../model/scope.ts";
import type { TableDefinition } from "../../state/table.ts";
import {
  dhcpOptions,
  elasticIps,
  flowLogs,
  internetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  prefixLists,
  routeTables,
  securityGroups,
  subnetCidrReservations,
  subnets,
  vpcEndpoints,
  vpcPeeringConnections,
  vpcs,
} from "../../state/tables/network.ts";
import { malformedId, missingParameter, natGatewayNotFound, notFound } from "./errors.ts";

/** What finding and making resources needs of an operation's context. */
export type Context = Pick<WriteContext, "tx" | "scope" | "ids" | "now">;

export type TaggedRecord = Scope & { readonly tags: readonly Tag[] };

export type Kind<T extends TaggedRecord> = {
  /** As in TagSpecifications and in ARNs. */
  readonly type: string;
  /** What ids start with, the hyphen included. */
  readonly prefix: string;
  readonly table: TableDefinition<T>;
  readonly notFound: (id: string) => ApiError;
  /** The code for text that cannot be an id of this kind, where AWS tells that from a missing one. */
  readonly malformed: string | undefined;
};

const missing =
  (code: string, noun: string) =>
  (id: string): ApiError =>
    notFound(code, noun, id);

const kindOf = <T extends TaggedRecord>(kind: Kind<T>): Kind<T> => kind;

export const vpcKind = kindOf({
  type: "vpc",
  prefix: "vpc-",
  table: vpcs,
  notFound: missing("InvalidVpcID.NotFound", "vpc ID"),
  malformed: undefined,
});

export const subnetKind = kindOf({
  type: "subnet",
  prefix: "subnet-",
  table: subnets,
  notFound: missing("InvalidSubnetID.NotFound", "subnet ID"),
  malformed: undefined,
});

export const subnetCidrReservationKind = kindOf({
  type: "subnet-cidr-reservation",
  prefix: "scr-",
  table: subnetCidrReservations,
  notFound: missing("InvalidSubnetCidrReservationID.NotFound", "subnet-cidr-reservation ID"),
  malformed: undefined,
});

export const internetGatewayKind = kindOf({
  type: "internet-gateway",
  prefix: "igw-",
  table: internetGateways,
  notFound: missing("InvalidInternetGatewayID.NotFound", "internetGateway ID"),
  malformed: undefined,
});

export const elasticIpKind = kindOf({
  type: "elastic-ip",
  prefix: "eipalloc-",
  table: elasticIps,
  notFound: missing("InvalidAllocationID.NotFound", "allocation ID"),
  malformed: undefined,
});

export const natGatewayKind = kindOf({
  type: "natgateway",
  prefix: "nat-",
  table: natGateways,
  notFound: natGatewayNotFound,
  malformed: "NatGatewayMalformed",
});

export const routeTableKind = kindOf({
  type: "route-table",
  prefix: "rtb-",
  table: routeTables,
  notFound: missing("InvalidRouteTableID.NotFound", "routeTable ID"),
  malformed: "InvalidRouteTableId.Malformed",
});

export const securityGroupKind = kindOf({
  type: "security-group",
  prefix: "sg-",
  table: securityGroups,
  notFound: missing("InvalidGroup.NotFound", "security group"),
  malformed: "InvalidGroupId.Malformed",
});

export const networkAclKind = kindOf({
  type: "network-acl",
  prefix: "acl-",
  table: networkAcls,
  notFound: missing("InvalidNetworkAclID.NotFound", "networkAcl ID"),
  malformed: undefined,
});

export const networkInterfaceKind = kindOf({
  type: "network-interface",
  prefix: "eni-",
  table: networkInterfaces,
  notFound: missing("InvalidNetworkInterfaceID.NotFound", "networkInterface ID"),
  malformed: "InvalidNetworkInterfaceId.Malformed",
});

export const dhcpOptionsKind = kindOf({
  type: "dhcp-options",
  prefix: "dopt-",
  table: dhcpOptions,
  notFound: missing("InvalidDhcpOptionID.NotFound", "dhcpOption ID"),
  malformed: "InvalidDhcpOptionsId.Malformed",
});

export const vpcEndpointKind = kindOf({
  type: "vpc-endpoint",
  prefix: "vpce-",
  table: vpcEndpoints,
  notFound: missing("InvalidVpcEndpointId.NotFound", "Vpc Endpoint Id"),
  malformed: "InvalidVpcEndpointId.Malformed",
});

export const vpcPeeringConnectionKind = kindOf({
  type: "vpc-peering-connection",
  prefix: "pcx-",
  table: vpcPeeringConnections,
  notFound: missing("InvalidVpcPeeringConnectionID.NotFound", "vpcPeeringConnection ID"),
  malformed: "InvalidVpcPeeringConnectionId.Malformed",
});

export const prefixListKind = kindOf({
  type: "prefix-list",
  prefix: "pl-",
  table: prefixLists,
  notFound: missing("InvalidPrefixListID.NotFound", "prefix list ID"),
  malformed: "InvalidPrefixListId.Malformed",
});

export const flowLogKind = kindOf({
  type: "vpc-flow-log",
  prefix: "fl-",
  table: flowLogs,
  notFound: missing("InvalidFlowLogId.NotFound", "flow log ID"),
  malformed: undefined,
});

/** The resource with this id. Throws the kind's error when there is none. */
export function find<T extends TaggedRecord>(
  context: Pick<Context, "tx" | "scope">,
  kind: Kind<T>,
  id: string,
): T {
  const record = context.tx.table(kind.table).get(context.scope, id);
  if (record) return record;
  if (kind.malformed && !isWellFormed(kind.prefix, id)) {
    throw malformedId(kind.malformed, id, kind.prefix);
  }
  throw kind.notFound(id);
}

/** The resource that `parameter` names; the parameter must be given. */
export function findRequired<T extends TaggedRecord>(
  context: Pick<Context, "tx" | "scope">,
  kind: Kind<T>,
  id: string | undefined,
  parameter: string,
): T {
  if (!id) throw missingParameter(parameter);
  return find(context, kind, id);
}

/** A new id: the prefix and 17 hex digits. */
export const newId = (context: Pick<Context, "ids">, prefix: string): string =>
  `${prefix}${context.ids.hex(17)}`;

export const isWellFormed = (prefix: string, id: string): boolean =>
  id.startsWith(prefix) && /^[0-9a-f]{8}([0-9a-f]{9})?$/.test(id.slice(prefix.length));
