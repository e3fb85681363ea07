/**
 * The agents that ECS Exec's sessions go through, one in each container of a task that was launched
 * with execute command. Here no program of ours runs in the container; what would keep AWS's from
 * running or connecting keeps sessions from being opened.
 */
import type { ContainerDefinition, ExecAgent, Task } from "../../model/ecs.ts";
import { moveTask } from "../task-lifecycle/transitions.ts";

export const pendingAgent: ExecAgent = {
  status: "PENDING",
  startedAt: undefined,
  reason: undefined,
};

/** Of a container that has ended. */
export const stoppedAgent = (agent: ExecAgent | undefined): ExecAgent | undefined =>
  agent && { ...agent, status: "STOPPED" };

/** What the task role must be allowed for the agent to connect. */
export const agentActions = [
  "ssmmessages:CreateControlChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenDataChannel",
] as const;

/** Where the agent writes. */
const writtenFolders = ["/var/lib/amazon/ssm", "/var/log/amazon/ssm"];

/** Why the agent cannot run in the container, whatever its role may do; undefined when it can. */
export function explainUnfit({
  readonlyRootFilesystem,
  mountPoints = [],
}: ContainerDefinition): string | undefined {
  if (!readonlyRootFilesystem) return undefined;
  const writable = mountPoints.filter(({ readOnly }) => !readOnly);
  const unwritable = writtenFolders.find(
    (folder) => !writable.some(({ containerPath }) => isWithin(folder, containerPath)),
  );
  if (unwritable === undefined) return undefined;
  return `ExecuteCommandAgent cannot write to ${unwritable}: the root filesystem is read-only`;
}

const isWithin = (folder: string, mount: string): boolean =>
  `${folder}/`.startsWith(`${mount.replace(/\/+$/, "")}/`);

/** Names of containers whose agents wait to be judged: those that start, and those that failed. */
export const unsettledAgents = (task: Task): string[] =>
  task.desiredStatus === "STOPPED"
    ? []
    : task.containers
        .filter(({ lastStatus, agent }) => lastStatus === "RUNNING" && agent)
        .filter(({ agent }) => agent?.status !== "RUNNING")
        .map(({ name }) => name);

/** `failures`: why each of the containers named has no agent that works; undefined of one that has. */
export function agentsJudged(
  task: Task,
  failures: ReadonlyMap<string, string | undefined>,
  now: number,
): Task {
  const containers = task.containers.map((container) => {
    const { agent, name, lastStatus } = container;
    if (!agent || lastStatus !== "RUNNING" || !failures.has(name)) return container;
    return { ...container, agent: judged(agent, failures.get(name), now) };
  });
  return moveTask(task, { containers });
}

function judged(agent: ExecAgent, failure: string | undefined, now: number): ExecAgent {
  if (failure !== undefined) return { ...agent, status: "STOPPED", reason: failure };
  return { status: "RUNNING", startedAt: now, reason: undefined };
}
