/**
 * Task definitions that were deleted go when no task and no service refers to them, and not at once: they
 * can be seen on their way out.
 */
import type { TaskDefinition } from "../model/ecs.ts";
import type { ReadTransaction } from "../state/store.ts";
import { services, taskDefinitions, tasks } from "../state/tables/ecs.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

/** Engine time for which a deleted definition is shown at least. */
const shownMs = 60_000;

export function createDefinitionDeletionLoop(dependencies: LoopDependencies): Loop {
  const { store, clock } = dependencies;
  const shownFor = ({ deleteRequestedAt = 0 }: TaskDefinition): number =>
    deleteRequestedAt + shownMs - clock.now();
  const pass = async (): Promise<number | undefined> => {
    const unused = store.read((tx) => {
      const deleted = tx
        .table(taskDefinitions)
        .all()
        .filter(({ status }) => status === "DELETE_IN_PROGRESS");
      if (deleted.length === 0) return [];
      const used = usedDefinitions(tx);
      return deleted.filter(({ arn }) => !used.has(arn));
    });
    const free = unused.filter((one) => shownFor(one) <= 0);
    if (free.length > 0) {
      store.write((tx) => {
        for (const one of free) tx.table(taskDefinitions).delete(one, taskDefinitions.key(one));
      });
    }
    const rest = unused.map(shownFor).filter((ms) => ms > 0);
    return rest.length > 0 ? Math.min(...rest) : undefined;
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
