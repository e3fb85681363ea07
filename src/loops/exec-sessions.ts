/**
 * The broker of ECS Exec's sessions: opens them, lets their clients in, and at the start of an engine
 * ends the commands that a killed one left in containers.
 */
import type { ContainerRuntime } from "../dataplane/containers/port.ts";
import type { LogStore } from "../dataplane/logs/port.ts";
import {
  type ConnectionListener,
  mostSessions,
  type SessionAttach,
  type SessionBroker,
  type SessionOpening,
  type SessionRequest,
} from "../dataplane/sessions/port.ts";
import { type SessionLogSink, sessionLogSink } from "../engine/exec/session-log.ts";
import { splitCommand } from "../engine/exec/split-command.ts";
import type { Task, TaskContainer } from "../model/ecs.ts";
import { InvariantError } from "../model/invariant-error.ts";
import type { Scope } from "../model/scope.ts";
import { readJson, sessionKeyContext, targetIdOf } from "../model/session/payloads.ts";
import type { Sealing } from "../seams/sealing.ts";
import {
  explainAgentDenial,
  explainLogDenial,
  openDataKey,
  taskRoleOf,
} from "../state/exec-access.ts";
import type { ReadTransaction } from "../state/store.ts";
import { clusters, tasks } from "../state/tables/ecs.ts";
import { type ExecProcess, execProcesses } from "../state/tables/exec-processes.ts";
import { logGroups } from "../state/tables/logs.ts";
import type { Session, SessionFacts } from "./exec/session.ts";
import { findDefinition } from "./find-definition.ts";
import type { Loop, LoopDependencies } from "./loop.ts";
import type { Blocked, Destination } from "./tasks/paths.ts";

export type SessionBrokerNeeds = LoopDependencies & {
  readonly runtime: Pick<ContainerRuntime, "prepareExec" | "startExec" | "endExec">;
  readonly logs: Pick<LogStore, "append">;
  readonly sealing: Sealing;
  readonly pathTo: (task: Task, destination: Destination) => Blocked;
};

export type ExecSessions = SessionBroker & Loop & { readonly attach: SessionAttach };

type Entry = {
  readonly scope: Scope;
  /** The runtime's handle of the container. */
  readonly containerId: string;
  token: string;
  readonly session: Promise<Session>;
};

const policyViolation = 1008;
const retryMs = 5000;

export function createExecSessions(needs: SessionBrokerNeeds): ExecSessions {
  const { store, clock, ids, logger } = needs;
  const entries = new Map<string, Entry>();
  let halt = new AbortController();
  const pending = new Set<Promise<void>>();

  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => pending.delete(tracked));
    pending.add(tracked);
  };
  const newToken = (): string => ids.hex(64);

  const begin = async (facts: SessionFacts): Promise<Session> => {
    // Loaded by the first session: most engines never have one.
    const { startSession } = await import("./exec/session.ts");
    const session = startSession(needs, facts);
    track(session.over.then(() => void entries.delete(facts.sessionId)));
    return session;
  };

  const countIn = (containerId: string): number =>
    [...entries.values()].filter((entry) => entry.containerId === containerId).length;

  const open = (request: SessionRequest): SessionOpening => {
    const sessionId = `ecs-execute-command-0${ids.hex(16)}`;
    const found = store.read((tx) => findTarget(needs, tx, request, sessionId));
    if (found.type === "not-connected") return found;
    const { containerId } = found.facts;
    if (countIn(containerId) >= mostSessions) return { type: "too-many" };
    const token = newToken();
    const session = begin(found.facts);
    entries.set(sessionId, { scope: request.scope, containerId, token, session });
    return { type: "opened", sessionId, token };
  };

  const entryOf = (scope: Scope, sessionId: string): Entry | undefined => {
    const entry = entries.get(sessionId);
    const isOwn = entry?.scope.account === scope.account && entry.scope.region === scope.region;
    return isOwn ? entry : undefined;
  };

  /** Messages are handed on in order, though the first may wait for the session to be there. */
  const attach: SessionAttach = (sessionId, connection): ConnectionListener | undefined => {
    const entry = entries.get(sessionId);
    if (!entry) return undefined;
    let session: Session | undefined;
    let turn = Promise.resolve();
    const inTurn = (work: () => Promise<void> | void): void => {
      turn = turn.then(work).catch((error: unknown) => {
        logger.error("exec: a message could not be handled", { session: sessionId, error });
      });
    };
    return {
      text: (text) =>
        inTurn(async () => {
          if (session) return;
          if (readJson(text)?.["TokenValue"] !== entry.token) {
            connection.close(policyViolation, "the token is not this session's");
            return;
          }
          session = await entry.session;
          session.join(connection);
        }),
      bytes: (bytes) => inTurn(() => session?.receive(bytes)),
      closed: () => inTurn(() => session?.leave(connection)),
    };
  };

  const endAll = async (why: string): Promise<void> => {
    for (const { session } of entries.values()) (await session).end(why);
    await Promise.all(pending);
  };

  /** What a killed engine's sessions were running when it died. */
  const endLeftovers = async (): Promise<void> => {
    const left = store.read((tx) => tx.table(execProcesses).all());
    await Promise.all(left.map(endLeftover));
  };
  const endLeftover = async (process: ExecProcess): Promise<void> => {
    while (!halt.signal.aborted) {
      try {
        await needs.runtime.endExec(process.execId);
        store.write((tx) => tx.table(execProcesses).delete(process, process.sessionId));
        return;
      } catch (error) {
        logger.warn("exec: a command that was left could not be ended", { ...process, error });
        await clock.sleep(retryMs, halt.signal).catch(() => {});
      }
    }
  };

  return {
    open,
    resume(scope, sessionId) {
      const entry = entryOf(scope, sessionId);
      if (!entry) return undefined;
      entry.token = newToken();
      return entry.token;
    },
    terminate(scope, sessionId) {
      const entry = entryOf(scope, sessionId);
      if (entry) track(entry.session.then((session) => session.end("")));
      return entry !== undefined;
    },
    attach,
    start() {
      halt = new AbortController();
      track(endLeftovers());
    },
    wake() {},
    async stop() {
      halt.abort();
      await endAll("The engine stops.");
    },
    async idle() {
      await Promise.all(pending);
    },
  };
}

type Target = { readonly type: "found"; readonly facts: SessionFacts };

/** What a session needs to know, all of it as it is when it is opened. */
function findTarget(
  needs: SessionBrokerNeeds,
  tx: ReadTransaction,
  { scope, taskArn, container: name, command }: SessionRequest,
  sessionId: string,
): Target | Extract<SessionOpening, { type: "not-connected" }> {
  const task = tx.table(tasks).get(scope, taskArn);
  const definition = task && findDefinition(tx, task, task.taskDefinitionArn);
  const container = task?.containers.find((one) => one.name === name);
  const described = definition?.containers.find((one) => one.name === name);
  if (!task || !container?.handle || !described) {
    throw new InvariantError(`a session is opened in ${taskArn} ${name}, which does not run`);
  }
  const role = taskRoleOf(task, definition);
  const refusal = explainUnconnected(needs, tx, task, container);
  if (refusal !== undefined) return { type: "not-connected", reason: refusal };
  const cluster = tx.table(clusters).get(scope, task.clusterArn);
  const kmsKeyId = cluster?.configuration?.executeCommand?.kmsKeyId;
  const sink = sessionLogSink(cluster?.configuration, task, described, sessionId);
  const denial = sink && explainLogDenial(tx, task, role, sink);
  if (denial !== undefined) {
    needs.logger.warn("exec: a session is not logged", { session: sessionId, reason: denial });
  }
  const targetId = targetIdOf(cluster?.name ?? "", task.id, container.runtimeId ?? "");
  const words = splitCommand(command);
  return {
    type: "found",
    facts: {
      sessionId,
      scope,
      taskArn,
      containerId: container.handle,
      command: words.type === "words" ? words.words : [],
      kmsKeyId,
      log: denial === undefined ? sink : undefined,
      refusal: sink?.mustBeEncrypted ? explainUnencrypted(tx, sink) : undefined,
      openDataKey: (ciphertext) =>
        needs.store.read((now) => {
          const context = sessionKeyContext(sessionId, targetId);
          const sealed = { keyId: kmsKeyId ?? "", ciphertext, context };
          return openDataKey(now, needs.sealing, task, role, sealed);
        }),
    },
  };
}

/** In the agent's words. */
function explainUnencrypted(tx: ReadTransaction, sink: SessionLogSink): string | undefined {
  if (tx.table(logGroups).get(sink.scope, sink.group)?.kmsKeyId !== undefined) return undefined;
  return (
    "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs " +
    "log group. Either encrypt the log group or choose an option to enable logging without encryption."
  );
}

/** Why the container's agent has no connection to Session Manager now; undefined when it has. */
function explainUnconnected(
  needs: SessionBrokerNeeds,
  tx: ReadTransaction,
  task: Task,
  { agent }: TaskContainer,
): string | undefined {
  if (agent?.status !== "RUNNING") return agent?.reason ?? "the agent does not run";
  const definition = findDefinition(tx, task, task.taskDefinitionArn);
  const denial = explainAgentDenial(tx, task, taskRoleOf(task, definition));
  if (denial !== undefined) return denial;
  const service = { type: "service", service: "ssmmessages", region: task.region } as const;
  const blocked = needs.pathTo(task, service);
  return blocked && `dial tcp ${blocked.address}:443: i/o timeout`;
}
