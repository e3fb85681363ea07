import { describe, expect, it } from "vitest";
import { aTask, aTaskContainer, aTaskDefinition, scope } from "../../test/builders/ecs.ts";
import { simulatedRuntime } from "../dataplane/containers/simulated/runtime.ts";
import type { Task } from "../model/ecs.ts";
import type { Subnet, Vpc } from "../model/network.ts";
import { manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
import { memorySealing } from "../seams/sealing.ts";
import { openStore } from "../state/store.ts";
import { taskDefinitions, tasks } from "../state/tables/ecs.ts";
import { subnets, vpcs } from "../state/tables/network.ts";
import { createMetadataLoop } from "./metadata.ts";

const subnet = { ...scope, subnetId: "subnet-a", vpcId: "vpc-1", cidr: "10.0.1.0/24" } as Subnet;
const vpc = {
  ...scope,
  vpcId: "vpc-1",
  cidrBlocks: [{ associationId: "a", cidr: "10.0.0.0/16" }],
} as unknown as Vpc;

function setUp() {
  const clock = manualClock();
  const store = openStore(undefined);
  store.write((tx) => {
    tx.table(vpcs).put(vpc);
    tx.table(subnets).put(subnet);
    tx.table(taskDefinitions).put(aTaskDefinition());
  });
  const ids = sequentialIds();
  const loop = createMetadataLoop({
    store,
    clock,
    ids,
    logger: recordingLogger(),
    runtime: simulatedRuntime({ clock, ids }),
    sealing: memorySealing(),
  });
  loop.start();
  const put = async (given: Partial<Task>): Promise<void> => {
    store.write((tx) => tx.table(tasks).put(aTask(given)));
    await clock.advance(0);
  };
  const ask = (address: string) =>
    loop.answer({ vpcId: "vpc-1", address }, { method: "GET", path: "/v4/t-1/task", body: "" });
  return { loop, put, ask };
}

const withAddress = (privateIp: string): Partial<Task> => ({
  attachment: { ...aTask().attachment, privateIp },
  containers: [aTaskContainer({ runtimeId: "t-1" })],
});

describe("metadata loop", () => {
  it("a task without an address: nobody is answered; with one: found by VPC and address", async () => {
    const { loop, put, ask } = setUp();
    await put({});
    expect((await ask("10.0.1.4")).status).toBe(404);
    await put({ ...withAddress("10.0.1.4"), lastStatus: "PENDING" });
    expect((await ask("10.0.1.4")).status).toBe(200);
    const elsewhere = { vpcId: "vpc-2", address: "10.0.1.4" };
    const question = { method: "GET", path: "/v4/t-1/task", body: "" };
    expect((await loop.answer(elsewhere, question)).status).toBe(404);
    expect(loop.taskOf(elsewhere)).toBeUndefined();
    await loop.stop();
  });

  it("a task whose address has been given back: gone, as another may have it", async () => {
    const { loop, put } = setUp();
    const caller = { vpcId: "vpc-1", address: "10.0.1.4" };
    const [one, other] = ["1".repeat(32), "2".repeat(32)];
    await put({ ...withAddress("10.0.1.4"), id: one, lastStatus: "RUNNING" });
    await put({ ...withAddress("10.0.1.4"), id: one, lastStatus: "DEPROVISIONING" });
    expect(loop.taskOf(caller)).toBeUndefined();
    await put({ ...withAddress("10.0.1.4"), id: other, lastStatus: "PENDING" });
    expect(loop.taskOf(caller)?.id).toBe(other);
    await loop.stop();
  });

  it("a task that changes: its document says so", async () => {
    const { loop, put, ask } = setUp();
    await put({ ...withAddress("10.0.1.4"), lastStatus: "PENDING" });
    await put({ ...withAddress("10.0.1.4"), lastStatus: "RUNNING" });
    expect((await ask("10.0.1.4")).body).toMatchObject({ KnownStatus: "RUNNING" });
    await loop.stop();
  });
});
