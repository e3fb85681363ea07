/** What a caller gets for a path. A task sees its own documents only, whatever id it asks for. */
import type { MetadataEntry } from "./port.ts";

export type Caller = { readonly vpcId: string; readonly address: string };

export type Answer = { readonly status: number; readonly body: unknown };

export const callerKey = ({ vpcId, address }: Caller): string => `${vpcId} ${address}`;

/** `entry` is the task that has the caller's address; undefined when there is none. */
export function answer(entry: MetadataEntry | undefined, method: string, path: string): Answer {
  if (method !== "GET") return { status: 405, body: `method ${method} is not allowed` };
  if (/^\/v\d\/credentials(\/|$)/.test(path)) return noCredentials;
  const [, runtimeId = "", rest = ""] = /^\/v[34]\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  if (runtimeId === "") return { status: 404, body: `there is nothing at ${path}` };
  const container = entry?.containers.find((one) => one.runtimeId === runtimeId);
  if (!entry || !container) {
    return { status: 404, body: `unable to get the task of ${runtimeId}: it is not the caller's` };
  }
  const body = bodyOf(entry, container.document, rest.replace(/\/$/, ""));
  return body === undefined
    ? { status: 404, body: `there is nothing at ${path}` }
    : { status: 200, body };
}

function bodyOf(entry: MetadataEntry, document: unknown, path: string): unknown {
  switch (path) {
    case "":
      return document;
    case "/task":
      return entry.task;
    // No samples are taken, so it stays as it is on AWS before the first one.
    case "/stats":
      return null;
    case "/task/stats":
      return Object.fromEntries(entry.containers.map(({ runtimeId }) => [runtimeId, null]));
    default:
      return undefined;
  }
}

const noCredentials: Answer = {
  status: 404,
  body: {
    code: "NoCredentialsAvailable",
    message: "Neargate does not hand out the task role's credentials yet",
    HttpErrorCode: 404,
  },
};
