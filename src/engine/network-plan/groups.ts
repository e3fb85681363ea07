/** Members and packet rules of a security group. */
import type { NetworkInterface, SecurityGroup, SecurityGroupRule } from "../../model/network.ts";
import type { GroupPlan, PacketRule, PeerMatch } from "../../model/vpc-plan.ts";

export function planGroup(
  group: SecurityGroup,
  interfaces: readonly Pick<NetworkInterface, "groupIds" | "privateIp">[],
): GroupPlan {
  const rulesOf = (direction: SecurityGroupRule["direction"]): PacketRule[] =>
    group.rules
      .filter((rule) => rule.direction === direction)
      .flatMap((rule) => planRule(rule) ?? []);
  return {
    groupId: group.groupId,
    members: interfaces
      .filter((record) => record.groupIds.includes(group.groupId))
      .map((record) => record.privateIp),
    ingress: rulesOf("ingress"),
    egress: rulesOf("egress"),
  };
}

/** Undefined for a rule that no IPv4 packet can match. */
function planRule(rule: SecurityGroupRule): PacketRule | undefined {
  const peer = planPeer(rule);
  if (!peer || rule.protocol === "icmpv6") return undefined;
  return {
    protocol: rule.protocol === "-1" ? "any" : rule.protocol,
    ports: planPorts(rule),
    peer,
  };
}

function planPeer({ peer }: SecurityGroupRule): PeerMatch | undefined {
  switch (peer.type) {
    case "ipv4":
      return { type: "cidr", cidr: peer.cidr };
    case "group":
      return { type: "group", groupId: peer.groupId };
    case "ipv6":
    case "prefix-list":
      return undefined;
  }
}

/** Only TCP and UDP have ports, ICMP a type and a code; -1 as the type stands for all. */
function planPorts({ protocol, fromPort, toPort }: SecurityGroupRule): PacketRule["ports"] {
  if (!["tcp", "udp", "icmp"].includes(protocol)) return undefined;
  if (fromPort === undefined || fromPort === -1) return undefined;
  return { from: fromPort, to: toPort ?? (protocol === "icmp" ? -1 : fromPort) };
}
