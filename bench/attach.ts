/**
 * One interface attached through the network fabric, against the bare programs that make the same
 * objects (`ip -batch` in the sandbox and in the VPC, then `nft -f`), alternating, in a VPC that has
 * `present` interfaces already.
 *
 *   npm run bench attach
 */
import { linuxFabric } from "../src/dataplane/network/linux/driver.ts";
import { vpcNamespace } from "../src/dataplane/network/names.ts";
import type { InterfacePlan, PacketRule, VpcPlan } from "../src/model/vpc-plan.ts";
import { realClock } from "../src/seams/clock.ts";
import { processExec } from "../src/seams/exec.ts";
import { recordingLogger } from "../src/seams/logger.ts";
import { median, quantile, report } from "./report.ts";

const rounds = 40;
const present = 20;
const engineId = "be0c01";
const vpcId = "vpc-0be0be0be0be0be0b";
const vpc = vpcNamespace(engineId, vpcId);
const exec = processExec();
const clock = realClock();

async function run(program: string, args: readonly string[], lines?: readonly string[]) {
  const result = await exec.run(program, args, lines ? { input: `${lines.join("\n")}\n` } : {});
  if (result.code !== 0) throw new Error(`${program} ${args.join(" ")}: ${result.stderr}`);
}

const sandboxName = (at: number): string => `ngbench-${at}`;
const addressOf = (at: number): string => `10.0.1.${at + 4}`;

const rule: PacketRule = {
  protocol: "tcp",
  ports: { from: 80, to: 80 },
  peer: { type: "group", groupId: "sg-0be" },
};

function planOf(interfaces: readonly InterfacePlan[]): VpcPlan {
  return {
    vpcId,
    cidrs: ["10.0.0.0/16"],
    subnets: [
      {
        subnetId: "subnet-1",
        cidr: "10.0.1.0/24",
        routes: [
          { destination: "10.0.0.0/16", via: "local" },
          { destination: "0.0.0.0/0", via: "nat" },
        ],
        aclId: undefined,
      },
    ],
    groups: [
      {
        groupId: "sg-0be",
        members: interfaces.map((one) => one.address),
        ingress: [rule],
        egress: [{ ...rule, ports: undefined, protocol: "any" }],
      },
    ],
    interfaces,
    acls: [],
    peerings: [],
    countsFlows: false,
    dnsAddresses: [],
  };
}

const interfaceOf = (at: number): InterfacePlan => ({
  interfaceId: `eni-be${String(at).padStart(10, "0")}`,
  address: addressOf(at),
  subnetId: "subnet-1",
  macAddress: `0a:00:00:00:00:${at.toString(16).padStart(2, "0")}`,
  groupIds: ["sg-0be"],
  place: { type: "sandbox", netns: `/run/netns/${sandboxName(at)}` },
  hasPublicAddress: false,
  secondaryAddresses: [],
  forwards: false,
});

/** What the fabric makes, by hand; the chains are there already. */
async function attachBare(at: number): Promise<void> {
  const link = `x${at}`;
  await run(
    "ip",
    ["-n", sandboxName(at), "-batch", "-"],
    [
      `link add eth0 address 0a:00:00:00:01:${at.toString(16).padStart(2, "0")} type veth peer name ${link} netns ${vpc}`,
      "link set lo up",
      `addr add ${addressOf(at)}/32 dev eth0`,
      "link set eth0 addrgenmode none",
      "link set eth0 up",
      "route add 169.254.1.1 dev eth0 scope link",
      "route add default via 169.254.1.1 dev eth0",
    ],
  );
  await run(
    "ip",
    ["-n", vpc, "-batch", "-"],
    [
      `link set ${link} up`,
      `route replace ${addressOf(at)}/32 dev ${link}`,
      `link set dev ${link} alias "${addressOf(at)} by hand"`,
    ],
  );
  await run(
    "nsenter",
    [`--net=/run/netns/${vpc}`, "nft", "-f", "-"],
    [
      `add element ip neargate members_0be { ${addressOf(at)} }`,
      `add element ip neargate senders { "${link}" . ${addressOf(at)} : accept }`,
      `add element ip neargate incoming { "${link}" : drop }`,
      `add element ip neargate outgoing { "${link}" : drop }`,
    ],
  );
}

const timed = async (work: () => Promise<void>): Promise<number> => {
  const begun = clock.monotonic();
  await work();
  return clock.monotonic() - begun;
};

const fabric = linuxFabric({ engineId, exec, clock, logger: recordingLogger() });
const names = Array.from({ length: present + 2 * rounds }, (_, at) => at);
const times: { fabric: number[]; bare: number[] } = { fabric: [], bare: [] };
try {
  for (const at of names) await run("ip", ["netns", "add", sandboxName(at)]);
  await fabric.start();
  let attached = names.slice(0, present).map(interfaceOf);
  await fabric.apply(planOf(attached));
  for (let round = 0; round < rounds; round++) {
    const at = present + 2 * round;
    attached = [...attached, interfaceOf(at)];
    times.fabric.push(await timed(() => fabric.apply(planOf(attached))));
    times.bare.push(await timed(() => attachBare(at + 1)));
  }
} finally {
  await fabric.stop({ removeAll: true });
  for (const at of names) await exec.run("ip", ["netns", "del", sandboxName(at)]);
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const ratio = median(times.fabric) / median(times.bare);
report(`Attaching an interface (${rounds} each, alternating, ${present} and more present)`, [
  {
    what: "ip -batch (two namespaces) and nft -f, median / p95",
    value: `${ms(median(times.bare))} / ${ms(quantile(times.bare, 0.95))}`,
  },
  {
    what: "through the fabric, median / p95",
    value: `${ms(median(times.fabric))} / ${ms(quantile(times.fabric, 0.95))}`,
  },
  { what: "ratio", value: ratio.toFixed(2), bound: "≤ 1.2", ok: ratio <= 1.2 },
]);
