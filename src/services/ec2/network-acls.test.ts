import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateVpcCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { startTestGateway } from "../../gateway/testing.ts";
import {
  createNetworkAclEntry,
  deleteNetworkAclEntry,
  replaceNetworkAclEntry,
} from "./network-acl-entries.ts";
import {
  createNetworkAcl,
  deleteNetworkAcl,
  describeNetworkAcls,
  replaceNetworkAclAssociation,
} from "./network-acls.ts";
import { ec2Service } from "./service.ts";
import { createSubnet } from "./subnets.ts";
import { given, openRoom, refusal } from "./testing.ts";
import { createVpc } from "./vpcs.ts";

function roomWithAcls() {
  const room = openRoom();
  const VpcId = given(room.call(createVpc, { CidrBlock: "10.0.0.0/16" }).Vpc?.VpcId);
  const subnet = room.call(createSubnet, { VpcId, CidrBlock: "10.0.1.0/24" }).Subnet;
  const SubnetId = given(subnet?.SubnetId);
  const of = (Name: string, value: string) =>
    room.call(describeNetworkAcls, { Filters: [{ Name, Values: [value] }] }).NetworkAcls ?? [];
  const original = given(of("association.subnet-id", SubnetId)[0]);
  const made = given(room.call(createNetworkAcl, { VpcId }).NetworkAcl);
  return { room, SubnetId, of, original, NetworkAclId: given(made.NetworkAclId) };
}

const ports = (from: number, to: number) => ({
  RuleNumber: 200,
  Egress: false,
  Protocol: "tcp",
  RuleAction: "allow" as const,
  CidrBlock: "10.0.0.0/8",
  PortRange: { From: from, To: to },
});

describe("network ACLs", () => {
  it("a subnet: stands behind its VPC's default ACL until that is replaced", () => {
    const { room, SubnetId, of, original, NetworkAclId } = roomWithAcls();
    expect(original.IsDefault).toBe(true);
    const AssociationId = original.Associations?.[0]?.NetworkAclAssociationId;
    const next = room.call(replaceNetworkAclAssociation, { AssociationId, NetworkAclId });
    expect(of("association.subnet-id", SubnetId)).toMatchObject([
      {
        NetworkAclId,
        Associations: [{ NetworkAclAssociationId: next.NewAssociationId, SubnetId }],
      },
    ]);
    expect(refusal(() => room.call(deleteNetworkAcl, { NetworkAclId }))).toBe(
      `DependencyViolation: The networkAcl '${NetworkAclId}' has dependencies and cannot be deleted.`,
    );
    expect(
      refusal(() => room.call(replaceNetworkAclAssociation, { AssociationId, NetworkAclId })),
    ).toBe(`InvalidAssociationID.NotFound: The association ID '${AssociationId}' does not exist`);
  });

  it("entries: created, replaced and deleted by number and direction; the last one stays", () => {
    const { room, of, NetworkAclId } = roomWithAcls();
    const entries = () =>
      of("network-acl-id", NetworkAclId)[0]?.Entries?.filter((entry) => !entry.Egress) ?? [];
    const entry = { NetworkAclId, ...ports(80, 90) };
    room.call(createNetworkAclEntry, entry);
    expect(entries()).toMatchObject([
      { RuleNumber: 200, Protocol: "6", PortRange: { From: 80, To: 90 }, RuleAction: "allow" },
      { RuleNumber: 32767, Protocol: "-1", RuleAction: "deny" },
    ]);
    expect(refusal(() => room.call(createNetworkAclEntry, entry))).toContain(
      "NetworkAclEntryAlreadyExists",
    );
    // As Terraform sends it, who takes any case.
    const RuleAction = "Deny" as "deny";
    room.call(replaceNetworkAclEntry, { ...entry, RuleAction });
    expect(entries()[0]?.RuleAction).toBe("deny");
    const { RuleNumber, Egress } = entry;
    room.call(deleteNetworkAclEntry, { NetworkAclId, RuleNumber, Egress });
    expect(entries()).toHaveLength(1);
    expect(
      refusal(() => room.call(deleteNetworkAclEntry, { NetworkAclId, RuleNumber, Egress })),
    ).toContain("InvalidNetworkAclEntry.NotFound");
  });

  it("an entry of IPv6: kept, shown in canonical form, filtered by, replaced", () => {
    const { room, of, NetworkAclId } = roomWithAcls();
    const any = { NetworkAclId, RuleNumber: 101, Egress: true, Protocol: "-1" };
    const RuleAction = "allow" as const;
    room.call(createNetworkAclEntry, { ...any, RuleAction, Ipv6CidrBlock: "2001:DB8:0::1/32" });
    const shown = () => of("network-acl-id", NetworkAclId)[0]?.Entries?.[0];
    expect(shown()).toEqual({
      RuleNumber: 101,
      Egress: true,
      Protocol: "-1",
      RuleAction,
      Ipv6CidrBlock: "2001:db8::/32",
    });
    room.call(replaceNetworkAclEntry, { ...any, RuleAction, Ipv6CidrBlock: "::/0" });
    expect(of("entry.ipv6-cidr", "::/0").map((acl) => acl.NetworkAclId)).toEqual([NetworkAclId]);
    expect(of("entry.cidr", "::/0")).toEqual([]);
    room.call(replaceNetworkAclEntry, { ...any, RuleAction, CidrBlock: "10.0.0.0/8" });
    expect(shown()).toMatchObject({ CidrBlock: "10.0.0.0/8" });
    expect(of("entry.ipv6-cidr", "::/0")).toEqual([]);
  });

  it("an entry of ICMPv6: has type and code, which one of IPv6 has to give", () => {
    const { room, of, NetworkAclId } = roomWithAcls();
    const entry = { NetworkAclId, RuleNumber: 1, Egress: true, RuleAction: "allow" as const };
    const icmp = { ...entry, Protocol: "58", Ipv6CidrBlock: "::/0" };
    expect(refusal(() => room.call(createNetworkAclEntry, icmp))).toBe(
      "MissingParameter: The request must contain the parameter icmpTypeCode.type",
    );
    room.call(createNetworkAclEntry, { ...icmp, IcmpTypeCode: { Type: 128, Code: 0 } });
    expect(of("entry.icmp.type", "128")[0]?.Entries?.[0]).toMatchObject({
      Protocol: "58",
      IcmpTypeCode: { Type: 128, Code: 0 },
      Ipv6CidrBlock: "::/0",
    });
  });

  it("more than 20 entries of one direction and kind of address: refused; the others have room", () => {
    const { room, NetworkAclId } = roomWithAcls();
    const entry = { NetworkAclId, Protocol: "-1", RuleAction: "allow" as const };
    const add = (RuleNumber: number, Egress: boolean, block: object) =>
      room.call(createNetworkAclEntry, { ...entry, RuleNumber, Egress, ...block });
    const old = { CidrBlock: "10.0.0.0/8" };
    const young = { Ipv6CidrBlock: "::/0" };
    for (let number = 1; number <= 20; number++) add(number, false, old);
    const full =
      "NetworkAclEntryLimitExceeded: The maximum number of network acl entries has been reached.";
    expect(refusal(() => add(21, false, old))).toBe(full);
    add(21, false, young);
    add(1, true, old);
    const change = { ...entry, RuleNumber: 21, Egress: false, ...old };
    expect(refusal(() => room.call(replaceNetworkAclEntry, change))).toBe(full);
    room.call(replaceNetworkAclEntry, { ...change, RuleNumber: 20, RuleAction: "deny" });
  });

  const refused: readonly (readonly [string, object, string])[] = [
    ["rule number 32767", { RuleNumber: 32767 }, "for parameter ruleNumber is invalid"],
    ["an unknown action", { RuleAction: "maybe" }, "for parameter ruleAction is invalid"],
    ["a bad block", { CidrBlock: "10/8" }, "CIDR block 10/8 is malformed"],
    ["blocks of both kinds", { Ipv6CidrBlock: "::/0" }, "InvalidParameterCombination"],
    ["no block", { CidrBlock: undefined }, "MissingParameter"],
    [
      "a bad block of IPv6",
      { CidrBlock: undefined, Ipv6CidrBlock: "::1::/0" },
      "CIDR block ::1::/0 is malformed",
    ],
    ["ICMP without a type", { Protocol: "1" }, "MissingParameter: The request must contain"],
    [
      "ICMP without a code",
      { Protocol: "1", IcmpTypeCode: { Type: 8 } },
      "must contain the parameter icmpTypeCode.code",
    ],
    ["ports the wrong way round", ports(90, 80), "Invalid TCP/UDP port range (90,80)"],
    ["an ACL that is not there", { NetworkAclId: "acl-1" }, "InvalidNetworkAclID.NotFound"],
  ];
  for (const [title, change, words] of refused) {
    it(`an entry with ${title}: refused`, () => {
      const { room, NetworkAclId } = roomWithAcls();
      const input = { NetworkAclId, ...ports(80, 80), ...change };
      expect(refusal(() => room.call(createNetworkAclEntry, input))).toContain(words);
    });
  }

  it("an action in another case, as Terraform may send it: taken; one that is none: refused", async () => {
    await using cloud = await startTestGateway([ec2Service()]);
    const ec2 = cloud.client(EC2Client);
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId: Vpc?.VpcId }));
    const { NetworkAclId } = NetworkAcl ?? {};
    const add = (RuleNumber: number, action: string) => {
      const entry = { NetworkAclId, ...ports(80, 80), RuleNumber, RuleAction: action as "deny" };
      return ec2.send(new CreateNetworkAclEntryCommand(entry));
    };
    await add(10, "Allow");
    await expect(add(20, "Perhaps")).rejects.toMatchObject({
      name: "InvalidParameterValue",
      message: "Value (Perhaps) for parameter ruleAction is invalid.",
    });
  });

  it("the default ACL: cannot be deleted", () => {
    const { room, original } = roomWithAcls();
    expect(
      refusal(() => room.call(deleteNetworkAcl, { NetworkAclId: original.NetworkAclId })),
    ).toContain("InvalidParameterValue: cannot delete default network ACL");
  });
});
