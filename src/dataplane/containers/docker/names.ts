/**
 * How our objects are recognised after a crash: the label `neargate.engine=<id>` on each, the role and
 * task in further labels, and the name. A sandbox of the warm pool was labelled before it had a task,
 * so for sandboxes the name alone says whose it is: `ng<id>-<task id>`, or `ng<id>-pool-…` while free.
 */

export const engineLabel = "neargate.engine";
export const roleLabel = "neargate.role";
export const taskLabel = "neargate.task";
export const containerLabel = "neargate.container";

export const sandboxName = (engineId: string, taskId: string): string => `ng${engineId}-${taskId}`;

export const poolName = (engineId: string, suffix: string): string =>
  `ng${engineId}-pool-${suffix}`;

export const containerName = (engineId: string, taskId: string, name: string): string =>
  `ng${engineId}-${taskId}-${name}`;

export const isPoolName = (engineId: string, name: string): boolean =>
  name.startsWith(`ng${engineId}-pool-`);

/** The task of a sandbox by its name, undefined for a free one. */
export function taskOfSandbox(engineId: string, name: string): string | undefined {
  const prefix = `ng${engineId}-`;
  if (!name.startsWith(prefix) || isPoolName(engineId, name)) return undefined;
  return name.slice(prefix.length);
}

export const ownLabels = (
  engineId: string,
  role: "sandbox" | "container",
): Record<string, string> => ({
  neargate: "",
  [engineLabel]: engineId,
  [roleLabel]: role,
});

export const volumeLabels = (engineId: string, taskId: string): Record<string, string> => ({
  neargate: "",
  [engineLabel]: engineId,
  [taskLabel]: taskId,
});
