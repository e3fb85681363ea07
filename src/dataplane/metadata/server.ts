/**
 * The task endpoint's server: a Unix socket to which HAProxy passes connections from every VPC. Who asks
 * is known from the PROXY header, and what for from the address and port in it: metadata at port 80 of
 * 169.254.170.2, AWS's APIs at another and at all other addresses.
 */
import { chmod, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSocketServer, type Socket } from "node:net";
import { taskEndpointAddress } from "../../model/task-endpoint.ts";
import type { Clock } from "../../seams/clock.ts";
import { keepTimeLimits } from "../../seams/handed-connections.ts";
import type { Logger } from "../../seams/logger.ts";
import type { Authority } from "./authority.ts";
import type { MetadataServer, TaskAnswer, TaskCall, TaskCaller, TaskHandlers } from "./port.ts";
import { type ProxyHeader, parseProxyHeader } from "./proxy-protocol.ts";

export type MetadataServerOptions = {
  readonly socketPath: string;
  /** Who vouches for the names of AWS's APIs. */
  readonly authority: Authority;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a task may take to ask, and how often that is looked at; milliseconds. */
  readonly limits?: { readonly timeoutMs: number; readonly checkEveryMs: number };
};

const askingLimits = { timeoutMs: 15_000, checkEveryMs: 5_000 };
const mostHeaderBytes = 16 * 1024;
/** What a balancer may take to send its header. */
const headerLimitMs = 5000;
/** More than any request here has. */
const longestBody = 64 * 1024;

const notYet: TaskAnswer = { status: 503, body: "the engine is starting" };
const tooLong: TaskAnswer = { status: 413, body: "the body is too long" };
const failed: TaskAnswer = { status: 500, body: "internal failure" };

export function createMetadataServer(options: MetadataServerOptions): MetadataServer {
  const { socketPath, authority, clock, logger } = options;
  let handlers: TaskHandlers | undefined;
  const callers = new WeakMap<Socket, TaskCaller>();
  const sockets = new Set<Socket>();

  const ask = async (request: IncomingMessage): Promise<TaskAnswer> => {
    const caller = callers.get(request.socket);
    if (!handlers || !caller) return notYet;
    const body = await readBody(request);
    if (body === undefined) return tooLong;
    const path = (request.url ?? "/").replace(/\?.*$/, "");
    return handlers.answer({ caller, method: request.method ?? "", path, body });
  };
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, body } = await ask(request).catch((error: unknown) => {
      logger.error("metadata: a request failed", { url: request.url, error });
      return failed;
    });
    const text = JSON.stringify(body);
    response.writeHead(status, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(text),
    });
    response.end(text);
  };
  const { timeoutMs, checkEveryMs } = options.limits ?? askingLimits;
  const http = createServer(
    {
      headersTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      connectionsCheckingInterval: checkEveryMs,
      maxHeaderSize: mostHeaderBytes,
    },
    (request, response) => void respond(request, response),
  );
  keepTimeLimits(http);

  const connect = (socket: Socket, call: TaskCall): void => {
    if (handlers) handlers.connect(socket, call);
    else socket.destroy();
  };
  const secure = (socket: Socket, call: TaskCall): void => {
    authority.secure(socket).then(
      (opened) => connect(opened, call),
      (error: unknown) => {
        logger.debug("metadata: a client and the engine did not agree on TLS", { error });
        socket.destroy();
      },
    );
  };

  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    readHeader(socket, clock).then(
      ({ uniqueId = "", sourceAddress: address, destinationAddress, destinationPort }) => {
        const caller = { vpcId: uniqueId, address };
        const call = { ...caller, calledAddress: destinationAddress };
        if (destinationPort === 80 && destinationAddress === taskEndpointAddress) {
          callers.set(socket, caller);
          http.emit("connection", socket);
        } else if (destinationPort === 443) secure(socket, call);
        else connect(socket, call);
      },
      (error: unknown) => {
        logger.warn("metadata: a connection without a usable PROXY header", { error });
        socket.destroy();
      },
    );
  };
  const listener = createSocketServer(accept);

  return {
    async start() {
      // Left by an engine that was killed.
      await rm(socketPath, { force: true });
      await new Promise<void>((resolve, reject) => {
        listener.once("error", reject);
        listener.listen(socketPath, resolve);
      });
      await chmod(socketPath, 0o600);
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      http.close();
      await new Promise((resolve) => listener.close(resolve));
    },
    serve(given) {
      handlers = given;
    },
  };
}

/** Undefined when there is too much of it. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Takes the header off the socket; the client's bytes stay on it. */
function readHeader(socket: Socket, clock: Clock): Promise<ProxyHeader> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const timer = clock.wallAfter(headerLimitMs, () => finish(new Error("no header in time")));
    const finish = (result: ProxyHeader | Error): void => {
      timer.cancel();
      socket.off("readable", read);
      socket.off("close", onClose);
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    const onClose = (): void => finish(new Error("closed before its header"));
    const read = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (!chunk) return;
      bytes = Buffer.concat([bytes, chunk]);
      try {
        const header = parseProxyHeader(bytes);
        if (!header) return;
        const rest = bytes.subarray(header.length);
        if (rest.length > 0) socket.unshift(rest);
        finish(header);
      } catch (error) {
        finish(error as Error);
      }
    };
    socket.on("readable", read);
    socket.once("close", onClose);
  });
}
