/**
 * The credentials endpoint: keys of a task's role, in a session named for the task. They are the same
 * until an hour before their end; then the next question gets new ones.
 */
import {
  credentialsIdOf,
  credentialsSeconds,
  leastSecondsLeft,
} from "../../engine/task-credentials.ts";
import type { Task } from "../../model/ecs.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { roleSession } from "../../state/authorization.ts";
import { issueSession, type SessionCredentials } from "../../state/sessions.ts";
import type { LoopDependencies } from "../loop.ts";
import type { Answer } from "./question.ts";

export type CredentialsNeeds = LoopDependencies & { readonly sealing: Sealing };

export type TaskCredentials = {
  /** What `GET /v2/credentials/<id>` gives to a task; `roleArn` is its task role. */
  answer(task: Task, roleArn: string | undefined, id: string): Answer;
  /** Forgets the keys of tasks that are not among these. */
  keep(taskArns: ReadonlySet<string>): void;
};

type Issued = { readonly roleArn: string; readonly keys: SessionCredentials };

export function createTaskCredentials(needs: CredentialsNeeds): TaskCredentials {
  const { store, sealing, ids, clock } = needs;
  /** By task ARN. */
  const issued = new Map<string, Issued>();

  const keysOf = (task: Task, roleArn: string): SessionCredentials | undefined => {
    const known = issued.get(task.arn);
    const wall = clock.wall();
    const isFresh = known?.roleArn === roleArn && isGood(known.keys, wall);
    if (isFresh) return known.keys;
    const content = store.read((tx) => roleSession(tx, roleArn, task.id));
    if (!content) return undefined;
    const keys = issueSession({ sealing, ids, wall }, content, credentialsSeconds);
    issued.set(task.arn, { roleArn, keys });
    return keys;
  };

  return {
    answer(task, roleArn, id) {
      if (id === "") return refuse(400, "NoIdInRequest", "No Credential ID in the request");
      if (roleArn === undefined || id !== credentialsIdOf(task)) {
        return refuse(404, "InvalidIdInRequest", "Credentials not found");
      }
      const keys = keysOf(task, roleArn);
      if (!keys) return refuse(503, "CredentialsUninitialized", "the task's role is gone");
      return {
        status: 200,
        body: {
          RoleArn: roleArn,
          AccessKeyId: keys.accessKeyId,
          SecretAccessKey: keys.secretAccessKey,
          Token: keys.sessionToken,
          Expiration: new Date(keys.expiresAt).toISOString().replace(/\.\d+Z$/, "Z"),
        },
      };
    },
    keep(taskArns) {
      for (const arn of issued.keys()) if (!taskArns.has(arn)) issued.delete(arn);
    },
  };
}

const isGood = ({ expiresAt }: SessionCredentials, wall: number): boolean =>
  expiresAt - wall > leastSecondsLeft * 1000;

/** As the agent's endpoint refuses. */
const refuse = (status: number, code: string, message: string): Answer => ({
  status,
  body: { code, message: `CredentialsV2Request: ${message}`, HTTPErrorCode: status },
});
