/**
 * AWS's APIs as tasks reach them, at 169.254.170.2: the same APIs, and nothing else of the gateway. A request
 * that the task's own network would not carry to the service is left without an answer, as on AWS.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TaskCaller } from "../dataplane/metadata/port.ts";
import {
  createGateway,
  type ExtraRoute,
  type Gateway,
  type GatewayOptions,
} from "../gateway/server.ts";
import { type Destination, taskPath } from "../loops/tasks/paths.ts";
import type { Task } from "../model/ecs.ts";

export type TaskApi = {
  connect(socket: Socket, caller: TaskCaller): void;
  close(): Promise<void>;
};

/** `gateway` is the one that everybody else comes to. */
export function createTaskApi(
  options: GatewayOptions,
  { api }: Pick<Gateway, "api">,
  taskOf: (caller: TaskCaller) => Task | undefined,
): TaskApi {
  const { store } = options;
  const callers = new WeakMap<Socket, TaskCaller>();
  const isCarried = (request: IncomingMessage): boolean => {
    const caller = callers.get(request.socket);
    const task = caller && taskOf(caller);
    const destination = destinationOf(request.headers.authorization ?? "");
    if (!task) return false;
    return !destination || store.read((tx) => taskPath(tx, task, destination)) === undefined;
  };
  const dropped: ExtraRoute = {
    match: (request) => !isCarried(request),
    handle: ({ socket }) => new Promise((resolve) => socket.once("close", () => resolve())),
  };
  const door = createGateway({ ...options, api, extraRoutes: [dropped], upgradeRoutes: [] });
  return {
    connect(socket, caller) {
      callers.set(socket, caller);
      door.server.emit("connection", socket);
    },
    close: door.close,
  };
}

/** Where a signed request would go; what is not signed says nothing of it. */
function destinationOf(authorization: string): Destination | undefined {
  const [, region, signed] =
    /Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request/.exec(authorization) ?? [];
  if (region === undefined || signed === undefined) return undefined;
  return { type: "service", service: endpointNames[signed] ?? signed, region };
}

/** Services that sign with another name than that of their endpoints. */
const endpointNames: Readonly<Record<string, string>> = { ecr: "ecr.api" };
