/**
 * Session Manager as ECS Exec uses it: who opens sessions, and the connections that clients come in
 * by. Sessions live in memory and end with the engine; nothing of them stays on the host but what
 * their commands are, which the container runtime's records tell.
 */
import type { Scope } from "../../model/scope.ts";

export type SessionRequest = {
  readonly scope: Scope;
  readonly taskArn: string;
  /** The container's name. */
  readonly container: string;
  readonly command: string;
};

export type SessionOpening =
  | { readonly type: "opened"; readonly sessionId: string; readonly token: string }
  /** The container's agent does not reach Session Manager, or is not let in. */
  | { readonly type: "not-connected"; readonly reason: string }
  /** The container has as many as it may. */
  | { readonly type: "too-many" };

/** What the APIs ask of sessions. */
export type SessionBroker = {
  open(request: SessionRequest): SessionOpening;
  /** A fresh token for one that goes on; undefined when there is none. */
  resume(scope: Scope, sessionId: string): string | undefined;
  /** Ends it. False when there is none. */
  terminate(scope: Scope, sessionId: string): boolean;
};

/** A client's connection. */
export type SessionConnection = {
  send(bytes: Uint8Array): void;
  /** `code` is WebSocket's. */
  close(code: number, reason: string): void;
};

/** What a connection tells. */
export type ConnectionListener = {
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  closed(): void;
};

/** Takes a client's connection for a session; undefined when there is no such session. */
export type SessionAttach = (
  sessionId: string,
  connection: SessionConnection,
) => ConnectionListener | undefined;

/** AWS's quota of sessions in a container. */
export const mostSessions = 1000;

/** Below it, the session's id. */
const dataChannelPath = "/v1/data-channel/";

/** Where a client of this machine enters a session. */
export function streamUrlOf(
  { host, port }: { readonly host: string; readonly port: number },
  sessionId: string,
): string {
  // Bound to every address: that is none to connect to.
  const isAny = host === "0.0.0.0" || host === "::";
  const name = host.includes(":") ? `[${host}]` : host;
  const authority = `${isAny ? "localhost" : name}:${port}`;
  return `ws://${authority}${dataChannelPath}${sessionId}?role=publish_subscribe`;
}

export const sessionOfPath = (url: string): string | undefined => {
  const [path = ""] = url.split("?");
  const id = path.startsWith(dataChannelPath) ? path.slice(dataChannelPath.length) : "";
  return /^[\w-]+$/.test(id) ? id : undefined;
};
