import { describe, expect, it } from "vitest";
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
    room.call(replaceNetworkAclEntry, { ...entry, RuleAction: "deny" });
    expect(entries()[0]?.RuleAction).toBe("deny");
    const { RuleNumber, Egress } = entry;
    room.call(deleteNetworkAclEntry, { NetworkAclId, RuleNumber, Egress });
    expect(entries()).toHaveLength(1);
    expect(
      refusal(() => room.call(deleteNetworkAclEntry, { NetworkAclId, RuleNumber, Egress })),
    ).toContain("InvalidNetworkAclEntry.NotFound");
  });

  const refused: readonly (readonly [string, object, string])[] = [
    ["rule number 32767", { RuleNumber: 32767 }, "for parameter ruleNumber is invalid"],
    ["an unknown action", { RuleAction: "maybe" }, "for parameter ruleAction is invalid"],
    ["a bad block", { CidrBlock: "10/8" }, "CIDR block 10/8 is malformed"],
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

  it("the default ACL: cannot be deleted", () => {
    const { room, original } = roomWithAcls();
    expect(
      refusal(() => room.call(deleteNetworkAcl, { NetworkAclId: original.NetworkAclId })),
    ).toContain("InvalidParameterValue: cannot delete default network ACL");
  });
});
