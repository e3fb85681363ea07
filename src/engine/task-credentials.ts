/** Where a task's processes find the credentials of its task role, and how long these are good for. */
import type { Task } from "../model/ecs.ts";

/** A UUID made of the task's own id, so that it needs no record: who asks is known anyway. */
export const credentialsIdOf = ({ id }: Pick<Task, "id">): string =>
  [...id]
    .reverse()
    .join("")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

export const credentialsPathOf = (task: Pick<Task, "id">): string =>
  `/v2/credentials/${credentialsIdOf(task)}`;

/** Seconds of wall time that keys last, and how many of them must be left for the keys to be given out. */
export const credentialsSeconds = 6 * 3600;
export const leastSecondsLeft = 3600;
