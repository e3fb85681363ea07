/** Network ACLs as they are shown, and what they can be filtered by. */
import type {
  NetworkAclEntry as NetworkAclEntryView,
  NetworkAcl as NetworkAclView,
} from "@aws-sdk/client-ec2";
import { isIpv6Entry, type NetworkAcl, type NetworkAclEntry } from "../../model/network.ts";
import type { FilterTable } from "./filters.ts";
import { toTagViews } from "./tags.ts";

type Values = (string | number | boolean | undefined)[];

const ofEntries =
  (value: (entry: NetworkAclEntryView) => Values[number]) =>
  (acl: NetworkAclView): Values =>
    acl.Entries?.map(value) ?? [];

export const networkAclFilters: FilterTable<NetworkAclView> = {
  "association.association-id": (acl) =>
    acl.Associations?.map((association) => association.NetworkAclAssociationId) ?? [],
  "association.network-acl-id": (acl) =>
    acl.Associations?.map((association) => association.NetworkAclId) ?? [],
  "association.subnet-id": (acl) =>
    acl.Associations?.map((association) => association.SubnetId) ?? [],
  default: (acl) => acl.IsDefault,
  "entry.cidr": ofEntries((entry) => entry.CidrBlock),
  "entry.icmp.code": ofEntries((entry) => entry.IcmpTypeCode?.Code),
  "entry.icmp.type": ofEntries((entry) => entry.IcmpTypeCode?.Type),
  "entry.ipv6-cidr": ofEntries((entry) => entry.Ipv6CidrBlock),
  "entry.port-range.from": ofEntries((entry) => entry.PortRange?.From),
  "entry.port-range.to": ofEntries((entry) => entry.PortRange?.To),
  "entry.protocol": ofEntries((entry) => entry.Protocol),
  "entry.rule-action": ofEntries((entry) => entry.RuleAction),
  "entry.egress": ofEntries((entry) => entry.Egress),
  "entry.rule-number": ofEntries((entry) => entry.RuleNumber),
  "network-acl-id": (acl) => acl.NetworkAclId,
  "owner-id": (acl) => acl.OwnerId,
  "vpc-id": (acl) => acl.VpcId,
};

/** The entry after all others, which every ACL has in both directions and nobody can take away. */
const lastRuleNumber = 32767;
const denyRest = (egress: boolean): NetworkAclEntryView => ({
  RuleNumber: lastRuleNumber,
  Egress: egress,
  Protocol: "-1",
  RuleAction: "deny",
  CidrBlock: "0.0.0.0/0",
});

export const toNetworkAclView = (acl: NetworkAcl): NetworkAclView => ({
  NetworkAclId: acl.networkAclId,
  VpcId: acl.vpcId,
  OwnerId: acl.account,
  IsDefault: acl.isDefault,
  Entries: [true, false].flatMap((egress) => [
    ...acl.entries
      .filter((entry) => entry.egress === egress)
      .toSorted((a, b) => a.ruleNumber - b.ruleNumber)
      .map(toEntryView),
    denyRest(egress),
  ]),
  Associations: acl.associations.map(({ associationId, subnetId }) => ({
    NetworkAclAssociationId: associationId,
    NetworkAclId: acl.networkAclId,
    SubnetId: subnetId,
  })),
  Tags: toTagViews(acl.tags),
});

function toEntryView(entry: NetworkAclEntry): NetworkAclEntryView {
  const { fromPort, toPort } = entry;
  const isIcmp = entry.protocol === "1" || entry.protocol === "58";
  const hasPorts = fromPort !== undefined;
  return {
    RuleNumber: entry.ruleNumber,
    Egress: entry.egress,
    Protocol: entry.protocol,
    RuleAction: entry.action,
    ...(isIpv6Entry(entry) ? { Ipv6CidrBlock: entry.cidr } : { CidrBlock: entry.cidr }),
    PortRange: hasPorts && !isIcmp ? { From: fromPort, To: toPort } : undefined,
    IcmpTypeCode: hasPorts && isIcmp ? { Type: fromPort, Code: toPort } : undefined,
  };
}
