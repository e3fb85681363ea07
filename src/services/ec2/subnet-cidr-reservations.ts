/** Reservations of a subnet's addresses: what they cover goes only to those who ask for it by name. */
import type {
  CreateSubnetCidrReservationRequest,
  CreateSubnetCidrReservationResult,
  DeleteSubnetCidrReservationRequest,
  DeleteSubnetCidrReservationResult,
  GetSubnetCidrReservationsRequest,
  GetSubnetCidrReservationsResult,
  SubnetCidrReservation as SubnetCidrReservationView,
} from "@aws-sdk/client-ec2";
import { type Cidr, containsCidr, formatCidr, overlaps } from "../../model/cidr.ts";
import type { Subnet, SubnetCidrReservation } from "../../model/network.ts";
import { subnetCidrReservations } from "../../state/tables/network.ts";
import { parseBlock, requireBlock } from "./cidr-blocks.ts";
import { acceptsDescribe, describePage } from "./describe.ts";
import { invalidParameterValue, invalidValue, missingParameter } from "./errors.ts";
import type { FilterTable } from "./filters.ts";
import { notBuilt } from "./link-errors.ts";
import { birth } from "./make-vpc.ts";
import { arnOf, operation } from "./operation.ts";
import {
  type Context,
  findRequired,
  newId,
  subnetCidrReservationKind,
  subnetKind,
} from "./resources.ts";
import { tagsFrom, toTagViews } from "./tags.ts";

export const createSubnetCidrReservation = operation<
  CreateSubnetCidrReservationRequest,
  CreateSubnetCidrReservationResult
>({
  name: "CreateSubnetCidrReservation",
  resources: (input, scope) => [arnOf(scope, "subnet", input.SubnetId)],
  accepts: {
    SubnetId: true,
    Cidr: true,
    ReservationType: true,
    Description: true,
    TagSpecifications: true,
  },
  run(context, input) {
    const subnet = findRequired(context, subnetKind, input.SubnetId, "subnetId");
    if (input.Cidr?.includes(":")) throw notBuilt("reservations of IPv6 addresses");
    const cidr = parseBlock(input.Cidr, "cidr");
    checkReserved(context, subnet, cidr);
    const reservation: SubnetCidrReservation = {
      ...birth(context, tagsFrom(input.TagSpecifications, subnetCidrReservationKind.type)),
      subnetCidrReservationId: newId(context, subnetCidrReservationKind.prefix),
      subnetId: subnet.subnetId,
      cidr: formatCidr(cidr),
      reservationType: typeOf(input.ReservationType),
      description: input.Description,
    };
    context.tx.table(subnetCidrReservations).put(reservation);
    return { SubnetCidrReservation: toReservationView(reservation) };
  },
});

function typeOf(type: string | undefined): SubnetCidrReservation["reservationType"] {
  if (!type) throw missingParameter("reservationType");
  if (type === "prefix" || type === "explicit") return type;
  throw invalidValue("reservationType", type, "Expecting prefix or explicit.");
}

/** Addresses that are in use may be in it: their interfaces keep them. */
function checkReserved({ tx, scope }: Context, subnet: Subnet, cidr: Cidr): void {
  const text = formatCidr(cidr);
  if (!containsCidr(requireBlock(subnet.cidr), cidr)) {
    throw invalidParameterValue(
      `Reservation CIDR should be within subnet CIDR block (${subnet.cidr})`,
    );
  }
  const others = tx.table(subnetCidrReservations).by("subnet", scope, subnet.subnetId);
  if (!others.some((one) => overlaps(requireBlock(one.cidr), cidr))) return;
  throw invalidParameterValue(
    `Reservation CIDR ${text} has overlap with existing reserved CIDR block`,
  );
}

export const deleteSubnetCidrReservation = operation<
  DeleteSubnetCidrReservationRequest,
  DeleteSubnetCidrReservationResult
>({
  name: "DeleteSubnetCidrReservation",
  accepts: { SubnetCidrReservationId: true },
  run(context, input) {
    const reservation = findRequired(
      context,
      subnetCidrReservationKind,
      input.SubnetCidrReservationId,
      "subnetCidrReservationId",
    );
    const { tx, scope } = context;
    tx.table(subnetCidrReservations).delete(scope, reservation.subnetCidrReservationId);
    return { DeletedSubnetCidrReservation: toReservationView(reservation) };
  },
});

const filters: FilterTable<SubnetCidrReservationView> = {
  reservationType: (reservation) => reservation.ReservationType,
  "subnet-id": (reservation) => reservation.SubnetId,
};

export const getSubnetCidrReservations = operation<
  GetSubnetCidrReservationsRequest,
  GetSubnetCidrReservationsResult
>({
  name: "GetSubnetCidrReservations",
  resources: (input, scope) => [arnOf(scope, "subnet", input.SubnetId)],
  accepts: { SubnetId: true, ...acceptsDescribe },
  run(context, input) {
    const { subnetId } = findRequired(context, subnetKind, input.SubnetId, "subnetId");
    const records = context.tx.table(subnetCidrReservations).by("subnet", context.scope, subnetId);
    const { items, NextToken } = describePage(records.map(toReservationView), input, {
      operation: "GetSubnetCidrReservations",
      keyOf: (reservation) => reservation.SubnetCidrReservationId,
      filters,
    });
    return { SubnetIpv4CidrReservations: items, SubnetIpv6CidrReservations: [], NextToken };
  },
});

const toReservationView = (reservation: SubnetCidrReservation): SubnetCidrReservationView => ({
  SubnetCidrReservationId: reservation.subnetCidrReservationId,
  SubnetId: reservation.subnetId,
  Cidr: reservation.cidr,
  ReservationType: reservation.reservationType,
  OwnerId: reservation.account,
  Description: reservation.description,
  Tags: toTagViews(reservation.tags),
});
