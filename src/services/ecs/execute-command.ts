/**
 * ExecuteCommand: opens a session in a container, which the client then enters by the answer's
 * `streamUrl`. The command starts when it does.
 */
import type { ExecuteCommandRequest, ExecuteCommandResponse } from "@aws-sdk/client-ecs";
import {
  mostSessions,
  type SessionBroker,
  type SessionOpening,
  streamUrlOf,
} from "../../dataplane/sessions/port.ts";
import { splitCommand } from "../../engine/exec/split-command.ts";
import { ApiError } from "../../gateway/api-error.ts";
import {
  type EndpointAddress,
  type LiveOperation,
  live,
  type ReadContext,
} from "../../gateway/service.ts";
import type { Cluster, Task, TaskContainer } from "../../model/ecs.ts";
import { clientError, invalidParameter } from "./errors.ts";
import { arnInCluster, clusterArnOf, findTask, getCluster } from "./lookup.ts";

export type ExecDependencies = { readonly sessions: SessionBroker };

/** What the command may be long. */
const longestCommand = 4096;

export const executeCommand = ({
  sessions,
}: ExecDependencies): LiveOperation<ExecuteCommandRequest, ExecuteCommandResponse> =>
  live<ExecuteCommandRequest, ExecuteCommandResponse>({
    action: "ecs:ExecuteCommand",
    resources: ({ cluster, task = "*" }, { scope }) => {
      const clusterArn = clusterArnOf(scope, cluster);
      return [clusterArn, arnInCluster(scope, "task", clusterArn, task)];
    },
    conditions: ({ cluster, container, task = "*" }, { scope }) => ({
      "ecs:cluster": clusterArnOf(scope, cluster),
      "ecs:container-name": container,
      "ecs:task": arnInCluster(scope, "task", clusterArnOf(scope, cluster), task),
    }),
    accepts: { cluster: true, container: true, command: true, interactive: true, task: true },
    run: async (context, input) => {
      const { cluster, task, container } = context.read((tx) =>
        findTarget({ ...context, tx }, input),
      );
      const { scope, endpoint } = context;
      const command = input.command ?? "";
      const opening = sessions.open({
        scope,
        taskArn: task.arn,
        container: container.name,
        command,
      });
      return {
        clusterArn: cluster.arn,
        containerArn: container.arn,
        containerName: container.name,
        interactive: true,
        session: toSessionView(opening, endpoint),
        taskArn: task.arn,
      };
    },
  });

function findTarget(
  context: ReadContext,
  input: ExecuteCommandRequest,
): { cluster: Cluster; task: Task; container: TaskContainer } {
  checkCommand(input);
  const cluster = getCluster(context, input.cluster);
  const task = getTask(context, cluster, input.task);
  const container = pickContainer(task, input.container);
  checkRunning(task, container);
  return { cluster, task, container };
}

function checkCommand({ command, interactive }: ExecuteCommandRequest): void {
  if (!command?.trim()) throw invalidParameter("command can not be blank.");
  if (command.length > longestCommand) {
    throw invalidParameter(`command must be at most ${longestCommand} characters long.`);
  }
  const split = splitCommand(command);
  if (split.type === "unfinished") throw invalidParameter(`Invalid command: ${split.reason}`);
  if (split.words.length === 0) throw invalidParameter("command can not be blank.");
  if (!interactive) throw invalidParameter("Interactive is the only mode supported currently.");
}

function getTask(context: ReadContext, cluster: Cluster, identifier: string | undefined): Task {
  if (!identifier) throw invalidParameter("Task can not be blank.");
  const task = findTask(context, cluster, identifier, "task");
  if (!task) throw invalidParameter("The referenced task was not found.");
  return task;
}

function pickContainer({ containers }: Task, name: string | undefined): TaskContainer {
  const [first] = containers;
  if (!name) {
    if (first && containers.length === 1) return first;
    throw invalidParameter(
      "A container name must be specified as the task has more than one container: " +
        `${containers.map((one) => one.name).join(", ")}.`,
    );
  }
  const found = containers.find((one) => one.name === name);
  if (!found) throw invalidParameter(`The container ${name} was not found in the task.`);
  return found;
}

/** The agent that failed is told apart from the one that is not there or not there yet. */
function checkRunning(task: Task, { lastStatus, agent }: TaskContainer): void {
  const isOver = task.desiredStatus === "STOPPED" || lastStatus === "STOPPED";
  if (task.enableExecuteCommand && isOver) throw notRunning();
  if (!agent || agent.status === "PENDING" || lastStatus !== "RUNNING") throw notEnabled();
}

const notEnabled = (): ApiError =>
  invalidParameter(
    "The execute command failed because execute command was not enabled when the task was run or " +
      "the execute command agent isn't running. Wait and try again or run a new task with execute " +
      "command enabled and try again.",
  );

const notRunning = (): ApiError =>
  invalidParameter("The execute command failed because the task or container is not running.");

function toSessionView(
  opening: SessionOpening,
  endpoint: EndpointAddress,
): ExecuteCommandResponse["session"] {
  if (opening.type === "not-connected") {
    throw new ApiError(
      "TargetNotConnectedException",
      "The execute command failed due to an internal error. Try again later.",
    );
  }
  if (opening.type === "too-many") {
    throw clientError(`The container has the most sessions that it can have, ${mostSessions}.`);
  }
  const { sessionId, token } = opening;
  return { sessionId, streamUrl: streamUrlOf(endpoint, sessionId), tokenValue: token };
}
