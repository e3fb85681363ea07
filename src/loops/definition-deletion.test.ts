import { describe, expect, it } from "vitest";
import { aService, aTask, aTaskDefinition, scope } from "../../test/builders/ecs.ts";
import { manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
import { openStore, type WriteTransaction } from "../state/store.ts";
import { services, taskDefinitions, tasks } from "../state/tables/ecs.ts";
import { createDefinitionDeletionLoop } from "./definition-deletion.ts";

async function setUp(seed: (tx: WriteTransaction) => void) {
  const clock = manualClock();
  const store = openStore(undefined);
  store.write((tx) => {
    tx.table(taskDefinitions).put(aTaskDefinition({ status: "DELETE_IN_PROGRESS" }));
    tx.table(taskDefinitions).put(aTaskDefinition({ revision: 2, status: "INACTIVE" }));
    seed(tx);
  });
  const logger = recordingLogger();
  createDefinitionDeletionLoop({ store, clock, ids: sequentialIds(), logger }).start();
  await clock.advance(0);
  const revisions = () =>
    store.read((tx) => tx.table(taskDefinitions).list(scope)).map(({ revision }) => revision);
  const change = async (work: (tx: WriteTransaction) => void): Promise<void> => {
    store.write(work);
    await clock.advance(0);
  };
  return { revisions, change, clock };
}

describe("a deleted task definition", () => {
  it("that nothing refers to: gone, and no other with it", async () => {
    const { revisions } = await setUp(() => {});
    expect(revisions()).toEqual([2]);
  });

  it("a moment ago: seen for a minute", async () => {
    const { revisions, change, clock } = await setUp(() => {});
    const justNow = aTaskDefinition({
      ...{ revision: 3, status: "DELETE_IN_PROGRESS", deleteRequestedAt: clock.now() },
    });
    await change((tx) => tx.table(taskDefinitions).put(justNow));
    await clock.advance(59_000);
    expect(revisions()).toEqual([2, 3]);
    await clock.advance(1000);
    expect(revisions()).toEqual([2]);
  });

  it("that a task runs with: gone when the task is", async () => {
    const { revisions, change } = await setUp((tx) => tx.table(tasks).put(aTask()));
    expect(revisions()).toEqual([1, 2]);
    await change((tx) => tx.table(tasks).delete(scope, aTask().arn));
    expect(revisions()).toEqual([2]);
  });

  it("of a service: gone when the service is INACTIVE", async () => {
    const { revisions, change } = await setUp((tx) => tx.table(services).put(aService()));
    expect(revisions()).toEqual([1, 2]);
    await change((tx) => tx.table(services).put(aService({ status: "INACTIVE", deployments: [] })));
    expect(revisions()).toEqual([2]);
  });
});
