/** For tests of tasks: running one in the cluster `shop`, and doing to it what the loops do. */
import type { RunTaskRequest, Task as TaskView } from "@aws-sdk/client-ecs";
import type { Task } from "../../model/ecs.ts";
import { tasks } from "../../state/tables/ecs.ts";
import { networkConfiguration, type TestEcs } from "./testing.ts";

export const run: RunTaskRequest = {
  cluster: "shop",
  taskDefinition: "web",
  launchType: "FARGATE",
  networkConfiguration,
};

export async function runOne(
  { ecs }: TestEcs,
  more: Partial<RunTaskRequest> = {},
): Promise<TaskView> {
  const { tasks: made } = await ecs.runTask({ ...run, ...more });
  if (!made?.[0]) throw new Error("no task was run");
  return made[0];
}

/** What the loops do to a task. */
export function changeTask(
  { cloud }: TestEcs,
  taskArn: string | undefined,
  values: Partial<Task>,
): void {
  cloud.store.write((tx) => {
    const task = tx.table(tasks).get(cloud.scope, taskArn ?? "");
    if (task) tx.table(tasks).put({ ...task, ...values });
  });
}
