/**
 * Session Manager's part of Systems Manager, for the sessions that ECS opened: a client that lost its
 * connection asks for a token to come back with. Sessions are not opened here.
 */
import type * as Ssm from "@aws-sdk/client-ssm";
import { type SessionBroker, streamUrlOf } from "../../dataplane/sessions/port.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { type LiveOperation, live, type RequestContext } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";

export type SessionDependencies = { readonly sessions: SessionBroker };

const sessionArns = (
  { SessionId }: { readonly SessionId?: string | undefined },
  { scope }: RequestContext,
): string[] => [formatArn("ssm", scope, `session/${SessionId ?? "*"}`)];

/** Those of ECS, which are forgotten when they have ended. */
const ofEcs = /^ecs-execute-command-[0-9a-f]{17}$/;

const noSession = (id: string): ApiError =>
  new ApiError("DoesNotExistException", `Session ${id} does not exist.`);

export const resumeSession = ({
  sessions,
}: SessionDependencies): LiveOperation<Ssm.ResumeSessionRequest, Ssm.ResumeSessionResponse> =>
  live<Ssm.ResumeSessionRequest, Ssm.ResumeSessionResponse>({
    action: "ssm:ResumeSession",
    resources: sessionArns,
    accepts: { SessionId: true },
    async run({ scope, endpoint }, { SessionId: id = "" }) {
      if (!ofEcs.test(id)) throw noSession(id);
      const TokenValue = sessions.resume(scope, id);
      // Without a token clients take it that the session is over, and end.
      if (TokenValue === undefined) return { SessionId: id };
      return { SessionId: id, TokenValue, StreamUrl: streamUrlOf(endpoint, id) };
    },
  });

export const terminateSession = ({
  sessions,
}: SessionDependencies): LiveOperation<Ssm.TerminateSessionRequest, Ssm.TerminateSessionResponse> =>
  live<Ssm.TerminateSessionRequest, Ssm.TerminateSessionResponse>({
    action: "ssm:TerminateSession",
    resources: sessionArns,
    accepts: { SessionId: true },
    async run({ scope }, { SessionId: id = "" }) {
      if (!ofEcs.test(id)) throw noSession(id);
      // One that has ended before is no error.
      sessions.terminate(scope, id);
      return { SessionId: id };
    },
  });
