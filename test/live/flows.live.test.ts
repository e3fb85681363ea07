/** Flows as the kernel counts them: what got through, what was kept away, and by whom. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { all, anyone, tcp, vpcPlan, wired } from "../../src/dataplane/network/conformance.ts";
import { linuxFabric } from "../../src/dataplane/network/linux/driver.ts";
import type { NetworkFabric } from "../../src/dataplane/network/port.ts";
import type { InterfacePlan, VpcPlan } from "../../src/model/vpc-plan.ts";
import { recordingLogger } from "../../src/seams/logger.ts";
import { clock, exec, runOk } from "./support/live-engine.ts";
import { type Outside, openOutside } from "./support/outside.ts";
import { connect, createSandboxes, ping, reach } from "./support/sandboxes.ts";

const vpcId = "vpc-0ab6ab6ab6ab6ab6a";
const outsideAddress = "192.88.99.79";
const sandboxes = createSandboxes("ngt6");
const newFabric = (): NetworkFabric =>
  linuxFabric({ engineId: "fe0f06", exec, clock, logger: recordingLogger() });
let fabric = newFabric();
let outside: Outside;
let outsidePort = 0;
let client: InterfacePlan;
let server: InterfacePlan;

const netnsOf = ({ place }: InterfacePlan): string => (place.type === "sandbox" ? place.netns : "");
const plan = (over: Partial<VpcPlan> = {}): VpcPlan => ({
  ...vpcPlan(
    vpcId,
    [
      { groupId: "sg-0c", ingress: [], egress: [tcp(80, anyone), tcp(outsidePort, anyone)] },
      { groupId: "sg-05", ingress: [tcp(80, anyone)], egress: [all] },
    ],
    [client, server],
    { private: "nat" },
  ),
  countsFlows: true,
  ...over,
});

/** Packets of each flow: accepted and rejected by the sender's side, then by the receiver's. */
async function taken(): Promise<Record<string, string>> {
  const { flows } = await fabric.takeFlows(vpcId);
  return Object.fromEntries(
    flows.map(({ source, destination, destinationPort, protocol, sent, received, tcpFlags }) => {
      const sides = [sent.accepted, sent.rejected, received.accepted, received.rejected];
      const port =
        destinationPort < 32768 || destinationPort === outsidePort ? destinationPort : "*";
      return [
        `${source} ${destination} ${protocol} ${port}`,
        `${sides.map(({ packets }) => (packets > 0 ? "+" : "0")).join("")} ${tcpFlags}`,
      ];
    }),
  );
}

beforeAll(async () => {
  outside = await openOutside(outsideAddress);
  outsidePort = await outside.listen((socket) => socket.end("here\n"));
  client = wired("c60000000001", "10.0.1.4", await sandboxes.make("client"), ["sg-0c"]);
  server = wired("c60000000002", "10.0.1.5", await sandboxes.make("server"), ["sg-05"]);
  await sandboxes.listen(netnsOf(server), 80);
  await fabric.start();
  await fabric.apply(plan());
});
afterAll(async () => {
  await fabric.stop({ removeAll: true });
  await sandboxes.removeAll();
  await outside.close();
});

it("inside the VPC: both directions of what is admitted; what a group keeps away, at whose side it was", async () => {
  expect(await reach(netnsOf(client), server.address, 80)).toBe(client.address);
  expect(await connect(netnsOf(client), server.address, 81)).toBe("timeout");
  expect(await connect(netnsOf(server), client.address, 82)).toBe("timeout");
  expect(await ping(netnsOf(client), server.address)).toBe(false);
  const seen = await taken();
  expect(seen["10.0.1.4 10.0.1.5 6 80"]).toMatch(/^\+0\+0 [3-7]$/);
  expect(seen["10.0.1.5 10.0.1.4 6 *"]).toMatch(/^\+0\+0 (18|19|2[0-3])$/);
  // The sender's own group lets port 81 not out; the receiver's lets port 82 not in.
  expect(seen["10.0.1.4 10.0.1.5 6 81"]).toBe("0+00 2");
  expect(seen["10.0.1.5 10.0.1.4 6 82"]).toBe("+00+ 2");
  expect(seen["10.0.1.4 10.0.1.5 1 0"]).toBe("0+00 0");
  expect(await taken()).toEqual({});
});

it("to the outside and back: by the addresses of the VPC, before anything is translated", async () => {
  expect(await reach(netnsOf(client), outsideAddress, outsidePort)).toBe("here");
  const seen = await taken();
  expect(seen[`10.0.1.4 ${outsideAddress} 6 ${outsidePort}`]).toMatch(/^\+0.. /);
  expect(seen[`${outsideAddress} 10.0.1.4 6 *`]).toMatch(/^..\+0 /);
});

it("an ACL at the receiver's subnet: rejected there and accepted where it came from", async () => {
  const acls = [{ aclId: "acl-0a", ingress: [], egress: [] }];
  const far = { ...server, subnetId: "subnet-public", address: "10.0.2.5" };
  const base = plan();
  const subnets = base.subnets.map((subnet) => ({
    ...subnet,
    aclId: subnet.subnetId === "subnet-public" ? "acl-0a" : undefined,
  }));
  await fabric.apply({ ...base, acls, subnets, interfaces: [client, far] });
  await taken();
  expect(await connect(netnsOf(client), far.address, 80)).toBe("timeout");
  expect((await taken())["10.0.1.4 10.0.2.5 6 80"]).toBe("+00+ 2");
  await fabric.apply(plan());
});

it("an engine that starts anew: counts go on, and nothing is told twice", async () => {
  await reach(netnsOf(client), server.address, 80);
  await taken();
  await fabric.stop({ removeAll: false });
  fabric = newFabric();
  await fabric.start();
  await fabric.apply(plan());
  expect(await taken()).toEqual({});
  await reach(netnsOf(client), server.address, 80);
  expect((await taken())["10.0.1.4 10.0.1.5 6 80"]).toMatch(/^\+0\+0 /);
});

it("nobody asks for them any more: nothing is counted", async () => {
  await fabric.apply(plan({ countsFlows: false }));
  await reach(netnsOf(client), server.address, 80);
  expect(await taken()).toEqual({});
  const namespace = `ngfe0f06-${vpcId.slice(4)}`;
  const tables = await runOk("nsenter", [`--net=/run/netns/${namespace}`, "nft", "list", "tables"]);
  expect(tables.trim()).toBe("table ip neargate");
});
