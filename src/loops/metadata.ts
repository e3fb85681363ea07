/** The metadata loop: pushes to the metadata server what each task with an address may see. */
import type { MetadataEntry, MetadataServer } from "../dataplane/metadata/port.ts";
import { nameServing } from "../engine/task-lifecycle/addresses.ts";
import { effectiveDefinition } from "../engine/task-lifecycle/effective-definition.ts";
import { taskMetadata } from "../engine/task-metadata.ts";
import type { Task } from "../model/ecs.ts";
import type { ReadTransaction } from "../state/store.ts";
import { tasks } from "../state/tables/ecs.ts";
import { dhcpOptions, subnets, vpcs } from "../state/tables/network.ts";
import { findDefinition } from "./find-definition.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

export function createMetadataLoop(
  dependencies: LoopDependencies & { readonly metadata: Pick<MetadataServer, "set"> },
): Loop {
  const { store, metadata } = dependencies;
  // Records are replaced and never changed, so that a task that is the same has the same documents.
  const known = new WeakMap<Task, MetadataEntry>();

  const entryOf = (tx: ReadTransaction, task: Task): MetadataEntry | undefined => {
    const entry = known.get(task) ?? makeEntry(tx, task);
    if (entry) known.set(task, entry);
    return entry;
  };

  return createLoop({
    ...dependencies,
    name: "metadata",
    concerns: ({ table }) => table === tasks.name,
    async pass() {
      const entries = store.read((tx) =>
        tx
          .table(tasks)
          .all()
          .flatMap((task) => entryOf(tx, task) ?? []),
      );
      metadata.set(entries);
      return undefined;
    },
  });
}

/** Undefined when the task has no address, or no longer: another task may have it by then. */
function makeEntry(tx: ReadTransaction, task: Task): MetadataEntry | undefined {
  const { privateIp: address, subnetId } = task.attachment;
  const isOver = task.lastStatus === "DEPROVISIONING" || task.lastStatus === "STOPPED";
  const definition = findDefinition(tx, task, task.taskDefinitionArn);
  const subnet = tx.table(subnets).get(task, subnetId);
  const vpc = subnet && tx.table(vpcs).get(task, subnet.vpcId);
  if (address === undefined || isOver || !definition || !vpc) return undefined;
  const { vpcId } = vpc;
  const effective = effectiveDefinition(task, definition);
  const names = nameServing(vpc, tx.table(dhcpOptions).get(task, vpc.dhcpOptionsId));
  const documents = taskMetadata({ task, definition: effective, vpcId, names, subnet });
  return { vpcId, address, ...documents };
}
