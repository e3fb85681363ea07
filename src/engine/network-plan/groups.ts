/** Members and packet rules of a security group. */
import {
  addressesOf,
  type NetworkInterface,
  type SecurityGroup,
  type SecurityGroupRule,
} from "../../model/network.ts";
import type { GroupPlan, PacketRule, PeerMatch } from "../../model/vpc-plan.ts";
import { prefixListCidrs } from "../network-path/records.ts";
import type { VpcSnapshot } from "./snapshot.ts";

type Member = Parameters<typeof addressesOf>[0] & Pick<NetworkInterface, "groupIds">;

/** A group that is one of a peered VPC, too, has the members that it has there. */
export function planGroup(
  snapshot: Pick<VpcSnapshot, "prefixLists" | "networkInterfaces" | "peers">,
  group: SecurityGroup,
): GroupPlan {
  const shared = snapshot.peers.filter((peer) => has(peer.securityGroups, group.groupId));
  const rulesOf = (direction: SecurityGroupRule["direction"]): PacketRule[] =>
    group.rules
      .filter((rule) => rule.direction === direction)
      .flatMap((rule) => planRule(snapshot, group.region, rule) ?? []);
  return {
    groupId: group.groupId,
    members: [snapshot, ...shared].flatMap(({ networkInterfaces }) =>
      membersOf(group.groupId, networkInterfaces),
    ),
    ingress: rulesOf("ingress"),
    egress: rulesOf("egress"),
  };
}

/** Groups of peered VPCs that rules of this one name: matched by their members' addresses. */
export function planForeignGroups({ securityGroups, peers }: VpcSnapshot): GroupPlan[] {
  const named = new Set(
    securityGroups.flatMap(({ rules }) =>
      rules.flatMap(({ peer }) => (peer.type === "group" ? [peer.groupId] : [])),
    ),
  );
  const foreign = [...named].filter(
    (id) => !has(securityGroups, id) && peers.some(({ securityGroups: groups }) => has(groups, id)),
  );
  return foreign.map((groupId) => ({
    groupId,
    members: peers.flatMap((peer) => membersOf(groupId, peer.networkInterfaces)),
    ingress: [],
    egress: [],
  }));
}

const has = (groups: readonly SecurityGroup[], groupId: string): boolean =>
  groups.some((group) => group.groupId === groupId);

const membersOf = (groupId: string, interfaces: readonly Member[]): string[] =>
  interfaces
    .filter((record) => record.groupIds.includes(groupId))
    .flatMap((record) => addressesOf(record).map(({ privateIp }) => privateIp));

/** Undefined for a rule that no IPv4 packet can match. */
function planRule(
  snapshot: Pick<VpcSnapshot, "prefixLists">,
  region: string,
  rule: SecurityGroupRule,
): PacketRule | undefined {
  const peer = planPeer(snapshot, region, rule);
  if (!peer || rule.protocol === "icmpv6") return undefined;
  return {
    protocol: rule.protocol === "-1" ? "any" : rule.protocol,
    ports: planPorts(rule),
    peer,
  };
}

function planPeer(
  { prefixLists }: Pick<VpcSnapshot, "prefixLists">,
  region: string,
  { peer }: SecurityGroupRule,
): PeerMatch | undefined {
  switch (peer.type) {
    case "ipv4":
      return { type: "cidr", cidr: peer.cidr };
    case "group":
      return { type: "group", groupId: peer.groupId };
    case "prefix-list": {
      const cidrs = prefixListCidrs(prefixLists, region, peer.prefixListId);
      return cidrs.length === 0 ? undefined : { type: "cidrs", cidrs };
    }
    case "ipv6":
      return undefined;
  }
}

/** Only TCP and UDP have ports, ICMP a type and a code; -1 as the type stands for all. */
export function planPorts({
  protocol,
  fromPort,
  toPort,
}: Pick<SecurityGroupRule, "protocol" | "fromPort" | "toPort">): PacketRule["ports"] {
  if (!["tcp", "udp", "icmp"].includes(protocol)) return undefined;
  if (fromPort === undefined || fromPort === -1) return undefined;
  return { from: fromPort, to: toPort ?? (protocol === "icmp" ? -1 : fromPort) };
}
