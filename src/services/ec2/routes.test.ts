import { describe, expect, it } from "vitest";
import {
  attachInternetGateway,
  createInternetGateway,
  detachInternetGateway,
} from "./internet-gateways.ts";
import { createNetworkInterface, deleteNetworkInterface } from "./network-interfaces.ts";
import {
  associateRouteTable,
  disassociateRouteTable,
  replaceRouteTableAssociation,
} from "./route-table-associations.ts";
import { createRouteTable, deleteRouteTable, describeRouteTables } from "./route-tables.ts";
import { createRoute, deleteRoute, replaceRoute } from "./routes.ts";
import { createSubnet, deleteSubnet } from "./subnets.ts";
import { given, openRoom, refusal } from "./testing.ts";
import { createVpc } from "./vpcs.ts";

function roomWithTable() {
  const room = openRoom();
  const vpc = (CidrBlock: string) => given(room.call(createVpc, { CidrBlock }).Vpc?.VpcId);
  const VpcId = vpc("10.0.0.0/16");
  const gateway = (to?: string) => {
    const made = room.call(createInternetGateway, {}).InternetGateway;
    const InternetGatewayId = given(made?.InternetGatewayId);
    if (to) room.call(attachInternetGateway, { InternetGatewayId, VpcId: to });
    return InternetGatewayId;
  };
  const GatewayId = gateway(VpcId);
  const table = () => given(room.call(createRouteTable, { VpcId }).RouteTable?.RouteTableId);
  const subnet = (CidrBlock: string) =>
    given(room.call(createSubnet, { VpcId, CidrBlock }).Subnet?.SubnetId);
  const show = (id: string) =>
    given(room.call(describeRouteTables, { RouteTableIds: [id] }).RouteTables?.[0]);
  return { room, vpc, VpcId, gateway, GatewayId, table, subnet, show };
}

const everywhere = { DestinationCidrBlock: "0.0.0.0/0" };

describe("routes", () => {
  it("a default route to the internet gateway: shown active; gateway detached: blackhole", () => {
    const { room, VpcId, GatewayId, table, show } = roomWithTable();
    const RouteTableId = table();
    room.call(createRoute, { RouteTableId, ...everywhere, GatewayId });
    expect(show(RouteTableId).Routes?.[1]).toEqual({
      ...everywhere,
      GatewayId,
      Origin: "CreateRoute",
      State: "active",
    });
    room.call(detachInternetGateway, { InternetGatewayId: GatewayId, VpcId });
    expect(show(RouteTableId).Routes?.[1]?.State).toBe("blackhole");
    const Filters = [{ Name: "route.state", Values: ["blackhole"] }];
    expect(
      room.call(describeRouteTables, { Filters }).RouteTables?.map((found) => found.RouteTableId),
    ).toEqual([RouteTableId]);
  });

  it("a part of 169.254.168.0/22: refused; a block that has it inside: taken", () => {
    const { room, GatewayId, table } = roomWithTable();
    const RouteTableId = table();
    const to = (DestinationCidrBlock: string) =>
      refusal(() => room.call(createRoute, { RouteTableId, DestinationCidrBlock, GatewayId }));
    expect(to("169.254.168.0/22")).toContain("InvalidParameterValue");
    expect(to("169.254.171.4/32")).toContain("InvalidParameterValue");
    expect(to("169.254.168.0/21")).toBe("not refused");
    expect(to("169.254.172.0/22")).toBe("not refused");
  });

  it("replaced: leads to the new target; deleted: gone; deleted again: InvalidRoute.NotFound", () => {
    const { room, GatewayId, table, subnet, show } = roomWithTable();
    const RouteTableId = table();
    const eni = room.call(createNetworkInterface, { SubnetId: subnet("10.0.1.0/24") });
    const NetworkInterfaceId = given(eni.NetworkInterface?.NetworkInterfaceId);
    room.call(createRoute, { RouteTableId, ...everywhere, GatewayId });
    room.call(replaceRoute, { RouteTableId, ...everywhere, NetworkInterfaceId });
    expect(show(RouteTableId).Routes?.[1]).toMatchObject({ NetworkInterfaceId, State: "active" });
    room.call(deleteNetworkInterface, { NetworkInterfaceId });
    expect(show(RouteTableId).Routes?.[1]?.State).toBe("blackhole");
    room.call(deleteRoute, { RouteTableId, ...everywhere });
    expect(show(RouteTableId).Routes).toHaveLength(1);
    expect(refusal(() => room.call(deleteRoute, { RouteTableId, ...everywhere }))).toBe(
      `InvalidRoute.NotFound: no route with destination-cidr-block 0.0.0.0/0 in route table ${RouteTableId}`,
    );
  });

  it("bad input: refused in AWS's words, nothing written", () => {
    const { room, vpc, gateway, GatewayId, table, show } = roomWithTable();
    const RouteTableId = table();
    const foreign = gateway(vpc("10.9.0.0/16"));
    const loose = gateway();
    const create = (input: object) =>
      refusal(() => room.call(createRoute, { RouteTableId, ...everywhere, ...input }));
    const apart = (id: string) =>
      `InvalidParameterValue: route table ${RouteTableId} and network gateway ${id} belong to different networks`;
    expect(create({ GatewayId: foreign })).toBe(apart(foreign));
    expect(create({ GatewayId: loose })).toBe(apart(loose));
    expect(create({ GatewayId: "igw-1" })).toBe(
      "InvalidGatewayID.NotFound: The gateway ID 'igw-1' does not exist",
    );
    expect(create({ NatGatewayId: "nat-1" })).toBe(
      "InvalidNatGatewayID.NotFound: The natGateway ID 'nat-1' does not exist",
    );
    expect(create({})).toContain("InvalidParameterCombination");
    expect(create({ GatewayId, NatGatewayId: "nat-1" })).toContain("InvalidParameterCombination");
    expect(create({ GatewayId, DestinationCidrBlock: "everywhere" })).toContain(
      "Value (everywhere) for parameter destinationCidrBlock is invalid",
    );
    expect(create({ GatewayId, DestinationCidrBlock: "10.0.0.0/16" })).toBe(
      "RouteAlreadyExists: The route identified by 10.0.0.0/16 already exists.",
    );
    expect(create({ GatewayId, DestinationCidrBlock: "10.0.1.0/24" })).toContain(
      "is equal to or more specific than one of this VPC's CIDR blocks",
    );
    expect(create({ GatewayId, RouteTableId: "rtb-0123456789abcdef0" })).toBe(
      "InvalidRouteTableID.NotFound: The routeTable ID 'rtb-0123456789abcdef0' does not exist",
    );
    expect(create({ GatewayId, RouteTableId: "table" })).toBe(
      'InvalidRouteTableId.Malformed: Invalid id: "table" (expecting "rtb-...")',
    );
    expect(
      refusal(() => room.call(deleteRoute, { RouteTableId, DestinationCidrBlock: "10.0.0.0/16" })),
    ).toBe(
      `InvalidParameterValue: cannot remove local route 10.0.0.0/16 in route table ${RouteTableId}`,
    );
    expect(show(RouteTableId).Routes).toHaveLength(1);
    room.call(createRoute, { RouteTableId, ...everywhere, GatewayId });
    expect(create({ GatewayId })).toBe(
      "RouteAlreadyExists: The route identified by 0.0.0.0/0 already exists.",
    );
  });
});

describe("route table associations", () => {
  it("a subnet associated: found by the association's id; disassociated: not found", () => {
    const { room, table, subnet } = roomWithTable();
    const RouteTableId = table();
    const SubnetId = subnet("10.0.1.0/24");
    const { AssociationId, AssociationState } = room.call(associateRouteTable, {
      RouteTableId,
      SubnetId,
    });
    expect(AssociationState).toEqual({ State: "associated" });
    const Filters = [
      { Name: "association.route-table-association-id", Values: [given(AssociationId)] },
    ];
    const find = () => room.call(describeRouteTables, { Filters }).RouteTables ?? [];
    expect(find()[0]?.Associations).toEqual([
      {
        RouteTableAssociationId: AssociationId,
        RouteTableId,
        SubnetId,
        Main: false,
        AssociationState: { State: "associated" },
      },
    ]);
    expect(refusal(() => room.call(deleteRouteTable, { RouteTableId }))).toBe(
      `DependencyViolation: The routeTable '${RouteTableId}' has dependencies and cannot be deleted.`,
    );
    room.call(disassociateRouteTable, { AssociationId });
    expect(find()).toEqual([]);
    expect(room.call(deleteRouteTable, { RouteTableId })).toEqual({});
  });

  it("a subnet that has a table already: refused; replaced: moved with a new id", () => {
    const { room, table, subnet, show } = roomWithTable();
    const [first, second] = [table(), table()];
    const SubnetId = subnet("10.0.1.0/24");
    const associate = (RouteTableId: string) =>
      room.call(associateRouteTable, { RouteTableId, SubnetId });
    const { AssociationId } = associate(first);
    expect(refusal(() => associate(second))).toBe(
      `Resource.AlreadyAssociated: the specified association for route table ${second} conflicts with an existing association`,
    );
    const replaced = room.call(replaceRouteTableAssociation, {
      AssociationId,
      RouteTableId: second,
    });
    expect(show(first).Associations).toEqual([]);
    expect(show(second).Associations?.[0]).toMatchObject({
      RouteTableAssociationId: replaced.NewAssociationId,
      SubnetId,
    });
    expect(refusal(() => room.call(disassociateRouteTable, { AssociationId }))).toContain(
      "InvalidAssociationID.NotFound",
    );
  });

  it("replaced by the table that it has: still associated once", () => {
    const { room, table, subnet, show } = roomWithTable();
    const RouteTableId = table();
    const SubnetId = subnet("10.0.1.0/24");
    const { AssociationId } = room.call(associateRouteTable, { RouteTableId, SubnetId });
    room.call(replaceRouteTableAssociation, { AssociationId, RouteTableId });
    expect(show(RouteTableId).Associations).toHaveLength(1);
  });

  it("the main table: another takes its place; its association cannot be taken away", () => {
    const { room, VpcId, table, show } = roomWithTable();
    const Filters = [
      { Name: "vpc-id", Values: [VpcId] },
      { Name: "association.main", Values: ["true"] },
    ];
    const main = () => given(room.call(describeRouteTables, { Filters }).RouteTables?.[0]);
    const old = main();
    const AssociationId = given(old.Associations?.[0]?.RouteTableAssociationId);
    expect(refusal(() => room.call(disassociateRouteTable, { AssociationId }))).toBe(
      `InvalidParameterValue: cannot disassociate the main route table association ${AssociationId}`,
    );
    const RouteTableId = table();
    room.call(replaceRouteTableAssociation, { AssociationId, RouteTableId });
    expect(main().RouteTableId).toBe(RouteTableId);
    expect(show(given(old.RouteTableId)).Associations).toEqual([]);
    expect(room.call(deleteRouteTable, { RouteTableId: old.RouteTableId })).toEqual({});
  });

  it("a subnet deleted: its association goes with it", () => {
    const { room, table, subnet, show } = roomWithTable();
    const RouteTableId = table();
    const SubnetId = subnet("10.0.1.0/24");
    room.call(associateRouteTable, { RouteTableId, SubnetId });
    room.call(deleteSubnet, { SubnetId });
    expect(show(RouteTableId).Associations).toEqual([]);
  });

  it("the same client token again: the same table", () => {
    const { room, VpcId } = roomWithTable();
    const make = () =>
      room.call(createRouteTable, { VpcId, ClientToken: "once" }).RouteTable?.RouteTableId;
    expect(make()).toBe(make());
  });
});
