/**
 * Whether the host lets a VPC's packets out: one packet is sent from the edge by a link like a VPC's, to
 * an address of the internet, and counted and dropped where it would leave the host. Nothing goes out.
 *
 * Ours by its names: a link at the last slot of the engine's uplinks, which goes when engines end, and a
 * chain of the engine's own table.
 */
import { formatAddress, networkOf, parseCidr } from "../../../model/cidr.ts";
import { PrerequisiteError } from "../../errors.ts";
import { edgeNamespace, hostNamespace, hostTable, uplinkName, uplinkPrefix } from "../names.ts";
import { type Shell, withInput } from "./shell.ts";

/** An ordinary one: firewalls may have rules of their own for addresses that are set aside. */
const somebody = "1.1.1.1";
const discard = 9;
const device = "probe0";

/** Throws `PrerequisiteError`, with the command that mends it, when the packet does not get through. */
export async function probeOutward(shell: Shell, engineId: string, range: string): Promise<void> {
  const link = lastLink(engineId, range);
  try {
    for (const section of settingUp(engineId, link)) await shell.runOk(section);
    const [outcome] = await shell.run([trying(engineId, link)]);
    if (outcome?.code === 0) return;
    const [chains] = await shell.run(["nft -j list chains"]);
    throw new PrerequisiteError(refusal(engineId, chains?.output ?? ""));
  } finally {
    await shell.run([
      `ip link del ${link.name}`,
      `nft delete chain ip ${hostTable(engineId)} probe`,
    ]);
  }
}

type Link = { readonly name: string; readonly host: string; readonly sender: string };

function lastLink(engineId: string, range: string): Link {
  const cidr = parseCidr(range);
  if (!cidr) throw new PrerequisiteError(`${range} is no range of addresses for the network.`);
  const slots = 2 ** (32 - cidr.bits) / 4;
  const block = networkOf(cidr) + (slots - 1) * 4;
  return {
    name: uplinkName(engineId, slots - 1),
    host: formatAddress(block + 1),
    sender: formatAddress(block + 2),
  };
}

const settingUp = (engineId: string, { name, host, sender }: Link): string[] => [
  `ip link del ${name} 2>/dev/null
${withInput(`ip -n ${edgeNamespace(engineId)} -batch -`, [
  `link add ${device} type veth peer name ${name} netns ${hostNamespace(engineId)}`,
  `addr add ${sender}/30 dev ${device}`,
  `link set ${device} up`,
])}`,
  `[ ! -e /proc/sys/net/ipv6 ] || ip link set dev ${name} addrgenmode none
${withInput("ip -batch -", [`addr add ${host}/30 dev ${name}`, `link set ${name} up`])}
ip -n ${edgeNamespace(engineId)} route add ${somebody} via ${host} dev ${device}`,
  withInput("nft -f -", [
    `table ip ${hostTable(engineId)} {
  chain probe {
    type filter hook postrouting priority raw; policy accept;
    ip saddr ${sender} ip daddr ${somebody} counter drop
  }
}`,
  ]),
];

/** A host from which no route leads there has no outside, and nothing to refuse. */
function trying(engineId: string, { name, sender }: Link): string {
  const inside = `nsenter --net=/run/netns/${edgeNamespace(engineId)}`;
  const program = `require("dgram").createSocket("udp4").send("x", ${discard}, "${somebody}", () => process.exit())`;
  return `(
  ip route get ${somebody} from ${sender} iif ${name} >/dev/null 2>&1 || exit 0
  for try in 1 2 3 4 5 6 7 8; do
    if command -v bash >/dev/null; then
      ${inside} bash -c 'echo >/dev/udp/${somebody}/${discard}'
    else
      ${inside} '${process.execPath}' -e '${program}'
    fi
    for look in 1 2 3 4 5; do
      nft list chain ip ${hostTable(engineId)} probe | grep -q 'packets [1-9]' && exit 0
      sleep 0.05
    done
  done
  exit 1
)`;
}

type Chain = {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
};

/** `chainsJson`: what `nft -j list chains` prints. */
export function refusal(engineId: string, chainsJson: string): string {
  const links = `${uplinkPrefix(engineId)}*`;
  const chain = forwardChain(chainsJson);
  if (!chain || (chain.table === "filter" && chain.name === "FORWARD")) {
    const iptables = `${uplinkPrefix(engineId)}+ -j ACCEPT`;
    return `The host's firewall drops what tasks send out, so no VPC would have an internet: iptables -I FORWARD -i ${iptables} && iptables -I FORWARD -o ${iptables}`;
  }
  const { family, table, name } = chain;
  const rule = (side: string): string =>
    `insert rule ${family} ${table} ${name} ${side} "${links}" accept`;
  return (
    `The host's firewall (nftables, table ${family} ${table}, chain ${name}) drops what tasks send out, so no VPC would have ` +
    `an internet: nft '${rule("iifname")}; ${rule("oifname")}'`
  );
}

/** The chain of somebody else that most likely dropped it: one whose policy says so comes first. */
function forwardChain(chainsJson: string): Chain | undefined {
  const listed = chainsJson.trim() === "" ? [] : parseChains(chainsJson);
  const foreign = listed.filter(
    ({ hook, table, family }) =>
      hook === "forward" && !table.startsWith("neargate_") && ["ip", "inet"].includes(family),
  );
  return foreign.find(({ policy }) => policy === "drop") ?? foreign[0];
}

const parseChains = (json: string): Chain[] =>
  (
    JSON.parse(json) as { readonly nftables: readonly { readonly chain?: Chain }[] }
  ).nftables.flatMap(({ chain }) => chain ?? []);
