/** Data channels as WebSockets on connections that the gateway hands over. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { SessionAttach } from "./port.ts";

/** Far more than any message of a client: those hold up to a kilobyte of what is typed. */
const largestMessage = 1024 * 1024;
const wentAway = 1001;
const noSuchSession = 1008;

export type WebSocketDoor = {
  /** Takes over a request to upgrade; an unknown session's is closed at once. */
  enter(request: IncomingMessage, socket: Duplex, head: Buffer, sessionId: string): void;
  /** Closes what is open. */
  close(): void;
};

export function webSocketDoor(attach: SessionAttach): WebSocketDoor {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: largestMessage,
    perMessageDeflate: false,
  });
  return {
    enter(request, socket, head, sessionId) {
      server.handleUpgrade(request, socket, head, (client) => connect(client, sessionId, attach));
    },
    close() {
      for (const client of server.clients) client.close(wentAway, "the engine stops");
      for (const client of server.clients) client.terminate();
    },
  };
}

function connect(client: WebSocket, sessionId: string, attach: SessionAttach): void {
  const listener = attach(sessionId, {
    send: (bytes) => client.send(bytes),
    close: (code, reason) => client.close(code, reason),
  });
  // What is wrong with a connection also closes it.
  client.on("error", () => {});
  if (!listener) {
    client.close(noSuchSession, "there is no such session");
    return;
  }
  client.on("message", (data, isBinary) => {
    if (isBinary) listener.bytes(bytesOf(data));
    else listener.text(bytesOf(data).toString("utf8"));
  });
  client.on("close", () => listener.closed());
}

const bytesOf = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
