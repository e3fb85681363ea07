/** Parts of packet rules: what a block, and what a protocol with its ports, is in nft's language (pure). */
import type { PacketRule } from "../../../model/vpc-plan.ts";

export const cidrMatch = (field: "ip saddr" | "ip daddr", cidr: string): string[] =>
  cidr.endsWith("/0") ? [] : [`${field} ${cidr}`];

export function portMatch({ protocol, ports }: Pick<PacketRule, "protocol" | "ports">): string[] {
  switch (protocol) {
    case "any":
      return [];
    case "tcp":
    case "udp": {
      if (!ports || (ports.from === 0 && ports.to === 65535)) return [`meta l4proto ${protocol}`];
      return [`${protocol} dport ${ports.from}-${ports.to}`];
    }
    case "icmp": {
      if (!ports) return ["meta l4proto icmp"];
      const code = ports.to === -1 ? [] : [`icmp code ${ports.to}`];
      return [`icmp type ${ports.from}`, ...code];
    }
    default:
      return [`meta l4proto ${protocol}`];
  }
}
