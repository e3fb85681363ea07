/** Task definitions that were deleted go as soon as no task and no service refers to them. */

import type { ReadTransaction } from "../state/store.ts";
import { services, taskDefinitions, tasks } from "../state/tables/ecs.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

export function createDefinitionDeletionLoop(dependencies: LoopDependencies): Loop {
  const { store } = dependencies;
  const pass = async (): Promise<undefined> => {
    const free = store.read((tx) => {
      const deleted = tx
        .table(taskDefinitions)
        .all()
        .filter(({ status }) => status === "DELETE_IN_PROGRESS");
      if (deleted.length === 0) return [];
      const used = usedDefinitions(tx);
      return deleted.filter(({ arn }) => !used.has(arn));
    });
    if (free.length === 0) return undefined;
    store.write((tx) => {
      for (const one of free) tx.table(taskDefinitions).delete(one, taskDefinitions.key(one));
    });
    return undefined;
  };
  return createLoop({
    ...dependencies,
    name: "definition-deletion",
    // A task that goes and a service that moves on may set one free; only what ends matters.
    concerns: ({ table, after }) =>
      table === taskDefinitions.name ||
      (table === tasks.name && after === undefined) ||
      table === services.name,
    pass,
  });
}

/** Stopped tasks count for as long as they are shown: their views read the definition. */
function usedDefinitions(tx: ReadTransaction): Set<string> {
  const ofServices = tx
    .table(services)
    .all()
    .filter(({ status }) => status !== "INACTIVE")
    .flatMap((service) => [
      service.taskDefinitionArn,
      ...service.deployments.map(({ taskDefinitionArn }) => taskDefinitionArn),
      service.scheduler?.lastCompleted?.taskDefinitionArn ?? [],
    ])
    .flat();
  const ofTasks = tx
    .table(tasks)
    .all()
    .map(({ taskDefinitionArn }) => taskDefinitionArn);
  return new Set([...ofServices, ...ofTasks]);
}
