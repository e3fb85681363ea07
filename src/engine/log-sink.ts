/** Where a container's lines go and what becomes of them on the way, as the awslogs driver does it. */
import type { ContainerDefinition, LogMode, Task } from "../model/ecs.ts";
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

export type LogDelivery = {
  readonly mode: LogMode;
  /** Of non-blocking mode: what waits beyond it is lost. */
  readonly bufferBytes: number;
};

const defaultBufferBytes = 10 * 1024 * 1024;

/** How lines leave the container. Undefined when they are kept nowhere. */
export function logDeliveryOf(
  task: Pick<Task, "defaultLogMode">,
  { logConfiguration: log }: Pick<ContainerDefinition, "logConfiguration">,
): LogDelivery | undefined {
  if (log?.logDriver !== "awslogs") return undefined;
  const { mode } = log.options;
  return {
    mode:
      mode === "blocking" || mode === "non-blocking"
        ? mode
        : (task.defaultLogMode ?? "non-blocking"),
    bufferBytes: parseBufferSize(log.options["max-buffer-size"] ?? "") ?? defaultBufferBytes,
  };
}

const unitBytes: Readonly<Record<string, number>> = {
  "": 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
};

/** Bytes that a text such as `25m` names; undefined when it names none. */
export function parseBufferSize(text: string): number | undefined {
  const [, amount = "", unit = ""] = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Number(amount) * (unitBytes[unit.toLowerCase()] ?? 0);
  return amount !== "" && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}
