/** Rulesets and their differences in nft's language (pure). Each text is one transaction. */

import { awsBlocks } from "../../../model/aws-addresses.ts";
import { deltaOf, isEmpty } from "../delta.ts";
import { metadataAddress } from "../names.ts";
import { metadataDevice, publicMark, resolverMark, uplinkDevice } from "./routing.ts";
import {
  incoming,
  outgoing,
  publicSenders,
  type Ruleset,
  resolverAddresses,
  resolvers,
  routers,
  senders,
} from "./ruleset.ts";
import { subnetsEntering, subnetsLeaving } from "./ruleset-acls.ts";

const table = "ip neargate";
const empty: Ruleset = { sets: new Map(), chains: new Map(), elements: new Map() };

/**
 * What every VPC has. Neither groups nor ACLs filter link-local addresses or what is asked of the VPC's
 * resolver; what goes to AWS's addresses by the same link is filtered like all else. Nothing new comes in from the host or from the metadata link, a peered VPC reaches
 * interfaces and nothing beyond, and the VPC itself answers nobody.
 */
const frame = `table ${table} {
  set ${senders} { type ifname . ipv4_addr; }
  set ${publicSenders} { type ifname . ipv4_addr; }
  set ${routers} { type ifname; }
  set ${resolverAddresses} { type ipv4_addr; }
  map ${resolvers} { type ipv4_addr : ipv4_addr . inet_service; }
  map ${outgoing} { type ifname : verdict; }
  map ${incoming} { type ifname : verdict; }
  chain sources {
    type filter hook prerouting priority raw; policy accept;
    iifname "e*" iifname != @${routers} iifname . ip saddr != @${senders} drop
    iifname "${metadataDevice}" ip saddr != { ${[metadataAddress, ...awsBlocks].join(", ")} } drop
    iifname . ip saddr @${publicSenders} meta mark set ${publicMark}
    iifname "e*" ip daddr @${resolverAddresses} meta l4proto { tcp, udp } th dport 53 meta mark set ${resolverMark}
  }
  chain resolving {
    type nat hook prerouting priority dstnat; policy accept;
    meta mark ${resolverMark} meta l4proto { tcp, udp } dnat ip addr . port to ip daddr map @${resolvers}
  }
  chain ${subnetsLeaving} {
  }
  chain ${subnetsEntering} {
  }
  chain subnets {
    type filter hook forward priority -20; policy accept;
    iifname "${metadataDevice}" ip saddr ${metadataAddress} accept
    oifname "${metadataDevice}" ip daddr ${metadataAddress} accept
    ct status dnat accept
    iifname "e*" jump ${subnetsLeaving}
  }
  chain leaving {
    type filter hook forward priority -10; policy drop;
    ct state established,related accept
    iifname "e*" ct status dnat accept
    iifname "e*" ip daddr 169.254.0.0/16 accept
    iifname "p*" oifname "e*" accept
    iifname vmap @${outgoing}
  }
  chain entering {
    type filter hook forward priority -5; policy accept;
    iifname "${metadataDevice}" ip saddr ${metadataAddress} accept
    oifname "${metadataDevice}" ip daddr ${metadataAddress} accept
    ct status dnat accept
    oifname "e*" jump ${subnetsEntering}
  }
  chain arriving {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    oifname { "${uplinkDevice}", "${metadataDevice}" } accept
    oifname "p*" accept
    oifname vmap @${incoming}
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
