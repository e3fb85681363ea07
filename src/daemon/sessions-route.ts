/** `/v1/data-channel/<session>`: where the clients of ECS Exec's sessions come in. */
import { type SessionAttach, sessionOfPath } from "../dataplane/sessions/port.ts";
import type { WebSocketDoor } from "../dataplane/sessions/websocket.ts";
import type { UpgradeRoute } from "../gateway/server.ts";

export type SessionsRoute = UpgradeRoute & {
  /** Closes the connections that are open. */
  close(): void;
};

export function sessionsRoute(attach: SessionAttach): SessionsRoute {
  let door: WebSocketDoor | undefined;
  return {
    match: ({ url }) => sessionOfPath(url ?? "") !== undefined,
    async upgrade(request, socket, head) {
      // Loaded by the first client: most engines never have one.
      const { webSocketDoor } = await import("../dataplane/sessions/websocket.ts");
      door ??= webSocketDoor(attach);
      door.enter(request, socket, head, sessionOfPath(request.url ?? "") ?? "");
    },
    close: () => door?.close(),
  };
}
