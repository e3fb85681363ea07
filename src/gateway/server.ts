/**
 * The one port: AWS's APIs, and what else the daemon hangs on it (registry, control, balancers).
 *
 * Limits are set so that a slow or hostile client costs a connection and little memory.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { ApiError } from "./api-error.ts";
import { announcesTooMuch, BodyError, type ReadBody, readBody } from "./body.ts";
import { sendMessages } from "./event-response.ts";
import { explainRefusedHost, explainRefusedOrigin } from "./front-door.ts";
import { type ApiHandler, type ApiOptions, createApi, toResponse } from "./gateway.ts";
import type { Refusal } from "./protocols/protocol.ts";
import { type ApiResponse, openEnvelope } from "./request.ts";
import { guessCodec } from "./routing/route.ts";

/** Something else on the gateway's port. It reads its own bodies, with its own limits. */
export type ExtraRoute = {
  match(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void> | void;
  /** A user's application stands behind it: pages of any origin may call it. */
  readonly anyOrigin?: boolean;
};

export type GatewayOptions = ApiOptions & { readonly extraRoutes?: readonly ExtraRoute[] };

export type Gateway = {
  /** Not listening yet. */
  readonly server: Server;
  /** An API request without a connection. */
  readonly handle: ApiHandler;
  /** Takes no more connections, lets requests end for a second, then cuts them. */
  close(): Promise<void>;
};

const headersTimeoutMs = 15_000;
// Longer than SDKs keep an idle connection, so that it is never the server that closes under them.
const keepAliveTimeoutMs = 75_000;
const mostHeaderBytes = 32 * 1024;
const closingGraceMs = 1_000;

export function createGateway(options: GatewayOptions): Gateway {
  const handle = createApi(options);
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    // Pushes of image layers take long; API bodies have a limit of their own.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: 5_000,
    maxHeaderSize: mostHeaderBytes,
  });
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    serve(request, response, handle, options).catch((error: unknown) => {
      options.logger.error("a request failed outside any operation", { url: request.url, error });
      if (response.headersSent) response.destroy();
      else send(response, plain(500, "Internal failure"));
    });
  };
  server.on("request", onRequest);
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    const refused = announcesTooMuch(request.headers) && !findExtra(request, options);
    if (!refused) response.writeContinue();
    onRequest(request, response);
  });
  return { server, handle, close: () => close(server, options) };
}

const findExtra = (request: IncomingMessage, { extraRoutes }: GatewayOptions) =>
  extraRoutes?.find((route) => route.match(request));

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  handle: ApiHandler,
  options: GatewayOptions,
): Promise<void> {
  const extra = findExtra(request, options);
  const refused =
    explainRefusedHost(request.headers, options.endpoint().host) ??
    (extra?.anyOrigin ? undefined : explainRefusedOrigin(request.headers));
  if (refused !== undefined) {
    options.logger.warn("a request was turned away", { url: request.url, reason: refused });
    cutOff(request, response, plain(403, refused), options);
    return;
  }
  if (extra) {
    await extra.handle(request, response);
    return;
  }
  await serveApi(request, response, handle, options);
}

async function serveApi(
  request: IncomingMessage,
  response: ServerResponse,
  handle: ApiHandler,
  options: GatewayOptions,
): Promise<void> {
  const { method = "GET", url = "/", headers } = request;
  const { remoteAddress } = request.socket;
  let read: ReadBody;
  try {
    read = await readBody(request, options.clock);
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    if (error.reason === "aborted") response.destroy();
    else cutOff(request, response, explainBody(error, request, options), options);
    return;
  }
  const from = remoteAddress === undefined ? {} : { remoteAddress };
  const answer = await handle({ method, url, headers, ...read, ...from });
  if (!answer.messages) {
    send(response, answer);
    return;
  }
  response.writeHead(answer.status, answer.headers);
  await sendMessages(response, answer.messages);
}

const bodyRefusals: Readonly<Record<string, { refusal: Refusal; status: number }>> = {
  "too-large": { refusal: "too-large", status: 413 },
  "too-slow": { refusal: "too-slow", status: 408 },
};

/** In the shape of the protocol, as far as it can be told without the body. */
function explainBody(
  error: BodyError,
  { method = "GET", url = "/", headers }: IncomingMessage,
  { ids }: GatewayOptions,
): ApiResponse {
  const requestId = ids.uuid();
  const [path = "/"] = url.split("?");
  const envelope = openEnvelope({ method, url: path, headers, body: Buffer.alloc(0) });
  const codec = guessCodec(envelope, undefined, undefined);
  const known = bodyRefusals[error.reason];
  const code = known ? codec.codeOf(known.refusal) : "SerializationException";
  const apiError = new ApiError(code, error.message, { status: known?.status ?? 400 });
  return toResponse(codec.encodeError(apiError, undefined, requestId), requestId);
}

function plain(status: number, sentence: string): ApiResponse {
  return { status, headers: { "content-type": "text/plain" }, body: `${sentence}\n` };
}

function send(response: ServerResponse, { status, headers, body }: ApiResponse): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** Answers a request that is not read to its end, and then closes its connection. */
function cutOff(
  request: IncomingMessage,
  response: ServerResponse,
  answer: ApiResponse,
  { clock }: GatewayOptions,
): void {
  send(response, { ...answer, headers: { ...answer.headers, connection: "close" } });
  if (request.complete) return;
  // Throwing the rest away for a moment lets the client read the answer before the reset.
  request.resume();
  const timer = clock.wallAfter(closingGraceMs, () => request.destroy());
  request.once("close", () => timer.cancel());
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
