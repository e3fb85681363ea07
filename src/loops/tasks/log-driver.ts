/**
 * What the awslogs driver does before its container's process starts: it makes the log stream, and the
 * group where it was told to, by the task's interface and with the execution role.
 */

import { RegexSyntaxError } from "../../engine/linear-regex/syntax.ts";
import { eventStartOf } from "../../engine/log-event-start.ts";
import { type LogSink, logSinkOf } from "../../engine/log-sink.ts";
import * as reasons from "../../engine/task-lifecycle/reasons.ts";
import * as words from "../../engine/task-lifecycle/resource-reasons.ts";
import type { ContainerDefinition, Task, TaskDefinition } from "../../model/ecs.ts";
import { logStreamArn } from "../../model/logs.ts";
import { askRole } from "../../state/role-access.ts";
import { taskOrigin } from "../../state/vpc-endpoints.ts";
import { TaskFailure, type TaskLoopNeeds } from "./needs.ts";
import { reach } from "./reach.ts";
import { executionRoleOf } from "./resources.ts";

/** Throws `TaskFailure` when the container's stream cannot be made. */
export async function openLogDriver(
  needs: TaskLoopNeeds,
  task: Task,
  definition: TaskDefinition,
  container: ContainerDefinition,
  signal: AbortSignal,
): Promise<void> {
  const sink = logSinkOf(task, container);
  if (!sink) return;
  checkPattern(container.name, container.logConfiguration?.options ?? {});
  const { region } = sink.scope;
  const unreachable = (): TaskFailure => new TaskFailure(reasons.logsUnreachable, container.name);
  await reach(needs, task, { type: "service", service: "logs", region }, signal, unreachable);
  const reason = explainRefusal(needs, task, definition, sink);
  if (reason !== undefined) throw new TaskFailure(reason, container.name);
}

function checkPattern(name: string, options: Readonly<Record<string, string>>): void {
  try {
    eventStartOf(options);
  } catch (error) {
    if (!(error instanceof RegexSyntaxError)) throw error;
    const pattern =
      options["awslogs-datetime-format"] ?? options["awslogs-multiline-pattern"] ?? "";
    throw new TaskFailure(reasons.logPatternInvalid(pattern, error.message), name);
  }
}

/** The driver asks for the stream first: an existing group needs no permission to make one. */
function explainRefusal(
  needs: TaskLoopNeeds,
  task: Task,
  definition: TaskDefinition,
  { scope, group, stream, createGroup }: LogSink,
): string | undefined {
  const role = executionRoleOf(task, definition);
  const deny = (action: string, name: string): words.ServiceRefusal | undefined => {
    const resource = logStreamArn(scope, group, name);
    const verdict = needs.store.read((tx) => {
      const origin = taskOrigin(tx, task, { service: "logs", region: scope.region });
      return askRole(tx, role, scope, needs.clock.now(), { action, resource, origin });
    });
    return verdict.type === "denied"
      ? words.accessDenied(verdict.message, needs.ids.uuid())
      : undefined;
  };
  const streamDenied = deny("logs:CreateLogStream", stream);
  if (streamDenied) return words.logStreamRefused(streamDenied);
  if (needs.hasLogGroup(scope, group)) return undefined;
  if (!createGroup) return reasons.logGroupMissing;
  const groupDenied = deny("logs:CreateLogGroup", "");
  return groupDenied && words.logGroupRefused(groupDenied);
}
