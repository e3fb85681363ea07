import { describe, expect, it } from "vitest";
import { UnwiredError } from "../dataplane/network/port.ts";
import { type SimulatedFabric, simulatedFabric } from "../dataplane/network/simulated/driver.ts";
import type { Task } from "../model/ecs.ts";
import type { NetworkInterface, RouteTable, SecurityGroup, Subnet, Vpc } from "../model/network.ts";
import { manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
import { createNetworkInterface, deleteNetworkInterface } from "../state/network-interfaces.ts";
import { openStore, type WriteTransaction } from "../state/store.ts";
import { tasks } from "../state/tables/ecs.ts";
import {
  networkInterfaces,
  routeTables,
  securityGroups,
  securityGroupVpcAssociations,
  subnets,
  vpcs,
} from "../state/tables/network.ts";
import { createNetworkLoop } from "./network.ts";

const scope = { account: "000000000000", region: "us-east-1" };
const common = { ...scope, tags: [], createdAt: 0 };

const makeVpc = (tx: WriteTransaction, vpcId: string): void => {
  tx.table(vpcs).put({
    ...common,
    vpcId,
    cidrBlocks: [{ associationId: "a", cidr: "10.0.0.0/16" }],
  } as unknown as Vpc);
  tx.table(subnets).put({
    ...common,
    subnetId: `subnet-of-${vpcId}`,
    vpcId,
    cidr: "10.0.1.0/24",
  } as unknown as Subnet);
  tx.table(routeTables).put({
    ...common,
    routeTableId: `rtb-of-${vpcId}`,
    vpcId,
    routes: [],
    associations: [{ associationId: "m", subnetId: undefined, main: true }],
  } satisfies RouteTable);
  tx.table(securityGroups).put(group(vpcId, []));
};

const group = (vpcId: string, rules: SecurityGroup["rules"]): SecurityGroup => ({
  ...common,
  groupId: `sg-of-${vpcId}`,
  groupName: "default",
  description: "",
  vpcId,
  rules,
});

const taskArn = (id: string): string => `arn:aws:ecs:us-east-1:000000000000:task/c/${id}`;

async function setUp(fabric: SimulatedFabric = simulatedFabric()) {
  const parts = {
    store: openStore(undefined),
    clock: manualClock(0),
    ids: sequentialIds(),
    logger: recordingLogger(),
    fabric,
  };
  const { ids } = parts;
  const loop = createNetworkLoop(parts);
  /** A task with an interface, and a sandbox unless it is told to have none yet. */
  const addTask = (
    tx: WriteTransaction,
    vpcId: string,
    id: string,
    netns: string | null = `/netns/${id}`,
  ): NetworkInterface => {
    putTask(tx, vpcId, id, netns);
    return createNetworkInterface(tx, ids, {
      scope,
      subnetId: `subnet-of-${vpcId}`,
      groupIds: [`sg-of-${vpcId}`],
      description: "",
      owner: { type: "ecs-task", taskArn: taskArn(id), attachmentId: id },
      now: 0,
    });
  };
  const putTask = (tx: WriteTransaction, vpcId: string, id: string, netns: string | null) =>
    tx.table(tasks).put({
      ...common,
      arn: taskArn(id),
      clusterArn: "c",
      taskDefinitionArn: "d",
      attachment: { subnetId: `subnet-of-${vpcId}` },
      ...(netns !== null && { sandbox: { id, netns } }),
    } as unknown as Task);
  const start = async (): Promise<void> => {
    loop.start();
    await loop.idle();
  };
  const wiredIn = (vpcId: string): string[] =>
    fabric.planOf(vpcId)?.interfaces.map((one) => one.address) ?? [];
  return { ...parts, loop, addTask, putTask, start, wiredIn };
}

describe("network loop", () => {
  it("VPCs without a wired interface: cost nothing", async () => {
    const { store, loop, fabric, start } = await setUp();
    store.write((tx) => makeVpc(tx, "vpc-1"));
    await start();
    await loop.settled(scope, "vpc-1");
    expect(await fabric.inventory()).toEqual([]);
    expect(fabric.applies()).toBe(0);
  });

  it("a group of another VPC: its rules act there while it is associated, and follow its changes", async () => {
    const { store, loop, fabric, start, addTask } = await setUp();
    const associations = (tx: WriteTransaction) => tx.table(securityGroupVpcAssociations);
    const rulesHere = () =>
      fabric.planOf("vpc-1")?.groups.find(({ groupId }) => groupId === "sg-of-vpc-2")?.ingress;
    store.write((tx) => {
      for (const vpcId of ["vpc-1", "vpc-2"]) makeVpc(tx, vpcId);
      addTask(tx, "vpc-1", "t1");
    });
    await start();
    await loop.settled(scope, "vpc-1");
    expect(rulesHere()).toBeUndefined();
    const association = { ...scope, groupId: "sg-of-vpc-2", vpcId: "vpc-1" };
    store.write((tx) => associations(tx).put(association));
    await loop.settled(scope, "vpc-1");
    expect(rulesHere()).toEqual([]);
    const rule: SecurityGroup["rules"][number] = {
      ruleId: "sgr-1",
      direction: "ingress",
      protocol: "tcp",
      fromPort: 80,
      toPort: 80,
      peer: { type: "group", groupId: "sg-of-vpc-2", account: scope.account },
      description: undefined,
      tags: [],
    };
    store.write((tx) => tx.table(securityGroups).put(group("vpc-2", [rule])));
    await loop.settled(scope, "vpc-1");
    expect(rulesHere()).toHaveLength(1);
    store.write((tx) => associations(tx).delete(scope, "sg-of-vpc-2/vpc-1"));
    await loop.settled(scope, "vpc-1");
    expect(rulesHere()).toBeUndefined();
    await loop.stop();
  });

  it("a task's interface: wired once its sandbox is known, gone with its record", async () => {
    const { store, loop, start, addTask, putTask, wiredIn } = await setUp();
    store.write((tx) => makeVpc(tx, "vpc-1"));
    await start();
    const record = store.write((tx) => addTask(tx, "vpc-1", "t1", null));
    await loop.settled(scope, "vpc-1");
    expect(wiredIn("vpc-1")).toEqual([]);
    store.write((tx) => putTask(tx, "vpc-1", "t1", "/netns/t1"));
    await loop.settled(scope, "vpc-1");
    expect(wiredIn("vpc-1")).toEqual([record.privateIp]);
    store.write((tx) => deleteNetworkInterface(tx, scope, record.networkInterfaceId));
    await loop.settled(scope, "vpc-1");
    expect(wiredIn("vpc-1")).toEqual([]);
  });

  it("many tasks at once: one apply for all, and each waits for it", async () => {
    const { store, loop, fabric, start, addTask, wiredIn } = await setUp();
    store.write((tx) => makeVpc(tx, "vpc-1"));
    await start();
    const waiting = ["t1", "t2", "t3"].map((id) => {
      store.write((tx) => addTask(tx, "vpc-1", id));
      return loop.settled(scope, "vpc-1");
    });
    await Promise.all(waiting);
    expect(wiredIn("vpc-1")).toHaveLength(3);
    expect(fabric.applies()).toBe(1);
  });

  it("a commit elsewhere, or of a task's status: no apply", async () => {
    const { store, loop, fabric, start, addTask } = await setUp();
    store.write((tx) => {
      makeVpc(tx, "vpc-1");
      makeVpc(tx, "vpc-2");
      addTask(tx, "vpc-1", "t1");
    });
    await start();
    expect(fabric.applies()).toBe(1);
    store.write((tx) => {
      const task = tx.table(tasks).get(scope, taskArn("t1"));
      if (task) tx.table(tasks).put({ ...task, lastStatus: "RUNNING" });
      tx.table(securityGroups).put(group("vpc-2", []));
    });
    await loop.settled(scope, "vpc-1");
    await loop.settled(scope, "vpc-2");
    expect(fabric.applies()).toBe(1);
  });

  it("an apply that fails: tried again after a pause, nobody is told too early", async () => {
    const { store, loop, fabric, clock, start, addTask, wiredIn } = await setUp();
    store.write((tx) => makeVpc(tx, "vpc-1"));
    await start();
    fabric.failNext(new Error("the host is busy"));
    store.write((tx) => addTask(tx, "vpc-1", "t1"));
    let settled = false;
    const waiting = loop.settled(scope, "vpc-1").then(() => (settled = true));
    await loop.idle();
    expect(settled).toBe(false);
    await clock.advance(100);
    await waiting;
    expect(wiredIn("vpc-1")).toHaveLength(1);
  });

  it("an interface that cannot be made: who waits for another goes on, and it is tried until it is there", async () => {
    const inner = simulatedFabric();
    let bad: string | undefined;
    const { store, loop, clock, start, addTask } = await setUp({
      ...inner,
      async apply(plan) {
        await inner.apply(plan);
        if (bad !== undefined) throw new UnwiredError([bad], "no room");
      },
    });
    store.write((tx) => makeVpc(tx, "vpc-1"));
    await start();
    const [one, other] = store.write((tx) => {
      const made = ["t1", "t2"].map((id) => addTask(tx, "vpc-1", id).networkInterfaceId);
      bad = made[0];
      return made;
    });
    let isThere = false;
    const waiting = loop.settled(scope, "vpc-1", one).then(() => (isThere = true));
    await loop.settled(scope, "vpc-1", other);
    await clock.advance(100);
    expect(isThere).toBe(false);
    // Asked for when nothing has changed since: still waited for.
    const late = loop.settled(scope, "vpc-1", one);
    bad = undefined;
    await clock.advance(10_000);
    await Promise.all([waiting, late]);
    expect(isThere).toBe(true);
  });

  it("one VPC that fails: another is applied in the same pass", async () => {
    const { store, loop, fabric, start, addTask, wiredIn } = await setUp();
    store.write((tx) => {
      makeVpc(tx, "vpc-1");
      makeVpc(tx, "vpc-2");
    });
    await start();
    fabric.failNext(new Error("only the first"));
    store.write((tx) => {
      addTask(tx, "vpc-1", "t1");
      addTask(tx, "vpc-2", "t2");
    });
    await loop.settled(scope, "vpc-2");
    expect([wiredIn("vpc-1").length, wiredIn("vpc-2").length]).toEqual([0, 1]);
  });

  it("a commit while an apply is under way: settles only with what it wrote", async () => {
    const gates: PromiseWithResolvers<void>[] = [];
    const inner = simulatedFabric();
    const { store, loop, start, addTask } = await setUp({
      ...inner,
      async apply(plan) {
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        await gate.promise;
        await inner.apply(plan);
      },
    });
    store.write((tx) => makeVpc(tx, "vpc-1"));
    await start();
    store.write((tx) => addTask(tx, "vpc-1", "t1"));
    const first = loop.settled(scope, "vpc-1");
    await until(() => gates.length === 1);
    store.write((tx) => addTask(tx, "vpc-1", "t2"));
    const second = loop.settled(scope, "vpc-1");
    gates[0]?.resolve();
    await first;
    expect(inner.planOf("vpc-1")?.interfaces).toHaveLength(1);
    await until(() => gates.length === 2);
    gates[1]?.resolve();
    await second;
    expect(inner.planOf("vpc-1")?.interfaces).toHaveLength(2);
  });

  it("a deleted VPC: taken off the host; a wait for one that never was ends", async () => {
    const { store, loop, fabric, start, addTask } = await setUp();
    store.write((tx) => {
      makeVpc(tx, "vpc-1");
      addTask(tx, "vpc-1", "t1");
    });
    await start();
    store.write((tx) => {
      tx.table(vpcs).delete(scope, "vpc-1");
      for (const record of tx.table(networkInterfaces).all()) {
        deleteNetworkInterface(tx, scope, record.networkInterfaceId);
      }
    });
    await loop.settled(scope, "vpc-1");
    expect(await fabric.inventory()).toEqual([]);
    await loop.settled(scope, "vpc-unknown");
  });

  it("all records cleared: nothing stays on the host", async () => {
    const { store, loop, fabric, start, addTask } = await setUp();
    store.write((tx) => {
      makeVpc(tx, "vpc-1");
      addTask(tx, "vpc-1", "t1");
    });
    await start();
    store.clear();
    await loop.idle();
    expect(await fabric.inventory()).toEqual([]);
  });

  it("initialization: what the host has of unknown VPCs goes, what it has of known ones is adopted", async () => {
    const fabric = simulatedFabric();
    const empty = {
      cidrs: [],
      subnets: [],
      groups: [],
      interfaces: [],
      acls: [],
      peerings: [],
      countsFlows: false,
      dnsAddresses: [],
    };
    await fabric.apply({ ...empty, vpcId: "vpc-1" });
    await fabric.apply({ ...empty, vpcId: "vpc-old" });
    const { store, start } = await setUp(fabric);
    store.write((tx) => makeVpc(tx, "vpc-1"));
    await start();
    expect(await fabric.inventory()).toEqual(["vpc-1"]);
    expect(fabric.planOf("vpc-1")?.cidrs).toEqual(["10.0.0.0/16"]);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Promise.resolve();
}
