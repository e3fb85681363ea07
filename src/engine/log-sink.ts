/** Where a container's lines go and how a line becomes log events, as the awslogs driver does it. */
import type { ContainerDefinition, Task } from "../model/ecs.ts";
import type { Scope } from "../model/scope.ts";

export type LogSink = {
  /** The region may be another than the task's. */
  readonly scope: Scope;
  readonly group: string;
  readonly stream: string;
  /** `awslogs-create-group`. */
  readonly createGroup: boolean;
};

/** Undefined when the container's lines are kept nowhere. */
export function logSinkOf(
  task: Pick<Task, "account" | "region" | "id">,
  container: Pick<ContainerDefinition, "name" | "logConfiguration">,
): LogSink | undefined {
  const { name, logConfiguration: log } = container;
  const group = log?.options["awslogs-group"];
  if (log?.logDriver !== "awslogs" || group === undefined) return undefined;
  const prefix = log.options["awslogs-stream-prefix"];
  return {
    scope: { account: task.account, region: log.options["awslogs-region"] ?? task.region },
    group,
    stream: [...(prefix === undefined ? [] : [prefix]), name, task.id].join("/"),
    createGroup: log.options["awslogs-create-group"] === "true",
  };
}

/** CloudWatch Logs takes events of 256 KiB, of which it counts 26 bytes for itself. */
const largestMessageBytes = 256 * 1024 - 26;
/** No UTF-16 unit makes more than three bytes of UTF-8. */
const safeLength = Math.floor(largestMessageBytes / 3);

/** The messages of one line: none of an empty one, several of one that is too long. */
export function messagesOf(text: string): string[] {
  const messages: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + safeLength);
    const last = text.charCodeAt(end - 1);
    // Not between the two halves of a character.
    if (end < text.length && last >= 0xd800 && last < 0xdc00) end -= 1;
    messages.push(text.slice(at, end));
    at = end;
  }
  return messages;
}
