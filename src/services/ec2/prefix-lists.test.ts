import type {
  CreateManagedPrefixListRequest,
  ModifyManagedPrefixListRequest,
} from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { authorizeSecurityGroupIngress } from "./authorize.ts";
import { createNetworkInterface } from "./network-interfaces.ts";
import {
  getManagedPrefixListAssociations,
  getManagedPrefixListEntries,
  modifyManagedPrefixList,
  restoreManagedPrefixListVersion,
} from "./prefix-list-versions.ts";
import {
  createManagedPrefixList,
  deleteManagedPrefixList,
  describeManagedPrefixLists,
  describePrefixLists,
} from "./prefix-lists.ts";
import { revokeSecurityGroupIngress } from "./revoke.ts";
import { createRouteTable } from "./route-tables.ts";
import { createRoute, deleteRoute } from "./routes.ts";
import { createSecurityGroup } from "./security-groups.ts";
import { createSubnet } from "./subnets.ts";
import { given, openRoom, type Room, refusal } from "./testing.ts";
import { createVpc } from "./vpcs.ts";

const offices: CreateManagedPrefixListRequest = {
  PrefixListName: "offices",
  AddressFamily: "IPv4",
  MaxEntries: 3,
  Entries: [{ Cidr: "198.51.100.0/28", Description: "north" }],
};

const make = (room: Room, change: Partial<CreateManagedPrefixListRequest> = {}): string =>
  given(room.call(createManagedPrefixList, { ...offices, ...change }).PrefixList?.PrefixListId);

const cidrsOf = (room: Room, PrefixListId: string, TargetVersion?: number) =>
  room
    .call(getManagedPrefixListEntries, { PrefixListId, TargetVersion })
    .Entries?.map((entry) => entry.Cidr);

describe("a managed prefix list", () => {
  it("entries added and removed: each time a version, of which any can be read and restored", () => {
    const room = openRoom();
    const PrefixListId = make(room);
    const modify = (change: Partial<ModifyManagedPrefixListRequest>) =>
      room.call(modifyManagedPrefixList, { PrefixListId, ...change }).PrefixList?.Version;
    expect(modify({ CurrentVersion: 1, AddEntries: [{ Cidr: "198.51.100.19/28" }] })).toBe(2);
    expect(modify({ CurrentVersion: 2, RemoveEntries: [{ Cidr: "198.51.100.0/28" }] })).toBe(3);
    expect(cidrsOf(room, PrefixListId)).toEqual(["198.51.100.16/28"]);
    expect(cidrsOf(room, PrefixListId, 2)).toEqual(["198.51.100.0/28", "198.51.100.16/28"]);
    room.call(restoreManagedPrefixListVersion, {
      PrefixListId,
      PreviousVersion: 1,
      CurrentVersion: 3,
    });
    expect(cidrsOf(room, PrefixListId)).toEqual(["198.51.100.0/28"]);
    expect(modify({ PrefixListName: "renamed" })).toBe(4);
  });

  it("named by a rule and a route: it says so, and goes only after them", () => {
    const room = openRoom();
    const PrefixListId = make(room);
    const { VpcId = "" } = given(room.call(createVpc, { CidrBlock: "10.0.0.0/16" }).Vpc);
    const { GroupId = "" } = room.call(createSecurityGroup, {
      VpcId,
      GroupName: "g",
      Description: "x",
    });
    room.call(authorizeSecurityGroupIngress, {
      GroupId,
      IpPermissions: [{ IpProtocol: "-1", PrefixListIds: [{ PrefixListId }] }],
    });
    const { RouteTableId = "" } = given(room.call(createRouteTable, { VpcId }).RouteTable);
    const { SubnetId } = given(room.call(createSubnet, { VpcId, CidrBlock: "10.0.0.0/24" }).Subnet);
    const eni = given(room.call(createNetworkInterface, { SubnetId }).NetworkInterface);
    const route = { RouteTableId, DestinationPrefixListId: PrefixListId };
    room.call(createRoute, { ...route, NetworkInterfaceId: eni.NetworkInterfaceId });
    const users = () =>
      room
        .call(getManagedPrefixListAssociations, { PrefixListId })
        .PrefixListAssociations?.map((association) => association.ResourceId);
    expect(users()).toEqual([GroupId, RouteTableId]);
    const shown = () =>
      room.call(describeManagedPrefixLists, { PrefixListIds: [PrefixListId] }).PrefixLists?.[0];
    const remove = () => room.call(deleteManagedPrefixList, { PrefixListId }).PrefixList?.State;
    expect(remove()).toBe("delete-in-progress");
    expect(shown()).toMatchObject({
      State: "delete-failed",
      StateMessage: `The prefix list '${PrefixListId}' is referenced by other resources and cannot be deleted.`,
    });
    expect(
      refusal(() =>
        room.call(createRoute, { ...route, NetworkInterfaceId: eni.NetworkInterfaceId }),
      ),
    ).toBe(`RouteAlreadyExists: The route identified by ${PrefixListId} already exists.`);
    room.call(deleteRoute, route);
    expect(users()).toEqual([GroupId]);
    expect(refusal(() => room.call(deleteRoute, route))).toBe(
      `InvalidRoute.NotFound: no route with destination-prefix-list-id ${PrefixListId} in route table ${RouteTableId}`,
    );
    room.call(revokeSecurityGroupIngress, {
      GroupId,
      IpPermissions: [{ IpProtocol: "-1", PrefixListIds: [{ PrefixListId }] }],
    });
    expect(remove()).toBe("delete-in-progress");
    expect(refusal(shown)).toContain("InvalidPrefixListID.NotFound");
  });

  it("in a rule: counts for as many rules as it can have entries", () => {
    const room = openRoom();
    const PrefixListId = make(room, { MaxEntries: 61 });
    const { GroupId } = room.call(createSecurityGroup, { GroupName: "g", Description: "x" });
    expect(
      refusal(() =>
        room.call(authorizeSecurityGroupIngress, {
          GroupId,
          IpPermissions: [{ IpProtocol: "-1", PrefixListIds: [{ PrefixListId }] }],
        }),
      ),
    ).toBe(
      "RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached.",
    );
  });
});

describe("a managed prefix list's state", () => {
  it("says what was done last, also of a change that makes no version", () => {
    const room = openRoom();
    const PrefixListId = make(room);
    const state = () =>
      room.call(describeManagedPrefixLists, { PrefixListIds: [PrefixListId] }).PrefixLists?.[0]
        ?.State;
    expect(state()).toBe("create-complete");
    room.call(modifyManagedPrefixList, { PrefixListId, MaxEntries: 4 });
    expect(state()).toBe("modify-complete");
    room.call(restoreManagedPrefixListVersion, {
      PrefixListId,
      PreviousVersion: 1,
      CurrentVersion: 1,
    });
    expect(state()).toBe("restore-complete");
  });
});

describe("the list of CloudFront", () => {
  it("is found by its name, and counts for 55 rules", () => {
    const room = openRoom();
    const name = "com.amazonaws.global.cloudfront.origin-facing";
    const [list, ...others] = given(
      room.call(describeManagedPrefixLists, {
        Filters: [{ Name: "prefix-list-name", Values: [name] }],
      }).PrefixLists,
    );
    expect(others).toEqual([]);
    const { PrefixListId } = given(list);
    const { GroupId } = room.call(createSecurityGroup, { GroupName: "g", Description: "x" });
    const allow = (port: number) =>
      room.call(authorizeSecurityGroupIngress, {
        GroupId,
        IpPermissions: [
          { IpProtocol: "tcp", FromPort: port, ToPort: port, PrefixListIds: [{ PrefixListId }] },
        ],
      });
    allow(443);
    expect(refusal(() => allow(80))).toMatch("RulesPerSecurityGroupLimitExceeded");
  });
});

describe("CreateManagedPrefixList", () => {
  const cases: readonly (readonly [string, Partial<CreateManagedPrefixListRequest>, string])[] = [
    [
      "a name of AWS's",
      { PrefixListName: "com.amazonaws.mine" },
      "InvalidParameterValue: Value (com.amazonaws.mine) for parameter PrefixListName is invalid. The name cannot start with com.amazonaws.",
    ],
    [
      "a family that there is not",
      { AddressFamily: "ipv4" },
      "InvalidParameterValue: Value (ipv4) for parameter AddressFamily is invalid. Expecting IPv4 or IPv6.",
    ],
    [
      "no size",
      { MaxEntries: undefined },
      "MissingParameter: The request must contain the parameter MaxEntries",
    ],
    [
      "a size that is too large",
      { MaxEntries: 1001 },
      "InvalidParameterValue: Value (1001) for parameter MaxEntries is invalid. Expecting a value from 1 to 1000.",
    ],
    [
      "more entries than fit",
      { MaxEntries: 1, Entries: [{ Cidr: "10.0.0.0/8" }, { Cidr: "11.0.0.0/8" }] },
      "PrefixListMaxEntriesExceeded: You've reached the maximum number of entries for the prefix list. The limit is 1.",
    ],
    [
      "one block twice",
      { Entries: [{ Cidr: "10.0.0.0/8" }, { Cidr: "10.1.0.0/8" }] },
      "InvalidParameterValue: Duplicate CIDR 10.0.0.0/8 in the entries of the prefix list.",
    ],
    [
      "a block of the other family",
      { Entries: [{ Cidr: "fd00::/8" }] },
      "InvalidParameterValue: Invalid CIDR: fd00::/8 is not a valid IPv4 CIDR block.",
    ],
  ];
  it.each(cases)("%s: refused", (_, change, words) => {
    expect(refusal(() => make(openRoom(), change))).toBe(words);
  });
});

describe("ModifyManagedPrefixList", () => {
  const cases: readonly (readonly [string, Partial<ModifyManagedPrefixListRequest>, string])[] = [
    [
      "a version that is past",
      { CurrentVersion: 0, AddEntries: [{ Cidr: "10.0.0.0/8" }] },
      "PrefixListVersionMismatch: The prefix list has the incorrect version number.",
    ],
    [
      "entries without a version",
      { AddEntries: [{ Cidr: "10.0.0.0/8" }] },
      "MissingParameter: The request must contain the parameter CurrentVersion",
    ],
    [
      "entries and size at once",
      { CurrentVersion: 1, AddEntries: [{ Cidr: "10.0.0.0/8" }], MaxEntries: 5 },
      "InvalidParameterCombination: You cannot modify the entries and the maximum number of entries for the prefix list in the same request.",
    ],
    [
      "one block added and removed",
      {
        CurrentVersion: 1,
        AddEntries: [{ Cidr: "198.51.100.0/28" }],
        RemoveEntries: [{ Cidr: "198.51.100.0/28" }],
      },
      "InvalidParameterValue: Request cannot contain Cidr 198.51.100.0/28 in both AddPrefixListEntries and RemovePrefixListEntries",
    ],
    [
      "a block removed that is not in it",
      { CurrentVersion: 1, RemoveEntries: [{ Cidr: "10.0.0.0/8" }] },
      "InvalidParameterValue: The CIDR 10.0.0.0/8 is not an entry of the prefix list.",
    ],
  ];
  it.each(cases)("%s: refused, and the entries stay", (_, change, words) => {
    const room = openRoom();
    const PrefixListId = make(room);
    expect(refusal(() => room.call(modifyManagedPrefixList, { PrefixListId, ...change }))).toBe(
      words,
    );
    expect(cidrsOf(room, PrefixListId)).toEqual(["198.51.100.0/28"]);
  });
});

describe("the prefix lists of AWS", () => {
  it("listed with those of customers, described with their blocks, and not to be changed", () => {
    const room = openRoom();
    const mine = make(room);
    const s3 = { Name: "prefix-list-name", Values: ["com.amazonaws.ap-northeast-1.s3"] };
    const { PrefixLists = [] } = room.call(describeManagedPrefixLists, {});
    expect(PrefixLists.map((list) => list.OwnerId)).toEqual([
      ...["AWS", "AWS", "AWS"],
      "000000000000",
    ]);
    const [list] = room.call(describePrefixLists, { Filters: [s3] }).PrefixLists ?? [];
    const PrefixListId = given(list?.PrefixListId);
    expect(cidrsOf(room, PrefixListId)).toEqual(list?.Cidrs);
    expect(refusal(() => room.call(deleteManagedPrefixList, { PrefixListId }))).toBe(
      `OperationNotPermitted: The prefix list '${PrefixListId}' is managed by AWS and cannot be changed`,
    );
    expect(refusal(() => room.call(describePrefixLists, { PrefixListIds: [mine] }))).toBe(
      `InvalidPrefixListID.NotFound: The prefix list ID '${mine}' does not exist`,
    );
  });
});
