import { describe, expect, it } from "vitest";
import { aTask, aTaskContainer, aTaskDefinition, scope } from "../../test/builders/ecs.ts";
import type { MetadataEntry } from "../dataplane/metadata/port.ts";
import type { Task } from "../model/ecs.ts";
import type { Subnet, Vpc } from "../model/network.ts";
import { manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
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
  const pushed: (readonly MetadataEntry[])[] = [];
  const metadata = { set: (entries: readonly MetadataEntry[]) => void pushed.push(entries) };
  const logger = recordingLogger();
  const loop = createMetadataLoop({ store, clock, ids: sequentialIds(), logger, metadata });
  loop.start();
  const put = async (given: Partial<Task>): Promise<void> => {
    store.write((tx) => tx.table(tasks).put(aTask(given)));
    await clock.advance(0);
  };
  const callers = () => pushed.at(-1)?.map(({ vpcId, address }) => `${vpcId} ${address}`);
  return { loop, put, pushed, callers };
}

const withAddress = (privateIp: string): Partial<Task> => ({
  attachment: { ...aTask().attachment, privateIp },
  containers: [aTaskContainer({ runtimeId: "t-1" })],
});

describe("metadata loop", () => {
  it("a task without an address: nobody to answer; with one: found by VPC and address", async () => {
    const { loop, put, callers, pushed } = setUp();
    await put({});
    expect(callers()).toEqual([]);
    await put({ ...withAddress("10.0.1.4"), lastStatus: "PENDING" });
    expect(callers()).toEqual(["vpc-1 10.0.1.4"]);
    expect(pushed.at(-1)?.[0]?.containers.map(({ runtimeId }) => runtimeId)).toEqual(["t-1"]);
    await loop.stop();
  });

  it("a task whose address has been given back: gone, as another may have it", async () => {
    const { loop, put, callers } = setUp();
    await put({ ...withAddress("10.0.1.4"), id: "1".repeat(32), lastStatus: "RUNNING" });
    await put({ ...withAddress("10.0.1.4"), id: "1".repeat(32), lastStatus: "DEPROVISIONING" });
    await put({ ...withAddress("10.0.1.4"), id: "2".repeat(32), lastStatus: "PENDING" });
    expect(callers()).toEqual(["vpc-1 10.0.1.4"]);
    await loop.stop();
  });

  it("a task that changes: its document says so", async () => {
    const { loop, put, pushed } = setUp();
    await put({ ...withAddress("10.0.1.4"), lastStatus: "PENDING" });
    await put({ ...withAddress("10.0.1.4"), lastStatus: "RUNNING" });
    expect(pushed.at(-1)?.[0]?.task).toMatchObject({ KnownStatus: "RUNNING" });
    await loop.stop();
  });
});
