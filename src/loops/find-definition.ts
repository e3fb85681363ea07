/** The task definition that a task or a deployment names by its ARN. */
import type { TaskDefinition } from "../model/ecs.ts";
import type { Scope } from "../model/scope.ts";
import type { ReadTransaction } from "../state/store.ts";
import { taskDefinitions } from "../state/tables/ecs.ts";

export const findDefinition = (
  tx: ReadTransaction,
  scope: Scope,
  taskDefinitionArn: string,
): TaskDefinition | undefined =>
  tx
    .table(taskDefinitions)
    .get(scope, taskDefinitionArn.slice(taskDefinitionArn.lastIndexOf("/") + 1));
