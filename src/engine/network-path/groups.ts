/** Security groups: every rule of every group of an interface may let a flow through. */
import type { NetworkInterface, SecurityGroup, SecurityGroupRule } from "../../model/network.ts";
import { covers, type Flow } from "./flow.ts";
import { contains, type NetworkRecords, prefixListCidrs } from "./records.ts";

/** The other end of a flow as a rule sees it. */
export type Peer = {
  readonly address: string;
  /** When it is one of ours. */
  readonly interface: NetworkInterface | undefined;
};

export type Admission = { readonly group: SecurityGroup; readonly rule: SecurityGroupRule };

type GroupRecords = Pick<NetworkRecords, "securityGroups" | "prefixLists">;

/** The first rule that lets the flow through. */
export function admission(
  records: GroupRecords,
  { groupIds, region }: Pick<NetworkInterface, "groupIds" | "region">,
  direction: SecurityGroupRule["direction"],
  peer: Peer,
  flow: Flow,
): Admission | undefined {
  for (const group of records.securityGroups) {
    if (!groupIds.includes(group.groupId)) continue;
    const rule = group.rules.find(
      (one) =>
        one.direction === direction && covers(one, flow) && matchesPeer(records, region, one, peer),
    );
    if (rule) return { group, rule };
  }
  return undefined;
}

function matchesPeer(
  records: GroupRecords,
  region: string,
  { peer: wanted }: SecurityGroupRule,
  peer: Peer,
): boolean {
  switch (wanted.type) {
    case "ipv4":
      return contains(wanted.cidr, peer.address);
    case "group":
      return peer.interface?.groupIds.includes(wanted.groupId) ?? false;
    case "prefix-list":
      return prefixListCidrs(records.prefixLists, region, wanted.prefixListId).some((cidr) =>
        contains(cidr, peer.address),
      );
    case "ipv6":
      return false;
  }
}
