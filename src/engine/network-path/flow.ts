/** What a flow carries, and whether a rule's protocol and ports cover it. */

export type Flow = {
  /** `tcp`, `udp`, `icmp`, or a protocol number as text. */
  readonly protocol: string;
  /** Of TCP and UDP; the message type of ICMP. */
  readonly port: number | undefined;
};

/** The ports from which Linux opens connections, and to which answers therefore go. */
export const ephemeralPorts = { from: 32768, to: 60999 } as const;

const names: Readonly<Record<string, string>> = { "1": "icmp", "6": "tcp", "17": "udp" };

/** `tcp` for `6`; `-1` for all stays. */
export const protocolName = (protocol: string): string => names[protocol] ?? protocol;

type Coverage = {
  readonly protocol: string;
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
};

export function covers(rule: Coverage, flow: Flow): boolean {
  const protocol = protocolName(rule.protocol);
  if (protocol === "-1") return true;
  if (protocol !== protocolName(flow.protocol)) return false;
  const { fromPort } = rule;
  if (fromPort === undefined || fromPort === -1) return true;
  switch (protocol) {
    case "tcp":
    case "udp":
      return (
        flow.port !== undefined && flow.port >= fromPort && flow.port <= (rule.toPort ?? fromPort)
      );
    // The code of an echo request and its answer is 0.
    case "icmp":
      return flow.port === fromPort && (rule.toPort ?? -1) <= 0;
    default:
      return true;
  }
}

/** What comes back of a flow. The ports are those that an answer may go to, which rules must all cover. */
export function answersOf(flow: Flow, boundaries: readonly number[]): Flow[] {
  switch (protocolName(flow.protocol)) {
    case "tcp":
    case "udp": {
      const { from, to } = ephemeralPorts;
      const ports = new Set([from, to, ...boundaries.filter((port) => port >= from && port <= to)]);
      return [...ports].map((port) => ({ protocol: flow.protocol, port }));
    }
    case "icmp":
      return [{ protocol: flow.protocol, port: 0 }];
    default:
      return [flow];
  }
}

export const flowText = ({ protocol, port }: Flow): string =>
  port === undefined ? protocolName(protocol) : `${protocolName(protocol)} ${port}`;
