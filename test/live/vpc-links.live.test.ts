/** Ways between VPCs and by way of interfaces, on the kernel: made, adopted, closed and made again. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { all, vpcPlan, wired } from "../../src/dataplane/network/conformance.ts";
import { linuxFabric } from "../../src/dataplane/network/linux/driver.ts";
import type { NetworkFabric } from "../../src/dataplane/network/port.ts";
import type { InterfacePlan, RoutePlan, VpcPlan } from "../../src/model/vpc-plan.ts";
import { recordingLogger } from "../../src/seams/logger.ts";
import { clock, exec, runOk } from "./support/live-engine.ts";
import { connect, converse, createSandboxes, reach } from "./support/sandboxes.ts";

const engineId = "fe0f03";
const [here, there] = ["vpc-0e0000000000000a1", "vpc-0f0000000000000b2"] as const;
const peeringId = "pcx-0ab000000000000c3";
const sandboxes = createSandboxes("ngt7");
const newFabric = (): NetworkFabric =>
  linuxFabric({ engineId, exec, clock, logger: recordingLogger() });
let fabric = newFabric();
let client: InterfacePlan;
let router: InterfacePlan;
let server: InterfacePlan;

const netnsOf = ({ place }: InterfacePlan): string => (place.type === "sandbox" ? place.netns : "");
const groups = [{ groupId: "sg-0a", ingress: [all], egress: [all] }];

const planOf = (
  vpcId: string,
  block: string,
  interfaces: readonly InterfacePlan[],
  routes: readonly RoutePlan[],
): VpcPlan => ({
  ...vpcPlan(vpcId, groups, interfaces),
  cidrs: [`${block}.0.0/16`],
  subnets: [
    {
      subnetId: "subnet-private",
      cidr: `${block}.1.0/24`,
      routes: [{ destination: `${block}.0.0/16`, via: "local" }, ...routes],
      aclId: undefined,
    },
  ],
  peerings: routes.some(({ via }) => via === "peering")
    ? [{ peeringId, peerVpcId: vpcId === here ? there : here }]
    : [],
});
const peered = (destination: string): RoutePlan => ({
  destination,
  via: "peering",
  through: peeringId,
});
const hereWith = (...routes: RoutePlan[]) => planOf(here, "10.0", [client, router], routes);
const thereWith = (...routes: RoutePlan[]) => planOf(there, "10.1", [server], routes);
const open = async (): Promise<void> => {
  await fabric.apply(hereWith(peered("10.1.0.0/16")));
  await fabric.apply(thereWith(peered("10.0.0.0/16")));
};
const reaches = (): Promise<string> => reach(netnsOf(client), server.address, 80);
const isSilent = (): Promise<string> => connect(netnsOf(client), server.address, 80);

beforeAll(async () => {
  await fabric.start();
  client = wired("e00000000001", "10.0.1.4", await sandboxes.make("client"), ["sg-0a"]);
  router = {
    ...wired("e00000000002", "10.0.1.5", await sandboxes.make("router"), ["sg-0a"]),
    forwards: true,
  };
  server = wired("f00000000001", "10.1.1.4", await sandboxes.make("server"), ["sg-0a"]);
  for (const one of [server, router]) await sandboxes.listen(netnsOf(one), 80);
});
afterAll(async () => {
  await fabric.stop({ removeAll: true });
  await sandboxes.removeAll();
});

describe("peered VPCs", () => {
  it("routes both ways: reached, and the caller's own address is seen", async () => {
    await open();
    expect(await reaches()).toBe(client.address);
  });

  it("no route back: silence", async () => {
    await fabric.apply(thereWith({ ...peered("10.9.0.0/16") }));
    expect(await isSilent()).toBe("timeout");
    await open();
    expect(await reaches()).toBe(client.address);
  });

  it("an engine that starts anew: adopts, the open connection goes on", async () => {
    const conversation = await converse(netnsOf(client), server.address, 80);
    await fabric.stop({ removeAll: false });
    fabric = newFabric();
    await fabric.start();
    await open();
    expect(await conversation.say("still here")).toBe("still here");
    expect(await reaches()).toBe(client.address);
    await conversation.end();
  });

  it("the connection deleted: closed on both sides; another one: open again", async () => {
    await fabric.apply(hereWith());
    await fabric.apply(thereWith());
    expect(await isSilent()).toBe("timeout");
    await fabric.apply(hereWith());
    await open();
    expect(await reaches()).toBe(client.address);
  });
});

describe("a route to an interface", () => {
  const beyond = "10.50.0.1";

  it("one that may forward: reaches what lies behind it; without the route: silence", async () => {
    await runOk("ip", ["-n", "ngt7-router", "addr", "add", `${beyond}/32`, "dev", "lo"]);
    const route: RoutePlan = {
      destination: "10.50.0.0/16",
      via: "interface",
      through: router.interfaceId,
    };
    await fabric.apply(hereWith(route));
    expect(await reach(netnsOf(client), beyond, 80)).toBe(client.address);
    const checked = { ...router, forwards: false };
    await fabric.apply(planOf(here, "10.0", [client, checked], [route]));
    expect(await connect(netnsOf(client), beyond, 80)).toBe("timeout");
    await fabric.apply(hereWith({ destination: "10.50.0.0/16", via: "blackhole" }));
    expect(await connect(netnsOf(client), beyond, 80)).toBe("timeout");
  });
});
