/** What the daemon tells of its containers, in the port's terms; no IO. */
import type { ContainerInspectInfo } from "dockerode";
import type { ContainerState, RuntimeHealth, RuntimeInventory } from "../port.ts";
import { containerLabel, roleLabel, taskLabel, taskOfSandbox } from "./names.ts";

/** What inspecting and listing say of a container's state, in the port's terms. */
export function containerState(state: ContainerInspectInfo["State"]): ContainerState {
  switch (state.Status) {
    case "created":
      return { status: "created" };
    case "exited":
    case "dead":
    case "removing":
      return { status: "exited", exitCode: state.ExitCode, oomKilled: state.OOMKilled };
    default: {
      const health = runtimeHealth(state.Health);
      return health ? { status: "running", health } : { status: "running" };
    }
  }
}

/** AWS shows no more of a check's output than this. */
const longestOutput = 1024;

function runtimeHealth(health: ContainerInspectInfo["State"]["Health"]): RuntimeHealth | undefined {
  // Without a check it is absent or, by the daemon's version, "none".
  if (!health || (health.Status as string) === "none") return undefined;
  const last = health.Log?.at(-1);
  const status =
    health.Status === "healthy" || health.Status === "unhealthy" ? health.Status : "starting";
  return { status, exitCode: last?.ExitCode, output: last?.Output.slice(0, longestOutput) };
}

/** One row of `GET /containers/json?all=1`, as much of it as is used. */
export type ListedContainer = {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: string;
  /** For people; `(healthy)` and the like of one that has a health check. */
  readonly Status: string;
};

/** Whether the row says all there is to know of the container's state. */
export const isPlainlyRunning = ({ State, Status }: ListedContainer): boolean =>
  State === "running" && !/\((?:health: )?\w+\)$/.test(Status);

export const nameOf = (listed: ListedContainer): string =>
  (listed.Names[0] ?? "").replace(/^\//, "");

export const isSandbox = (listed: ListedContainer): boolean =>
  listed.Labels[roleLabel] === "sandbox";

/** `states` holds the inspected state of each container that is not simply running or created. */
export function toInventory(
  engineId: string,
  listed: readonly ListedContainer[],
  states: ReadonlyMap<string, ContainerState>,
): RuntimeInventory {
  const sandboxes = listed.filter(isSandbox).flatMap((entry) => {
    const taskId = taskOfSandbox(engineId, nameOf(entry));
    return taskId === undefined ? [] : { id: entry.Id, taskId, running: entry.State === "running" };
  });
  const containers = listed
    .filter((entry) => !isSandbox(entry))
    .flatMap((entry) => {
      const state = states.get(entry.Id);
      if (!state) return [];
      const taskId = entry.Labels[taskLabel] ?? "";
      return { id: entry.Id, taskId, name: entry.Labels[containerLabel] ?? "", state };
    });
  return { sandboxes, containers };
}
