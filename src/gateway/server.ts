/**
 * The one port: AWS's APIs, and what else the daemon hangs on it (registry, control, balancers).
 *
 * Limits are set so that a slow or hostile client costs a connection and little memory.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { VpcOrigin } from "../engine/network-path/origin.ts";
import {
  announcesTooMuch,
  BodyError,
  bodyTimeoutMs,
  type HeldBodies,
  mostHeldBytes,
  type ReadBody,
  readBody,
} from "./bodies/collected.ts";
import { createDeadlines, type Deadlines } from "./bodies/deadlines.ts";
import { arrivingBytes, watchArrival } from "./bodies/incoming.ts";
import { limitTaking, sendMessages } from "./event-response.ts";
import { explainRefusedHost, explainRefusedOrigin, hasTwoHosts } from "./front-door.ts";
import { type Api, type ApiHandler, type ApiOptions, createApi } from "./gateway.ts";
import type { ApiResponse } from "./request.ts";
import { plain, send } from "./sending.ts";
import { createTurnEnd, type TurnEnd } from "./turn.ts";
import { cutOff, explainBody, giveUp } from "./turned-away.ts";

/** Something else on the gateway's port. It reads its own bodies, with its own limits. */
export type ExtraRoute = {
  match(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void> | void;
  /** A user's application stands behind it: pages of any origin may call it. */
  readonly anyOrigin?: boolean;
};

/** Requests that ask for their connection to be handed over, such as WebSockets'. */
export type UpgradeRoute = {
  match(request: IncomingMessage): boolean;
  /** The connection is this route's from here on. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
};

export type GatewayOptions = ApiOptions & {
  readonly extraRoutes?: readonly ExtraRoute[];
  readonly upgradeRoutes?: readonly UpgradeRoute[];
  /** The APIs of another gateway: this one is a second door to them. */
  readonly api?: Api;
  /** Where in a VPC a request comes from; undefined when it comes from none. */
  readonly originOf?: (request: IncomingMessage) => VpcOrigin | undefined;
  /** How long a client may take for its headers, and how often that is looked at; milliseconds. */
  readonly headers?: { readonly timeoutMs: number; readonly checkEveryMs: number };
  /** Of all bodies that are collected at one time. */
  readonly mostHeldBytes?: number;
};

export type Gateway = {
  /** Not listening yet. */
  readonly server: Server;
  readonly api: Api;
  /** An API request without a connection. */
  readonly handle: ApiHandler;
  /** Takes no more connections, lets requests end for a second, then cuts them. */
  close(): Promise<void>;
};

const headerTimes = { timeoutMs: 15_000, checkEveryMs: 5_000 };
// Longer than SDKs keep an idle connection, so that it is never the server that closes under them.
const keepAliveTimeoutMs = 75_000;
const mostHeaderBytes = 32 * 1024;
const closingGraceMs = 1_000;

export function createGateway(options: GatewayOptions): Gateway {
  const api = options.api ?? createApi(options);
  const held: HeldBodies = { bytes: 0, most: options.mostHeldBytes ?? mostHeldBytes };
  const deadlines = createDeadlines(options.clock, bodyTimeoutMs);
  const { timeoutMs, checkEveryMs } = options.headers ?? headerTimes;
  const server = createServer({
    headersTimeout: timeoutMs,
    // Pushes of image layers take long; API bodies have a limit of their own.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: checkEveryMs,
    maxHeaderSize: mostHeaderBytes,
    // Others that offer to upgrade, as clients of HTTP/2 do, are answered as they would be without.
    shouldUpgradeCallback: (request) => findUpgrade(request, options) !== undefined,
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    upgrade(request, socket, head, options),
  );
  const parts = { api, held, deadlines, turnEnd: createTurnEnd(), options };
  const onRequest = (
    request: IncomingMessage,
    response: ServerResponse,
    proceed = (): void => {},
  ): void => {
    const fail = (error: unknown): void => giveUp(response, error, options);
    try {
      serve({ request, response, proceed }, parts)?.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
  server.on("request", (request, response) => onRequest(request, response));
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) =>
    onRequest(request, response, () => response.writeContinue()),
  );
  const end = (): Promise<void> => close(server, options).finally(deadlines.stop);
  return { server, api, handle: api.handle, close: end };
}

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Lets a client that waits for it send its body. */
  readonly proceed: () => void;
};

type Parts = {
  readonly api: Api;
  readonly held: HeldBodies;
  readonly deadlines: Deadlines;
  readonly turnEnd: TurnEnd;
  readonly options: GatewayOptions;
};

const findExtra = (request: IncomingMessage, { extraRoutes }: GatewayOptions) =>
  extraRoutes?.find((route) => route.match(request));

const findUpgrade = (request: IncomingMessage, { upgradeRoutes }: GatewayOptions) =>
  upgradeRoutes?.find((route) => route.match(request));

function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: GatewayOptions,
): void {
  const refused = hasTwoHosts(request.rawHeaders)
    ? "The request has more than one Host"
    : (explainRefusedHost(request.headers, options.endpoint().host) ??
      explainRefusedOrigin(request.headers));
  // A client that goes away is no error of ours.
  socket.on("error", () => {});
  if (refused !== undefined) {
    options.logger.warn("a request was turned away", { url: request.url, reason: refused });
    socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n${refused}\n`);
    return;
  }
  const handing = findUpgrade(request, options)?.upgrade(request, socket, head);
  handing?.catch((error: unknown) => {
    options.logger.error("a request failed outside any operation", { url: request.url, error });
    socket.destroy();
  });
}

/** Undefined when there is nothing to wait for but events that are listened to. */
function serve(exchange: Exchange, parts: Parts): Promise<void> | undefined {
  const { request, response } = exchange;
  const { options, api } = parts;
  if (hasTwoHosts(request.rawHeaders)) {
    cutOff(request, response, plain(400, "The request has more than one Host"), options);
    return undefined;
  }
  const extra = findExtra(request, options);
  const refused =
    explainRefusedHost(request.headers, options.endpoint().host) ??
    (extra?.anyOrigin ? undefined : explainRefusedOrigin(request.headers));
  if (refused !== undefined) {
    options.logger.warn("a request was turned away", { url: request.url, reason: refused });
    cutOff(request, response, plain(403, refused), options);
    return undefined;
  }
  if (extra) return serveExtra(extra, exchange, options);
  const { method = "GET", url = "/", headers } = request;
  if (api.streams({ method, url, headers })) return serveStream(exchange, parts);
  return serveCollected(exchange, parts);
}

async function serveExtra(
  extra: ExtraRoute,
  { request, response, proceed }: Exchange,
  options: GatewayOptions,
): Promise<void> {
  proceed();
  watchArrival(request, options.clock, () => {
    if (response.headersSent) request.destroy();
    else cutOff(request, response, plain(408, "The request body did not arrive in time"), options);
  });
  await extra.handle(request, response);
}

const nothing = Buffer.alloc(0);

/** The operation itself reads the body, and may answer without having read all of it. */
async function serveStream(exchange: Exchange, parts: Parts): Promise<void> {
  const { request, response, proceed } = exchange;
  const { api, options } = parts;
  const incoming = arrivingBytes(request, options.clock, proceed);
  const answer = await api.handle({ ...headOf(request, options), body: nothing, incoming });
  if (request.complete) await deliver(exchange, answer, parts);
  else if (request.destroyed) response.destroy();
  else cutOff(request, response, answer, options);
}

function serveCollected(exchange: Exchange, parts: Parts): undefined {
  const { request, response, proceed } = exchange;
  const { held, deadlines, options } = parts;
  if (!announcesTooMuch(request.headers)) proceed();
  readBody(request, deadlines, held, {
    take: (read) => answerCollected(exchange, read, parts),
    fail(error) {
      try {
        if (error instanceof BodyError && error.reason === "aborted") response.destroy();
        else cutOff(request, response, explainBody(error, request, options), options);
      } catch (failure) {
        giveUp(response, failure, options);
      }
    },
  });
}

function answerCollected(exchange: Exchange, { raw, body }: ReadBody, parts: Parts): void {
  const { request, response } = exchange;
  const { api, held, options } = parts;
  const end = (): void => {
    held.bytes -= raw.length;
  };
  const fail = (error: unknown): void => giveUp(response, error, options);
  try {
    const answer = api.respond({ ...headOf(request, options), body, raw });
    if (!(answer instanceof Promise) && !answer.messages) {
      deliverWhole(exchange, answer, parts);
      end();
      return;
    }
    Promise.resolve(answer)
      .then((later) => deliver(exchange, later, parts))
      .catch(fail)
      .finally(end);
  } catch (error) {
    end();
    fail(error);
  }
}

function headOf(request: IncomingMessage, { originOf }: GatewayOptions) {
  const { method = "GET", url = "/", headers, socket } = request;
  const { remoteAddress } = socket;
  const origin = originOf?.(request);
  return {
    method,
    url,
    headers,
    ...(remoteAddress !== undefined && { remoteAddress }),
    ...(origin && { origin }),
  };
}

async function deliver(exchange: Exchange, answer: ApiResponse, parts: Parts): Promise<void> {
  const { request, response } = exchange;
  if (!answer.messages || request.method === "HEAD") deliverWhole(exchange, answer, parts);
  else await sendMessages(response, answer, answer.messages, parts.options.clock);
}

function deliverWhole(
  { response }: Exchange,
  answer: ApiResponse,
  { turnEnd, options }: Parts,
): void {
  // Pieces of text become one here: they would outlive the turn as so many objects.
  const length = Buffer.byteLength(answer.body);
  turnEnd.add(() => sendWhole(response, answer, length, options));
}

function sendWhole(
  response: ServerResponse,
  answer: ApiResponse,
  length: number,
  options: GatewayOptions,
): void {
  try {
    send(response, answer, length);
    limitTaking(response, options.clock);
  } catch (error) {
    giveUp(response, error, options);
  }
}

function close(server: Server, { clock }: GatewayOptions): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.wallAfter(closingGraceMs, () => server.closeAllConnections());
    server.close(() => {
      timer.cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
