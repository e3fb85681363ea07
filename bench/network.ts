/**
 * The network at size: 500 interfaces in one VPC with 20 groups, how fast a rule change acts on running
 * tasks, and what the VPC costs a connection against a direct veth pair and against the same two hops
 * without any rule.
 *
 *   npm run bench network
 */
import { linuxFabric } from "../src/dataplane/network/linux/driver.ts";
import type { GroupPlan, InterfacePlan, PacketRule, VpcPlan } from "../src/model/vpc-plan.ts";
import { realClock } from "../src/seams/clock.ts";
import { processExec } from "../src/seams/exec.ts";
import { recordingLogger } from "../src/seams/logger.ts";
import { median, quantile, report } from "./report.ts";

const engineId = "be0c02";
const vpcId = "vpc-0bf0bf0bf0bf0bf0b";
const size = 500;
const groupCount = 20;
const sandboxCount = 4;
const changes = 20;
/** Many short streams in turn: a machine's speed drifts by more than the rules cost. */
const seconds = 0.15;
const rounds = 80;

const exec = processExec();
const clock = realClock();
const fabric = linuxFabric({ engineId, exec, clock, logger: recordingLogger() });

async function run(program: string, args: readonly string[]): Promise<string> {
  const result = await exec.run(program, args);
  if (result.code !== 0) throw new Error(`${program} ${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

const sandboxName = (at: number): string => `ngbnet-${at}`;
const groupIdOf = (at: number): string => `sg-${String(at % groupCount).padStart(4, "0")}`;
const addressOf = (at: number): string => `10.0.${Math.floor(at / 250)}.${(at % 250) + 4}`;
const all: PacketRule = {
  protocol: "any",
  ports: undefined,
  peer: { type: "cidr", cidr: "0.0.0.0/0" },
};
const web: PacketRule = { ...all, protocol: "tcp", ports: { from: 5201, to: 5201 } };

/** The first few are in sandboxes, the others at the edge: the VPC's side is the same. */
const interfaceOf = (at: number): InterfacePlan => ({
  interfaceId: `eni-bf${String(at).padStart(10, "0")}`,
  address: addressOf(at),
  subnetId: "subnet-1",
  macAddress: `0a:00:00:00:${(at >> 8).toString(16).padStart(2, "0")}:${(at & 255).toString(16).padStart(2, "0")}`,
  groupIds: [groupIdOf(at)],
  place:
    at < sandboxCount
      ? { type: "sandbox", netns: `/run/netns/${sandboxName(at)}` }
      : { type: "edge" },
  hasPublicAddress: false,
  secondaryAddresses: [],
  forwards: false,
});

function planOf(count: number, isOpen: boolean): VpcPlan {
  const interfaces = Array.from({ length: count }, (_, at) => interfaceOf(at));
  const groups = Array.from({ length: groupCount }, (_, at): GroupPlan => {
    const groupId = groupIdOf(at);
    const others = Array.from(
      { length: 10 },
      (_, port): PacketRule => ({
        ...all,
        protocol: "tcp",
        ports: { from: 8000 + port, to: 8000 + port },
        peer: { type: "group", groupId: groupIdOf(at + port) },
      }),
    );
    return {
      groupId,
      members: interfaces.filter((one) => one.groupIds.includes(groupId)).map((one) => one.address),
      ingress: [...others, ...(isOpen ? [web] : [])],
      egress: [all],
    };
  });
  return {
    vpcId,
    cidrs: ["10.0.0.0/16"],
    subnets: [
      {
        subnetId: "subnet-1",
        cidr: "10.0.0.0/16",
        routes: [{ destination: "10.0.0.0/16", via: "local" }],
        aclId: undefined,
      },
    ],
    groups,
    interfaces,
    acls: [],
    peerings: [],
    countsFlows: false,
    dnsAddresses: ["10.0.0.2", "169.254.169.253"],
  };
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = clock.monotonic();
  await work();
  return clock.monotonic() - begun;
};

const sink = `
  use IO::Socket::INET;
  my $l = IO::Socket::INET->new(LocalPort => 5201, Listen => 8, ReuseAddr => 1) or die $!;
  $| = 1; print "listening\\n";
  while (my $c = $l->accept) { next if fork; my $b; 1 while sysread($c, $b, 1 << 20); exit }`;

/** Prints the bytes a second that went through. */
const source = `
  use IO::Socket::INET; use Time::HiRes "time";
  my $s = IO::Socket::INET->new(PeerAddr => shift, PeerPort => 5201, Timeout => 2) or die "no connection";
  my $seconds = shift; my $b = "x" x (1 << 17); my ($sent, $from) = (0, time);
  $sent += syswrite($s, $b) while time - $from < $seconds;
  print $sent / (time - $from), "\\n";`;

/** Exits as soon as a connection gets through. */
const prober = `
  use IO::Socket::INET;
  my $to = shift;
  for (1 .. 2000) { exit 0 if IO::Socket::INET->new(PeerAddr => $to, PeerPort => 5201, Timeout => 0.02) }
  exit 1;`;

const started: ReturnType<typeof exec.start>[] = [];

async function listenIn(namespace: string): Promise<void> {
  const args = [`--net=/run/netns/${namespace}`, "perl", "-e", sink];
  const child = exec.start("nsenter", args, { errors: "ignore" });
  started.push(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
}

const throughput = async (namespace: string, to: string): Promise<number> =>
  Number(
    await run("nsenter", [
      `--net=/run/netns/${namespace}`,
      "perl",
      "-e",
      source,
      to,
      String(seconds),
    ]),
  );

const extra = ["ngbnet-x0", "ngbnet-x1", "ngbnet-y0", "ngbnet-y1", "ngbnet-r"];

/** Two namespaces with one veth between them, and two by way of a third that forwards without a rule. */
async function makeBaselines(): Promise<void> {
  const [x0 = "", x1 = "", y0 = "", y1 = "", router = ""] = extra;
  for (const name of extra) {
    await run("ip", ["netns", "add", name]);
    await run("ip", ["-n", name, "link", "set", "lo", "up"]);
  }
  const link = async (a: string, ip: string, b: string, other: string, name: string) => {
    await run("ip", [
      "-n",
      a,
      "link",
      "add",
      "eth0",
      "type",
      "veth",
      "peer",
      "name",
      name,
      "netns",
      b,
    ]);
    await run("ip", ["-n", a, "addr", "add", ip, "dev", "eth0"]);
    await run("ip", ["-n", b, "addr", "add", other, "dev", name]);
    await run("ip", ["-n", a, "link", "set", "eth0", "up"]);
    await run("ip", ["-n", b, "link", "set", name, "up"]);
  };
  await link(x0, "10.8.0.1/24", x1, "10.8.0.2/24", "eth0");
  await link(y0, "10.8.1.1/24", router, "10.8.1.254/24", "left");
  await link(y1, "10.8.2.1/24", router, "10.8.2.254/24", "right");
  await run("ip", ["-n", y0, "route", "add", "default", "via", "10.8.1.254"]);
  await run("ip", ["-n", y1, "route", "add", "default", "via", "10.8.2.254"]);
  await run("nsenter", [`--net=/run/netns/${router}`, "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
}

type Round = {
  readonly direct: number;
  readonly before: number;
  readonly vpc: number;
  readonly after: number;
};

/** What is compared runs side by side, the two hops without rules on either side of the VPC's. */
async function streams(): Promise<Round> {
  const direct = await throughput("ngbnet-x0", "10.8.0.2");
  const before = await throughput("ngbnet-y0", "10.8.2.1");
  const vpc = await throughput(sandboxName(0), addressOf(1));
  const after = await throughput("ngbnet-y0", "10.8.2.1");
  return { direct, before, vpc, after };
}

const measured: Round[] = [];
const effects: number[] = [];
const applies: number[] = [];
let whole = 0;
let one = 0;
try {
  for (let at = 0; at < sandboxCount; at++) await run("ip", ["netns", "add", sandboxName(at)]);
  await makeBaselines();
  await fabric.start();
  whole = await timed(() => fabric.apply(planOf(size - 1, true)));
  one = await timed(() => fabric.apply(planOf(size, true)));
  for (const name of [sandboxName(1), "ngbnet-x1", "ngbnet-y1"]) await listenIn(name);
  for (let round = 0; round < rounds; round++) measured.push(await streams());
  for (let change = 0; change < changes; change++) {
    await fabric.apply(planOf(size, false));
    const args = [`--net=/run/netns/${sandboxName(0)}`, "perl", "-e", prober, addressOf(1)];
    const waiting = exec.run("nsenter", args);
    await clock.sleep(100);
    effects.push(
      await timed(async () => {
        applies.push(await timed(() => fabric.apply(planOf(size, true))));
        if ((await waiting).code !== 0) throw new Error("the rule never acted");
      }),
    );
  }
} finally {
  for (const child of started) child.kill("SIGKILL");
  await fabric.stop({ removeAll: true });
  for (const name of [
    ...extra,
    ...Array.from({ length: sandboxCount }, (_, at) => sandboxName(at)),
  ]) {
    await exec.run("ip", ["netns", "del", name]);
  }
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const rate = (values: readonly number[]): string => `${(median(values) / 1e9).toFixed(2)} GB/s`;
const toDirect = median(measured.map(({ vpc, direct }) => vpc / direct));
const toBare = median(measured.map(({ vpc, before, after }) => vpc / Math.sqrt(before * after)));
const effect = quantile(effects, 0.95);
report(`A VPC of ${size} interfaces and ${groupCount} groups of 11 rules`, [
  { what: `making the first ${size - 1}, each`, value: ms(whole / (size - 1)) },
  { what: "one more", value: ms(one) },
  { what: "a rule change applied, median", value: ms(median(applies)) },
  {
    what: `a rule change to a new connection that gets through, median / p95 of ${changes}`,
    value: `${ms(median(effects))} / ${ms(effect)}`,
    bound: "≤ 100 ms",
    ok: effect <= 100,
  },
  { what: "one TCP stream: direct veth pair", value: rate(measured.map(({ direct }) => direct)) },
  {
    what: "one TCP stream: two hops without rules",
    value: rate(measured.flatMap(({ before, after }) => [before, after])),
  },
  { what: "one TCP stream: task to task", value: rate(measured.map(({ vpc }) => vpc)) },
  {
    what: "task to task against the direct pair",
    value: toDirect.toFixed(2),
    bound: "≥ 0.75",
    ok: toDirect >= 0.75,
  },
  {
    what: "task to task against two hops without rules",
    value: toBare.toFixed(2),
    bound: "≥ 0.95",
    ok: toBare >= 0.95,
  },
]);
