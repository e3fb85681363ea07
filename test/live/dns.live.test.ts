/** DNS from inside a VPC: questions of a sandbox that no group and no route lets out. */
import dns from "dns-packet";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createResolver } from "../../src/dataplane/dns/resolver.ts";
import { vpcPlan, wired } from "../../src/dataplane/network/conformance.ts";
import { linuxFabric } from "../../src/dataplane/network/linux/driver.ts";
import { recordingLogger } from "../../src/seams/logger.ts";
import { clock, exec, runOk } from "./support/live-engine.ts";
import { createSandboxes } from "./support/sandboxes.ts";

const vpcId = "vpc-0dd5dd5dd5dd5dd5d";
const logger = recordingLogger();
const fabric = linuxFabric({ engineId: "fe0f02", exec, clock, logger });
const sandboxes = createSandboxes("ngt8");
const resolver = createResolver({
  clock,
  logger,
  nameServers: () => [],
  answer: (asker, { name }) =>
    name === "web.internal" && asker === vpcId
      ? { type: "records", records: [{ type: "A", ttl: 1, address: "10.0.1.5" }] }
      : { type: "no-such-name" },
});
let netns: string;

const program = `
  use IO::Socket::INET;
  my ($proto, $address, $hex, $seconds, $port) = @ARGV;
  my $query = pack("H*", $hex);
  my $s = IO::Socket::INET->new(Proto => $proto, PeerAddr => $address, PeerPort => $port, Timeout => $seconds) or do { print "none\\n"; exit };
  $SIG{ALRM} = sub { print "none\\n"; exit };
  alarm $seconds;
  print $s ($proto eq "tcp" ? pack("n", length $query) : ""), $query;
  $s->flush;
  my $answer;
  if ($proto eq "tcp") { read($s, my $head, 2); read($s, $answer, unpack("n", $head)) } else { $s->recv($answer, 512) }
  print unpack("H*", $answer), "\\n";`;

async function ask(
  address: string,
  name: string,
  proto = "udp",
  seconds = 10,
  from = netns,
  port = 53,
): Promise<unknown> {
  const packet = dns.encode({ id: 3, type: "query", questions: [{ name, type: "A" }] });
  const args = [
    "perl",
    "-e",
    program,
    proto,
    address,
    packet.toString("hex"),
    String(seconds),
    String(port),
  ];
  const hex = (await runOk("nsenter", [`--net=${from}`, ...args])).trim();
  if (hex === "none") return hex;
  return dns.decode(Buffer.from(hex, "hex")).answers?.map((one) => "data" in one && one.data);
}

const plan = (dnsAddresses: readonly string[]) => ({
  ...vpcPlan(
    vpcId,
    [{ groupId: "sg-0a", ingress: [], egress: [] }],
    [wired("d80000000001", "10.0.1.4", netns, ["sg-0a"])],
  ),
  acls: [{ aclId: "acl-0a", ingress: [], egress: [] }],
  dnsAddresses,
});

beforeAll(async () => {
  netns = await sandboxes.make("asker");
  await fabric.start();
});
afterAll(async () => {
  await resolver.stop();
  await fabric.stop({ removeAll: true });
  await sandboxes.removeAll();
});

it("base+2 and 169.254.169.253, UDP and TCP: answered though nothing else leads out", async () => {
  const base = plan(["10.0.0.2", "169.254.169.253"]);
  const closed = { ...base, subnets: base.subnets.map((one) => ({ ...one, aclId: "acl-0a" })) };
  await fabric.apply(closed);
  await resolver.listen(vpcId, fabric.uplinkOf(vpcId)?.hostAddress ?? "");
  for (const address of ["10.0.0.2", "169.254.169.253"]) {
    for (const proto of ["udp", "tcp"]) {
      expect(await ask(address, "web.internal", proto)).toEqual(["10.0.1.5"]);
    }
  }
  expect(await ask("10.0.0.3", "web.internal", "udp", 1)).toBe("none");
});

it("another VPC's end of the host: silence, though everything leads out", async () => {
  const other = "vpc-0dd6dd6dd6dd6dd6d";
  const asking = await sandboxes.make("stranger");
  const open = {
    protocol: "any",
    ports: undefined,
    peer: { type: "cidr", cidr: "0.0.0.0/0" },
  } as const;
  await fabric.apply(
    vpcPlan(
      other,
      [{ groupId: "sg-0b", ingress: [], egress: [open] }],
      [wired("d80000000002", "10.0.1.4", asking, ["sg-0b"])],
      { private: "nat" },
    ),
  );
  const end = fabric.uplinkOf(vpcId)?.hostAddress ?? "";
  expect(await ask(end, "web.internal", "udp", 1, asking, 1053)).toBe("none");
  expect(await ask(end, "web.internal", "tcp", 1, asking, 1053)).toBe("none");
});

it("DNS support off: silence; on again: answers", async () => {
  await fabric.apply(plan([]));
  expect(await ask("10.0.0.2", "web.internal", "udp", 1)).toBe("none");
  await fabric.apply(plan(["10.0.0.2"]));
  expect(await ask("10.0.0.2", "web.internal")).toEqual(["10.0.1.5"]);
});
