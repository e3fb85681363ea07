import { describe, expect, it } from "vitest";
import { describeAccountAttributes } from "./account-attributes.ts";
import { createDefaultSubnet } from "./default-subnets.ts";
import {
  deleteInternetGateway,
  describeInternetGateways,
  detachInternetGateway,
} from "./internet-gateways.ts";
import { describeNetworkAcls } from "./network-acls.ts";
import { describeRouteTables } from "./route-tables.ts";
import { createSecurityGroup, describeSecurityGroups } from "./security-groups.ts";
import { createSubnet, deleteSubnet, describeSubnets } from "./subnets.ts";
import { given, openRoom, type Room, refusal } from "./testing.ts";
import { describeVpcAttribute, modifyVpcAttribute, modifyVpcTenancy } from "./vpc-attributes.ts";
import { createDefaultVpc, createVpc, deleteVpc, describeVpcs } from "./vpcs.ts";

const makeVpc = (room: Room, CidrBlock = "10.0.0.0/16") =>
  given(room.call(createVpc, { CidrBlock }).Vpc);

const idsOf = (room: Room) => (room.call(describeVpcs, {}).Vpcs ?? []).map((vpc) => vpc.VpcId);

describe("CreateVpc", () => {
  it("a new VPC: has a main route table, a default group and a default network ACL", () => {
    const room = openRoom();
    const { VpcId = "" } = makeVpc(room);
    const inVpc = { Name: "vpc-id", Values: [VpcId] };
    const tables = room.call(describeRouteTables, {
      Filters: [inVpc, { Name: "association.main", Values: ["true"] }],
    }).RouteTables;
    const groups = room.call(describeSecurityGroups, {
      Filters: [inVpc, { Name: "group-name", Values: ["default"] }],
    }).SecurityGroups;
    const acls = room.call(describeNetworkAcls, {
      Filters: [inVpc, { Name: "default", Values: ["true"] }],
    }).NetworkAcls;
    expect(tables?.[0]?.Routes).toEqual([
      {
        DestinationCidrBlock: "10.0.0.0/16",
        GatewayId: "local",
        Origin: "CreateRouteTable",
        State: "active",
      },
    ]);
    expect(groups?.[0]?.IpPermissions?.[0]?.UserIdGroupPairs?.[0]?.GroupId).toBe(
      groups?.[0]?.GroupId,
    );
    expect(groups?.[0]?.IpPermissionsEgress?.[0]?.IpRanges).toEqual([{ CidrIp: "0.0.0.0/0" }]);
    expect(acls?.[0]?.Entries?.map((entry) => [entry.RuleNumber, entry.Egress])).toEqual([
      [100, true],
      [32767, true],
      [100, false],
      [32767, false],
    ]);
  });

  it("host bits in the block: cleared", () => {
    expect(makeVpc(openRoom(), "10.1.2.3/16").CidrBlock).toBe("10.1.0.0/16");
  });

  it("dedicated tenancy: it is given up, and there is no way back", () => {
    const room = openRoom();
    const { Vpc } = room.call(createVpc, {
      CidrBlock: "10.0.0.0/16",
      InstanceTenancy: "dedicated",
    });
    const VpcId = Vpc?.VpcId;
    expect(
      refusal(() => room.call(modifyVpcTenancy, { VpcId, InstanceTenancy: "dedicated" as never })),
    ).toBe("UnsupportedTenancy: The tenancy value dedicated is not supported.");
    room.call(modifyVpcTenancy, { VpcId, InstanceTenancy: "default" });
    const shown = room.call(describeVpcs, { VpcIds: [VpcId ?? ""] }).Vpcs?.[0];
    expect(shown?.InstanceTenancy).toBe("default");
  });

  const refused: readonly (readonly [string, string])[] = [
    [
      "10.0.0.0",
      "InvalidParameterValue: Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
    ],
    [
      "10.0.0.300/16",
      "InvalidParameterValue: Value (10.0.0.300/16) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
    ],
    [
      "10.0.0.0/33",
      "InvalidParameterValue: Value (10.0.0.0/33) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
    ],
    ["10.0.0.0/15", "InvalidVpc.Range: The CIDR '10.0.0.0/15' is invalid."],
    ["10.0.0.0/29", "InvalidVpc.Range: The CIDR '10.0.0.0/29' is invalid."],
    ["127.0.0.0/16", "InvalidVpc.Range: The CIDR '127.0.0.0/16' is invalid."],
    ["169.254.0.0/16", "InvalidVpc.Range: The CIDR '169.254.0.0/16' is invalid."],
    ["", "MissingParameter: The request must contain the parameter cidrBlock"],
  ];
  for (const [CidrBlock, words] of refused) {
    it(`the block '${CidrBlock}': refused and nothing made`, () => {
      const room = openRoom();
      const before = idsOf(room);
      expect(refusal(() => room.call(createVpc, { CidrBlock }))).toBe(words);
      expect(idsOf(room)).toEqual(before);
    });
  }

  it("DryRun: says that it would have gone well, and does nothing", () => {
    const room = openRoom();
    const before = idsOf(room);
    expect(refusal(() => room.call(createVpc, { CidrBlock: "10.0.0.0/16", DryRun: true }))).toBe(
      "DryRunOperation: Request would have succeeded, but DryRun flag is set.",
    );
    expect(idsOf(room)).toEqual(before);
  });
});

describe("DeleteVpc", () => {
  it("a VPC with a subnet: DependencyViolation; without: gone with all it was born with", () => {
    const room = openRoom();
    const { VpcId = "" } = makeVpc(room);
    const { SubnetId } = given(room.call(createSubnet, { VpcId, CidrBlock: "10.0.0.0/24" }).Subnet);
    expect(refusal(() => room.call(deleteVpc, { VpcId }))).toBe(
      `DependencyViolation: The vpc '${VpcId}' has dependencies and cannot be deleted.`,
    );
    room.call(deleteSubnet, { SubnetId });
    room.call(deleteVpc, { VpcId });
    const Filters = [{ Name: "vpc-id", Values: [VpcId] }];
    expect(room.call(describeRouteTables, { Filters }).RouteTables).toEqual([]);
    expect(room.call(describeSecurityGroups, { Filters }).SecurityGroups).toEqual([]);
    expect(room.call(describeNetworkAcls, { Filters }).NetworkAcls).toEqual([]);
    expect(refusal(() => room.call(describeVpcs, { VpcIds: [VpcId] }))).toBe(
      `InvalidVpcID.NotFound: The vpc ID '${VpcId}' does not exist`,
    );
  });
});

describe("VPC attributes", () => {
  it("changed one at a time: read back", () => {
    const room = openRoom();
    const { VpcId } = makeVpc(room);
    const read = () => room.call(describeVpcAttribute, { VpcId, Attribute: "enableDnsHostnames" });
    expect(read().EnableDnsHostnames).toEqual({ Value: false });
    room.call(modifyVpcAttribute, { VpcId, EnableDnsHostnames: { Value: true } });
    expect(read().EnableDnsHostnames).toEqual({ Value: true });
  });

  it("two at once: refused", () => {
    const room = openRoom();
    const { VpcId } = makeVpc(room);
    const EnableDnsSupport = { Value: false };
    expect(
      refusal(() =>
        room.call(modifyVpcAttribute, {
          VpcId,
          EnableDnsSupport,
          EnableDnsHostnames: { Value: true },
        }),
      ),
    ).toContain("InvalidParameterCombination");
  });
});

describe("the default VPC", () => {
  it("a region used for the first time: has one, with a public subnet in each zone", () => {
    const room = openRoom();
    const Filters = [{ Name: "isDefault", Values: ["true"] }];
    const [vpc] = given(room.call(describeVpcs, { Filters }).Vpcs);
    expect(vpc?.CidrBlock).toBe("172.31.0.0/16");
    const subnets = given(room.call(describeSubnets, {}).Subnets);
    expect(subnets.map((subnet) => [subnet.AvailabilityZone, subnet.CidrBlock])).toEqual([
      ["ap-northeast-1a", "172.31.0.0/20"],
      ["ap-northeast-1c", "172.31.16.0/20"],
      ["ap-northeast-1d", "172.31.32.0/20"],
    ]);
    expect(subnets.every((subnet) => subnet.DefaultForAz && subnet.MapPublicIpOnLaunch)).toBe(true);
    expect(subnets[0]?.AvailableIpAddressCount).toBe(4091);
    const routes = room.call(describeRouteTables, {}).RouteTables?.[0]?.Routes ?? [];
    expect(routes.map((route) => [route.DestinationCidrBlock, route.State])).toEqual([
      ["172.31.0.0/16", "active"],
      ["0.0.0.0/0", "active"],
    ]);
    expect(room.call(describeAccountAttributes, { AttributeNames: ["default-vpc"] })).toEqual({
      AccountAttributes: [
        { AttributeName: "default-vpc", AttributeValues: [{ AttributeValue: vpc?.VpcId }] },
      ],
    });
  });

  it("the same account and region in another engine: the same ids; another region: others", () => {
    const room = openRoom();
    expect(idsOf(room)).toEqual(idsOf(openRoom()));
    expect(idsOf(room.elsewhere({ region: "us-east-1" }))).not.toEqual(idsOf(room));
    expect(idsOf(room.elsewhere({ account: "111111111111" }))).not.toEqual(idsOf(room));
  });

  it("deleted: does not come back by itself; CreateDefaultVpc makes another", () => {
    const room = openRoom();
    const [VpcId = ""] = idsOf(room);
    for (const { SubnetId } of room.call(describeSubnets, {}).Subnets ?? []) {
      room.call(deleteSubnet, { SubnetId });
    }
    const gateway = room.call(describeInternetGateways, {}).InternetGateways?.[0];
    const { InternetGatewayId } = given(gateway);
    room.call(detachInternetGateway, { InternetGatewayId, VpcId });
    room.call(deleteInternetGateway, { InternetGatewayId });
    room.call(deleteVpc, { VpcId });
    expect(idsOf(room)).toEqual([]);
    expect(
      refusal(() => room.call(createSecurityGroup, { GroupName: "a", Description: "a" })),
    ).toBe("VPCIdNotSpecified: No default VPC for this user.");
    const made = room.call(createDefaultVpc, {}).Vpc;
    expect(made).toMatchObject({ IsDefault: true, CidrBlock: "172.31.0.0/16" });
    expect(room.call(describeSubnets, {}).Subnets).toHaveLength(3);
  });

  it("a default subnet deleted: CreateDefaultSubnet makes it again, in the first free /20", () => {
    const room = openRoom();
    const listed = () => room.call(describeSubnets, {}).Subnets ?? [];
    const [first, second, third] = listed();
    const AvailabilityZone = given(second?.AvailabilityZone);
    expect(refusal(() => room.call(createDefaultSubnet, { AvailabilityZone }))).toBe(
      "DefaultSubnetAlreadyExistsInAvailabilityZone: " +
        `'${second?.SubnetId}' is already the default subnet in ${AvailabilityZone}.`,
    );
    room.call(deleteSubnet, { SubnetId: second?.SubnetId });
    room.call(deleteSubnet, { SubnetId: first?.SubnetId });
    const [VpcId] = idsOf(room);
    room.call(createSubnet, { VpcId, CidrBlock: "172.31.8.0/24", AvailabilityZone });
    const made = room.call(createDefaultSubnet, { AvailabilityZone }).Subnet;
    expect(made).toMatchObject({
      VpcId,
      AvailabilityZone,
      CidrBlock: "172.31.16.0/20",
      AvailableIpAddressCount: 4091,
      DefaultForAz: true,
      MapPublicIpOnLaunch: true,
    });
    const { AvailabilityZoneId } = given(first);
    const next = room.call(createDefaultSubnet, { AvailabilityZoneId }).Subnet;
    expect(next?.CidrBlock).toBe("172.31.48.0/20");
    expect(third?.CidrBlock).toBe("172.31.32.0/20");
    const Filters = [{ Name: "association.subnet-id", Values: [given(made?.SubnetId)] }];
    expect(room.call(describeNetworkAcls, { Filters }).NetworkAcls).toMatchObject([
      { VpcId, IsDefault: true },
    ]);
  });

  it("CreateDefaultSubnet without a zone, in an unknown one, without room or VPC: refused", () => {
    const room = openRoom();
    const attempt = (AvailabilityZone: string | undefined) =>
      refusal(() => room.call(createDefaultSubnet, { AvailabilityZone }));
    expect(attempt(undefined)).toContain("MissingParameter");
    expect(attempt("eu-west-1a")).toContain("for parameter availabilityZone is invalid");
    const [VpcId] = idsOf(room);
    const [gone] = room.call(describeSubnets, {}).Subnets ?? [];
    room.call(deleteSubnet, { SubnetId: gone?.SubnetId });
    for (const at of [0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]) {
      room.call(createSubnet, { VpcId, CidrBlock: `172.31.${at * 16}.0/28` });
    }
    expect(attempt(gone?.AvailabilityZone)).toContain("InvalidSubnet.Conflict");
    for (const { SubnetId } of room.call(describeSubnets, {}).Subnets ?? []) {
      room.call(deleteSubnet, { SubnetId });
    }
    const gateway = room.call(describeInternetGateways, {}).InternetGateways?.[0];
    const { InternetGatewayId } = given(gateway);
    room.call(detachInternetGateway, { InternetGatewayId, VpcId });
    room.call(deleteVpc, { VpcId });
    expect(attempt(gone?.AvailabilityZone)).toContain("DefaultVpcDoesNotExist");
  });

  it("CreateDefaultVpc with one there: refused", () => {
    expect(refusal(() => openRoom().call(createDefaultVpc, {}))).toBe(
      "DefaultVpcAlreadyExists: A Default VPC already exists for this account in this region.",
    );
  });
});

describe("DescribeVpcs", () => {
  it("read page by page: all are given once", () => {
    const room = openRoom();
    for (let at = 0; at < 11; at++) makeVpc(room, `10.${at}.0.0/16`);
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = room.call(describeVpcs, { MaxResults: 5, NextToken });
      seen.push(...(page.Vpcs ?? []).map((vpc) => vpc.VpcId));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(seen.toSorted()).toEqual(idsOf(room).toSorted());
    expect(seen).toHaveLength(12);
  });

  it("each page deleted before the next is read: none is passed over", () => {
    const room = openRoom();
    for (let at = 0; at < 11; at++) makeVpc(room, `10.${at}.0.0/16`);
    const Filters = [{ Name: "is-default", Values: ["false"] }];
    let NextToken: string | undefined;
    do {
      const page = room.call(describeVpcs, { Filters, MaxResults: 5, NextToken });
      for (const { VpcId } of page.Vpcs ?? []) room.call(deleteVpc, { VpcId });
      NextToken = page.NextToken;
    } while (NextToken);
    expect(room.call(describeVpcs, { Filters }).Vpcs).toEqual([]);
  });

  it("a page too small, or a token that was not given out: refused", () => {
    const room = openRoom();
    expect(refusal(() => room.call(describeVpcs, { MaxResults: 1 }))).toContain("maxResults");
    expect(refusal(() => room.call(describeVpcs, { NextToken: "nonsense" }))).toContain(
      "InvalidNextToken",
    );
  });
});
