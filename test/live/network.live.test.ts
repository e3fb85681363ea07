/** The network fabric on the kernel itself: packets that arrive, and packets that do not. */
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  all,
  anyone,
  describeFabric,
  tcp,
  vpcPlan,
  wired,
} from "../../src/dataplane/network/conformance.ts";
import { linuxFabric } from "../../src/dataplane/network/linux/driver.ts";
import {
  edgeLinkName,
  edgeNamespace,
  metadataAddress,
  metadataLinkName,
} from "../../src/dataplane/network/names.ts";
import type { NetworkFabric } from "../../src/dataplane/network/port.ts";
import type { InterfacePlan } from "../../src/model/vpc-plan.ts";
import { recordingLogger } from "../../src/seams/logger.ts";
import { hostNamespace } from "./support/host-namespace.ts";
import { clock, exec, runOk } from "./support/live-engine.ts";
import { type Outside, openOutside } from "./support/outside.ts";
import { connect, converse, createSandboxes, reach, type Sandboxes } from "./support/sandboxes.ts";

const outsideAddress = "192.88.99.77";
let outside: Outside;
let outsidePort: number;

const newFabric = (engineId: string): NetworkFabric =>
  linuxFabric({ engineId, exec, clock, logger: recordingLogger() });

beforeAll(async () => {
  outside = await openOutside(outsideAddress);
  const greet = (socket: Socket): void => {
    socket.write(`${socket.remoteAddress}\n`);
    socket.pipe(socket);
  };
  outsidePort = await outside.listen(greet, { on: "0.0.0.0" });
});
afterAll(() => outside.close());

describe("conformance", () => {
  const sandboxes = createSandboxes("ngt0");
  afterAll(() => sandboxes.removeAll());

  describeFabric("linux", {
    async make() {
      const fabric = newFabric("fe0001");
      await fabric.start();
      return fabric;
    },
    async sandbox(name) {
      const netns = await sandboxes.make(name);
      await sandboxes.listen(netns, 80);
      await sandboxes.listen(netns, 81);
      return netns;
    },
    outside: {
      address: outsideAddress,
      get port() {
        return outsidePort;
      },
    },
    async connects(_fabric, _vpcId, from, to, port) {
      if (from.place.type !== "sandbox") throw new Error("only from sandboxes");
      return (await connect(from.place.netns, to, port)) !== "timeout";
    },
  });
});

describe("the fabric of an engine", () => {
  const engineId = "fe0002";
  const [vpc, other] = ["vpc-0c33cc33cc33cc33c", "vpc-0d44dd44dd44dd44d"] as const;
  const balancerGroup = { groupId: "sg-0b", ingress: [tcp(80, anyone)], egress: [all] };
  const appRule = tcp(80, { type: "group", groupId: "sg-0b" });
  const appGroup = { groupId: "sg-0a", ingress: [appRule], egress: [all] };
  const closedAppGroup = { ...appGroup, ingress: [] };
  let sandboxes: Sandboxes;
  let fabric: NetworkFabric;
  let task: InterfacePlan;
  let twin: InterfacePlan;
  let caller: InterfacePlan;

  /** The node of a balancer, the same address in every VPC. */
  const node = (id: string): InterfacePlan => ({
    ...wired(id, "10.0.2.10", "", ["sg-0b"]),
    subnetId: "subnet-public",
    place: { type: "edge" },
    hasPublicAddress: true,
  });
  const nodes = { [vpc]: node("a00000000001"), [other]: node("b00000000001") };
  const netnsOf = ({ place }: InterfacePlan): string =>
    place.type === "sandbox" ? place.netns : "";
  const plan = (
    groups = [balancerGroup, appGroup],
    via: Parameters<typeof vpcPlan>[3] = { private: "nat" },
  ) => vpcPlan(vpc, groups, [task, caller, nodes[vpc]], via);
  const otherPlan = () => vpcPlan(other, [balancerGroup, appGroup], [twin, nodes[other]]);

  beforeAll(async () => {
    sandboxes = createSandboxes("ngt1");
    fabric = newFabric(engineId);
    await fabric.start();
    task = wired("a00000000002", "10.0.1.12", await sandboxes.make("task"), ["sg-0a"]);
    caller = wired("a00000000003", "10.0.1.13", await sandboxes.make("caller"), ["sg-0b"]);
    twin = wired("b00000000002", "10.0.1.12", await sandboxes.make("twin"), ["sg-0a"]);
    for (const one of [task, twin]) await sandboxes.listen(netnsOf(one), 80);
    await fabric.apply(plan());
    await fabric.apply(otherPlan());
  });
  afterAll(async () => {
    await fabric.stop({ removeAll: true });
    await sandboxes.removeAll();
  });

  /** A connection from the balancer's node as HAProxy makes it: bound to the link. */
  const fromEdge = async (
    from: InterfacePlan,
    to: string,
    port: number,
    seconds = 10,
  ): Promise<string> => {
    const program = `
      use Socket;
      socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
      setsockopt($s, SOL_SOCKET, 25, pack("Z*", shift)) or die $!;
      $SIG{ALRM} = sub { print "timeout\\n"; exit };
      alarm $ARGV[2];
      connect($s, pack_sockaddr_in($ARGV[1], inet_aton($ARGV[0]))) or do { print $!{ECONNREFUSED} ? "refused\\n" : "failed $!\\n"; exit };
      print scalar <$s>;`;
    const args = [edgeLinkName(from.interfaceId), to, String(port), String(seconds)];
    const edge = `--net=/run/netns/${edgeNamespace(engineId)}`;
    return (await runOk("nsenter", [edge, "perl", "-e", program, ...args])).trim();
  };

  it("eth0 in a sandbox: the planned address and hardware address, and nothing of IPv6", async () => {
    const eth0 = await runOk("ip", ["-n", "ngt1-task", "addr", "show", "dev", "eth0"]);
    expect(eth0).toContain("inet 10.0.1.12/32");
    expect(eth0).toContain(`link/ether ${task.macAddress}`);
    expect(eth0).not.toContain("inet6");
  });

  it("from the edge: each VPC's target of one address, which sees the balancer's own", async () => {
    expect(await fromEdge(nodes[vpc], task.address, 80)).toBe("10.0.2.10");
    expect(await fromEdge(nodes[other], twin.address, 80)).toBe("10.0.2.10");
    await fabric.apply(plan([balancerGroup, closedAppGroup]));
    expect(await fromEdge(nodes[vpc], task.address, 80, 1)).toBe("timeout");
    expect(await fromEdge(nodes[other], twin.address, 80)).toBe("10.0.2.10");
    await fabric.apply(plan());
    expect(await fromEdge(nodes[vpc], task.address, 80)).toBe("10.0.2.10");
  });

  it("a revoked rule: new flows are dropped in silence, the established one goes on", async () => {
    const conversation = await converse(netnsOf(caller), task.address, 80);
    expect(await conversation.say("before")).toBe("before");
    await fabric.apply(plan([balancerGroup, closedAppGroup]));
    expect(await connect(netnsOf(caller), task.address, 80)).toBe("timeout");
    expect(await conversation.say("after")).toBe("after");
    await conversation.end();
    await fabric.apply(plan());
  });

  it("a default route deleted: the connection that worked no longer does; made again: works", async () => {
    const uplink = fabric.uplinkOf(vpc);
    expect(await reach(netnsOf(task), outsideAddress, outsidePort)).toContain(
      uplink?.vpcAddress ?? "an uplink",
    );
    expect(await reach(netnsOf(task), uplink?.hostAddress ?? "", outsidePort)).toContain("100.");
    await fabric.apply(plan(undefined, {}));
    expect(await connect(netnsOf(task), outsideAddress, outsidePort)).toBe("timeout");
    expect(await connect(netnsOf(task), uplink?.hostAddress ?? "", outsidePort)).toBe("timeout");
    await fabric.apply(plan());
    expect(await reach(netnsOf(task), outsideAddress, outsidePort)).not.toBe("timeout");
  });

  it("link-local addresses: only the metadata one leads anywhere, whatever the groups say", async () => {
    await fabric.apply(plan([balancerGroup, { ...appGroup, egress: [] }]));
    const edge = `/run/netns/${edgeNamespace(engineId)}`;
    await sandboxes.listen(edge, 8099, metadataLinkName(vpc));
    expect(await reach(netnsOf(task), metadataAddress, 8099)).toBe(task.address);
    expect(await connect(netnsOf(task), "169.254.169.254", outsidePort)).toBe("timeout");
    expect(await connect(netnsOf(task), nodes[vpc].address, 8099)).toBe("timeout");
    const links = await runOk("ip", ["-n", edgeNamespace(engineId), "-o", "addr"]);
    for (const vpcId of [vpc, other]) expect(links).toContain(metadataLinkName(vpcId));
    await fabric.apply(plan());
  });

  it("a task that takes another's address: its packets are dropped", async () => {
    const inside = ["-n", "ngt1-caller"];
    await runOk("ip", [...inside, "addr", "add", "10.0.1.99/32", "dev", "eth0"]);
    await runOk("ip", [
      ...inside,
      "route",
      "add",
      "10.0.1.12/32",
      "via",
      "169.254.1.1",
      "dev",
      "eth0",
      "src",
      "10.0.1.99",
    ]);
    expect(await connect(netnsOf(caller), task.address, 80)).toBe("timeout");
    await runOk("ip", [...inside, "addr", "del", "10.0.1.99/32", "dev", "eth0"]);
    expect(await reach(netnsOf(caller), task.address, 80)).toBe("10.0.1.13");
  });

  it("one VPC to another's uplink or the host to a VPC: nothing gets in", async () => {
    const theirs = fabric.uplinkOf(other);
    if (!theirs) throw new Error("no uplink");
    expect(await connect(netnsOf(task), theirs.vpcAddress, 80)).toBe("timeout");
    expect(await connect("/proc/self/ns/net", theirs.vpcAddress, 80)).toBe("timeout");
  });

  it("an engine that starts anew: adopts, open connections through NAT and inside go on", async () => {
    const secondary = { address: "10.0.1.112", isPublic: false };
    const primaryOnly = task;
    task = { ...primaryOnly, secondaryAddresses: [secondary] };
    await fabric.apply(plan());
    const within = await converse(netnsOf(caller), task.address, 80);
    const toSecondary = await converse(netnsOf(caller), secondary.address, 80);
    const outwards = await converse(netnsOf(caller), outsideAddress, outsidePort);
    const uplink = fabric.uplinkOf(vpc);
    const before = await runOk("ip", [
      "netns",
      "exec",
      `ng${engineId}-${vpc.slice(4)}`,
      "ip",
      "-o",
      "link",
    ]);
    await fabric.stop({ removeAll: false });
    fabric = newFabric(engineId);
    await fabric.start();
    expect((await fabric.inventory()).toSorted()).toEqual([vpc, other]);
    await fabric.apply(plan());
    await fabric.apply(otherPlan());
    expect(fabric.uplinkOf(vpc)).toEqual(uplink);
    expect(await within.say("still here")).toBe("still here");
    expect(await toSecondary.say("still second")).toBe("still second");
    expect(await outwards.say("still out")).toBe("still out");
    expect(await fromEdge(nodes[other], twin.address, 80)).toBe("10.0.2.10");
    const after = await runOk("ip", [
      "netns",
      "exec",
      `ng${engineId}-${vpc.slice(4)}`,
      "ip",
      "-o",
      "link",
    ]);
    expect(after).toBe(before);
    task = primaryOnly;
    await fabric.apply(plan());
    expect(await connect(netnsOf(caller), secondary.address, 80)).toBe("timeout");
    expect(await runOk("ip", ["-n", "ngt1-task", "addr"])).not.toContain(secondary.address);
    expect(await within.say("still here")).toBe("still here");
    for (const one of [within, toSecondary, outwards]) await one.end();
  });

  it("changes made while no engine looked: found on the first apply and mended", async () => {
    await fabric.stop({ removeAll: false });
    const inVpc = ["-n", `ng${engineId}-${vpc.slice(4)}`];
    await runOk("ip", [...inVpc, "link", "del", `e${caller.interfaceId.slice(4)}`]);
    await runOk("ip", [...inVpc, "route", "del", "0.0.0.0/0", "table", "167772416"]);
    await runOk("ip", [
      ...inVpc,
      "rule",
      "add",
      "pref",
      "35000",
      "from",
      "10.9.0.0/16",
      "lookup",
      "77",
    ]);
    fabric = newFabric(engineId);
    await fabric.start();
    await fabric.apply(plan());
    expect(await reach(netnsOf(caller), task.address, 80)).toBe("10.0.1.13");
    expect(await reach(netnsOf(caller), outsideAddress, outsidePort)).not.toBe("timeout");
    expect(await runOk("ip", [...inVpc, "rule"])).not.toContain("10.9.0.0/16");
  });

  it("killed while it made things: what is half-made is finished by the next one", async () => {
    const half = "vpc-0f88ff88ff88ff88f";
    const name = `ng${engineId}-${half.slice(4)}`;
    // A name whose namespace was never attached.
    await runOk("touch", [`/run/netns/${name}`]);
    const one = wired("f80000000001", "10.0.1.4", await sandboxes.make("half"), ["sg-0a"]);
    const two = { ...node("f80000000002"), address: "10.0.2.4" };
    await fabric.apply(vpcPlan(half, [balancerGroup, appGroup], [one, two]));
    // Links without their alias were never finished; the sandbox's has lost its address, too.
    for (const link of ["ef80000000001", "ef80000000002", "meta0"]) {
      await runOk("ip", ["-n", name, "link", "set", "dev", link, "alias", ""]);
    }
    await runOk("ip", ["-n", "ngt1-half", "addr", "flush", "dev", "eth0"]);
    await runOk("ip", ["-n", name, "addr", "del", "169.254.1.1/32", "dev", "lo"]);
    await fabric.stop({ removeAll: false });
    fabric = newFabric(engineId);
    await fabric.start();
    await fabric.apply(vpcPlan(half, [balancerGroup, appGroup], [one, two]));
    await fabric.apply(plan());
    await fabric.apply(otherPlan());
    await sandboxes.listen(netnsOf(one), 80);
    expect(await fromEdge(two, one.address, 80)).toBe("10.0.2.4");
    await fabric.removeVpc(half);
    const rules = await runOk("ip", ["-n", edgeNamespace(engineId), "rule"]);
    expect(rules).not.toContain("detached");
  });

  it("an interface that cannot be made: the others are, and it is tried again", async () => {
    const netns = await sandboxes.make("taken");
    await runOk("ip", [
      "-n",
      "ngt1-taken",
      "link",
      "add",
      "eth0",
      "type",
      "veth",
      "peer",
      "name",
      "x",
    ]);
    const bad = wired("f80000000003", "10.0.1.21", netns, ["sg-0b"]);
    const good = wired("f80000000004", "10.0.1.22", await sandboxes.make("good"), ["sg-0b"]);
    const both = vpcPlan(vpc, [balancerGroup, appGroup], [task, caller, nodes[vpc], bad, good]);
    await expect(fabric.apply(both)).rejects.toMatchObject({
      interfaceIds: [bad.interfaceId],
      message: expect.stringContaining("File exists"),
    });
    expect(await reach(netnsOf(good), task.address, 80)).toBe("10.0.1.22");
    await runOk("ip", ["-n", "ngt1-taken", "link", "del", "eth0"]);
    await fabric.apply(both);
    expect(await reach(netns, task.address, 80)).toBe("10.0.1.21");
    await fabric.apply(plan());
  });

  it("a sandbox that has gone: left out, the others are wired", async () => {
    const gone = wired("a00000000009", "10.0.1.19", "/run/netns/ngt1-never", ["sg-0b"]);
    const late = wired("a00000000008", "10.0.1.18", await sandboxes.make("late"), ["sg-0b"]);
    await fabric.apply(
      vpcPlan(vpc, [balancerGroup, appGroup], [task, caller, nodes[vpc], gone, late], {
        private: "nat",
      }),
    );
    expect(await reach(netnsOf(late), task.address, 80)).toBe("10.0.1.18");
    await fabric.apply(plan());
  });

  it("a second engine: neither its start nor its end touches the first", async () => {
    const second = newFabric("fe0003");
    await second.start();
    await second.apply(vpcPlan("vpc-0e55ee55ee55ee55e", [], []));
    expect(second.uplinkOf("vpc-0e55ee55ee55ee55e")?.hostAddress).not.toBe(
      fabric.uplinkOf(vpc)?.hostAddress,
    );
    await second.stop({ removeAll: true });
    expect(await reach(netnsOf(caller), task.address, 80)).toBe("10.0.1.13");
    expect(await reach(netnsOf(caller), outsideAddress, outsidePort)).not.toBe("timeout");
  });
});

describe("a host of its own", () => {
  const host = hostNamespace("ngt3-host");
  const { run: onHost, fabric: fabricOnHost } = host;
  /** All that a fabric could change. */
  const look = (): Promise<string> =>
    onHost(
      "ip -o link | cut -d: -f2; ip route; ip rule; nft list ruleset; iptables-save | grep '^[-:]'; cat /proc/sys/net/ipv4/ip_forward; ls /run/netns /run | grep -E 'ngfe|neargate.ip_forward' || true",
    );
  const sandboxes = createSandboxes("ngt2");
  const one = async (name: string): Promise<InterfacePlan> =>
    wired("f00000000001", "10.0.1.5", await sandboxes.make(name), []);

  beforeAll(async () => {
    await host.make();
    await onHost("echo 0 >/proc/sys/net/ipv4/ip_forward");
  });
  afterAll(async () => {
    await sandboxes.removeAll();
    await host.remove(["fe0004", "fe0005", "fe0006", "fe0007", "fe0008"]);
  });

  it("an engine brought down by a fresh driver: the host is as before, forwarding included", async () => {
    const before = await look();
    const fabric = fabricOnHost("fe0004");
    await fabric.start();
    await fabric.apply(vpcPlan("vpc-0f66ff66ff66ff66f", [], [await one("left")]));
    expect(await look()).toContain("ngfe0004-0");
    expect(await onHost("cat /proc/sys/net/ipv4/ip_forward")).toBe("1\n");
    await fabric.stop({ removeAll: false });
    const fresh = fabricOnHost("fe0004");
    await fresh.stop({ removeAll: true });
    expect(await look()).toBe(before);
    expect(await runOk("ip", ["-n", "ngt2-left", "-o", "link"])).not.toContain("eth0");
  });

  it("two engines: forwarding goes back with the last one only", async () => {
    const [first, second] = [fabricOnHost("fe0005"), fabricOnHost("fe0006")];
    await first.start();
    await second.start();
    await first.stop({ removeAll: true });
    expect(await onHost("cat /proc/sys/net/ipv4/ip_forward")).toBe("1\n");
    await second.stop({ removeAll: true });
    expect(await onHost("cat /proc/sys/net/ipv4/ip_forward")).toBe("0\n");
  });

  it("a host that forwards nothing but its Docker's: marked exceptions, taken away at the end", async () => {
    await onHost(
      "iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER",
    );
    const before = await look();
    const fabric = fabricOnHost("fe0007");
    await fabric.start();
    await fabric.stop({ removeAll: false });
    await fabric.start();
    const rules = (await onHost("iptables -S DOCKER-USER")).trim().split("\n");
    expect(rules.filter((rule) => rule.includes("neargate_fe0007"))).toHaveLength(2);
    await fabric.stop({ removeAll: true });
    expect(await look()).toBe(before);
  });

  it("beyond the host: reached under the host's own address, and nothing comes in from there", async () => {
    const world = await sandboxes.make("world");
    const inWorld = (...args: string[]) => runOk("ip", ["-n", "ngt2-world", ...args]);
    await onHost("ip link add w0 type veth peer name eth0 netns /run/netns/ngt2-world");
    await onHost("ip addr add 198.18.5.1/24 dev w0 && ip link set w0 up");
    await inWorld("addr", "add", "198.18.5.2/24", "dev", "eth0");
    await inWorld("link", "set", "eth0", "up");
    await inWorld("route", "add", "100.64.0.0/10", "via", "198.18.5.1");
    await sandboxes.listen(world, 80);
    // The policy of the test before is still there: only the marked exceptions let this through.
    const fabric = fabricOnHost("fe0008");
    await fabric.start();
    const inside = { ...(await one("inside")), groupIds: ["sg-0a"] };
    const open = [{ groupId: "sg-0a", ingress: [all], egress: [all] }];
    await fabric.apply(vpcPlan("vpc-0f99ff99ff99ff99f", open, [inside], { private: "nat" }));
    expect(await reach("/run/netns/ngt2-inside", "198.18.5.2", 80)).toBe("198.18.5.1");
    const uplink = fabric.uplinkOf("vpc-0f99ff99ff99ff99f");
    expect(await connect(world, uplink?.vpcAddress ?? "", 80)).toBe("timeout");
    await fabric.stop({ removeAll: true });
    await onHost("ip link del w0");
  });

  it("the engine's usual range in use by the host: another is taken", async () => {
    const usual = fabricOnHost("fe0008");
    await usual.start();
    await usual.apply(vpcPlan("vpc-0f77ff77ff77ff77f", [], []));
    const wanted = usual.uplinkOf("vpc-0f77ff77ff77ff77f")?.hostAddress ?? "";
    await usual.stop({ removeAll: true });
    await onHost(`ip route add ${wanted}/32 dev lo`);
    await usual.start();
    await usual.apply(vpcPlan("vpc-0f77ff77ff77ff77f", [], []));
    const taken = usual.uplinkOf("vpc-0f77ff77ff77ff77f")?.hostAddress ?? "";
    await usual.stop({ removeAll: true });
    expect(taken).toMatch(/^100\./);
    expect(taken.split(".").slice(0, 3)).not.toEqual(wanted.split(".").slice(0, 3));
  });

  it("programs missing: one sentence with the command", async () => {
    const bare = linuxFabric({
      engineId: "fe0009",
      exec: {
        ...exec,
        start: (program, args, options) =>
          exec.start(
            "unshare",
            [
              "--mount",
              "sh",
              "-c",
              'mount -t tmpfs none /usr/sbin && exec "$0" "$@"',
              program,
              ...args,
            ],
            options,
          ),
      },
      clock,
      logger: recordingLogger(),
    });
    await expect(bare.start()).rejects.toThrow(
      /^The network needs programs .* apt-get install .*nftables/,
    );
    await bare.stop({ removeAll: false });
  });
});
