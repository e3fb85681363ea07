import type { IpPermission } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { authorizeSecurityGroupEgress, authorizeSecurityGroupIngress } from "./authorize.ts";
import { modifyNetworkInterfaceAttribute } from "./network-interface-attributes.ts";
import { createNetworkInterface, deleteNetworkInterface } from "./network-interfaces.ts";
import { revokeSecurityGroupEgress, revokeSecurityGroupIngress } from "./revoke.ts";
import {
  describeSecurityGroupRules,
  modifySecurityGroupRules,
  updateSecurityGroupRuleDescriptionsIngress,
} from "./security-group-rules.ts";
import {
  createSecurityGroup,
  deleteSecurityGroup,
  describeSecurityGroups,
} from "./security-groups.ts";
import { createSubnet } from "./subnets.ts";
import { given, openRoom, refusal } from "./testing.ts";
import { createVpc, describeVpcs } from "./vpcs.ts";

function roomWithGroup() {
  const room = openRoom();
  const vpc = (CidrBlock: string) => given(room.call(createVpc, { CidrBlock }).Vpc?.VpcId);
  const VpcId = vpc("10.0.0.0/16");
  const group = (GroupName: string, of = VpcId) =>
    given(
      room.call(createSecurityGroup, { GroupName, Description: "for a test", VpcId: of }).GroupId,
    );
  const GroupId = group("app");
  const allow = (...IpPermissions: IpPermission[]) =>
    room.call(authorizeSecurityGroupIngress, { GroupId, IpPermissions });
  const show = () =>
    given(room.call(describeSecurityGroups, { GroupIds: [GroupId] }).SecurityGroups?.[0]);
  const rules = () =>
    given(
      room.call(describeSecurityGroupRules, {
        Filters: [{ Name: "group-id", Values: [GroupId] }],
      }).SecurityGroupRules,
    );
  return { room, vpc, VpcId, group, GroupId, allow, show, rules };
}

const tcp = (port: number, ...cidrs: string[]): IpPermission => ({
  IpProtocol: "tcp",
  FromPort: port,
  ToPort: port,
  IpRanges: cidrs.map((CidrIp) => ({ CidrIp })),
});

describe("DescribeSecurityGroupRules", () => {
  it("by a group that is not there: none; by what is no id of a group: refused", () => {
    const { room } = roomWithGroup();
    const by = (value: string) =>
      room.call(describeSecurityGroupRules, { Filters: [{ Name: "group-id", Values: [value] }] });
    expect(by("sg-005216b55886f0fdc").SecurityGroupRules).toEqual([]);
    expect(refusal(() => by("foobar"))).toBe(
      "InvalidGroupId.Malformed: The security group ID 'foobar' is malformed",
    );
  });
});

describe("CreateSecurityGroup", () => {
  it("a new group: lets nothing in and everything out", () => {
    const { show, rules } = roomWithGroup();
    expect(show().IpPermissions).toEqual([]);
    expect(show().IpPermissionsEgress).toMatchObject([
      { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
    ]);
    expect(show().IpPermissionsEgress?.[0]?.FromPort).toBeUndefined();
    expect(rules()).toMatchObject([
      { IsEgress: true, IpProtocol: "-1", FromPort: -1, ToPort: -1, CidrIpv4: "0.0.0.0/0" },
    ]);
  });

  const refused: readonly (readonly [string, object, string])[] = [
    [
      "a name that is taken",
      { GroupName: "app" },
      "InvalidGroup.Duplicate: The security group 'app' already exists for VPC",
    ],
    [
      "the name default",
      { GroupName: "default" },
      "InvalidParameterValue: Cannot use reserved security group name: default",
    ],
    [
      "a name like an id",
      { GroupName: "sg-1" },
      "InvalidParameterValue: Value (sg-1) for parameter groupName is invalid.",
    ],
    [
      "no name",
      { GroupName: "" },
      "MissingParameter: The request must contain the parameter groupName",
    ],
    [
      "no description",
      { Description: "" },
      "MissingParameter: The request must contain the parameter groupDescription",
    ],
    [
      "a description with a quote",
      { Description: "it's" },
      "InvalidParameterValue: Invalid security group description.",
    ],
    ["a VPC that is not there", { VpcId: "vpc-1" }, "InvalidVpcID.NotFound"],
    [
      "a tag of AWS's own",
      {
        TagSpecifications: [
          { ResourceType: "security-group", Tags: [{ Key: "aws:x", Value: "" }] },
        ],
      },
      "InvalidParameterValue: Value ( aws:x ) for parameter key is invalid.",
    ],
    [
      "tags for another type",
      { TagSpecifications: [{ ResourceType: "vpc", Tags: [] }] },
      "InvalidParameterValue: 'vpc' is not a valid taggable resource type for this operation.",
    ],
  ];
  for (const [title, change, words] of refused) {
    it(`${title}: refused`, () => {
      const { room, VpcId } = roomWithGroup();
      const input = { GroupName: "web", Description: "x", VpcId, ...change };
      expect(refusal(() => room.call(createSecurityGroup, input))).toContain(words);
    });
  }
});

describe("authorising", () => {
  it("a permission with several peers: one rule with an id for each", () => {
    const { allow, group, rules } = roomWithGroup();
    const peer = group("balancer");
    const made = allow({
      ...tcp(80, "10.1.0.0/16", "10.2.0.0/16"),
      Ipv6Ranges: [{ CidrIpv6: "2001:DB8::/32", Description: "six" }],
      UserIdGroupPairs: [{ GroupId: peer }],
    }).SecurityGroupRules;
    expect(made?.map((rule) => rule.SecurityGroupRuleId)).toEqual(
      Array(4).fill(expect.stringMatching(/^sgr-[0-9a-f]{17}$/)),
    );
    expect(rules().filter((rule) => !rule.IsEgress)).toEqual(made);
    expect(made).toMatchObject([
      { CidrIpv4: "10.1.0.0/16" },
      { CidrIpv4: "10.2.0.0/16" },
      { CidrIpv6: "2001:db8::/32", Description: "six" },
      { ReferencedGroupInfo: { GroupId: peer, UserId: "000000000000" } },
    ]);
  });

  it("rules with the same ports: shown together, in the order they came", () => {
    const { allow, show } = roomWithGroup();
    allow(tcp(80, "10.1.0.0/16"));
    allow(tcp(443, "10.1.0.0/16"));
    allow(tcp(80, "10.0.0.1/8"));
    const shown = show().IpPermissions?.map(({ FromPort, IpRanges }) => [
      FromPort,
      IpRanges?.map((range) => range.CidrIp),
    ]);
    expect(shown).toEqual([
      [80, ["10.1.0.0/16", "10.0.0.0/8"]],
      [443, ["10.1.0.0/16"]],
    ]);
    expect(show()).toEqual(show());
  });

  it("protocol numbers and capitals: shown by name", () => {
    const { allow, show } = roomWithGroup();
    allow(
      { ...tcp(1, "10.0.0.0/8"), IpProtocol: "6" },
      { ...tcp(2, "10.0.0.0/8"), IpProtocol: "UDP" },
    );
    allow({ IpProtocol: "50", IpRanges: [{ CidrIp: "10.0.0.0/8" }] });
    expect(show().IpPermissions?.map((permission) => permission.IpProtocol)).toEqual([
      "tcp",
      "udp",
      "50",
    ]);
  });

  it("the same rule again: InvalidPermission.Duplicate in AWS's words", () => {
    const { room, GroupId, allow } = roomWithGroup();
    allow(tcp(80, "0.0.0.0/0"));
    expect(refusal(() => allow(tcp(80, "0.0.0.0/0")))).toBe(
      'InvalidPermission.Duplicate: the specified rule "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists',
    );
    const everything = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
    expect(
      refusal(() =>
        room.call(authorizeSecurityGroupEgress, { GroupId, IpPermissions: everything }),
      ),
    ).toBe(
      'InvalidPermission.Duplicate: the specified rule "peer: 0.0.0.0/0, ALL, ALLOW" already exists',
    );
  });

  const refused: readonly (readonly [string, IpPermission, string])[] = [
    [
      "the same peer twice",
      tcp(80, "10.0.0.0/8", "10.0.0.0/8"),
      "InvalidParameterValue: The same permission must not appear multiple times",
    ],
    [
      "a bad block",
      tcp(80, "10.0.0.0/33"),
      "InvalidParameterValue: CIDR block 10.0.0.0/33 is malformed",
    ],
    [
      "a bad IPv6 block",
      { ...tcp(80), Ipv6Ranges: [{ CidrIpv6: "x/0" }] },
      "InvalidParameterValue: CIDR block x/0 is malformed",
    ],
    ["no peer", tcp(80), "MissingParameter"],
    [
      "no protocol",
      { IpRanges: [{ CidrIp: "10.0.0.0/8" }] },
      "InvalidParameterValue: Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
    ],
    [
      "an unknown protocol",
      { ...tcp(80, "10.0.0.0/8"), IpProtocol: "foo" },
      "InvalidParameterValue: Invalid value 'foo' for IP protocol. Unknown protocol.",
    ],
    [
      "TCP without ports",
      { IpProtocol: "tcp", IpRanges: [{ CidrIp: "10.0.0.0/8" }] },
      "Must specify both from and to ports with TCP/UDP.",
    ],
    [
      "ports the wrong way round",
      { ...tcp(90, "10.0.0.0/8"), ToPort: 80 },
      "InvalidParameterValue: Invalid TCP/UDP port range (90,80)",
    ],
    [
      "a port too high",
      tcp(65536, "10.0.0.0/8"),
      "InvalidParameterValue: TCP/UDP (from) port (65536) out of range",
    ],
    [
      "a group that is not there",
      { ...tcp(80), UserIdGroupPairs: [{ GroupId: "sg-0123456789abcdef0" }] },
      "InvalidGroup.NotFound: The security group 'sg-0123456789abcdef0' does not exist",
    ],
    [
      "what is no group id",
      { ...tcp(80), UserIdGroupPairs: [{ GroupId: "web" }] },
      'InvalidGroupId.Malformed: Invalid id: "web" (expecting "sg-...")',
    ],
    [
      "a prefix list",
      { ...tcp(80), PrefixListIds: [{ PrefixListId: "pl-1" }] },
      "InvalidPrefixListID.NotFound: The prefix list ID 'pl-1' does not exist",
    ],
    [
      "a description that is too long",
      { ...tcp(80), IpRanges: [{ CidrIp: "10.0.0.0/8", Description: "x".repeat(256) }] },
      "InvalidParameterValue: Invalid rule description.",
    ],
  ];
  for (const [title, permission, words] of refused) {
    it(`${title}: refused and nothing added, not even the good permission before it`, () => {
      const { allow, show } = roomWithGroup();
      expect(refusal(() => allow(tcp(22, "10.0.0.0/8"), permission))).toContain(words);
      expect(show().IpPermissions).toEqual([]);
    });
  }

  it("a group of another VPC as the peer: refused", () => {
    const { allow, group, vpc } = roomWithGroup();
    const GroupId = group("far", vpc("10.9.0.0/16"));
    expect(refusal(() => allow({ ...tcp(80), UserIdGroupPairs: [{ GroupId }] }))).toBe(
      "InvalidGroup.NotFound: You have specified two resources that belong to different networks.",
    );
  });

  it("more than 60 rules: refused", () => {
    const { allow } = roomWithGroup();
    for (let port = 1; port <= 60; port++) allow(tcp(port, "10.0.0.0/8"));
    expect(refusal(() => allow(tcp(61, "10.0.0.0/8")))).toContain(
      "RulesPerSecurityGroupLimitExceeded",
    );
  });
});

describe("revoking", () => {
  it("both default egress rules, as Terraform does: the IPv4 one goes, ::/0 is not found", () => {
    const { room, GroupId, show } = roomWithGroup();
    const revoke = (peer: IpPermission) =>
      room.call(revokeSecurityGroupEgress, {
        GroupId,
        IpPermissions: [{ IpProtocol: "-1", ...peer }],
      });
    expect(revoke({ IpRanges: [{ CidrIp: "0.0.0.0/0" }] }).Return).toBe(true);
    expect(refusal(() => revoke({ Ipv6Ranges: [{ CidrIpv6: "::/0" }] }))).toBe(
      "InvalidPermission.NotFound: The specified rule does not exist in this security group.",
    );
    expect(show().IpPermissionsEgress).toEqual([]);
  });

  it("by rule id: that rule goes; an id of the other direction is not found", () => {
    const { room, GroupId, allow, show, rules } = roomWithGroup();
    const [rule] = given(allow(tcp(80, "10.0.0.0/8"), tcp(81, "10.0.0.0/8")).SecurityGroupRules);
    const SecurityGroupRuleIds = [given(rule?.SecurityGroupRuleId)];
    expect(
      refusal(() => room.call(revokeSecurityGroupEgress, { GroupId, SecurityGroupRuleIds })),
    ).toContain("InvalidSecurityGroupRuleId.NotFound");
    const revoked = room.call(revokeSecurityGroupIngress, { GroupId, SecurityGroupRuleIds });
    expect(revoked.RevokedSecurityGroupRules).toMatchObject([
      { SecurityGroupRuleId: SecurityGroupRuleIds[0], FromPort: 80 },
    ]);
    expect(show().IpPermissions?.map((permission) => permission.FromPort)).toEqual([81]);
    expect(rules()).toHaveLength(2);
  });

  it("a rule that is not there beside one that is: nothing goes", () => {
    const { room, GroupId, allow, show } = roomWithGroup();
    allow(tcp(80, "10.0.0.0/8"));
    const IpPermissions = [tcp(80, "10.0.0.0/8"), tcp(81, "10.0.0.0/8")];
    expect(
      refusal(() => room.call(revokeSecurityGroupIngress, { GroupId, IpPermissions })),
    ).toContain("InvalidPermission.NotFound");
    expect(show().IpPermissions).toHaveLength(1);
  });

  it("in the default VPC a rule that is not there: named in the answer, no error", () => {
    const { room, group } = roomWithGroup();
    const Filters = [{ Name: "is-default", Values: ["true"] }];
    const vpcId = given(room.call(describeVpcs, { Filters }).Vpcs?.[0]?.VpcId);
    const GroupId = group("loose", vpcId);
    const IpPermissions = [tcp(80, "10.0.0.0/8")];
    const answer = room.call(revokeSecurityGroupIngress, { GroupId, IpPermissions });
    expect(answer.UnknownIpPermissions).toMatchObject([{ FromPort: 80 }]);
    expect(answer.RevokedSecurityGroupRules).toEqual([]);
  });
});

describe("changing rules", () => {
  it("modified: keeps its id and its place", () => {
    const { room, GroupId, allow, rules } = roomWithGroup();
    const [rule] = given(allow(tcp(80, "10.0.0.0/8")).SecurityGroupRules);
    const SecurityGroupRuleId = rule?.SecurityGroupRuleId;
    const to = (FromPort: number, ToPort: number) =>
      room.call(modifySecurityGroupRules, {
        GroupId,
        SecurityGroupRules: [
          {
            SecurityGroupRuleId,
            SecurityGroupRule: { IpProtocol: "tcp", FromPort, ToPort, CidrIpv4: "10.3.0.0/16" },
          },
        ],
      });
    to(8080, 8081);
    expect(rules()[1]).toMatchObject({
      SecurityGroupRuleId,
      FromPort: 8080,
      CidrIpv4: "10.3.0.0/16",
    });
    allow(tcp(90, "10.3.0.0/16"));
    expect(refusal(() => to(90, 90))).toContain("InvalidPermission.Duplicate");
  });

  it.each([
    [
      { IpProtocol: "udp", ToPort: 27011, CidrIpv4: "2.3.4.5/32" },
      "InvalidParameterValue: Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
    ],
    [
      { IpProtocol: "udp", FromPort: 27010, ToPort: 27011 },
      "MissingParameter: The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId",
    ],
    [
      { IpProtocol: "-1", CidrIpv4: "2.3.4.5/32", CidrIpv6: "2001:db8::/32" },
      "InvalidParameterCombination: Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified",
    ],
  ])("modified to %j: refused in the words for one rule", (SecurityGroupRule, words) => {
    const { room, GroupId, allow } = roomWithGroup();
    const [rule] = given(allow(tcp(80, "10.0.0.0/8")).SecurityGroupRules);
    const SecurityGroupRules = [
      { SecurityGroupRuleId: rule?.SecurityGroupRuleId, SecurityGroupRule },
    ];
    expect(
      refusal(() => room.call(modifySecurityGroupRules, { GroupId, SecurityGroupRules })),
    ).toContain(words);
  });

  it("described anew, by content and by id: only the description changes", () => {
    const { room, GroupId, allow, rules } = roomWithGroup();
    const made = given(allow(tcp(80, "10.0.0.0/8"), tcp(81, "10.0.0.0/8")).SecurityGroupRules);
    room.call(updateSecurityGroupRuleDescriptionsIngress, {
      GroupId,
      IpPermissions: [{ ...tcp(80), IpRanges: [{ CidrIp: "10.0.0.0/8", Description: "first" }] }],
      SecurityGroupRuleDescriptions: [
        { SecurityGroupRuleId: made[1]?.SecurityGroupRuleId, Description: "second" },
      ],
    });
    expect(rules().slice(1)).toEqual([
      { ...made[0], Description: "first" },
      { ...made[1], Description: "second" },
    ]);
  });
});

describe("an interface's groups", () => {
  it("changed: the old group can go; a group of another VPC or of nobody: refused", () => {
    const { room, vpc, VpcId, group, GroupId } = roomWithGroup();
    const SubnetId = room.call(createSubnet, { VpcId, CidrBlock: "10.0.1.0/24" }).Subnet?.SubnetId;
    const made = room.call(createNetworkInterface, { SubnetId, Groups: [GroupId] });
    const NetworkInterfaceId = made.NetworkInterface?.NetworkInterfaceId;
    const change = (...Groups: string[]) =>
      room.call(modifyNetworkInterfaceAttribute, { NetworkInterfaceId, Groups });
    expect(refusal(() => change(group("far", vpc("10.9.0.0/16"))))).toContain(
      "belong to different networks",
    );
    expect(refusal(() => change("sg-0123456789abcdef0"))).toContain("InvalidGroup.NotFound");
    change(group("next"));
    expect(room.call(deleteSecurityGroup, { GroupId }).Return).toBe(true);
    expect(refusal(() => room.call(modifyNetworkInterfaceAttribute, { NetworkInterfaceId }))).toBe(
      "MissingParameter: The request must contain the parameter attribute",
    );
  });
});

describe("DeleteSecurityGroup", () => {
  it("held by an interface or named by another group's rule: DependencyViolation until neither", () => {
    const { room, VpcId, group, GroupId } = roomWithGroup();
    const other = group("balancer");
    const fromApp = {
      GroupId: other,
      IpPermissions: [{ ...tcp(80), UserIdGroupPairs: [{ GroupId }] }],
    };
    const violation = `DependencyViolation: resource ${GroupId} has a dependent object`;
    const remove = () => room.call(deleteSecurityGroup, { GroupId });
    const SubnetId = room.call(createSubnet, { VpcId, CidrBlock: "10.0.1.0/24" }).Subnet?.SubnetId;
    const eni = room.call(createNetworkInterface, { SubnetId, Groups: [GroupId] }).NetworkInterface;
    expect(refusal(remove)).toBe(violation);
    room.call(deleteNetworkInterface, { NetworkInterfaceId: eni?.NetworkInterfaceId });
    room.call(authorizeSecurityGroupIngress, fromApp);
    expect(refusal(remove)).toBe(violation);
    room.call(revokeSecurityGroupIngress, fromApp);
    remove();
    expect(refusal(remove)).toBe(
      `InvalidGroup.NotFound: The security group '${GroupId}' does not exist`,
    );
  });

  it("the default group: CannotDelete", () => {
    const { room, VpcId } = roomWithGroup();
    const Filters = [
      { Name: "vpc-id", Values: [VpcId] },
      { Name: "group-name", Values: ["default"] },
    ];
    const GroupId = room.call(describeSecurityGroups, { Filters }).SecurityGroups?.[0]?.GroupId;
    expect(refusal(() => room.call(deleteSecurityGroup, { GroupId }))).toBe(
      `CannotDelete: the specified group: "${GroupId}" name: "default" cannot be deleted by a user`,
    );
  });

  it("by the filters of its permissions: found", () => {
    const { room, GroupId, allow } = roomWithGroup();
    allow(tcp(8443, "10.7.0.0/16"));
    const find = (Name: string, value: string) =>
      room
        .call(describeSecurityGroups, { Filters: [{ Name, Values: [value] }] })
        .SecurityGroups?.map((group) => group.GroupId);
    expect(find("ip-permission.cidr", "10.7.0.0/16")).toEqual([GroupId]);
    expect(find("ip-permission.to-port", "8443")).toEqual([GroupId]);
    expect(find("egress.ip-permission.to-port", "8443")).toEqual([]);
  });
});
