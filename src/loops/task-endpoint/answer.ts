/**
 * What a task gets for a path of its endpoint. It sees its own documents only, whatever id it asks for:
 * `entry` is the task that has the caller's address.
 */
import type { Task } from "../../model/ecs.ts";
import type { TaskCredentials } from "./credentials.ts";
import type { TaskMeasures } from "./measures.ts";
import type { Answer, Question } from "./question.ts";
import type { TaskStats } from "./stats.ts";

/** A task that may ask, with the documents it may see. */
export type TaskEntry = {
  readonly task: Task;
  /** Its task role, as it runs with it. */
  readonly roleArn: string | undefined;
  readonly document: Readonly<Record<string, unknown>>;
  readonly containers: readonly {
    readonly name: string;
    /** Names the container in the path. */
    readonly runtimeId: string;
    readonly document: Readonly<Record<string, unknown>>;
  }[];
};

export type EndpointParts = {
  readonly credentials: TaskCredentials;
  readonly stats: TaskStats;
  readonly measures: TaskMeasures;
  readonly protection: (entry: TaskEntry, question: Question) => Answer;
};

export async function answer(
  parts: EndpointParts,
  entry: TaskEntry | undefined,
  question: Question,
): Promise<Answer> {
  const { method, path } = question;
  const [, version = "", rest = ""] = /^\/(v[234]|api)(\/.*)?$/.exec(path.replace(/\/$/, "")) ?? [];
  if (version === "") return nothingAt(path);
  if (!entry) return { status: 404, body: "unable to get the task: the address is no task's" };
  if (version === "api") return answerAgent(parts, entry, question, rest);
  if (method !== "GET") return { status: 405, body: `method ${method} is not allowed` };
  if (version === "v2") return answerOld(parts, entry, path, rest);
  const [, runtimeId = "", what = ""] = /^\/([^/]+)(\/.*)?$/.exec(rest) ?? [];
  if (runtimeId === "") return nothingAt(path);
  const container = entry.containers.find((one) => one.runtimeId === runtimeId);
  if (!container) return notTheirs(runtimeId);
  const body = await bodyOf(parts, entry, container, `${version}${what}`);
  return body === undefined ? nothingAt(path) : { status: 200, body };
}

type Container = TaskEntry["containers"][number];

async function bodyOf(
  { stats, measures }: EndpointParts,
  { task, ...entry }: TaskEntry,
  container: Container,
  what: string,
): Promise<unknown> {
  switch (what) {
    case "v3":
    case "v4":
      return container.document;
    case "v3/task":
      return entry.document;
    case "v4/task":
      return measures.ofTask(task, entry.document);
    case "v3/taskWithTags":
      return { ...entry.document, TaskTags: tagsOf(task) };
    case "v4/taskWithTags":
      return { ...(await measures.ofTask(task, entry.document)), TaskTags: tagsOf(task) };
    case "v3/stats":
    case "v4/stats":
      return stats.ofContainer(task, container.name);
    case "v3/task/stats":
    case "v4/task/stats":
      return statsOfAll(stats, { task, ...entry });
    default:
      return undefined;
  }
}

const tagsOf = ({ tags }: Task): Record<string, string> =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]));

async function statsOfAll(stats: TaskStats, entry: TaskEntry): Promise<object> {
  const all = entry.containers.map(async ({ name, runtimeId }) => {
    return [runtimeId, await stats.ofContainer(entry.task, name)] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** Version 2, which is at one place for all containers of a task. */
async function answerOld(
  { credentials, stats }: EndpointParts,
  entry: TaskEntry,
  path: string,
  rest: string,
): Promise<Answer> {
  const [, what = "", id = ""] = /^\/(credentials|metadata|stats)(?:\/([^/]+))?$/.exec(rest) ?? [];
  if (what === "credentials") return credentials.answer(entry.task, entry.roleArn, id);
  if (what === "") return nothingAt(path);
  if (id === "") {
    const body = what === "metadata" ? entry.document : await statsOfAll(stats, entry);
    return { status: 200, body };
  }
  const container = entry.containers.find((one) => one.runtimeId === id);
  if (!container) return notTheirs(id);
  const { document, name } = container;
  const body = what === "metadata" ? document : await stats.ofContainer(entry.task, name);
  return { status: 200, body };
}

/** `/<container>/…` below `$ECS_AGENT_URI`. */
function answerAgent(
  { protection }: EndpointParts,
  entry: TaskEntry,
  question: Question,
  rest: string,
): Answer {
  const [, runtimeId = "", what = ""] = /^\/([^/]+)(\/.*)?$/.exec(rest) ?? [];
  if (!entry.containers.some((one) => one.runtimeId === runtimeId)) return notTheirs(runtimeId);
  if (what === "/task-protection/v1/state") return protection(entry, question);
  if (what.startsWith("/fault/v1/")) {
    const reason = `enableFaultInjection is not enabled for task: ${entry.task.arn}`;
    return { status: 400, body: { Error: reason } };
  }
  return nothingAt(question.path);
}

const nothingAt = (path: string): Answer => ({ status: 404, body: `there is nothing at ${path}` });

const notTheirs = (runtimeId: string): Answer => ({
  status: 404,
  body: `unable to get the task of ${runtimeId}: it is not the caller's`,
});
