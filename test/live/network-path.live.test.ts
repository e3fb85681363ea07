/**
 * What `explain` says of random networks, held against real packets on the kernel.
 *
 * NEARGATE_NETWORKS sets how many networks there are (8), NEARGATE_NETWORK_SEED another seed than always the same:
 * a number, as the titles of the tests have it, or `random`.
 */
import type { ChildProcess } from "node:child_process";
import { createSocket, type Socket as Datagrams } from "node:dgram";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linuxFabric } from "../../src/dataplane/network/linux/driver.ts";
import {
  edgeLinkName,
  edgeNamespace,
  metadataLinkName,
} from "../../src/dataplane/network/names.ts";
import type { NetworkFabric } from "../../src/dataplane/network/port.ts";
import { contains, type NetworkRecords } from "../../src/engine/network-path/records.ts";
import { walk } from "../../src/engine/network-path/walk.ts";
import { planVpc } from "../../src/engine/network-plan/plan-vpc.ts";
import { awsBlocks } from "../../src/model/aws-addresses.ts";
import { addressesOf, type NetworkInterface } from "../../src/model/network.ts";
import { taskEndpointAddress } from "../../src/model/task-endpoint.ts";
import { randomIds } from "../../src/seams/ids.ts";
import { recordingLogger } from "../../src/seams/logger.ts";
import {
  aFlow,
  aNetwork,
  type FlowOfNetwork,
  outsideAddress,
  ports,
  snapshotOf,
  vpcIds,
} from "../builders/networks.ts";
import fc, { seed as usualSeed } from "../builders/properties.ts";
import { clock, exec, runOk } from "./support/live-engine.ts";
import { type Outside, openOutside } from "./support/outside.ts";
import { answerAt, isAnswered, type Place } from "./support/probes.ts";
import { createSandboxes } from "./support/sandboxes.ts";

const wanted = process.env["NEARGATE_NETWORK_SEED"];
const seed =
  wanted === "random" ? Number.parseInt(randomIds().hex(7), 16) : Number(wanted ?? usualSeed);
const count = Number(process.env["NEARGATE_NETWORKS"] ?? 8);
const flowsEach = 24;

const cases = fc.sample(
  fc.tuple(aNetwork, fc.array(aFlow, { minLength: flowsEach, maxLength: flowsEach })),
  { seed, numRuns: count },
);
const engineId = "fe0f01";
const sandboxes = createSandboxes("ngt9");
const netnsOf = (interfaceId: string): string => `/run/netns/ngt9-${interfaceId}`;
const edge = `/run/netns/${edgeNamespace(engineId)}`;
const fabric: NetworkFabric = linuxFabric({
  engineId,
  exec,
  clock,
  logger: recordingLogger(),
});
let outside: Outside;
const datagrams: Datagrams[] = [];
const answering: ChildProcess[] = [];

const placeOf = ({ networkInterfaceId: id, owner }: NetworkInterface): Place =>
  owner.type === "ecs-task" ? { netns: netnsOf(id) } : { netns: edge, device: edgeLinkName(id) };

const make = async (records: NetworkRecords): Promise<void> => {
  for (const vpcId of vpcIds) await fabric.apply(planVpc(snapshotOf(records, vpcId, netnsOf)));
};

beforeAll(async () => {
  outside = await openOutside(outsideAddress);
  for (const port of ports) {
    await outside.listen((socket) => socket.end("here\n"), { port });
    datagrams.push(await serveUdp(port));
  }
  const [first] = cases[0] ?? [];
  if (!first) throw new Error("no networks");
  for (const { networkInterfaceId, owner } of first.networkInterfaces) {
    if (owner.type !== "ecs-task") continue;
    const netns = await sandboxes.make(networkInterfaceId);
    // No path knows what a box does with what it is led through it: these do nothing.
    const still = "echo 0 >/proc/sys/net/ipv4/ip_forward";
    await runOk("nsenter", [`--net=${netns}`, "sh", "-c", still]);
  }
  await fabric.start();
  await make(first);
  const places = [
    ...first.networkInterfaces.map(placeOf),
    ...vpcIds.map((vpcId) => ({ netns: edge, device: metadataLinkName(vpcId) })),
  ];
  answering.push(...(await Promise.all(places.map((place) => answerAt(place, ports)))));
});
afterAll(async () => {
  for (const child of answering) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }
  await fabric.stop({ removeAll: true });
  await sandboxes.removeAll();
  for (const socket of datagrams) socket.close();
  await outside.close();
});

async function serveUdp(port: number): Promise<Datagrams> {
  const socket = createSocket("udp4");
  socket.on("message", (_, from) => socket.send("here\n", from.port, from.address));
  await new Promise<void>((resolve) => socket.bind(port, outsideAddress, resolve));
  return socket;
}

type Probe = FlowOfNetwork & { readonly sender: NetworkInterface };

const probesOf = ({ networkInterfaces }: NetworkRecords, flows: readonly FlowOfNetwork[]) =>
  flows.flatMap((flow): Probe[] => {
    const sender = networkInterfaces[flow.from];
    if (!sender || isAt(sender, flow.to)) return [];
    const isLeftOut =
      isAnybodys(networkInterfaces, sender, flow) ||
      isOfAws(flow) ||
      isWithinEdge(networkInterfaces, sender, flow);
    return isLeftOut ? [] : [{ ...flow, sender }];
  });

const isAt = (record: NetworkInterface, address: string): boolean =>
  addressesOf(record).some((own) => own.privateIp === address || own.publicIp === address);

/** What this engine has given to nobody may be somebody's of the local network. */
const isAnybodys = (
  all: readonly NetworkInterface[],
  { privateIp }: NetworkInterface,
  { to }: FlowOfNetwork,
): boolean =>
  /^(?:10|198\.18\.[01])\./.test(to) &&
  to.split(".")[1] !== privateIp.split(".")[1] &&
  !all.some((one) => isAt(one, to));

/** Datagrams are answered from another address than AWS's: nobody but this test answers them. */
const isOfAws = ({ to, protocol }: FlowOfNetwork): boolean =>
  protocol === "udp" && awsBlocks.some((block) => contains(block, to));

/** What stands in the edge reaches nothing else there: all its addresses are local to it. */
const isWithinEdge = (
  all: readonly NetworkInterface[],
  { owner }: NetworkInterface,
  { to }: FlowOfNetwork,
): boolean =>
  owner.type !== "ecs-task" &&
  (to === taskEndpointAddress ||
    awsBlocks.some((block) => contains(block, to)) ||
    all.some((one) => one.privateIp === to && one.owner.type !== "ecs-task"));

const arrives = ({ sender, to, protocol, port }: Probe, seconds: number): Promise<boolean> =>
  isAnswered(placeOf(sender), { protocol, address: to, port }, seconds);

const explained = (records: NetworkRecords, { sender, to, protocol, port }: Probe) =>
  walk(
    records,
    { type: "interface", record: sender },
    { type: "address", address: to },
    { protocol, port: protocol === "icmp" ? 8 : port },
  );

describe("explain against packets", () => {
  const seen = { open: 0, closed: 0 };
  it.each(cases.map(([records, flows], at) => [at, records, flows] as const))(
    `network %i of seed ${seed}: every flow does what the path says`,
    async (_, records, flows) => {
      await make(records);
      const probes = probesOf(records, flows);
      const results = await Promise.all(probes.map((probe) => arrives(probe, 1)));
      for (const [index, probe] of probes.entries()) {
        const path = explained(records, probe);
        // On a busy machine what is open may take longer than a first try waits.
        const arrived = results[index] || (path.open && (await arrives(probe, 10)));
        seen[path.open ? "open" : "closed"] += 1;
        const flow = `${probe.sender.privateIp} -> ${probe.to} ${probe.protocol} ${probe.port}`;
        expect({ flow, open: path.open, steps: path.steps }).toEqual({
          flow,
          open: arrived,
          steps: path.steps,
        });
      }
    },
  );

  it("among them: flows that get through and flows that do not", () => {
    expect(Math.min(seen.open, seen.closed)).toBeGreaterThan(count / 2);
  });
});
