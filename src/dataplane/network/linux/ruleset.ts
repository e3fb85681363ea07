/**
 * Packet rules of a VPC as named nftables objects (pure).
 *
 * A set for each group holds its members' addresses; a chain for each group and direction its rules; a
 * chain for each combination of groups tries them in turn. Two verdict maps lead from an interface to
 * its combination, so that one more task is a handful of elements and no rule at all. `accept` ends
 * only the chain of the hook it stands in: what the sender's groups let out, the receiver's must still
 * let in.
 */
import { createHash } from "node:crypto";
import type { GroupPlan, InterfacePlan, PacketRule, VpcPlan } from "../../../model/vpc-plan.ts";
import { resolverPort, vpcLinkName } from "../names.ts";
import { metadataDevice, uplinkDevice } from "./routing.ts";
import { type AclJumps, addAcls } from "./ruleset-acls.ts";
import { cidrMatch, portMatch } from "./ruleset-matches.ts";

export type Ruleset = {
  /** Names of the groups' sets. */
  readonly sets: ReadonlyMap<string, true>;
  /** Rules by chain. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** `<set> <key>` to what the key maps to; empty in a plain set. */
  readonly elements: ReadonlyMap<string, string>;
};

/** Interface and address pairs that may send. */
export const senders = "senders";
/** The chain of those that the internet gateway serves. */
export const serving = "public";
/** Interfaces that may send for others. */
export const routers = "routers";
/** Addresses at which the resolver is asked, and where it really is. */
export const resolverAddresses = "resolver_addresses";
export const resolvers = "resolvers";

export const outgoing = "outgoing";
export const incoming = "incoming";

/** Chains of the hooks where all that is forwarded is decided, one for each side; always there. */
export const leaving = "leaving";
export const arriving = "arriving";

/** Ends the way of most packets at the first rule, unless an ACL has to see each of them. */
const established = "ct state established,related accept";

const withoutPrefix = (groupId: string): string => groupId.replace(/^sg-/, "");
const setOf = (groupId: string): string => `members_${withoutPrefix(groupId)}`;
const chainOf = (direction: Direction, groupId: string): string =>
  `${direction}_${withoutPrefix(groupId)}`;

type Direction = "in" | "out";

/** `gateway` is the host's end of the uplink. */
export function rulesetOf(plan: VpcPlan, gateway: string): Ruleset {
  const sets = new Map<string, true>();
  const chains = new Map<string, readonly string[]>();
  const elements = new Map<string, string>();
  const known = new Set(plan.groups.map((group) => group.groupId));
  for (const group of plan.groups) {
    sets.set(setOf(group.groupId), true);
    chains.set(chainOf("in", group.groupId), rulesOf("in", group, known));
    chains.set(chainOf("out", group.groupId), rulesOf("out", group, known));
    for (const member of group.members) elements.set(`${setOf(group.groupId)} ${member}`, "");
  }
  /** Names of combinations by their groups: most interfaces share one. */
  const combinations = new Map<string, string>();
  for (const planned of plan.interfaces) {
    const groupIds = planned.groupIds.filter((id) => known.has(id)).toSorted();
    const key = groupIds.join();
    const combination = combinations.get(key) ?? nameOf(groupIds);
    if (!combinations.has(key)) addCombination(chains, combination, groupIds);
    combinations.set(key, combination);
    addInterface(elements, planned, combination);
  }
  addHooks(chains, addAcls(chains, plan));
  for (const address of plan.dnsAddresses) {
    elements.set(`${resolverAddresses} ${address}`, "");
    elements.set(`${resolvers} ${address}`, `${gateway} . ${resolverPort}`);
  }
  return { sets, chains, elements };
}

function addHooks(chains: Map<string, readonly string[]>, acls: AclJumps): void {
  chains.set(leaving, [
    ...acls.leaving,
    established,
    'iifname "e*" ct status dnat accept',
    'iifname "e*" ip daddr 169.254.0.0/16 accept',
    'iifname "p*" oifname "e*" accept',
    `iifname vmap @${outgoing}`,
  ]);
  chains.set(arriving, [
    ...acls.entering,
    established,
    `oifname { "${uplinkDevice}", "${metadataDevice}" } accept`,
    'oifname "p*" accept',
    `oifname vmap @${incoming}`,
  ]);
}

/** Sixteen groups would make a longer name than the kernel takes. */
const nameOf = (groupIds: readonly string[]): string =>
  createHash("sha256").update(groupIds.join()).digest("hex").slice(0, 16);

function addCombination(
  chains: Map<string, readonly string[]>,
  combination: string,
  groupIds: readonly string[],
): void {
  for (const direction of ["in", "out"] as const) {
    const jumps = groupIds.map((id) => `jump ${chainOf(direction, id)}`);
    chains.set(`any_${direction}_${combination}`, [...jumps, "drop"]);
  }
}

function addInterface(
  elements: Map<string, string>,
  planned: InterfacePlan,
  combination: string,
): void {
  const link = `"${vpcLinkName(planned.interfaceId)}"`;
  elements.set(`${incoming} ${link}`, `jump any_in_${combination}`);
  elements.set(`${outgoing} ${link}`, `jump any_out_${combination}`);
  const primary = { address: planned.address, isPublic: planned.hasPublicAddress };
  for (const { address, isPublic } of [primary, ...planned.secondaryAddresses]) {
    elements.set(`${senders} ${link} . ${address}`, isPublic ? `goto ${serving}` : "accept");
  }
  if (planned.forwards) elements.set(`${routers} ${link}`, "");
}

const rulesOf = (
  direction: Direction,
  group: GroupPlan,
  known: ReadonlySet<string>,
): readonly string[] =>
  (direction === "in" ? group.ingress : group.egress).flatMap((rule) =>
    peerMatches(direction, rule, known).map((peer) =>
      [...peer, ...portMatch(rule), "accept"].join(" "),
    ),
  );

/** One match for each rule of the kernel; none when no packet can match: a group that is gone. */
function peerMatches(
  direction: Direction,
  { peer }: PacketRule,
  known: ReadonlySet<string>,
): string[][] {
  const field = direction === "in" ? "ip saddr" : "ip daddr";
  switch (peer.type) {
    case "cidr":
      return [cidrMatch(field, peer.cidr)];
    case "cidrs":
      return peer.cidrs.map((cidr) => cidrMatch(field, cidr));
    case "group":
      return known.has(peer.groupId) ? [[`${field} @${setOf(peer.groupId)}`]] : [];
  }
}
