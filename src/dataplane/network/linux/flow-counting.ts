/**
 * Counting a VPC's flows where groups and ACLs decide, as packet rules of a table of its own (pure).
 *
 * Every packet is counted where it comes from an interface (`tried`), where its sender's side has let
 * it go (`between`) and where its receiver's has (`arrived`); what is missing at the next place was
 * rejected there. Neither names nor metadata are counted, as on AWS. A count outlives its flow by eleven
 * minutes of silence, and the table outlives the engine.
 */
import type { FlowCount, FlowCounts, Traffic } from "../../../model/flow-count.ts";

export const flowTable = "ip neargate_flows";

const places = ["tried", "between", "arrived"] as const;
const flags = [
  ["fin", 1, "tcp flags & fin == fin"],
  ["syn", 2, "tcp flags & (syn | ack) == syn"],
  ["rst", 4, "tcp flags & rst == rst"],
  ["syn_ack", 18, "tcp flags & (syn | ack) == (syn | ack)"],
] as const;

const mostFlows = 16_384;
const tuple = "ip saddr . ip daddr . meta l4proto . th sport . th dport";
const withPorts = "type ipv4_addr . ipv4_addr . inet_proto . inet_service . inet_service";
const withoutPorts = "type ipv4_addr . ipv4_addr . inet_proto";
const keeping = `flags dynamic; size ${mostFlows}; timeout 11m; counter;`;

const countChain = (place: string): string => `
  set ${place} { ${withPorts}; ${keeping} }
  set ${place}_plain { ${withoutPorts}; ${keeping} }
  chain count_${place} {
    ct status dnat return
    ip saddr 169.254.0.0/16 return
    ip daddr 169.254.0.0/16 return
    meta l4proto { tcp, udp } update @${place} { ${tuple} } return
    update @${place}_plain { ip saddr . ip daddr . meta l4proto }
  }`;

/** Between the hooks of the table that decides. */
export const flowTableText = `table ${flowTable} {${places.map(countChain).join("")}
${flags.map(([name]) => `  set ${name} { ${withPorts}; ${keeping} }`).join("\n")}
  chain tries {
    type filter hook forward priority -30; policy accept;
    iifname "e*" jump count_tried
${flags.map(([name, , match]) => `    meta l4proto tcp ${match} update @${name} { ${tuple} }`).join("\n")}
  }
  chain goes {
    type filter hook forward priority -7; policy accept;
    jump count_between
  }
  chain arrives {
    type filter hook forward priority 10; policy accept;
    oifname "e*" jump count_arrived
  }
}`;

const sets = [
  ...places,
  ...places.map((place) => `${place}_plain`),
  ...flags.map(([name]) => name),
];

/** For `nft`. Sets are read in the order of the text above: what is counted first is read first. */
export const flowListing = `-j -n list table ${flowTable}`;

/** Totals by set and by the flow's key. */
export type Totals = ReadonlyMap<string, ReadonlyMap<string, Traffic>>;

type ListedSet = {
  readonly name: string;
  readonly elem?: readonly {
    readonly elem?: {
      readonly val: { readonly concat: readonly (string | number)[] };
      readonly counter: Traffic;
    };
  }[];
};

/** What `nft` printed for the listing. */
export function parseTotals(text: string): Totals {
  const { nftables } = JSON.parse(text) as { nftables: readonly { set?: ListedSet }[] };
  return new Map(nftables.flatMap(({ set }) => (set ? [[set.name, totalsOf(set)]] : [])));
}

const totalsOf = ({ elem = [] }: ListedSet): ReadonlyMap<string, Traffic> =>
  new Map(
    elem.flatMap(({ elem: one }): [string, Traffic][] =>
      one ? [[one.val.concat.join(" "), one.counter]] : [],
    ),
  );

/** What came to each set since `before`; a count that went back began anew. */
export function growth(before: Totals, now: Totals): Totals {
  return new Map(
    [...now].map(([set, flows]) => {
      const known = before.get(set);
      const grown = [...flows].map(([key, total]): [string, Traffic] => {
        const last = known?.get(key);
        return [key, last && last.packets <= total.packets ? minus(total, last) : total];
      });
      return [set, new Map(grown.filter(([, { packets }]) => packets > 0))];
    }),
  );
}

/**
 * By flow and place, what was counted at the next place and not yet at this one: packets that were on
 * their way while the counts were read. The next reading has them, and they were not rejected.
 */
export type OnTheirWay = Map<string, number>;

/** The flows that grew. */
export function flowsOf(grown: Totals, isWhole: boolean, onTheirWay: OnTheirWay): FlowCounts {
  const keys = new Set(sets.flatMap((set) => [...(grown.get(set)?.keys() ?? [])]));
  return { flows: [...keys].map((key) => flowOf(grown, key, onTheirWay)), isWhole };
}

/** Whether a set has no room for another flow. */
export const isFull = (totals: Totals): boolean =>
  [...totals.values()].some((flows) => flows.size >= mostFlows);

const none: Traffic = { packets: 0, bytes: 0 };

function flowOf(grown: Totals, key: string, onTheirWay: OnTheirWay): FlowCount {
  const [source = "", destination = "", protocol, sourcePort = 0, destinationPort = 0] =
    key.split(" ");
  const at = (place: (typeof places)[number]): Traffic =>
    grown.get(place)?.get(key) ?? grown.get(`${place}_plain`)?.get(key) ?? none;
  const rejected = (here: Traffic, next: Traffic, place: string): Traffic => {
    const id = `${place} ${key}`;
    const packets = here.packets - next.packets + (onTheirWay.get(id) ?? 0);
    if (packets < 0) onTheirWay.set(id, packets);
    else onTheirWay.delete(id);
    return packets > 0 ? { packets, bytes: minus(here, next).bytes } : none;
  };
  const [tried, between, arrived] = [at("tried"), at("between"), at("arrived")];
  return {
    source,
    destination,
    protocol: Number(protocol),
    sourcePort: Number(sourcePort),
    destinationPort: Number(destinationPort),
    sent: { accepted: between, rejected: rejected(tried, between, "tried") },
    received: { accepted: arrived, rejected: rejected(between, arrived, "between") },
    tcpFlags: flags.reduce((sum, [name, bits]) => sum | (grown.get(name)?.has(key) ? bits : 0), 0),
  };
}

const minus = (one: Traffic, other: Traffic): Traffic => ({
  packets: Math.max(0, one.packets - other.packets),
  bytes: Math.max(0, one.bytes - other.bytes),
});
