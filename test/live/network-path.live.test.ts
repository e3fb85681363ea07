/** What `explain` says of random networks, held against real packets on the kernel. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linuxFabric } from "../../src/dataplane/network/linux/driver.ts";
import type { NetworkFabric } from "../../src/dataplane/network/port.ts";
import type { NetworkRecords } from "../../src/engine/network-path/records.ts";
import { walk } from "../../src/engine/network-path/walk.ts";
import { planVpc } from "../../src/engine/network-plan/plan-vpc.ts";
import { addressesOf, type NetworkInterface } from "../../src/model/network.ts";
import { recordingLogger } from "../../src/seams/logger.ts";
import { aNetwork, outsideAddress, ports, snapshotOf, vpcIds } from "../builders/networks.ts";
import { clock, exec } from "./support/live-engine.ts";
import { type Outside, openOutside } from "./support/outside.ts";
import { connect, createSandboxes, ping } from "./support/sandboxes.ts";

const networks = fc.sample(aNetwork, { seed: 2026, numRuns: 20 });
const sandboxes = createSandboxes("ngt9");
const netnsOf = (interfaceId: string): string => `/run/netns/ngt9-${interfaceId}`;
const fabric: NetworkFabric = linuxFabric({
  engineId: "fe0f01",
  exec,
  clock,
  logger: recordingLogger(),
});
let outside: Outside;

type Probe = {
  readonly from: NetworkInterface;
  readonly to: NetworkInterface | undefined;
  readonly protocol: "tcp" | "icmp";
  readonly port: number;
};

beforeAll(async () => {
  outside = await openOutside(outsideAddress);
  for (const port of ports) await outside.listen((socket) => socket.end("here\n"), { port });
  for (const { networkInterfaceId } of networks[0]?.networkInterfaces ?? []) {
    const netns = await sandboxes.make(networkInterfaceId);
    for (const port of ports) await sandboxes.listen(netns, port);
  }
  await fabric.start();
});
afterAll(async () => {
  await fabric.stop({ removeAll: true });
  await sandboxes.removeAll();
  await outside.close();
});

/** A different handful for each network, each protocol and kind of end among them. */
function probesOf({ networkInterfaces }: NetworkRecords, round: number): Probe[] {
  return Array.from({ length: 8 }, (_, at): Probe[] => {
    const from = networkInterfaces[(round + at) % 6];
    const to = at % 3 === 0 ? undefined : networkInterfaces[(round * 5 + at * 7 + 1) % 6];
    if (!from || from === to) return [];
    const port = at % 4 === 1 ? ports[1] : ports[0];
    // At its secondary address, where it has one.
    const end = to && { ...to, ...addressesOf(to).at(at % 2 === 0 ? -1 : 0) };
    return [{ from, to: end, protocol: at % 5 === 4 ? "icmp" : "tcp", port }];
  }).flat();
}

const arrives = async ({ from, to, protocol, port }: Probe): Promise<boolean> => {
  const address = to?.privateIp ?? outsideAddress;
  const netns = netnsOf(from.networkInterfaceId);
  if (protocol === "tcp")
    return !["timeout", "refused"].includes(await connect(netns, address, port));
  return ping(netns, address);
};

async function keepsTrying(probe: Probe): Promise<boolean> {
  for (let tries = 1; tries < 6; tries++) if (await arrives(probe)) return true;
  return false;
}

const explained = (records: NetworkRecords, { from, to, protocol, port }: Probe) =>
  walk(
    records,
    { type: "interface", record: from },
    to ? { type: "interface", record: to } : { type: "address", address: outsideAddress },
    { protocol, port: protocol === "icmp" ? 8 : port },
  );

describe("explain against packets", () => {
  const seen = { open: 0, closed: 0 };
  it.each(networks.map((records, at) => [at, records] as const))(
    "network %i: every flow does what the path says",
    async (at, records) => {
      for (const vpcId of vpcIds) {
        await fabric.apply(planVpc(snapshotOf(records, vpcId, netnsOf)));
      }
      const probes = probesOf(records, at);
      const results = await Promise.all(probes.map(arrives));
      for (const [index, probe] of probes.entries()) {
        const path = explained(records, probe);
        // On a busy machine what is open may take longer than a first try waits.
        const arrived = results[index] || (path.open && (await keepsTrying(probe)));
        // Outside, the other VPC's addresses may be anybody's.
        if (path.stoppedBy?.says.includes("no gateway leads to")) continue;
        seen[path.open ? "open" : "closed"] += 1;
        const flow = `${probe.from.privateIp} -> ${probe.to?.privateIp ?? "outside"} ${probe.protocol} ${probe.port}`;
        expect({ flow, open: path.open, steps: path.steps }).toEqual({
          flow,
          open: arrived,
          steps: path.steps,
        });
      }
    },
  );

  it("among them: flows that get through and flows that do not, dozens of each", () => {
    expect(Math.min(seen.open, seen.closed)).toBeGreaterThan(20);
  });
});
