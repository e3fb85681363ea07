import { describe, expect, it } from "vitest";
import { createNetworkInterface, deleteNetworkInterface } from "./network-interfaces.ts";
import { modifySubnetAttribute } from "./subnet-attributes.ts";
import { createSubnet, deleteSubnet, describeSubnets } from "./subnets.ts";
import { given, openRoom, refusal } from "./testing.ts";
import { createVpc } from "./vpcs.ts";

function roomWithVpc() {
  const room = openRoom();
  const VpcId = given(room.call(createVpc, { CidrBlock: "10.0.0.0/16" }).Vpc?.VpcId);
  const subnet = (CidrBlock: string, AvailabilityZone = "ap-northeast-1a") =>
    given(room.call(createSubnet, { VpcId, CidrBlock, AvailabilityZone }).Subnet);
  return { room, VpcId, subnet };
}

describe("CreateSubnet", () => {
  it("in a zone: carries the zone's id and 251 free addresses of 256", () => {
    const { subnet } = roomWithVpc();
    expect(subnet("10.0.1.0/24")).toMatchObject({
      AvailabilityZoneId: "apne1-az4",
      AvailableIpAddressCount: 251,
      State: "available",
      MapPublicIpOnLaunch: false,
      DefaultForAz: false,
    });
  });

  const refused: readonly (readonly [string, string])[] = [
    [
      "10.0.1.128/25",
      "InvalidSubnet.Conflict: The CIDR '10.0.1.128/25' conflicts with another subnet",
    ],
    ["10.1.0.0/24", "InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid."],
    ["10.0.2.0/29", "InvalidSubnet.Range: The CIDR '10.0.2.0/29' is invalid."],
    [
      "nonsense",
      "InvalidParameterValue: Value (nonsense) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
    ],
  ];
  for (const [block, words] of refused) {
    it(`the block ${block} in 10.0.0.0/16 beside 10.0.1.0/24: refused`, () => {
      const { subnet } = roomWithVpc();
      subnet("10.0.1.0/24");
      expect(refusal(() => subnet(block))).toBe(words);
    });
  }

  it("a zone that the region does not have: refused with those it has", () => {
    const { subnet } = roomWithVpc();
    expect(refusal(() => subnet("10.0.1.0/24", "ap-northeast-1b"))).toBe(
      "InvalidParameterValue: Value (ap-northeast-1b) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ap-northeast-1a, ap-northeast-1c, ap-northeast-1d.",
    );
  });

  it("a VPC that is not there: refused", () => {
    const { room } = roomWithVpc();
    expect(
      refusal(() => room.call(createSubnet, { VpcId: "vpc-1", CidrBlock: "10.0.1.0/24" })),
    ).toBe("InvalidVpcID.NotFound: The vpc ID 'vpc-1' does not exist");
  });
});

describe("DeleteSubnet", () => {
  it("with an interface in it: DependencyViolation until the interface is gone", () => {
    const { room, subnet } = roomWithVpc();
    const { SubnetId } = subnet("10.0.1.0/28");
    const count = () =>
      room.call(describeSubnets, { SubnetIds: [given(SubnetId)] }).Subnets?.[0]
        ?.AvailableIpAddressCount;
    const eni = given(room.call(createNetworkInterface, { SubnetId }).NetworkInterface);
    expect(count()).toBe(10);
    expect(refusal(() => room.call(deleteSubnet, { SubnetId }))).toBe(
      `DependencyViolation: The subnet '${SubnetId}' has dependencies and cannot be deleted.`,
    );
    room.call(deleteNetworkInterface, { NetworkInterfaceId: eni.NetworkInterfaceId });
    expect(count()).toBe(11);
    room.call(deleteSubnet, { SubnetId });
    expect(refusal(() => room.call(deleteSubnet, { SubnetId }))).toBe(
      `InvalidSubnetID.NotFound: The subnet ID '${SubnetId}' does not exist`,
    );
  });
});

describe("ModifySubnetAttribute", () => {
  it("public addresses on launch: read back", () => {
    const { room, subnet } = roomWithVpc();
    const { SubnetId } = subnet("10.0.1.0/24");
    room.call(modifySubnetAttribute, { SubnetId, MapPublicIpOnLaunch: { Value: true } });
    const Filters = [{ Name: "map-public-ip-on-launch", Values: ["true"] }];
    const found = room.call(describeSubnets, { Filters }).Subnets ?? [];
    expect(found.map((view) => view.SubnetId)).toContain(SubnetId);
  });

  it("what needs an IPv6 block: can be turned off, not on", () => {
    const { room, subnet } = roomWithVpc();
    const { SubnetId } = subnet("10.0.1.0/24");
    const set = (Value: boolean) =>
      room.call(modifySubnetAttribute, { SubnetId, AssignIpv6AddressOnCreation: { Value } });
    expect(set(false)).toEqual({});
    expect(refusal(() => set(true))).toContain("InvalidParameterValue");
  });
});

describe("CreateNetworkInterface", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["10.0.2.9", "InvalidParameterValue: Address does not fall within the subnet's address range"],
    ["10.0.1.3", "InvalidParameterValue: Address is in subnet's reserved address range"],
    ["10.0.1.15", "InvalidParameterValue: Address is in subnet's reserved address range"],
    ["10.0.1.5", "InvalidIPAddress.InUse: The specified address is already in use."],
    [
      "here",
      "InvalidParameterValue: Value (here) for parameter privateIpAddress is invalid. Invalid IPv4 address.",
    ],
  ];
  for (const [PrivateIpAddress, words] of refused) {
    it(`the address ${PrivateIpAddress} in 10.0.1.0/28: refused`, () => {
      const { room, subnet } = roomWithVpc();
      const { SubnetId } = subnet("10.0.1.0/28");
      room.call(createNetworkInterface, { SubnetId, PrivateIpAddress: "10.0.1.5" });
      expect(refusal(() => room.call(createNetworkInterface, { SubnetId, PrivateIpAddress }))).toBe(
        words,
      );
    });
  }

  it("a full subnet: InsufficientFreeAddressesInSubnet", () => {
    const { room, subnet } = roomWithVpc();
    const { SubnetId } = subnet("10.0.1.0/28");
    for (let at = 0; at < 11; at++) room.call(createNetworkInterface, { SubnetId });
    expect(refusal(() => room.call(createNetworkInterface, { SubnetId }))).toBe(
      "InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free addresses to satisfy the request.",
    );
  });
});
