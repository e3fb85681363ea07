/**
 * AWS's APIs as tasks reach them: the same APIs, and nothing else of the gateway.
 *
 * At 169.254.170.2, where no packet rules are, a request that the task's own network would not carry to
 * the service is left without an answer, as on AWS. What comes to any other address has made its way by
 * packets; that of a VPC endpoint is for the endpoint's service alone.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TaskCall, TaskCaller } from "../dataplane/metadata/port.ts";
import type { VpcOrigin } from "../engine/network-path/origin.ts";
import {
  createGateway,
  type ExtraRoute,
  type Gateway,
  type GatewayOptions,
} from "../gateway/server.ts";
import { toSignatureError } from "../gateway/sigv4/refusals.ts";
import { refuseRequest } from "../gateway/turned-away.ts";
import { type Destination, taskPath } from "../loops/tasks/paths.ts";
import type { Task } from "../model/ecs.ts";
import { taskEndpointAddress } from "../model/task-endpoint.ts";
import { keepTimeLimits } from "../seams/handed-connections.ts";
import {
  connectionOrigin,
  endpointAt,
  serviceOfEndpoint,
  taskOrigin,
} from "../state/vpc-endpoints.ts";

export type TaskApi = {
  connect(socket: Socket, call: TaskCall): void;
  close(): Promise<void>;
};

/** `gateway` is the one that everybody else comes to. */
export function createTaskApi(
  options: GatewayOptions,
  { api }: Pick<Gateway, "api">,
  taskOf: (caller: TaskCaller) => Task | undefined,
): TaskApi {
  const { store } = options;
  const calls = new WeakMap<Socket, TaskCall>();
  const isCarried = (request: IncomingMessage): boolean => {
    const call = calls.get(request.socket);
    if (call && call.calledAddress !== taskEndpointAddress) return true;
    const task = call && taskOf(call);
    const destination = destinationOf(request.headers.authorization ?? "");
    if (!task) return false;
    return !destination || store.read((tx) => taskPath(tx, task, destination)) === undefined;
  };
  const dropped: ExtraRoute = {
    match: (request) => !isCarried(request),
    handle: ({ socket }) => new Promise((resolve) => socket.once("close", () => resolve())),
  };
  /** The service of the endpoint that was called, where the request is signed for another. */
  const wantedService = (request: IncomingMessage): string | undefined => {
    const call = calls.get(request.socket);
    if (!call || call.calledAddress === taskEndpointAddress) return undefined;
    const signed = destinationOf(request.headers.authorization ?? "");
    if (!signed) return undefined;
    const called = store.read((tx) => endpointAt(tx, call.vpcId, call.calledAddress));
    const wanted = called && serviceOfEndpoint(called);
    return wanted === undefined || wanted === signed.service ? undefined : wanted;
  };
  const originOf = (request: IncomingMessage): VpcOrigin | undefined => {
    const call = calls.get(request.socket);
    if (!call) return undefined;
    if (call.calledAddress !== taskEndpointAddress) {
      return store.read((tx) => connectionOrigin(tx, call));
    }
    const task = taskOf(call);
    const destination = destinationOf(request.headers.authorization ?? "");
    return task && destination && store.read((tx) => taskOrigin(tx, task, destination));
  };
  const misplaced: ExtraRoute = {
    match: (request) => wantedService(request) !== undefined,
    handle(request, response) {
      const service = wantedService(request) ?? "";
      const message = `Credential should be scoped to correct service: '${signingNameOf(service)}'.`;
      const style = request.headers["x-amz-target"] === undefined ? "query" : "json";
      const error = toSignatureError({ type: "wrong-scope", message }, style);
      refuseRequest(request, response, error, options);
    },
  };
  const extraRoutes = [dropped, misplaced];
  const door = createGateway({ ...options, api, originOf, extraRoutes, upgradeRoutes: [] });
  keepTimeLimits(door.server);
  return {
    connect(socket, call) {
      calls.set(socket, call);
      door.server.emit("connection", socket);
    },
    close: door.close,
  };
}

type ServiceDestination = Extract<Destination, { readonly type: "service" }>;

/** Where a signed request would go; what is not signed says nothing of it. */
function destinationOf(authorization: string): ServiceDestination | undefined {
  const [, region, signed] =
    /Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request/.exec(authorization) ?? [];
  if (region === undefined || signed === undefined) return undefined;
  return { type: "service", service: endpointNames[signed] ?? signed, region };
}

/** Services that sign with another name than that of their endpoints. */
const endpointNames: Readonly<Record<string, string>> = { ecr: "ecr.api" };

const signingNameOf = (service: string): string =>
  Object.entries(endpointNames).find(([, name]) => name === service)?.[0] ?? service;
