/**
 * Which containers of a task may start, by what they depend on, and in which order they end.
 *
 * A start timeout is the dependency's: when it has not reached COMPLETE, SUCCESS or HEALTHY in that
 * time after its start, whoever waits for it is never started and the task ends.
 */
import type { ContainerDefinition, ContainerDependency, TaskContainer } from "../../model/ecs.ts";
import { dependencyFailed, dependencyTimedOut } from "./reasons.ts";

export type StartPlan =
  /** In the order in which they start. `untilWall`: when a start timeout of another ends. */
  | {
      readonly type: "start";
      readonly names: readonly string[];
      readonly untilWall: number | undefined;
    }
  | { readonly type: "impossible"; readonly reason: string; readonly container: string };

export type StartInput = {
  readonly definitions: readonly ContainerDefinition[];
  readonly containers: readonly TaskContainer[];
  /** Whether a container has not been started yet. */
  readonly isUnstarted: (name: string) => boolean;
  /** Wall time, milliseconds since the epoch. */
  readonly wall: number;
};

/** Containers that can start now, those included that only wait for another one of them to start. */
export function planStarts(input: StartInput): StartPlan {
  const waiting = input.definitions.filter(({ name }) => input.isUnstarted(name));
  const names: string[] = [];
  const deadlines: number[] = [];
  for (let before = -1; before < names.length; ) {
    before = names.length;
    for (const definition of waiting) {
      if (names.includes(definition.name)) continue;
      const verdicts = (definition.dependsOn ?? []).map((one) => judge(input, one, names));
      const failed = verdicts.find((verdict) => verdict.type === "impossible");
      if (failed) {
        const reason = failed.reason(definition.name);
        return { type: "impossible", reason, container: definition.name };
      }
      for (const verdict of verdicts) {
        if (verdict.type === "waits" && verdict.untilWall !== undefined) {
          deadlines.push(verdict.untilWall);
        }
      }
      if (verdicts.every((verdict) => verdict.type === "met")) names.push(definition.name);
    }
  }
  const untilWall = deadlines.length > 0 ? Math.min(...deadlines) : undefined;
  return { type: "start", names, untilWall };
}

type Verdict =
  | { readonly type: "met" }
  | { readonly type: "waits"; readonly untilWall: number | undefined }
  | { readonly type: "impossible"; readonly reason: (dependent: string) => string };

function judge(
  { definitions, containers, wall }: StartInput,
  { containerName, condition }: ContainerDependency,
  starting: readonly string[],
): Verdict {
  const dependency = containers.find(({ name }) => name === containerName);
  const hasStarted = dependency !== undefined && dependency.lastStatus !== "PENDING";
  if (condition === "START") {
    return hasStarted || starting.includes(containerName)
      ? { type: "met" }
      : { type: "waits", untilWall: undefined };
  }
  if (!hasStarted) return { type: "waits", untilWall: undefined };
  if (isReached(dependency, condition)) return { type: "met" };
  if (dependency.lastStatus === "STOPPED") {
    return { type: "impossible", reason: (one) => dependencyFailed(containerName, one) };
  }
  const { startTimeout } = definitions.find(({ name }) => name === containerName) ?? {};
  const { startedWallAt } = dependency;
  if (startTimeout === undefined || startedWallAt === undefined) {
    return { type: "waits", untilWall: undefined };
  }
  const untilWall = startedWallAt + startTimeout * 1000;
  return wall < untilWall
    ? { type: "waits", untilWall }
    : { type: "impossible", reason: (one) => dependencyTimedOut(containerName, one) };
}

function isReached(
  { lastStatus, exitCode, health }: TaskContainer,
  condition: "COMPLETE" | "SUCCESS" | "HEALTHY",
): boolean {
  switch (condition) {
    case "COMPLETE":
      return lastStatus === "STOPPED";
    case "SUCCESS":
      return lastStatus === "STOPPED" && exitCode === 0;
    case "HEALTHY":
      return lastStatus === "RUNNING" && health?.status === "HEALTHY";
  }
}

/** Those of `live` that nobody alive depends on: the ones that end first. */
export function endingFirst(
  live: readonly TaskContainer[],
  definitions: readonly ContainerDefinition[],
): TaskContainer[] {
  const needed = new Set(
    live.flatMap(({ name }) => {
      const definition = definitions.find((one) => one.name === name);
      return (definition?.dependsOn ?? []).map(({ containerName }) => containerName);
    }),
  );
  return live.filter(({ name }) => !needed.has(name));
}

/** The names of containers that depend on each other in a circle; empty when none do. */
export function findCycle(definitions: readonly ContainerDefinition[]): string[] {
  let left = [...definitions];
  for (;;) {
    const names = new Set(left.map(({ name }) => name));
    const bound = left.filter(({ dependsOn }) =>
      dependsOn?.some(({ containerName }) => names.has(containerName)),
    );
    if (bound.length === left.length) return bound.map(({ name }) => name);
    left = bound;
  }
}
