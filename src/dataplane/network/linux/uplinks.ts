/**
 * The links by which VPCs reach the host, which is their internet: a /30 each, out of a range of the
 * engine's own inside 100.64.0.0/10. The names and addresses of the links on the host are the only
 * record of who has which.
 */
import {
  type Cidr,
  formatAddress,
  formatCidr,
  networkOf,
  overlaps,
  parseAddress,
  parseCidr,
} from "../../../model/cidr.ts";
import { DriverError } from "../../errors.ts";
import { hostNamespace, uplinkName, uplinkPrefix } from "../names.ts";
import type { Uplink } from "../port.ts";
import { uplinkDevice } from "./routing.ts";
import { type Shell, withInput } from "./shell.ts";

export type Uplinks = {
  /** Reads back what the host has and settles on the range. */
  start(): Promise<void>;
  range(): string;
  of(vpcId: string): Uplink | undefined;
  /** Makes the link of a VPC whose namespace has none. */
  create(vpcId: string, vpcNamespace: string): Promise<Uplink>;
  remove(vpcId: string): Promise<void>;
};

const shared = { base: 0x64400000, bits: 10 } as const satisfies Cidr;
const rangeBits = 20;
const rangeSize = 2 ** (32 - rangeBits);
const ranges = 2 ** (rangeBits - shared.bits);
const slots = rangeSize / 4;

type Slot = { readonly slot: number; readonly uplink: Uplink };

export function createUplinks(shell: Shell, engineId: string, ipv6: boolean): Uplinks {
  const byVpc = new Map<string, Slot>();
  let base = rangeBase(Number.parseInt(engineId, 16) % ranges);
  let nextSlot = 0;

  const slotOf = (slot: number): Slot => ({
    slot,
    uplink: {
      link: uplinkName(engineId, slot),
      hostAddress: formatAddress(base + slot * 4 + 1),
      vpcAddress: formatAddress(base + slot * 4 + 2),
    },
  });

  const freeSlot = async (): Promise<Slot> => {
    const used = new Set([...byVpc.values()].map(({ slot }) => slot));
    const taken = parseRoutes(await shell.runOk("ip -j -4 route show table all"));
    for (let step = 0; step < slots; step++) {
      const slot = (nextSlot + step) % slots;
      const block: Cidr = { base: base + slot * 4, bits: 30 };
      if (used.has(slot) || taken.some((route) => overlaps(route, block))) continue;
      nextSlot = slot + 1;
      return slotOf(slot);
    }
    throw new DriverError("unavailable", `no address block of ${formatAddress(base)} is free`);
  };

  return {
    async start() {
      byVpc.clear();
      const links = parseUplinks(await shell.runOk("ip -j -d -4 addr"), engineId);
      const first = links[0];
      if (first) base = first.address - 1 - first.slot * 4;
      else base = chooseBase(base, parseRoutes(await shell.runOk("ip -j -4 route show table all")));
      for (const { slot, vpcId } of links) byVpc.set(vpcId, slotOf(slot));
      nextSlot = Math.max(0, ...links.map(({ slot }) => slot + 1));
    },
    range: () => formatCidr({ base, bits: rangeBits }),
    of: (vpcId) => byVpc.get(vpcId)?.uplink,
    async create(vpcId, vpcNamespace) {
      const made = byVpc.get(vpcId) ?? (await freeSlot());
      // What an attempt that ended half-way may have left.
      await shell.run([`ip link del ${made.uplink.link}`]);
      await shell.runOk(
        withInput(`ip -n ${vpcNamespace} -batch -`, vpcEndLines(engineId, made.uplink)),
      );
      await shell.runOk(withInput("ip -batch -", hostEndLines(made.uplink, vpcId, ipv6)));
      byVpc.set(vpcId, made);
      return made.uplink;
    },
    async remove(vpcId) {
      const present = byVpc.get(vpcId);
      byVpc.delete(vpcId);
      if (present) await shell.run([`ip link del ${present.uplink.link}`]);
    },
  };
}

/** The first of the engine's candidates that no route of the host touches. */
function chooseBase(wanted: number, taken: readonly Cidr[]): number {
  const start = (wanted - shared.base) / rangeSize;
  for (let step = 0; step < ranges; step++) {
    const base = rangeBase((start + step) % ranges);
    if (!taken.some((route) => overlaps(route, { base, bits: rangeBits }))) return base;
  }
  throw new DriverError("fatal", "the host uses all of 100.64.0.0/10 itself");
}

const rangeBase = (index: number): number => shared.base + index * rangeSize;

/** The address at the VPC's end brings no route: only a route table leads out. */
const vpcEndLines = (engineId: string, { link, vpcAddress }: Uplink): string[] => [
  `link add ${uplinkDevice} type veth peer name ${link} netns ${hostNamespace(engineId)}`,
  `addr add ${vpcAddress}/30 dev ${uplinkDevice} noprefixroute`,
  `link set ${uplinkDevice} up`,
];

const hostEndLines = ({ link, hostAddress }: Uplink, vpcId: string, ipv6: boolean): string[] => [
  ...(ipv6 ? [`link set dev ${link} addrgenmode none`] : []),
  `addr add ${hostAddress}/30 dev ${link}`,
  `link set ${link} up`,
  // Last, because a link without it counts as never finished.
  `link set dev ${link} alias ${vpcId}`,
];

type KernelAddress = {
  readonly ifname: string;
  readonly ifalias?: string;
  readonly addr_info?: readonly { readonly local?: string }[];
};

function parseUplinks(
  json: string,
  engineId: string,
): { slot: number; vpcId: string; address: number }[] {
  const prefix = uplinkPrefix(engineId);
  return (JSON.parse(json) as KernelAddress[]).flatMap(({ ifname, ifalias, addr_info }) => {
    const address = parseAddress(addr_info?.[0]?.local ?? "");
    if (!ifname.startsWith(prefix) || ifalias === undefined || address === undefined) return [];
    return [{ slot: Number(ifname.slice(prefix.length)), vpcId: ifalias, address }];
  });
}

function parseRoutes(json: string): Cidr[] {
  const routes = json.trim() === "" ? [] : (JSON.parse(json) as { readonly dst: string }[]);
  return routes.flatMap(({ dst }) => {
    const cidr = parseCidr(dst.includes("/") ? dst : `${dst}/32`);
    // A default route of any form overlaps everything and says nothing.
    return cidr && cidr.bits > 1 ? [{ base: networkOf(cidr), bits: cidr.bits }] : [];
  });
}
