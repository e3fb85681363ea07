/** Rulesets and their differences in nft's language (pure). Each text is one transaction. */

import { awsBlocks } from "../../../model/aws-addresses.ts";
import { deltaOf, isEmpty } from "../delta.ts";
import { metadataAddress, routerAddress } from "../names.ts";
import { metadataDevice, publicMark, resolverMark, uplinkDevice } from "./routing.ts";
import {
  arriving,
  incoming,
  leaving,
  outgoing,
  type Ruleset,
  resolverAddresses,
  resolvers,
  routers,
  senders,
  serving,
} from "./ruleset.ts";

const table = "ip neargate";
const empty: Ruleset = { sets: new Map(), chains: new Map(), elements: new Map() };

/**
 * What every VPC has. Neither groups nor ACLs filter link-local addresses or what is asked of the VPC's
 * resolver; what goes to AWS's addresses by the same link is filtered like all else. Nothing new comes in
 * from the host or from the metadata link, a peered VPC reaches interfaces and nothing beyond, and the
 * VPC itself answers nobody.
 */
const frame = `table ${table} {
  map ${senders} { type ifname . ipv4_addr : verdict; }
  set ${routers} { type ifname; }
  set ${resolverAddresses} { type ipv4_addr; }
  map ${resolvers} { type ipv4_addr : ipv4_addr . inet_service; }
  map ${outgoing} { type ifname : verdict; }
  map ${incoming} { type ifname : verdict; }
  chain ${serving} {
    meta mark != ${resolverMark} meta mark set ${publicMark}
    accept
  }
  chain sources {
    type filter hook prerouting priority raw; policy accept;
    th dport 53 ip daddr @${resolverAddresses} iifname "e*" meta l4proto { tcp, udp } meta mark set ${resolverMark}
    iifname . ip saddr vmap @${senders}
    iifname @${routers} ip saddr != ${routerAddress} accept
    iifname "e*" drop
    iifname "${metadataDevice}" ip saddr != { ${[metadataAddress, ...awsBlocks].join(", ")} } drop
  }
  chain resolving {
    type nat hook prerouting priority dstnat; policy accept;
    meta mark ${resolverMark} meta l4proto { tcp, udp } dnat ip addr . port to ip daddr map @${resolvers}
  }
  chain ${leaving} {
    type filter hook forward priority -10; policy drop;
  }
  chain ${arriving} {
    type filter hook forward priority 0; policy drop;
  }
  chain itself {
    type filter hook input priority 0; policy drop;
  }
  chain outside {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "${uplinkDevice}" masquerade
  }
}`;

/** Replaces whatever there is, at once: connections that are established go on. */
export const wholeText = (desired: Ruleset): string =>
  [`add table ${table}`, `delete table ${table}`, frame, ...changes(empty, desired)].join("\n");

/** Undefined when there is nothing to do. */
export function changeText(actual: Ruleset, desired: Ruleset): string | undefined {
  const lines = changes(actual, desired);
  return lines.length === 0 ? undefined : lines.join("\n");
}

/** What refers to a thing is removed before the thing and added after it. */
function changes(actual: Ruleset, desired: Ruleset): string[] {
  const sets = deltaOf(actual.sets, desired.sets);
  const chains = deltaOf(actual.chains, desired.chains);
  const elements = deltaOf(actual.elements, desired.elements);
  if ([sets, chains, elements].every(isEmpty)) return [];
  const emptied = [...chains.change.keys(), ...chains.remove.keys()];
  return [
    ...each(sets.add, (name) => `add set ${table} ${name} { type ipv4_addr; }`),
    ...each(chains.add, (name) => `add chain ${table} ${name}`),
    ...elementLines("delete", [...elements.change.keys(), ...elements.remove.keys()], () => ""),
    ...emptied.map((name) => `flush chain ${table} ${name}`),
    ...[...chains.add, ...chains.change].flatMap(([name, rules]) =>
      rules.map((rule) => `add rule ${table} ${name} ${rule}`),
    ),
    ...elementLines(
      "add",
      [...elements.add.keys(), ...elements.change.keys()],
      (key) => desired.elements.get(key) ?? "",
    ),
    ...each(chains.remove, (name) => `delete chain ${table} ${name}`),
    ...each(sets.remove, (name) => `delete set ${table} ${name}`),
  ];
}

const each = (map: ReadonlyMap<string, unknown>, line: (name: string) => string): string[] =>
  [...map.keys()].map(line);

/** One command for each set, however many elements. */
function elementLines(
  verb: "add" | "delete",
  keys: readonly string[],
  mappedTo: (key: string) => string,
): string[] {
  const bySet = new Map<string, string[]>();
  for (const key of keys) {
    const at = key.indexOf(" ");
    const [set, element] = [key.slice(0, at), key.slice(at + 1)];
    const value = mappedTo(key);
    const list = bySet.get(set) ?? [];
    list.push(value === "" ? element : `${element} : ${value}`);
    bySet.set(set, list);
  }
  return [...bySet].map(
    ([set, elements]) => `${verb} element ${table} ${set} { ${elements.join(", ")} }`,
  );
}
