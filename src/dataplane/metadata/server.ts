/**
 * The metadata endpoint's server: plain HTTP on a Unix socket to which HAProxy passes connections from
 * every VPC. Who asks is known from the PROXY header, which a task cannot forge.
 */
import { chmod, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSocketServer, type Socket } from "node:net";
import type { Clock } from "../../seams/clock.ts";
import type { Logger } from "../../seams/logger.ts";
import { answer, type Caller, callerKey } from "./answer.ts";
import type { MetadataEntry, MetadataServer } from "./port.ts";
import { parseProxyHeader } from "./proxy-protocol.ts";

export type MetadataServerOptions = {
  readonly socketPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** What a balancer may take to send its header. */
const headerLimitMs = 5000;

export function createMetadataServer(options: MetadataServerOptions): MetadataServer {
  const { socketPath, clock, logger } = options;
  let table = new Map<string, MetadataEntry>();
  const callers = new WeakMap<Socket, Caller>();
  const sockets = new Set<Socket>();

  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    const caller = callers.get(request.socket);
    const entry = caller && table.get(callerKey(caller));
    const path = (request.url ?? "/").replace(/\?.*$/, "");
    const { status, body } = answer(entry, request.method ?? "", path);
    const text = JSON.stringify(body);
    response.writeHead(status, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(text),
    });
    response.end(text);
  };
  const http = createServer(respond);

  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    readCaller(socket, clock).then(
      (caller) => {
        callers.set(socket, caller);
        http.emit("connection", socket);
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
      await new Promise((resolve) => listener.close(resolve));
    },
    set(entries) {
      table = new Map(entries.map((entry) => [callerKey(entry), entry]));
    },
  };
}

/** Takes the header off the socket; the client's bytes stay on it. */
function readCaller(socket: Socket, clock: Clock): Promise<Caller> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const timer = clock.wallAfter(headerLimitMs, () => finish(new Error("no header in time")));
    const finish = (result: Caller | Error): void => {
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
        finish({ vpcId: header.uniqueId ?? "", address: header.sourceAddress });
      } catch (error) {
        finish(error as Error);
      }
    };
    socket.on("readable", read);
    socket.once("close", onClose);
  });
}
