/** The whole environment of a container: Fargate's variables, the definition's, the overrides'. */
import type { ContainerDefinition, Task } from "../../model/ecs.ts";
import { taskEnvironment } from "../task-environment.ts";

type Variable = { readonly name: string; readonly value: string };

/** Each name once; an override goes before the definition, and that before Fargate's own. */
export function containerEnvironment(
  task: Task,
  container: ContainerDefinition,
  runtimeId: string,
  { secrets, hasRole }: { readonly secrets: readonly Variable[]; readonly hasRole: boolean },
): Variable[] {
  const override = task.overrides.containers.find(({ name }) => name === container.name);
  const { privateDnsName } = task.attachment;
  const all = [
    // The runtime's own would be that of a sandbox that was made before the task.
    ...(privateDnsName === undefined ? [] : [{ name: "HOSTNAME", value: privateDnsName }]),
    ...taskEnvironment({ task, container: { runtimeId }, hasRole }),
    ...container.environment,
    ...secrets,
    ...(override?.environment ?? []),
  ];
  return [...new Map(all.map((variable) => [variable.name, variable])).values()];
}
