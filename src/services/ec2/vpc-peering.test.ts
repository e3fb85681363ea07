import { describe, expect, it } from "vitest";
import { authorizeSecurityGroupIngress } from "./authorize.ts";
import { createRouteTable, describeRouteTables } from "./route-tables.ts";
import { createRoute } from "./routes.ts";
import {
  describeSecurityGroupReferences,
  describeStaleSecurityGroups,
} from "./security-group-references.ts";
import { createSecurityGroup, describeSecurityGroups } from "./security-groups.ts";
import { createTags } from "./tagging.ts";
import { given, openRoom, type Room, refusal } from "./testing.ts";
import {
  acceptVpcPeeringConnection,
  createVpcPeeringConnection,
  deleteVpcPeeringConnection,
  describeVpcPeeringConnections,
  rejectVpcPeeringConnection,
} from "./vpc-peering-connections.ts";
import { modifyVpcPeeringConnectionOptions } from "./vpc-peering-options.ts";
import { createVpc, deleteVpc } from "./vpcs.ts";

const day = 24 * 60 * 60 * 1000;

const makeVpc = (room: Room, CidrBlock: string): string =>
  given(room.call(createVpc, { CidrBlock }).Vpc?.VpcId);

function ask(room: Room, VpcId: string, PeerVpcId: string, more: object = {}): string {
  const answer = room.call(createVpcPeeringConnection, { VpcId, PeerVpcId, ...more });
  return given(answer.VpcPeeringConnection?.VpcPeeringConnectionId);
}

const show = (room: Room, id: string) =>
  given(
    room.call(describeVpcPeeringConnections, { VpcPeeringConnectionIds: [id] })
      .VpcPeeringConnections?.[0],
  );

const statusOf = (room: Room, id: string) => show(room, id).Status?.Code;

function openPeered() {
  const room = openRoom();
  const one = makeVpc(room, "10.1.0.0/16");
  const two = makeVpc(room, "10.2.0.0/16");
  const id = ask(room, one, two);
  return { room, one, two, id };
}

describe("a peering connection", () => {
  it("asked for and accepted: pending-acceptance without the accepter's blocks, then active", () => {
    const { room, id } = openPeered();
    expect(show(room, id).Status).toEqual({
      Code: "pending-acceptance",
      Message: "Pending Acceptance by 000000000000",
    });
    expect(show(room, id).AccepterVpcInfo?.CidrBlock).toBeUndefined();
    room.call(acceptVpcPeeringConnection, { VpcPeeringConnectionId: id });
    expect(show(room, id).Status).toEqual({ Code: "active", Message: "Active" });
    expect(show(room, id).AccepterVpcInfo?.CidrBlockSet).toEqual([{ CidrBlock: "10.2.0.0/16" }]);
    expect(
      refusal(() => room.call(acceptVpcPeeringConnection, { VpcPeeringConnectionId: id })),
    ).toBe(
      `InvalidStateTransition: Invalid state transition for ${id}, attempted to transition from active to active`,
    );
  });

  it("to another region: accepted only there, with tags of each side's own", () => {
    const room = openRoom();
    const there = room.elsewhere({ region: "us-east-1" });
    const one = makeVpc(room, "10.1.0.0/16");
    const two = makeVpc(there, "10.2.0.0/16");
    const id = ask(room, one, two, { PeerRegion: "us-east-1" });
    expect(
      refusal(() => room.call(acceptVpcPeeringConnection, { VpcPeeringConnectionId: id })),
    ).toBe(
      `OperationNotPermitted: Incorrect region ( ap-northeast-1 ) specified for this request. VPC peering connection ${id} must be accepted in region us-east-1`,
    );
    there.call(acceptVpcPeeringConnection, { VpcPeeringConnectionId: id });
    there.call(createTags, { Resources: [id], Tags: [{ Key: "side", Value: "there" }] });
    expect([statusOf(room, id), statusOf(there, id)]).toEqual(["active", "active"]);
    expect([show(room, id).Tags, show(there, id).Tags]).toEqual([
      [],
      [{ Key: "side", Value: "there" }],
    ]);
  });

  it("to another account: only the accepter accepts; either side deletes it for both", () => {
    const room = openRoom();
    const there = room.elsewhere({ account: "111111111111" });
    const one = makeVpc(room, "10.1.0.0/16");
    const two = makeVpc(there, "10.2.0.0/16");
    const id = ask(room, one, two, { PeerOwnerId: "111111111111" });
    expect(
      refusal(() => room.call(acceptVpcPeeringConnection, { VpcPeeringConnectionId: id })),
    ).toBe(`OperationNotPermitted: User 000000000000 cannot accept peering ${id}`);
    there.call(acceptVpcPeeringConnection, { VpcPeeringConnectionId: id });
    there.call(deleteVpcPeeringConnection, { VpcPeeringConnectionId: id });
    expect([statusOf(room, id), statusOf(there, id)]).toEqual(["deleted", "deleted"]);
  });

  it("between blocks that overlap, or with a VPC that another account does not have: failed", () => {
    const room = openRoom();
    const one = makeVpc(room, "10.1.0.0/16");
    const same = makeVpc(room, "10.1.128.0/20");
    const ids = [
      ask(room, one, same),
      ask(room, one, "vpc-0123456789abcdef0", { PeerOwnerId: "111111111111" }),
    ];
    for (const id of ids) {
      expect(show(room, id).Status).toEqual({
        Code: "failed",
        Message: "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range",
      });
    }
  });

  it("not accepted for a week: expired, and forgotten two hours later", () => {
    const { room, id } = openPeered();
    room.now += 7 * day + 1;
    expect(statusOf(room, id)).toBe("expired");
    room.now += day;
    expect(room.call(describeVpcPeeringConnections, {}).VpcPeeringConnections).toEqual([]);
  });

  it("rejected: it cannot be accepted, and another can be asked for", () => {
    const { room, one, two, id } = openPeered();
    room.call(rejectVpcPeeringConnection, { VpcPeeringConnectionId: id });
    expect(statusOf(room, id)).toBe("rejected");
    expect(statusOf(room, ask(room, one, two))).toBe("pending-acceptance");
  });

  it("while it is there: neither VPC can be deleted, and no second one made", () => {
    const { room, one, two, id } = openPeered();
    expect(refusal(() => room.call(deleteVpc, { VpcId: two }))).toBe(
      `DependencyViolation: The vpc '${two}' has dependencies and cannot be deleted.`,
    );
    expect(refusal(() => ask(room, two, one))).toBe(
      "VpcPeeringConnectionAlreadyExists: A VPC peering connection between the VPCs already exists.",
    );
    room.call(deleteVpcPeeringConnection, { VpcPeeringConnectionId: id });
    room.call(deleteVpc, { VpcId: two });
  });
});

describe("options of a peering connection", () => {
  it("before it is active: refused; after: each side's own are kept", () => {
    const { room, id } = openPeered();
    const change = () =>
      room.call(modifyVpcPeeringConnectionOptions, {
        VpcPeeringConnectionId: id,
        RequesterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: true },
      });
    expect(refusal(change)).toBe(
      `OperationNotPermitted: Peering ${id} is not active. Peering options can be added only to active peerings.`,
    );
    room.call(acceptVpcPeeringConnection, { VpcPeeringConnectionId: id });
    change();
    const { RequesterVpcInfo, AccepterVpcInfo } = show(room, id);
    expect(RequesterVpcInfo?.PeeringOptions?.AllowDnsResolutionFromRemoteVpc).toBe(true);
    expect(AccepterVpcInfo?.PeeringOptions?.AllowDnsResolutionFromRemoteVpc).toBe(false);
  });
});

describe("what goes by a peering connection", () => {
  it("a route: only while active, only of its VPCs, and a blackhole once it is deleted", () => {
    const { room, one, id } = openPeered();
    const third = makeVpc(room, "10.3.0.0/16");
    const tableOf = (VpcId: string) =>
      given(room.call(createRouteTable, { VpcId }).RouteTable?.RouteTableId);
    const [own, other] = [tableOf(one), tableOf(third)];
    const add = (RouteTableId: string) =>
      room.call(createRoute, {
        RouteTableId,
        DestinationCidrBlock: "10.2.0.0/16",
        VpcPeeringConnectionId: id,
      });
    expect(refusal(() => add(own))).toBe(
      `InvalidParameterValue: VPC peering connection ${id} is not active`,
    );
    room.call(acceptVpcPeeringConnection, { VpcPeeringConnectionId: id });
    add(own);
    expect(refusal(() => add(other))).toBe(
      `InvalidParameterValue: route table ${other} and vpc peering connection ${id} belong to different networks`,
    );
    const routeOf = () =>
      room.call(describeRouteTables, { RouteTableIds: [own] }).RouteTables?.[0]?.Routes?.[1];
    expect(routeOf()).toMatchObject({ VpcPeeringConnectionId: id, State: "active" });
    room.call(deleteVpcPeeringConnection, { VpcPeeringConnectionId: id });
    expect(routeOf()?.State).toBe("blackhole");
  });

  it("a rule that names a group of the other VPC: taken while active, stale afterwards", () => {
    const { room, one, two, id } = openPeered();
    const groupIn = (VpcId: string, GroupName: string) =>
      given(room.call(createSecurityGroup, { VpcId, GroupName, Description: "x" }).GroupId);
    const [GroupId, peer] = [groupIn(one, "own"), groupIn(two, "peer")];
    const allow = () =>
      room.call(authorizeSecurityGroupIngress, {
        GroupId,
        IpPermissions: [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: peer }] }],
      });
    expect(refusal(allow)).toBe(
      "InvalidGroup.NotFound: You have specified two resources that belong to different networks.",
    );
    room.call(acceptVpcPeeringConnection, { VpcPeeringConnectionId: id });
    expect(allow().SecurityGroupRules?.[0]?.ReferencedGroupInfo).toMatchObject({
      GroupId: peer,
      VpcPeeringConnectionId: id,
    });
    expect(
      room.call(describeSecurityGroupReferences, { GroupId: [peer] }).SecurityGroupReferenceSet,
    ).toEqual([{ GroupId: peer, ReferencingVpcId: one, VpcPeeringConnectionId: id }]);
    const byName = { Name: "ip-permission.group-name", Values: ["peer"] };
    expect(
      room
        .call(describeSecurityGroups, { Filters: [byName] })
        .SecurityGroups?.map((group) => group.GroupId),
    ).toEqual([GroupId]);
    const stale = () =>
      room.call(describeStaleSecurityGroups, { VpcId: one }).StaleSecurityGroupSet;
    expect(stale()).toEqual([]);
    room.call(deleteVpcPeeringConnection, { VpcPeeringConnectionId: id });
    expect(stale()?.[0]).toMatchObject({
      GroupId,
      StaleIpPermissions: [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: peer }] }],
    });
  });
});
