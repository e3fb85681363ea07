/**
 * Links between a VPC's namespace and others, as `ip` commands (pure).
 *
 * A wire is recognised by the alias of its VPC end, which says all that it was made from and is written
 * last: a link without the right alias was never finished and is made anew.
 */
import path from "node:path";
import type { InterfacePlan } from "../../../model/vpc-plan.ts";
import {
  edgeLinkName,
  isPeeringLink,
  metadataAddress,
  metadataLinkName,
  peeringLinkName,
  routerAddress,
  vpcLinkName,
} from "../names.ts";
import { metadataDevice } from "./routing.ts";

export type Wire = {
  /** The VPC's end. */
  readonly link: string;
  readonly address: string;
  readonly macAddress: string | undefined;
  /** More addresses of it. They come and go while the wire stays, so that its alias leaves them out. */
  readonly secondaryAddresses: readonly string[];
  readonly end: WireEnd;
};

export type WireEnd =
  | { readonly type: "sandbox"; readonly netns: string }
  | { readonly type: "edge"; readonly link: string }
  /** A link of the same name in another VPC's namespace. */
  | { readonly type: "peer"; readonly namespace: string };

export const interfaceWire = (planned: InterfacePlan): Wire => ({
  link: vpcLinkName(planned.interfaceId),
  address: planned.address,
  macAddress: planned.macAddress,
  secondaryAddresses: planned.secondaryAddresses.map(({ address }) => address),
  end:
    planned.place.type === "sandbox"
      ? { type: "sandbox", netns: planned.place.netns }
      : { type: "edge", link: edgeLinkName(planned.interfaceId) },
});

export const metadataWire = (vpcId: string): Wire => ({
  link: metadataDevice,
  address: metadataAddress,
  macAddress: undefined,
  secondaryAddresses: [],
  end: { type: "edge", link: metadataLinkName(vpcId) },
});

/** It carries no address of its own, and both its ends have one hardware address: nobody asks for it. */
export const peerWire = (peeringId: string, namespace: string): Wire => {
  const link = peeringLinkName(peeringId);
  const digits = link.slice(1, 11);
  return {
    link,
    address: "-",
    macAddress: `0a:${digits.replace(/..(?=.)/g, "$&:")}`,
    secondaryAddresses: [],
    end: { type: "peer", namespace },
  };
};

export const aliasOf = ({ address, macAddress, end }: Wire): string =>
  [address, macAddress ?? "-", end.type, endName(end)].join(" ");

function endName(end: WireEnd): string {
  switch (end.type) {
    case "sandbox":
      return end.netns;
    case "edge":
      return end.link;
    case "peer":
      return end.namespace;
  }
}

/** The interface's name in a sandbox. */
const sandboxLink = "eth0";

/** A secondary address, for `ip` in a sandbox. */
export const sandboxAddress = (verb: "replace" | "del", address: string): string =>
  `addr ${verb} ${address}/32 dev ${sandboxLink}`;

/** `ip -n` takes names below /run/netns; a way out of there leads to any path. */
export const namespaceArgument = (netns: string): string =>
  path.isAbsolute(netns) ? `../..${netns}` : netns;

/**
 * For `ip` in the sandbox; `ipv6` says whether the kernel has it, so that no address of it is made up.
 */
export function sandboxLines(wire: Wire, vpcNamespace: string, ipv6: boolean): string[] {
  const mac = wire.macAddress === undefined ? "" : ` address ${wire.macAddress}`;
  return [
    `link add ${sandboxLink}${mac} type veth peer name ${wire.link} netns ${vpcNamespace}`,
    "link set lo up",
    `addr add ${wire.address}/32 dev ${sandboxLink}`,
    ...wire.secondaryAddresses.map((address) => sandboxAddress("replace", address)),
    ...(ipv6 ? [`link set dev ${sandboxLink} addrgenmode none`] : []),
    `link set ${sandboxLink} up`,
    `route add ${routerAddress} dev ${sandboxLink} scope link`,
    `route add default via ${routerAddress} dev ${sandboxLink}`,
  ];
}

/**
 * For `ip` in the edge namespace, where several links may hold the same address: each has a table of
 * its own, which sockets bound to the link use.
 */
export function edgeLines(wire: Wire, link: string, vpcNamespace: string, table: number): string[] {
  const mac = wire.macAddress === undefined ? "" : ` address ${wire.macAddress}`;
  return [
    `link add ${link}${mac} type veth peer name ${wire.link} netns ${vpcNamespace}`,
    `addr add ${wire.address}/32 dev ${link}`,
    `link set ${link} up`,
    `route add ${routerAddress} dev ${link} scope link table ${table}`,
    `route add default via ${routerAddress} dev ${link} table ${table} onlink`,
    `rule add oif ${link} lookup ${table} pref 200`,
    `rule add iif ${link} lookup ${table} pref 200`,
  ];
}

export const edgeRuleRemovals = (link: string, table: number): string[] => [
  `rule del oif ${link} lookup ${table} pref 200`,
  `rule del iif ${link} lookup ${table} pref 200`,
];

/** For `ip` in the namespace of one end of a peering connection; the other end is not looked for. */
export const peerEndLines = (wire: Wire): string[] => [
  `link set ${wire.link} arp off`,
  `link set ${wire.link} up`,
  `link set dev ${wire.link} alias "${aliasOf(wire)}"`,
];

/** For `ip` in one of the two namespaces. */
export const peerLink = ({ link, macAddress }: Wire, namespace: string): string =>
  `link add ${link} address ${macAddress} type veth peer name ${link} address ${macAddress} netns ${namespace}`;

/** For `ip` in the VPC's namespace. */
export const vpcLines = (wire: Wire): string[] => [
  `link set ${wire.link} up`,
  `route replace ${wire.address}/32 dev ${wire.link}`,
  `link set dev ${wire.link} alias "${aliasOf(wire)}"`,
];

type KernelLink = { readonly ifname: string; readonly ifalias?: string };

/** Wires by link, as their aliases, out of what `ip -j link` prints. */
export function parseWires(json: string): ReadonlyMap<string, string> {
  const links = json.trim() === "" ? [] : (JSON.parse(json) as KernelLink[]);
  return new Map(
    links.filter((link) => isWire(link.ifname)).map((link) => [link.ifname, link.ifalias ?? ""]),
  );
}

const isWire = (name: string): boolean =>
  name === metadataDevice || isPeeringLink(name) || /^e[0-9a-f]{12}$/.test(name);
