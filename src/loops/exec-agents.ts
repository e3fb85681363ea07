/**
 * The loop of ECS Exec's agents: judges each when its container runs, and again when what keeps it from
 * working may have changed. On AWS the ECS agent starts one again that has failed.
 */
import { agentsJudged, explainUnfit, unsettledAgents } from "../engine/exec/agents.ts";
import type { Task } from "../model/ecs.ts";
import { explainAgentDenial, taskRoleOf } from "../state/exec-access.ts";
import type { WriteTransaction } from "../state/store.ts";
import { tasks } from "../state/tables/ecs.ts";
import { managedPolicies, roles } from "../state/tables/iam.ts";
import { findDefinition } from "./find-definition.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

export function createExecAgentLoop(dependencies: LoopDependencies): Loop {
  const { store, clock } = dependencies;
  /** By ARN: tasks whose agents are to be looked at. */
  const waiting = new Map<string, Task>();
  let looksAtAll = true;

  const note = (task: Task | undefined): boolean => {
    if (!task || unsettledAgents(task).length === 0) return false;
    waiting.set(task.arn, task);
    return true;
  };

  return createLoop({
    ...dependencies,
    name: "exec-agents",
    concerns({ table, after }) {
      if (table === tasks.name) return note(after as Task | undefined);
      // Whoever was denied may be allowed now.
      looksAtAll ||= table === roles.name || table === managedPolicies.name;
      return looksAtAll;
    },
    async pass() {
      const all = looksAtAll ? store.read((tx) => tx.table(tasks).all()) : [];
      looksAtAll = false;
      for (const task of all) note(task);
      const due = [...waiting.values()];
      waiting.clear();
      if (due.length === 0) return undefined;
      store.write((tx) => {
        for (const { arn, account, region } of due) {
          const task = tx.table(tasks).get({ account, region }, arn);
          if (task) judge(tx, task, clock.now());
        }
      });
      return undefined;
    },
  });
}

function judge(tx: WriteTransaction, task: Task, now: number): void {
  const definition = findDefinition(tx, task, task.taskDefinitionArn);
  const denial = explainAgentDenial(tx, task, taskRoleOf(task, definition));
  const failures = new Map<string, string | undefined>();
  for (const name of unsettledAgents(task)) {
    const container = definition?.containers.find((one) => one.name === name);
    failures.set(name, (container && explainUnfit(container)) ?? denial);
  }
  const judged = agentsJudged(task, failures, now);
  if (judged.version !== task.version) tx.table(tasks).put(judged);
}
