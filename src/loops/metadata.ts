/**
 * The task endpoint's loop: keeps what each task with an address may see, and answers what tasks ask.
 */

import type { ContainerRuntime } from "../dataplane/containers/port.ts";
import type { MetadataServer, TaskAnswer, TaskCaller } from "../dataplane/metadata/port.ts";
import { nameServing } from "../engine/task-lifecycle/addresses.ts";
import { effectiveDefinition } from "../engine/task-lifecycle/effective-definition.ts";
import { taskMetadata } from "../engine/task-metadata.ts";
import type { Task } from "../model/ecs.ts";
import type { Sealing } from "../seams/sealing.ts";
import type { ReadTransaction } from "../state/store.ts";
import { tasks } from "../state/tables/ecs.ts";
import { dhcpOptions, subnets, vpcs } from "../state/tables/network.ts";
import { findDefinition } from "./find-definition.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";
import { answer, type EndpointParts, type TaskEntry } from "./task-endpoint/answer.ts";
import { createTaskCredentials } from "./task-endpoint/credentials.ts";
import { createTaskMeasures } from "./task-endpoint/measures.ts";
import { answerProtection } from "./task-endpoint/protection.ts";
import type { Question } from "./task-endpoint/question.ts";
import { createTaskStats } from "./task-endpoint/stats.ts";

export type MetadataLoopNeeds = LoopDependencies & {
  readonly runtime: Pick<
    ContainerRuntime,
    "clockErrorMs" | "networkCounters" | "stats" | "storageBytes"
  >;
  readonly sealing: Sealing;
};

export type MetadataLoop = Loop & {
  /** What the task with that address gets for a question. */
  answer(caller: TaskCaller, question: Question): Promise<TaskAnswer>;
  /** The same for a task by its id; undefined when it has no address. */
  answerFor(taskId: string, question: Question): Promise<TaskAnswer> | undefined;
  /** The task with that address, if one has it. */
  taskOf(caller: TaskCaller): Task | undefined;
};

const keyOf = ({ vpcId, address }: TaskCaller): string => `${vpcId} ${address}`;

export function createMetadataLoop(needs: MetadataLoopNeeds): MetadataLoop {
  const { store } = needs;
  // Records are replaced and never changed, so that a task that is the same has the same documents.
  const known = new WeakMap<Task, Known>();
  let table = new Map<string, TaskEntry>();
  const parts: EndpointParts = {
    credentials: createTaskCredentials(needs),
    stats: createTaskStats(needs.runtime),
    measures: createTaskMeasures(needs.runtime, needs.clock),
    protection: ({ task, roleArn }, { method, body }) =>
      answerProtection(needs, { task, roleArn, method, body }),
  };

  const knownOf = (tx: ReadTransaction, task: Task): Known | undefined => {
    const made = known.get(task) ?? makeEntry(tx, task);
    if (made) known.set(task, made);
    return made;
  };

  const forget = (entries: readonly TaskEntry[]): void => {
    const arns = new Set(entries.map(({ task }) => task.arn));
    parts.credentials.keep(arns);
    parts.measures.keep(arns);
    parts.stats.keep(
      new Set(entries.flatMap(({ task }) => task.containers.flatMap(({ handle }) => handle ?? []))),
    );
  };

  const loop = createLoop({
    ...needs,
    name: "metadata",
    concerns: ({ table: name }) => name === tasks.name,
    async pass() {
      const all = store.read((tx) =>
        tx
          .table(tasks)
          .all()
          .flatMap((task) => knownOf(tx, task) ?? []),
      );
      table = new Map(all.map(({ caller, entry }) => [keyOf(caller), entry]));
      forget(all.map(({ entry }) => entry));
      return undefined;
    },
  });
  return {
    ...loop,
    answer: (caller, question) => answer(parts, table.get(keyOf(caller)), question),
    answerFor(taskId, question) {
      const entry = [...table.values()].find(({ task }) => task.id === taskId);
      return entry && answer(parts, entry, question);
    },
    taskOf: (caller) => table.get(keyOf(caller))?.task,
  };
}

/** Hands what tasks ask to the loop. `connect` takes their connections to AWS's APIs. */
export const serveTasks = (
  metadata: Pick<MetadataServer, "serve">,
  loop: Pick<MetadataLoop, "answer">,
  connect: Parameters<MetadataServer["serve"]>[0]["connect"],
): void =>
  metadata.serve({ answer: ({ caller, ...question }) => loop.answer(caller, question), connect });

type Known = { readonly caller: TaskCaller; readonly entry: TaskEntry };

/** Undefined when the task has no address, or no longer: another task may have it by then. */
function makeEntry(tx: ReadTransaction, task: Task): Known | undefined {
  const { privateIp: address, subnetId } = task.attachment;
  const isOver = task.lastStatus === "DEPROVISIONING" || task.lastStatus === "STOPPED";
  const definition = findDefinition(tx, task, task.taskDefinitionArn);
  const subnet = tx.table(subnets).get(task, subnetId);
  const vpc = subnet && tx.table(vpcs).get(task, subnet.vpcId);
  if (address === undefined || isOver || !definition || !vpc) return undefined;
  const effective = effectiveDefinition(task, definition);
  const names = nameServing(vpc, tx.table(dhcpOptions).get(task, vpc.dhcpOptionsId));
  const documents = taskMetadata({ task, definition: effective, names, subnet });
  const { taskRoleArn: roleArn } = effective;
  const entry = { task, roleArn, document: documents.task, containers: documents.containers };
  return { caller: { vpcId: vpc.vpcId, address }, entry };
}
