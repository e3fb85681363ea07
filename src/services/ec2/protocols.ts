/** Protocols and ports of security group and network ACL rules. */
import { invalidParameterValue } from "./errors.ts";

const names: Readonly<Record<string, string>> = {
  "1": "icmp",
  "6": "tcp",
  "17": "udp",
  "58": "icmpv6",
  all: "-1",
};

const numbers: Readonly<Record<string, string>> = { icmp: "1", tcp: "6", udp: "17", icmpv6: "58" };

const known = ["-1", "tcp", "udp", "icmp", "icmpv6"];
const highestPort = 65535;

/** `-1`, `tcp`, `udp`, `icmp`, `icmpv6` or a number as text. */
export function protocolOf(text: string | undefined): string {
  if (!text) {
    throw invalidParameterValue(
      "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
    );
  }
  const lower = text.toLowerCase();
  const name = names[lower] ?? lower;
  if (known.includes(name) || isNumber(name)) return name;
  throw invalidParameterValue(`Invalid value '${text}' for IP protocol. Unknown protocol.`);
}

/** Network ACLs give protocols as numbers. */
export const protocolNumberOf = (text: string | undefined): string => {
  const protocol = protocolOf(text);
  return numbers[protocol] ?? protocol;
};

type Ports = { fromPort: number | undefined; toPort: number | undefined };

/** The ports as kept: none for protocols without; for ICMP the type and the code. */
export function portsOf(protocol: string, from: number | undefined, to: number | undefined): Ports {
  switch (protocol) {
    case "tcp":
    case "udp":
      return tcpUdpPorts(from, to);
    case "icmp":
    case "icmpv6":
      return icmpPorts(from ?? -1, to ?? -1);
    default:
      return { fromPort: undefined, toPort: undefined };
  }
}

function tcpUdpPorts(from: number | undefined, to: number | undefined): Ports {
  if (from === undefined || to === undefined) {
    throw invalidParameterValue(
      "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    );
  }
  for (const [end, port] of [
    ["from", from],
    ["to", to],
  ] as const) {
    if (port >= 0 && port <= highestPort) continue;
    throw invalidParameterValue(`TCP/UDP (${end}) port (${port}) out of range`);
  }
  if (from > to) throw invalidParameterValue(`Invalid TCP/UDP port range (${from},${to})`);
  return { fromPort: from, toPort: to };
}

function icmpPorts(type: number, code: number): Ports {
  for (const [noun, value] of [
    ["type", type],
    ["code", code],
  ] as const) {
    if (value < -1 || value > 255)
      throw invalidParameterValue(`ICMP ${noun} (${value}) out of range`);
  }
  if (type === -1 && code !== -1) {
    throw invalidParameterValue(`ICMP code (${code}) must be -1 when type is -1`);
  }
  return { fromPort: type, toPort: code };
}

const isNumber = (text: string): boolean => /^\d{1,3}$/.test(text) && Number(text) <= 255;
