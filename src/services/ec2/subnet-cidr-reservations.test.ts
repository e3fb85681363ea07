import { describe, expect, it } from "vitest";
import { createNetworkInterface } from "./network-interfaces.ts";
import {
  createSubnetCidrReservation,
  deleteSubnetCidrReservation,
  getSubnetCidrReservations,
} from "./subnet-cidr-reservations.ts";
import { createSubnet, deleteSubnet, describeSubnets } from "./subnets.ts";
import { createTags, describeTags } from "./tagging.ts";
import { given, openRoom, refusal } from "./testing.ts";
import { createVpc } from "./vpcs.ts";

function roomWithSubnet() {
  const room = openRoom();
  const VpcId = given(room.call(createVpc, { CidrBlock: "10.0.0.0/16" }).Vpc?.VpcId);
  const subnet = (CidrBlock: string) =>
    given(room.call(createSubnet, { VpcId, CidrBlock }).Subnet?.SubnetId);
  const SubnetId = subnet("10.0.1.0/24");
  const reserve = (Cidr: string, more: object = {}) =>
    given(
      room.call(createSubnetCidrReservation, {
        SubnetId,
        Cidr,
        ReservationType: "explicit",
        ...more,
      }).SubnetCidrReservation,
    );
  const newAddress = (PrivateIpAddress?: string) =>
    given(
      room.call(createNetworkInterface, { SubnetId, PrivateIpAddress }).NetworkInterface
        ?.PrivateIpAddress,
    );
  const free = () =>
    room.call(describeSubnets, { SubnetIds: [SubnetId] }).Subnets?.[0]?.AvailableIpAddressCount;
  const list = (...Filters: { Name: string; Values: string[] }[]) =>
    given(room.call(getSubnetCidrReservations, { SubnetId, Filters }).SubnetIpv4CidrReservations);
  return { room, SubnetId, subnet, reserve, newAddress, free, list };
}

describe("subnet CIDR reservations", () => {
  it("reserved addresses: given to nobody, but to who asks for one of them", () => {
    const { reserve, newAddress } = roomWithSubnet();
    reserve("10.0.1.0/28");
    reserve("10.0.1.17/32", { ReservationType: "prefix" });
    expect([newAddress(), newAddress(), newAddress("10.0.1.9"), newAddress()]).toEqual([
      "10.0.1.16",
      "10.0.1.18",
      "10.0.1.9",
      "10.0.1.19",
    ]);
  });

  it("the count of available addresses: without the reserved ones, whoever uses some of them", () => {
    const { room, reserve, newAddress, free } = roomWithSubnet();
    newAddress();
    expect(free()).toBe(250);
    const { SubnetCidrReservationId } = reserve("10.0.1.0/25");
    expect(free()).toBe(127);
    newAddress("10.0.1.9");
    expect(free()).toBe(127);
    room.call(deleteSubnetCidrReservation, { SubnetCidrReservationId });
    expect(free()).toBe(249);
  });

  it("a reserved subnet: has no address left for an interface that names none", () => {
    const { reserve, newAddress } = roomWithSubnet();
    reserve("10.0.1.0/24");
    expect(refusal(() => newAddress())).toMatch("InsufficientFreeAddressesInSubnet");
  });

  it("shown: with owner, description and tags, by type and tag, and gone after its deletion", () => {
    const { room, SubnetId, reserve, list } = roomWithSubnet();
    const one = reserve("10.0.1.16/28", {
      Description: "for the boxes",
      TagSpecifications: [
        { ResourceType: "subnet-cidr-reservation", Tags: [{ Key: "a", Value: "b" }] },
      ],
    });
    const other = reserve("10.0.1.32/28", { ReservationType: "prefix" });
    expect(one).toEqual({
      SubnetCidrReservationId: expect.stringMatching(/^scr-[0-9a-f]{17}$/),
      SubnetId,
      Cidr: "10.0.1.16/28",
      ReservationType: "explicit",
      OwnerId: "000000000000",
      Description: "for the boxes",
      Tags: [{ Key: "a", Value: "b" }],
    });
    expect(list()).toEqual([one, other]);
    expect(list({ Name: "reservationType", Values: ["prefix"] })).toEqual([other]);
    expect(list({ Name: "tag:a", Values: ["b"] })).toEqual([one]);
    expect(refusal(() => list({ Name: "cidr", Values: ["x"] }))).toMatch("InvalidParameterValue");
    const id = given(one.SubnetCidrReservationId);
    room.call(createTags, { Resources: [id], Tags: [{ Key: "c", Value: "d" }] });
    const tags = room.call(describeTags, {
      Filters: [{ Name: "resource-type", Values: ["subnet-cidr-reservation"] }],
    });
    expect(tags.Tags?.map(({ Key }) => Key)).toEqual(["a", "c"]);
    expect(
      room.call(deleteSubnetCidrReservation, { SubnetCidrReservationId: id })
        .DeletedSubnetCidrReservation?.Cidr,
    ).toBe("10.0.1.16/28");
    expect(list()).toEqual([other]);
  });

  it("a deleted subnet: its reservations are gone with it", () => {
    const { room, SubnetId, reserve } = roomWithSubnet();
    const { SubnetCidrReservationId } = reserve("10.0.1.16/28");
    room.call(deleteSubnet, { SubnetId });
    expect(
      refusal(() => room.call(deleteSubnetCidrReservation, { SubnetCidrReservationId })),
    ).toMatch("InvalidSubnetCidrReservationID.NotFound");
  });

  it.each([
    ["no block", { Cidr: undefined }, "MissingParameter"],
    ["text that is no block", { Cidr: "10.0.1" }, "InvalidParameterValue"],
    ["a block of another subnet", { Cidr: "10.0.2.0/28" }, "InvalidParameterValue"],
    ["a block larger than the subnet", { Cidr: "10.0.0.0/16" }, "InvalidParameterValue"],
    ["a block that overlaps another", { Cidr: "10.0.1.24/29" }, "InvalidParameterValue"],
    ["a block of IPv6", { Cidr: "2001:db8::/64" }, "UnsupportedOperation"],
    ["no type", { ReservationType: undefined }, "MissingParameter: .* reservationType"],
    ["another type", { ReservationType: "some" }, "InvalidParameterValue"],
    ["no subnet", { SubnetId: undefined }, "MissingParameter"],
    ["a subnet that is not there", { SubnetId: "subnet-1" }, "InvalidSubnetID.NotFound"],
    [
      "tags of another kind",
      { TagSpecifications: [{ ResourceType: "subnet", Tags: [] }] },
      "InvalidParameterValue",
    ],
  ])("%s: refused", (_, input, words) => {
    const { reserve, list } = roomWithSubnet();
    reserve("10.0.1.16/28");
    expect(refusal(() => reserve("10.0.1.64/28", input))).toMatch(new RegExp(words));
    expect(list()).toHaveLength(1);
  });
});
