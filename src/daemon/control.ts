/**
 * The control API under `/_neargate/`: what is not AWS's but one wants of an engine on one's own
 * machine. The CLI and the console use nothing else.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ApiError } from "../gateway/api-error.ts";

export type ControlRoute = {
  readonly method: "GET" | "POST";
  /** Below `/_neargate/`. */
  readonly path: string;
  /** Gives the JSON to answer with, or promises it. `body` is the parsed request body, `{}` when there is none. */
  readonly run: (body: Readonly<Record<string, unknown>>, url: URL) => unknown;
};

const prefix = "/_neargate/";
const bodyLimit = 64 * 1024;

export type ControlApi = {
  match(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
};

export function createControlApi(routes: readonly ControlRoute[]): ControlApi {
  return {
    match: (request) => request.url?.startsWith(prefix) ?? false,
    async handle(request, response) {
      try {
        const answer = await dispatch(routes, request);
        sendJson(response, 200, answer);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        sendJson(response, error.status, { error: error.code, message: error.message });
      }
    },
  };
}

async function dispatch(
  routes: readonly ControlRoute[],
  request: IncomingMessage,
): Promise<unknown> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const path = url.pathname.slice(prefix.length);
  const known = routes.filter((route) => route.path === path);
  const route = known.find((candidate) => candidate.method === request.method);
  if (!route) {
    if (known.length > 0) {
      throw new ApiError("MethodNotAllowed", `${path} takes ${known[0]?.method}`, { status: 405 });
    }
    throw new ApiError(
      "NotFound",
      `no such path; there are ${routes.map((r) => r.path).join(", ")}`,
      {
        status: 404,
      },
    );
  }
  const body = route.method === "POST" ? await readBody(request) : {};
  return route.run(body, url);
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > bodyLimit) throw new ApiError("TooLarge", "the body is too large", { status: 413 });
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8").trim();
  if (text === "") return {};
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new ApiError("BadRequest", "the body is not JSON");
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ApiError("BadRequest", "the body must be a JSON object");
  }
  return content as Record<string, unknown>;
}

function sendJson(response: ServerResponse, status: number, content: unknown): void {
  const text = `${JSON.stringify(content ?? {}, undefined, 2)}\n`;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
