/**
 * A host whose own firewall is up: a system Docker with its packet rules, or rules of its owner that let
 * nothing through. The host is a namespace with a world beyond it, so that the real one keeps its settings.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { all, vpcPlan, wired } from "../../src/dataplane/network/conformance.ts";
import type { NetworkFabric } from "../../src/dataplane/network/port.ts";
import { buildMachineImage } from "../../tools/images/machine-image.ts";
import { hostNamespace } from "./support/host-namespace.ts";
import { exec, until } from "./support/live-engine.ts";
import { createSandboxes, reach } from "./support/sandboxes.ts";

const hostName = "ngt5-host";
const host = hostNamespace(hostName);
const { run: onHost, fabric: fabricOnHost } = host;
const [hostAddress, worldAddress] = ["198.18.5.1", "198.18.5.2"] as const;
const vpcId = "vpc-0ab5ab5ab5ab5ab5a";
const sandboxes = createSandboxes("ngt5");
const home = mkdtempSync(path.join(tmpdir(), "ngt5-"));

/** Everything of the host that packets meet, without what counts them. */
const look = (): Promise<string> =>
  onHost(`
    ip -o link | cut -d: -f2
    ip route | sed 's, linkdown,,'
    ip rule
    nft list tables
    iptables-save | grep '^[-:*]' | sed 's/ \\[.*//'
    sysctl -n net.ipv4.ip_forward
    ls /run/netns /run | grep -E 'ngfe|neargate.ip_forward' || true`);
const forwards = async (): Promise<string> =>
  (await onHost("sysctl -n net.ipv4.ip_forward")).trim();
const forward = (value: 0 | 1): Promise<string> =>
  onHost(`sysctl -qw net.ipv4.ip_forward=${value}`);

/** What a task sees: the address under which the world knows it. */
async function fromTask(fabric: NetworkFabric, name: string): Promise<string> {
  const netns = await sandboxes.make(name);
  const task = wired(`5a${Buffer.from(name).toString("hex")}0000000000`, "10.0.1.5", netns, [
    "sg-0a",
  ]);
  const open = [{ groupId: "sg-0a", ingress: [all], egress: [all] }];
  await fabric.apply(vpcPlan(vpcId, open, [task], { private: "nat" }));
  return reach(netns, worldAddress, 80);
}

beforeAll(async () => {
  await host.make();
  const world = await sandboxes.make("world");
  await onHost(`
    ip link add w0 type veth peer name eth0 netns ${world}
    ip addr add ${hostAddress}/24 dev w0
    ip link set w0 up
    ip -n ngt5-world addr add ${worldAddress}/24 dev eth0
    ip -n ngt5-world link set eth0 up
    ip route add default via ${worldAddress}`);
  await sandboxes.listen(world, 80);
});
afterAll(async () => {
  await sandboxes.removeAll();
  await host.remove(["fe0501", "fe0502", "fe0503"]);
  rmSync(home, { recursive: true });
});

describe("a system Docker with its packet rules", () => {
  const socket = `unix://${path.join(home, "docker.sock")}`;
  const docker = (args: readonly string[], input = ""): ReturnType<typeof exec.run> =>
    exec.run("docker", args, { input, env: { DOCKER_HOST: socket }, timeoutMs: 240_000 });
  const start = async (): Promise<{ stop(): Promise<void> }> => {
    const places = ["--data-root", `${home}/data`, "--exec-root", `${home}/exec`];
    const dockerd = exec.start(
      "nsenter",
      [`--net=/run/netns/${hostName}`, "dockerd", ...places, "-p", `${home}/pid`, "-H", socket],
      { output: "ignore" },
    );
    const ended = once(dockerd, "exit");
    await until("Docker answers", 60_000, async () => (await docker(["info"])).code === 0);
    return {
      async stop() {
        dockerd.kill("SIGTERM");
        await ended;
      },
    };
  };
  /** From a container at Docker's own bridge: what the world sees. */
  const fromContainer = async (): Promise<string> => {
    const script = `exec 3<>/dev/tcp/${worldAddress}/80 && read -r line <&3 && echo $line`;
    const result = await docker(["run", "--rm", "ngt5:1", "-c", script]);
    return `${result.stdout}${result.stderr}`.trim();
  };
  let system: { stop(): Promise<void> } | undefined;

  beforeAll(async () => {
    await forward(0);
    system = await start();
    const programs = { "/bin/bash": "/bin/bash" };
    const image = { exec, reference: "ngt5:1", programs, entrypoint: ["/bin/bash"] };
    const file = path.join(home, "image.tar");
    writeFileSync(file, (await buildMachineImage(image)).tar);
    expect(await docker(["load", "-i", file])).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await system?.stop();
    await exec.run("umount", ["-R", `${home}/data`, `${home}/exec`]);
  });

  it("lets nothing but its own through: tasks get out, its containers do, and all is as before at the end", async () => {
    const before = await look();
    expect(before).toContain(":FORWARD DROP");
    expect(await fromContainer()).toBe(hostAddress);
    const fabric = fabricOnHost("fe0501");
    await fabric.start();
    expect(await fromTask(fabric, "a1")).toBe(hostAddress);
    expect(await fromContainer()).toBe(hostAddress);
    await fabric.stop({ removeAll: true });
    expect(await look()).toBe(before);
    expect(await fromContainer()).toBe(hostAddress);
  });

  it("whose daemon runs the tasks, too: the demo is answered, and no container is left", async () => {
    const before = await look();
    const cli = path.join(import.meta.dirname, "../../bin/neargate");
    const args = [`--net=/run/netns/${hostName}`, cli, "demo", "--once", "--port", "0"];
    const demo = await exec.run("nsenter", args, { env: { DOCKER_HOST: socket } });
    expect(demo.code, demo.stdout + demo.stderr).toBe(0);
    expect(demo.stdout.match(/Hello from task \w+/g)).toHaveLength(2);
    expect((await docker(["ps", "-aq"])).stdout).toBe("");
    expect(await look()).toBe(before);
  });

  it("and forwarding switched off behind its back: switched on for the tasks, then off again", async () => {
    await forward(0);
    const before = await look();
    const fabric = fabricOnHost("fe0501");
    await fabric.start();
    expect(await fromTask(fabric, "a2")).toBe(hostAddress);
    await fabric.stop({ removeAll: true });
    expect(await look()).toBe(before);
  });

  it("restarted while tasks run: both still get out", async () => {
    await forward(1);
    const fabric = fabricOnHost("fe0501");
    await fabric.start();
    await system?.stop();
    system = await start();
    expect(await fromTask(fabric, "a3")).toBe(hostAddress);
    expect(await fromContainer()).toBe(hostAddress);
    await fabric.stop({ removeAll: true });
  });

  it("that comes while tasks run: it keeps the forwarding that it found", async () => {
    await system?.stop();
    await onHost(`
      nft flush ruleset
      ip link del docker0`);
    await forward(0);
    const fabric = fabricOnHost("fe0501");
    await fabric.start();
    expect(await forwards()).toBe("1");
    system = await start();
    expect(await fromTask(fabric, "a4")).toBe(hostAddress);
    await fabric.stop({ removeAll: true });
    expect(await forwards()).toBe("1");
    expect(await fromContainer()).toBe(hostAddress);
  });
});

describe("a firewall of the host's owner", () => {
  const table = "inet owners";
  const refused = (fabric: NetworkFabric): Promise<string> =>
    fabric.start().then(
      () => "started",
      (error: Error) => error.message,
    );

  it("that drops what is forwarded: refused in one sentence whose command mends it", async () => {
    await onHost(`nft flush ruleset
      nft 'table ${table} { chain guard { type filter hook forward priority 5; policy drop; ct state established accept; }; }'`);
    const before = await look();
    const fabric = fabricOnHost("fe0502");
    const said = await refused(fabric);
    expect(said).toMatch(
      /^The host's firewall \(nftables, table inet owners, chain guard\) drops .*: nft '/,
    );
    await fabric.stop({ removeAll: true });
    expect(await look()).toBe(before);
    await onHost(said.slice(said.indexOf(": nft ") + 2));
    const again = fabricOnHost("fe0502");
    await again.start();
    expect(await fromTask(again, "b1")).toBe(hostAddress);
    await again.stop({ removeAll: true });
  });

  it("made with iptables: the same, by a command of iptables", async () => {
    await onHost("nft flush ruleset; iptables -A FORWARD -j DROP");
    const fabric = fabricOnHost("fe0503");
    const said = await refused(fabric);
    expect(said).toMatch(/^The host's firewall drops .*: iptables -I FORWARD /);
    await fabric.stop({ removeAll: true });
    await onHost(said.slice(said.indexOf(": iptables ") + 2));
    const again = fabricOnHost("fe0503");
    await again.start();
    expect(await fromTask(again, "b2")).toBe(hostAddress);
    await again.stop({ removeAll: true });
  });

  it("on a host without a way out: there is nothing to refuse", async () => {
    await onHost(`nft flush ruleset; iptables -P FORWARD DROP; ip route del default`);
    const fabric = fabricOnHost("fe0502");
    await fabric.start();
    await fabric.stop({ removeAll: true });
    await onHost(`ip route add default via ${worldAddress}`);
  });
});
