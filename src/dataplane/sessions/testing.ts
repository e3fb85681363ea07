/** For tests of services: a broker that opens every session and remembers what it was asked for. */
import type { SessionBroker, SessionRequest } from "./port.ts";

export type RecordedSessions = SessionBroker & { readonly opened: SessionRequest[] };

export function recordedSessions(): RecordedSessions {
  const opened: SessionRequest[] = [];
  return {
    opened,
    open(request) {
      opened.push(request);
      return { type: "opened", sessionId: `ecs-execute-command-${opened.length}`, token: "token" };
    },
    resume: () => undefined,
    terminate: () => false,
  };
}
