import { describe, expect, it } from "vitest";
import { privateDnsName } from "../../engine/task-lifecycle/addresses.ts";
import { createNetworkInterface as makeInterface } from "../../state/network-interfaces.ts";
import { associateAddress, disassociateAddress } from "./address-associations.ts";
import { allocateAddress, describeAddresses } from "./addresses.ts";
import { assignPrivateIpAddresses, unassignPrivateIpAddresses } from "./interface-addresses.ts";
import {
  attachInternetGateway,
  createInternetGateway,
  detachInternetGateway,
} from "./internet-gateways.ts";
import {
  createNetworkInterface,
  deleteNetworkInterface,
  describeNetworkInterfaces,
} from "./network-interfaces.ts";
import { createSubnetCidrReservation } from "./subnet-cidr-reservations.ts";
import { createSubnet, describeSubnets } from "./subnets.ts";
import { given, openRoom, refusal } from "./testing.ts";
import { modifyVpcAttribute } from "./vpc-attributes.ts";
import { createVpc } from "./vpcs.ts";

function roomWithSubnet(CidrBlock = "10.0.1.0/24") {
  const room = openRoom();
  const VpcId = given(room.call(createVpc, { CidrBlock: "10.0.0.0/16" }).Vpc?.VpcId);
  const SubnetId = given(room.call(createSubnet, { VpcId, CidrBlock }).Subnet?.SubnetId);
  const create = (more: object = {}) =>
    given(
      room.call(createNetworkInterface, { SubnetId, ...more }).NetworkInterface?.NetworkInterfaceId,
    );
  const show = (id: string) =>
    given(
      room.call(describeNetworkInterfaces, { NetworkInterfaceIds: [id] }).NetworkInterfaces?.[0],
    );
  const addresses = (id: string) =>
    given(show(id).PrivateIpAddresses).map(({ PrivateIpAddress }) => PrivateIpAddress);
  const assign = (NetworkInterfaceId: string, more: object) =>
    given(
      room.call(assignPrivateIpAddresses, { NetworkInterfaceId, ...more })
        .AssignedPrivateIpAddresses,
    ).map(({ PrivateIpAddress }) => PrivateIpAddress);
  const unassign = (NetworkInterfaceId: string, ...PrivateIpAddresses: string[]) =>
    room.call(unassignPrivateIpAddresses, { NetworkInterfaceId, PrivateIpAddresses });
  const free = () =>
    room.call(describeSubnets, { SubnetIds: [SubnetId] }).Subnets?.[0]?.AvailableIpAddressCount;
  const elastic = () => {
    const { InternetGatewayId = "" } = given(room.call(createInternetGateway, {}).InternetGateway);
    room.call(attachInternetGateway, { InternetGatewayId, VpcId });
    const { AllocationId, PublicIp } = room.call(allocateAddress, {});
    const place = () => room.call(describeAddresses, {}).Addresses?.[0];
    const detach = () => room.call(detachInternetGateway, { InternetGatewayId, VpcId });
    return { AllocationId, PublicIp, place, detach };
  };
  return { room, VpcId, SubnetId, create, show, addresses, assign, unassign, free, elastic };
}

describe("CreateNetworkInterface", () => {
  it("a list of addresses: the one marked is the primary, the others secondary, in their order", () => {
    const { create, show, addresses } = roomWithSubnet();
    const id = create({
      PrivateIpAddresses: [
        { PrivateIpAddress: "10.0.1.30" },
        { PrivateIpAddress: "10.0.1.20", Primary: true },
        { PrivateIpAddress: "10.0.1.10", Primary: false },
      ],
    });
    expect(show(id).PrivateIpAddress).toBe("10.0.1.20");
    expect(addresses(id)).toEqual(["10.0.1.20", "10.0.1.30", "10.0.1.10"]);
    expect(show(id).PrivateIpAddresses?.map(({ Primary }) => Primary)).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("a number of secondary addresses: the next free ones", () => {
    const { create, addresses, free } = roomWithSubnet();
    expect(addresses(create({ SecondaryPrivateIpAddressCount: 2 }))).toEqual([
      "10.0.1.4",
      "10.0.1.5",
      "10.0.1.6",
    ]);
    const named = create({ PrivateIpAddress: "10.0.1.100", SecondaryPrivateIpAddressCount: 1 });
    expect(addresses(named)).toEqual(["10.0.1.100", "10.0.1.7"]);
    expect(free()).toBe(251 - 5);
  });

  it.each([
    ["more than the subnet has", { SecondaryPrivateIpAddressCount: 11 }, "InsufficientFree"],
    [
      "more than an interface can have",
      { SecondaryPrivateIpAddressCount: 50 },
      "PrivateIpAddressLimitExceeded",
    ],
    ["fewer than none", { SecondaryPrivateIpAddressCount: -1 }, "InvalidParameterValue"],
    [
      "a number and a list",
      {
        SecondaryPrivateIpAddressCount: 1,
        PrivateIpAddresses: [{ PrivateIpAddress: "10.0.1.9" }],
      },
      "InvalidParameterCombination",
    ],
    [
      "one address twice",
      { PrivateIpAddresses: [{ PrivateIpAddress: "10.0.1.9" }, { PrivateIpAddress: "10.0.1.9" }] },
      "InvalidParameterValue",
    ],
    [
      "an address of another subnet",
      { PrivateIpAddresses: [{ PrivateIpAddress: "10.0.2.9" }] },
      "InvalidParameterValue: Address does not fall within the subnet's address range",
    ],
    [
      "two primary ones",
      {
        PrivateIpAddresses: [
          { PrivateIpAddress: "10.0.1.9", Primary: true },
          { PrivateIpAddress: "10.0.1.10", Primary: true },
        ],
      },
      "InvalidParameterValue",
    ],
    [
      "an entry without an address",
      { PrivateIpAddresses: [{ Primary: false }] },
      "MissingParameter",
    ],
  ])("%s: refused, and no interface is made", (_, input, words) => {
    const { room, create, free } = roomWithSubnet("10.0.1.0/28");
    expect(refusal(() => create(input))).toMatch(words);
    expect(free()).toBe(11);
    expect(room.call(describeNetworkInterfaces, {}).NetworkInterfaces).toEqual([]);
  });
});

describe("AssignPrivateIpAddresses and UnassignPrivateIpAddresses", () => {
  it("named and counted ones: added to what is there, taken from the subnet, and given back", () => {
    const { create, addresses, assign, unassign, free } = roomWithSubnet();
    const id = create();
    expect(assign(id, { PrivateIpAddresses: ["10.0.1.50", "10.0.1.40"] })).toEqual([
      "10.0.1.50",
      "10.0.1.40",
    ]);
    expect(assign(id, { SecondaryPrivateIpAddressCount: 1 })).toEqual(["10.0.1.5"]);
    expect(addresses(id)).toEqual(["10.0.1.4", "10.0.1.50", "10.0.1.40", "10.0.1.5"]);
    expect(refusal(() => create({ PrivateIpAddress: "10.0.1.50" }))).toMatch(
      "InvalidIPAddress.InUse",
    );
    expect(free()).toBe(247);
    unassign(id, "10.0.1.50", "10.0.1.5");
    expect(addresses(id)).toEqual(["10.0.1.4", "10.0.1.40"]);
    expect(free()).toBe(249);
    expect(addresses(create({ PrivateIpAddress: "10.0.1.50" }))).toEqual(["10.0.1.50"]);
  });

  it("reserved addresses: only by name", () => {
    const { room, SubnetId, create, assign } = roomWithSubnet();
    const reserve = { SubnetId, Cidr: "10.0.1.0/28", ReservationType: "explicit" as const };
    room.call(createSubnetCidrReservation, reserve);
    const id = create();
    expect(assign(id, { SecondaryPrivateIpAddressCount: 1 })).toEqual(["10.0.1.17"]);
    expect(assign(id, { PrivateIpAddresses: ["10.0.1.8"] })).toEqual(["10.0.1.8"]);
  });

  it("an address of another interface: moved when that is allowed, and never a primary one", () => {
    const { create, addresses, assign } = roomWithSubnet();
    const [from, to] = [create(), create()];
    assign(from, { PrivateIpAddresses: ["10.0.1.50"] });
    const move = { PrivateIpAddresses: ["10.0.1.50"] };
    expect(refusal(() => assign(to, move))).toMatch("InvalidIPAddress.InUse");
    expect(assign(to, { ...move, AllowReassignment: true })).toEqual(["10.0.1.50"]);
    expect([addresses(from), addresses(to)]).toEqual([["10.0.1.4"], ["10.0.1.5", "10.0.1.50"]]);
    expect(assign(to, { ...move, AllowReassignment: true })).toEqual([]);
    const primary = { PrivateIpAddresses: ["10.0.1.4"], AllowReassignment: true };
    expect(refusal(() => assign(to, primary))).toMatch("InvalidIPAddress.InUse");
  });

  it("what cannot be taken away: refused, and all of it stays", () => {
    const { create, addresses, assign, unassign } = roomWithSubnet();
    const id = create();
    assign(id, { PrivateIpAddresses: ["10.0.1.50"] });
    expect(refusal(() => unassign(id, "10.0.1.50", "10.0.1.4"))).toMatch(
      "InvalidParameterValue: The address 10.0.1.4 is the primary",
    );
    expect(refusal(() => unassign(id, "10.0.1.50", "10.0.1.51"))).toBe(
      `InvalidParameterValue: Some of the specified addresses are not assigned to interface ${id}`,
    );
    expect(refusal(() => unassign(id))).toMatch("MissingParameter");
    expect(refusal(() => assign(id, {}))).toMatch("MissingParameter");
    expect(refusal(() => assign("eni-0123456789abcdef0", {}))).toMatch(
      "InvalidNetworkInterfaceID.NotFound",
    );
    expect(addresses(id)).toEqual(["10.0.1.4", "10.0.1.50"]);
  });

  it("an interface of a balancer: not the caller's to change", () => {
    const { room, SubnetId, assign } = roomWithSubnet();
    const { networkInterfaceId } = room.act(({ tx, ids, scope, now }) =>
      makeInterface(tx, ids, {
        scope,
        subnetId: SubnetId,
        groupIds: [],
        description: "ELB app/a/b",
        owner: { type: "load-balancer", loadBalancerArn: "a" },
        now,
      }),
    );
    expect(
      refusal(() => assign(networkInterfaceId, { SecondaryPrivateIpAddressCount: 1 })),
    ).toMatch("AuthFailure");
  });
});

describe("an Elastic IP on a secondary address", () => {
  it("is shown there, found by its filters, and beside another on the primary one", () => {
    const { room, VpcId, create, show, elastic } = roomWithSubnet();
    const { AllocationId, PublicIp, place, detach } = elastic();
    room.call(modifyVpcAttribute, { VpcId, EnableDnsHostnames: { Value: true } });
    const id = create({ SecondaryPrivateIpAddressCount: 1 });
    const second = room.call(allocateAddress, {});
    const onFirst = { AllocationId: second.AllocationId, NetworkInterfaceId: id };
    room.call(associateAddress, onFirst);
    const { AssociationId } = room.call(associateAddress, {
      AllocationId,
      NetworkInterfaceId: id,
      PrivateIpAddress: "10.0.1.5",
    });
    expect(place()).toMatchObject({ NetworkInterfaceId: id, PrivateIpAddress: "10.0.1.5" });
    expect(show(id).Association?.PublicIp).toBe(second.PublicIp);
    expect(show(id).PrivateIpAddresses?.[1]).toMatchObject({
      PrivateIpAddress: "10.0.1.5",
      PrivateDnsName: privateDnsName("ap-northeast-1", "10.0.1.5"),
      Association: { PublicIp, AllocationId, AssociationId },
    });
    const found = (Name: string, value = "") =>
      room.call(describeNetworkInterfaces, { Filters: [{ Name, Values: [value] }] })
        .NetworkInterfaces?.length;
    expect(found("addresses.association.public-ip", PublicIp)).toBe(1);
    expect(found("addresses.private-ip-address", "10.0.1.5")).toBe(1);
    expect(found("private-ip-address", "10.0.1.5")).toBe(0);
    expect(found("association.public-ip", PublicIp)).toBe(0);
    room.call(disassociateAddress, { PublicIp: second.PublicIp });
    expect(refusal(detach)).toMatch("DependencyViolation");
    room.call(disassociateAddress, { AssociationId });
    expect(show(id).PrivateIpAddresses?.[1]?.Association).toBeUndefined();
    detach();
  });

  it("moves with the address, and is free when that is taken away or its interface goes", () => {
    const { room, create, show, assign, unassign, elastic } = roomWithSubnet();
    const { AllocationId, PublicIp, place } = elastic();
    const [from, to] = [create(), create()];
    const address = { PrivateIpAddresses: ["10.0.1.50"] };
    const put = (NetworkInterfaceId: string) =>
      room.call(associateAddress, {
        AllocationId,
        NetworkInterfaceId,
        PrivateIpAddress: "10.0.1.50",
      });
    assign(from, address);
    put(from);
    assign(to, { ...address, AllowReassignment: true });
    expect(place()).toMatchObject({ NetworkInterfaceId: to, PrivateIpAddress: "10.0.1.50" });
    expect(show(to).PrivateIpAddresses?.[1]?.Association?.PublicIp).toBe(PublicIp);
    unassign(to, "10.0.1.50");
    expect(place()?.AssociationId).toBeUndefined();
    assign(to, address);
    put(to);
    room.call(deleteNetworkInterface, { NetworkInterfaceId: to });
    expect(place()?.AssociationId).toBeUndefined();
  });
});
