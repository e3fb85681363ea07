import { describe, expect, it } from "vitest";
import { authorizeSecurityGroupIngress } from "./authorize.ts";
import { modifyNetworkInterfaceAttribute } from "./network-interface-attributes.ts";
import { createNetworkInterface, deleteNetworkInterface } from "./network-interfaces.ts";
import { revokeSecurityGroupIngress } from "./revoke.ts";
import {
  associateSecurityGroupVpc,
  describeSecurityGroupVpcAssociations,
  disassociateSecurityGroupVpc,
} from "./security-group-vpc-associations.ts";
import {
  createSecurityGroup,
  deleteSecurityGroup,
  describeSecurityGroups,
} from "./security-groups.ts";
import { getSecurityGroupsForVpc } from "./security-groups-for-vpc.ts";
import { createSubnet } from "./subnets.ts";
import { given, openRoom, refusal } from "./testing.ts";
import { createVpc, deleteVpc, describeVpcs } from "./vpcs.ts";

function roomWithTwoVpcs() {
  const room = openRoom();
  const vpc = (CidrBlock: string) => given(room.call(createVpc, { CidrBlock }).Vpc?.VpcId);
  const [home, away] = [vpc("10.0.0.0/16"), vpc("10.1.0.0/16")];
  const group = (VpcId: string, GroupName = "shared") =>
    given(room.call(createSecurityGroup, { GroupName, Description: "-", VpcId }).GroupId);
  const GroupId = group(home);
  const associate = () => room.call(associateSecurityGroupVpc, { GroupId, VpcId: away });
  const disassociate = () => room.call(disassociateSecurityGroupVpc, { GroupId, VpcId: away });
  const SubnetId = given(
    room.call(createSubnet, { VpcId: away, CidrBlock: "10.1.1.0/24" }).Subnet?.SubnetId,
  );
  const interfaceAway = (...Groups: string[]) =>
    given(
      room.call(createNetworkInterface, { SubnetId, Groups }).NetworkInterface?.NetworkInterfaceId,
    );
  const list = (...Filters: { Name: string; Values: string[] }[]) =>
    room.call(describeSecurityGroupVpcAssociations, { Filters }).SecurityGroupVpcAssociations;
  return { room, home, away, group, GroupId, associate, disassociate, interfaceAway, list };
}

const otherNetworks = "InvalidGroup.NotFound: You have specified two resources";

describe("security groups of one VPC in another", () => {
  it("an associated group: held by interfaces there, and only while it is associated", () => {
    const { room, GroupId, associate, disassociate, interfaceAway } = roomWithTwoVpcs();
    expect(refusal(() => interfaceAway(GroupId))).toMatch(otherNetworks);
    expect(associate().State).toBe("associating");
    const NetworkInterfaceId = interfaceAway(GroupId);
    expect(refusal(disassociate)).toMatch("DependencyViolation");
    room.call(deleteNetworkInterface, { NetworkInterfaceId });
    expect(disassociate().State).toBe("disassociating");
    const plain = interfaceAway();
    const change = { NetworkInterfaceId: plain, Groups: [GroupId] };
    expect(refusal(() => room.call(modifyNetworkInterfaceAttribute, change))).toMatch(
      otherNetworks,
    );
  });

  it("shown: among the VPC's groups, and by each of its filters", () => {
    const { room, home, away, GroupId, associate, disassociate, list } = roomWithTwoVpcs();
    const groupsAway = () =>
      given(room.call(getSecurityGroupsForVpc, { VpcId: away }).SecurityGroupForVpcs).map(
        (group) => group.GroupName,
      );
    expect(groupsAway()).toEqual(["default"]);
    associate();
    expect(groupsAway()).toEqual(["default", "shared"]);
    const shown = {
      GroupId,
      GroupOwnerId: room.scope.account,
      VpcId: away,
      VpcOwnerId: room.scope.account,
      State: "associated",
    };
    const matching = [
      { Name: "group-id", Values: [GroupId] },
      { Name: "vpc-id", Values: [away] },
      { Name: "state", Values: ["associated"] },
      { Name: "group-owner-id", Values: [room.scope.account] },
      { Name: "vpc-owner-id", Values: [room.scope.account] },
    ];
    expect(list(...matching)).toEqual([shown]);
    expect(list({ Name: "vpc-id", Values: [home] })).toEqual([]);
    expect(refusal(() => list({ Name: "region", Values: ["x"] }))).toMatch("InvalidParameterValue");
    disassociate();
    expect(list()).toEqual([]);
    expect(groupsAway()).toEqual(["default"]);
  });

  it("a rule of the other VPC's group that names it: holds the association", () => {
    const { room, away, group, GroupId, associate, disassociate } = roomWithTwoVpcs();
    const own = group(away, "own");
    const rule = {
      GroupId: own,
      IpPermissions: [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId }] }],
    };
    expect(refusal(() => room.call(authorizeSecurityGroupIngress, rule))).toMatch(otherNetworks);
    associate();
    room.call(authorizeSecurityGroupIngress, rule);
    expect(refusal(disassociate)).toMatch("DependencyViolation");
    room.call(revokeSecurityGroupIngress, rule);
    disassociate();
  });

  it("an association: keeps the group and the VPC from being deleted", () => {
    const { room, home, away, group, associate, list } = roomWithTwoVpcs();
    const [GroupId, VpcId] = [
      group(home, "second"),
      given(room.call(createVpc, { CidrBlock: "10.2.0.0/16" }).Vpc?.VpcId),
    ];
    room.call(associateSecurityGroupVpc, { GroupId, VpcId });
    expect(refusal(() => room.call(deleteSecurityGroup, { GroupId }))).toMatch(
      "DependencyViolation",
    );
    expect(refusal(() => room.call(deleteVpc, { VpcId }))).toMatch("DependencyViolation");
    room.call(disassociateSecurityGroupVpc, { GroupId, VpcId });
    room.call(deleteVpc, { VpcId });
    room.call(deleteSecurityGroup, { GroupId });
    associate();
    expect(list()).toMatchObject([{ VpcId: away }]);
  });

  it("what cannot be associated: refused", () => {
    const { room, home, away, group, GroupId, associate } = roomWithTwoVpcs();
    const tryOf = (group: string, VpcId = away) =>
      refusal(() => room.call(associateSecurityGroupVpc, { GroupId: group, VpcId }));
    const groups = given(
      room.call(describeSecurityGroups, { Filters: [{ Name: "vpc-id", Values: [home] }] })
        .SecurityGroups,
    );
    const own = groups.find(({ GroupName }) => GroupName === "default");
    expect(tryOf(given(own?.GroupId))).toMatch("InvalidParameterValue: The default security group");
    const byDefault = given(
      room.call(describeVpcs, { Filters: [{ Name: "is-default", Values: ["true"] }] }).Vpcs?.[0]
        ?.VpcId,
    );
    expect(tryOf(group(byDefault))).toMatch("of a default VPC");
    expect(tryOf(GroupId, home)).toMatch("InvalidParameterValue");
    expect(tryOf("sg-0123456789abcdef0")).toMatch("InvalidGroup.NotFound");
    expect(tryOf(GroupId, "vpc-0123456789abcdef0")).toMatch("InvalidVpcID.NotFound");
    expect(
      refusal(() => room.call(disassociateSecurityGroupVpc, { GroupId, VpcId: away })),
    ).toMatch("InvalidSecurityGroupVpcAssociation.NotFound");
    associate();
    expect(refusal(associate)).toMatch("InvalidSecurityGroupVpcAssociation.Duplicate");
  });
});
