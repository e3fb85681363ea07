/**
 * What the fabric changes on the host itself: forwarding, one table of packet rules, a name for the
 * host's own namespace and, where a Docker keeps the host from forwarding, a pair of marked rules.
 *
 * The setting of ip_forward belongs to all engines of a host: the first that switches it on notes so
 * where a reboot forgets both, and the last to leave switches it back.
 */
import { PrerequisiteError } from "../../errors.ts";
import { hostNamespace, hostTable, uplinkPrefix } from "../names.ts";
import { type Shell, withInput } from "./shell.ts";

export type Host = {
  /** Idempotent. `range` is what the engine's uplinks have their addresses from. */
  start(range: string): Promise<void>;
  removeAll(): Promise<void>;
};

export function createHost(shell: Shell, engineId: string): Host {
  return {
    async start(range) {
      await shell.runOk(nameHostNamespace(hostNamespace(engineId)));
      await shell.runOk(withInput("nft -f -", [hostRules(engineId, range)]));
      await shell.runOk(admitForwarding(engineId));
      const [forwarding] = await shell.run([switchForwardingOn]);
      if (forwarding?.code === 0) return;
      throw new PrerequisiteError(
        "The host forwards no packets between networks and keeps that setting to itself: sysctl -w net.ipv4.ip_forward=1",
      );
    },
    async removeAll() {
      await shell.run([
        `nft delete table ip ${hostTable(engineId)}`,
        withdrawForwarding(engineId),
        `ip netns del ${hostNamespace(engineId)}`,
      ]);
      await shell.run([switchForwardingBack]);
    },
  };
}

/** A name left by an engine of another container, or by a boot before, names something else. */
const nameHostNamespace = (name: string): string => `
if [ -e /run/netns/${name} ] && [ ! /run/netns/${name} -ef /proc/self/ns/net ]; then
  ip netns del ${name}
fi
[ -e /run/netns/${name} ] || ip netns attach ${name} $$`;

/**
 * Nothing new ever comes into an uplink by forwarding: neither from outside nor from another VPC. And the
 * host's end of an uplink, where a VPC's resolver answers, is that VPC's alone.
 */
function hostRules(engineId: string, range: string): string {
  const table = `ip ${hostTable(engineId)}`;
  const uplinks = `"${uplinkPrefix(engineId)}*"`;
  return `add table ${table}
delete table ${table}
table ${table} {
  chain isolation {
    type filter hook forward priority -10; policy accept;
    oifname ${uplinks} ct state established,related accept
    oifname ${uplinks} drop
  }
  chain ends {
    type filter hook input priority -10; policy accept;
    iifname ${uplinks} ip daddr ${range} fib daddr . iif type != local drop
  }
  chain outside {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${range} oifname != ${uplinks} masquerade
  }
}`;
}

const forwardRules = (engineId: string): string[] =>
  ["-i", "-o"].map(
    (side) =>
      `${side} ${uplinkPrefix(engineId)}+ -m comment --comment ${hostTable(engineId)} -j ACCEPT`,
  );

/** A system Docker lets the host forward only what is its own, and has a chain for exceptions. */
const admitForwarding = (engineId: string): string => `(
  command -v iptables >/dev/null || exit 0
  if iptables -w -S DOCKER-USER >/dev/null 2>&1; then chain=DOCKER-USER
  elif iptables -w -S FORWARD 2>/dev/null | grep -qx -- '-P FORWARD DROP'; then chain=FORWARD
  else exit 0
  fi
${forwardRules(engineId)
  .map(
    (rule) =>
      `  iptables -w -C $chain ${rule} 2>/dev/null || iptables -w -I $chain ${rule} || exit 1`,
  )
  .join("\n")}
)`;

const withdrawForwarding = (engineId: string): string => `
if command -v iptables >/dev/null; then
  for chain in DOCKER-USER FORWARD; do
${forwardRules(engineId)
  .map((rule) => `    while iptables -w -D $chain ${rule} 2>/dev/null; do :; done`)
  .join("\n")}
  done
fi`;

/**
 * Exists while engines keep forwarding on that was off before; one for each host of a shared /run. It
 * says who relied on the setting then: a Docker that comes later finds it on, and needs it from there on.
 */
const noteFile = "note=/run/neargate.ip_forward.$(stat -Lc %i /proc/self/ns/net)";
const forwarding = "/proc/sys/net/ipv4/ip_forward";
const hasDocker = "iptables -w -S DOCKER-USER >/dev/null 2>&1";

const switchForwardingOn = `${noteFile}
if [ "$(cat ${forwarding})" = 0 ]; then
  { if ${hasDocker}; then echo docker; else echo none; fi; } >"$note" && echo 1 >${forwarding}
fi`;

/** An engine that cannot see whether it is the last, for want of a right or of nft, is not. */
const switchForwardingBack = `${noteFile}
if [ -e "$note" ] && tables=$(nft list tables ip) && ! echo "$tables" | grep -q 'table ip neargate_'; then
  if [ "$(cat "$note")" = docker ] || ! ${hasDocker}; then echo 0 >${forwarding}; fi
  rm "$note"
fi`;
