/**
 * The two roles of a task: the one with which it is started (pull, secrets, log streams) and the one
 * its own processes have. ECS takes them on as `ecs-tasks.amazonaws.com`, so their trust must let that in.
 */
import type { TaskDefinition } from "../model/ecs.ts";
import type { Scope } from "../model/scope.ts";
import { findRole, judge } from "./authorization.ts";
import type { ReadTransaction } from "./store.ts";

/** Whether ECS may take a role on for tasks of the scope. */
export function isTaskRole(tx: ReadTransaction, { account, region }: Scope, arn: string): boolean {
  const role = findRole(tx, arn);
  if (!role) return false;
  const verdict = judge(ecsTasks, {
    action: "sts:AssumeRole",
    resource: role.arn,
    resourcePolicy: role.trustPolicy,
    resourceMustAllow: true,
    resourceAccount: role.account,
    conditions: {
      "aws:SourceAccount": account,
      "aws:SourceArn": `arn:aws:ecs:${region}:${account}:*`,
    },
  });
  return verdict.type === "allowed";
}

const ecsTasks = {
  principal: { type: "service", name: "ecs-tasks.amazonaws.com" },
  identity: [],
  boundary: undefined,
  session: undefined,
  keys: {},
} as const;

type Roles = Pick<TaskDefinition, "executionRoleArn" | "taskRoleArn">;

/** The first of a task's roles that ECS may not take on; undefined when all is well. */
export const findUnusableRole = (
  tx: ReadTransaction,
  scope: Scope,
  { taskRoleArn, executionRoleArn }: Roles,
): string | undefined =>
  [taskRoleArn, executionRoleArn].find((arn) => arn !== undefined && !isTaskRole(tx, scope, arn));
