/** What ECS Exec's agent does with the task role: connect, keep a session's output, open its data key. */
import { agentActions } from "../engine/exec/agents.ts";
import type { SessionLogSink } from "../engine/exec/session-log.ts";
import type { Task, TaskDefinition } from "../model/ecs.ts";
import type { EncryptionContext } from "../model/kms.ts";
import { logStreamArn } from "../model/logs.ts";
import type { Sealing } from "../seams/sealing.ts";
import { isAllowed } from "./authorization.ts";
import { decryptWith, findKmsKey } from "./kms.ts";
import { isGranted, type KeyUse, keyQuestion } from "./kms-access.ts";
import type { ReadTransaction } from "./store.ts";
import { taskOrigin } from "./vpc-endpoints.ts";

export type TaskRole = { readonly roleArn: string; readonly sessionName: string };

/** The role that a task's containers act with; undefined when they have none. */
export function taskRoleOf(
  task: Pick<Task, "id" | "overrides">,
  definition: Pick<TaskDefinition, "taskRoleArn"> | undefined,
): TaskRole | undefined {
  const roleArn = task.overrides.taskRoleArn ?? definition?.taskRoleArn;
  return roleArn === undefined ? undefined : { roleArn, sessionName: task.id };
}

/** Why the agent is not let in by Session Manager, in AWS's words; undefined when it is. */
export function explainAgentDenial(
  tx: ReadTransaction,
  task: Task,
  role: TaskRole | undefined,
): string | undefined {
  if (!role) return "ExecuteCommandAgent has no credentials: the task has no task role";
  const origin = taskOrigin(tx, task, { service: "ssmmessages", region: task.region });
  for (const action of agentActions) {
    const verdict = isAllowed(tx, role, action, task.arn, { origin });
    if (verdict.type === "denied") return `AccessDeniedException: ${verdict.message}`;
  }
  return undefined;
}

/** Why a session's output cannot be written to its log group; undefined when it can. */
export function explainLogDenial(
  tx: ReadTransaction,
  task: Task,
  role: TaskRole | undefined,
  { scope, group, stream }: SessionLogSink,
): string | undefined {
  if (!role) return "the task has no task role";
  const arn = logStreamArn(scope, group, stream);
  const origin = taskOrigin(tx, task, { service: "logs", region: scope.region });
  for (const [action, resource] of [
    ["logs:DescribeLogStreams", logStreamArn(scope, group)],
    ["logs:CreateLogStream", arn],
    ["logs:PutLogEvents", arn],
  ] as const) {
    const verdict = isAllowed(tx, role, action, resource, { origin });
    if (verdict.type === "denied") return verdict.message;
  }
  return undefined;
}

export type OpenedDataKey =
  | { readonly type: "opened"; readonly key: Buffer }
  /** `message`: the code of KMS and its words. */
  | { readonly type: "refused"; readonly message: string };

/** The session's data key, decrypted with the task role's permission on the KMS key. */
export function openDataKey(
  tx: ReadTransaction,
  sealing: Sealing,
  task: Task,
  role: TaskRole | undefined,
  sealed: {
    readonly keyId: string;
    readonly ciphertext: Uint8Array;
    readonly context: EncryptionContext;
  },
): OpenedDataKey {
  const found = findKmsKey(tx, task, sealed.keyId);
  if (found.type !== "found" || !role) {
    return { type: "refused", message: `NotFoundException: there is no key ${sealed.keyId}` };
  }
  const use: KeyUse = { operation: "Decrypt", context: sealed.context };
  const { action, resource, ...more } = keyQuestion(tx, found.key, task, use);
  const origin = taskOrigin(tx, task, { service: "kms", region: task.region });
  const verdict = isAllowed(tx, role, action, resource, { ...more, origin });
  if (verdict.type === "denied") {
    const { decision } = verdict;
    const isBarred = decision.type === "explicitDeny" || decision.by === "endpoint";
    if (isBarred || !isGranted(tx, found.key, [role.roleArn], use)) {
      return { type: "refused", message: `AccessDeniedException: ${verdict.message}` };
    }
  }
  const call = { scope: task, sealing };
  const decrypted = decryptWith(tx, call, sealed.ciphertext, sealed.context, found.key.arn);
  if (decrypted.type === "decrypted") return { type: "opened", key: decrypted.plaintext };
  return { type: "refused", message: refusals[decrypted.type] };
}

const refusals = {
  disabled: "DisabledException: the key is disabled",
  "pending-deletion": "KMSInvalidStateException: the key is pending deletion",
  "pending-import": "KMSInvalidStateException: the key is pending import",
  "wrong-usage": "InvalidKeyUsageException: the key is not for encryption",
  "no-such-key": "NotFoundException: there is no such key",
  "invalid-ciphertext": "InvalidCiphertextException",
  "incorrect-key": "IncorrectKeyException: another key made it",
} as const;
