/**
 * The internal event bus: every commit's events in EventBridge's envelope, handed to whoever follows
 * and kept for a while for who comes later. What is kept is bounded and does not outlive the engine.
 */
import { type EcsEvent, serviceEvents, taskEvent } from "../engine/ecs-events.ts";
import { effectiveDefinition } from "../engine/task-lifecycle/effective-definition.ts";
import type { Service, Task } from "../model/ecs.ts";
import type { Scope } from "../model/scope.ts";
import type { Change } from "../state/table.ts";
import { services, tasks } from "../state/tables/ecs.ts";
import { findDefinition } from "./find-definition.ts";
import type { Loop, LoopDependencies } from "./loop.ts";

/** As EventBridge delivers it. */
export type BusEvent = {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
};

export type EventFeed = Loop & {
  /** Those kept, oldest first. */
  recent(): readonly BusEvent[];
  /** Calls `listener` with each event from now on. */
  follow(listener: (event: BusEvent) => void): () => void;
};

/** Events kept for who comes later. */
export const keptEvents = 1000;

export function createEventFeed({ store, clock, ids }: LoopDependencies): EventFeed {
  const kept: BusEvent[] = [];
  const listeners = new Set<(event: BusEvent) => void>();
  let unwatch = (): void => {};

  const send = (scope: Scope, event: EcsEvent): void => {
    const sent: BusEvent = {
      version: "0",
      id: ids.uuid(),
      "detail-type": event.detailType,
      source: "aws.ecs",
      account: scope.account,
      time: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z"),
      region: scope.region,
      resources: [event.resource],
      detail: event.detail,
    };
    kept.push(sent);
    if (kept.length > keptEvents) kept.shift();
    for (const listener of [...listeners]) listener(sent);
  };

  const eventsOf = ({ table, before, after }: Change): EcsEvent[] => {
    if (!after) return [];
    const now = clock.now();
    if (table === services.name) {
      return serviceEvents(before as Service | undefined, after as Service, now);
    }
    if (table !== tasks.name) return [];
    const task = after as Task;
    const definition = store.read((tx) => findDefinition(tx, task, task.taskDefinitionArn));
    const effective = definition && effectiveDefinition(task, definition);
    const event = taskEvent(before as Task | undefined, task, effective, now);
    return event ? [event] : [];
  };

  const onCommit = (changes: readonly Change[]): void => {
    for (const change of changes) {
      for (const event of eventsOf(change)) if (change.after) send(change.after, event);
    }
  };

  return {
    start() {
      unwatch = store.watch(onCommit);
    },
    wake() {},
    async stop() {
      unwatch();
    },
    async idle() {},
    recent: () => kept,
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
