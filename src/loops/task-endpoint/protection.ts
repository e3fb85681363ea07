/**
 * The agent's task-protection endpoint: a task asks for its own protection from scale-in and sets it, with
 * the permissions of its task role. What the API answers is told in the endpoint's own shape.
 */
import { protectedUntil, protectionMinutes, withProtection } from "../../engine/task-protection.ts";
import type { Task } from "../../model/ecs.ts";
import { askRole } from "../../state/role-access.ts";
import type { ReadTransaction, WriteTransaction } from "../../state/store.ts";
import { tasks } from "../../state/tables/ecs.ts";
import { explainUnprotectable, type ProtectionRefusal } from "../../state/task-protection.ts";
import type { LoopDependencies } from "../loop.ts";
import type { Answer } from "./question.ts";

export type ProtectionQuestion = {
  readonly task: Task;
  readonly roleArn: string | undefined;
  readonly method: string;
  readonly body: string;
};

type Needs = Pick<LoopDependencies, "store" | "clock" | "ids">;

export function answerProtection(needs: Needs, question: ProtectionQuestion): Answer {
  const { method, task } = question;
  if (method !== "GET" && method !== "PUT") {
    return { status: 405, body: `method ${method} is not allowed` };
  }
  const wish = method === "PUT" ? readWish(question.body) : undefined;
  if (typeof wish === "string") return refuse(task, 400, "InvalidParameterException", wish);
  const denied = explainDenial(needs, question, wish ? "Update" : "Get");
  if (denied) return denied;
  const now = needs.clock.now();
  return wish
    ? needs.store.write((tx) => protect(needs, tx, task, wish, now))
    : needs.store.read((tx) => tell(needs, tx, task, now));
}

function protect(needs: Needs, tx: WriteTransaction, task: Task, wish: Wish, now: number): Answer {
  const found = tx.table(tasks).get(task, task.arn) ?? task;
  const refusal = explainUnprotectable(tx, found, wish.enabled);
  if (refusal) return fail(needs, found, refusal);
  const changed = withProtection(found, wish.enabled, wish.minutes, now);
  tx.table(tasks).put(changed);
  return show(needs, changed, now);
}

function tell(needs: Needs, tx: ReadTransaction, task: Task, now: number): Answer {
  const found = tx.table(tasks).get(task, task.arn) ?? task;
  const refusal = explainUnprotectable(tx, found, false);
  return refusal ? fail(needs, found, refusal) : show(needs, found, now);
}

type Wish = { readonly enabled: boolean; readonly minutes: number | undefined };

/** What is wrong with it, when it cannot be. */
function readWish(body: string): Wish | string {
  const undecodable = "UpdateTaskProtection: failed to decode request";
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    return undecodable;
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) return undecodable;
  const {
    ProtectionEnabled: enabled,
    ExpiresInMinutes: minutes,
    ...other
  } = given as Record<string, unknown>;
  if (Object.keys(other).length > 0) return undecodable;
  if (enabled === undefined || enabled === null) {
    return "Invalid request: does not contain 'ProtectionEnabled' field";
  }
  if (typeof enabled !== "boolean") return undecodable;
  if (minutes === undefined || minutes === null) return { enabled, minutes: undefined };
  if (!Number.isInteger(minutes)) return undecodable;
  const { least, most } = protectionMinutes;
  if (Number(minutes) < least || Number(minutes) > most) {
    return `expiresInMinutes must be between ${least} and ${most}.`;
  }
  return { enabled, minutes: Number(minutes) };
}

function explainDenial(
  { store, clock }: Needs,
  { task, roleArn }: ProtectionQuestion,
  verb: "Get" | "Update",
): Answer | undefined {
  if (roleArn === undefined) {
    const message = "Invalid Request: no task IAM role credentials available for task";
    return refuse(task, 403, "AccessDeniedException", message);
  }
  const ask = (tx: ReadTransaction) =>
    askRole(tx, { roleArn, sessionName: task.id }, task, clock.now(), {
      action: `ecs:${verb}TaskProtection`,
      resource: task.arn,
      conditions: { "ecs:cluster": task.clusterArn },
    });
  const verdict = store.read(ask);
  if (verdict.type === "allowed") return undefined;
  return refuse(task, 400, "AccessDeniedException", verdict.message);
}

const refuse = ({ arn }: Task, status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { Arn: arn, Code: code, Message: message } },
});

function show({ ids }: Needs, task: Task, now: number): Answer {
  const until = protectedUntil(task, now);
  const protection = {
    ExpirationDate: until === undefined ? null : new Date(until).toISOString(),
    ProtectionEnabled: until !== undefined,
    TaskArn: task.arn,
  };
  return { status: 200, body: { requestID: ids.uuid(), protection } };
}

const fail = ({ ids }: Needs, { arn }: Task, { reason, detail }: ProtectionRefusal): Answer => ({
  status: 400,
  body: { requestID: ids.uuid(), failure: { Arn: arn, Detail: detail, Reason: reason } },
});
