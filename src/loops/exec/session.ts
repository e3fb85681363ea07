/**
 * One ECS Exec session, from its first connection to its end: the part of AWS's agent in the container,
 * and of Session Manager between it and the client. It outlives a connection that breaks, until it has
 * been idle for too long.
 */
import type {
  ContainerRuntime,
  RunningExec,
  TerminalExtent,
} from "../../dataplane/containers/port.ts";
import { DriverError } from "../../dataplane/errors.ts";
import type { SessionConnection } from "../../dataplane/sessions/port.ts";
import type { SessionLogSink } from "../../engine/exec/session-log.ts";
import type { Scope } from "../../model/scope.ts";
import type { AgentMessage } from "../../model/session/agent-message.ts";
import { createChannel } from "../../model/session/channel.ts";
import { payloadTypes, readNumber, readSize, sessionFlags } from "../../model/session/payloads.ts";
import type { Timer } from "../../seams/clock.ts";
import { sha256 } from "../../seams/crypto.ts";
import type { OpenedDataKey } from "../../state/exec-access.ts";
import { execProcesses } from "../../state/tables/exec-processes.ts";
import { orAborted } from "../tasks/or-aborted.ts";
import { plainCipher, type SessionCipher } from "./cipher.ts";
import { closedContent, errorOutput, explainEnd, lateClient } from "./endings.ts";
import { SessionRefused, shakeHands } from "./handshake.ts";
import { createKeyboard } from "./keyboard.ts";
import { noSessionLog, openSessionLog, type SessionLogNeeds } from "./session-log.ts";

export type SessionNeeds = SessionLogNeeds & {
  readonly runtime: Pick<ContainerRuntime, "prepareExec" | "startExec" | "endExec">;
};

export type SessionFacts = {
  readonly sessionId: string;
  readonly scope: Scope;
  readonly taskArn: string;
  /** The runtime's handle of the container. */
  readonly containerId: string;
  readonly command: readonly string[];
  readonly kmsKeyId: string | undefined;
  readonly log: SessionLogSink | undefined;
  /** Why the session must not begin; undefined when it may. */
  readonly refusal: string | undefined;
  readonly openDataKey: (ciphertext: Uint8Array) => OpenedDataKey;
};

export type Session = {
  /** The client has come in, for the first time or again. */
  join(connection: SessionConnection): void;
  leave(connection: SessionConnection): void;
  receive(bytes: Uint8Array): void;
  /** Ends it; `why` is shown to the client. */
  end(why: string): void;
  /** Resolves when it is over and its command has ended. */
  readonly over: Promise<void>;
};

/** AWS lets nobody change it. Engine time. */
const idleTimeoutMs = 20 * 60_000;
const handshakeTimeoutMs = 15_000;
const tickMs = 100;
const pieceLength = 1024;
const mostPending = 256;
/** Wall time in which a client acknowledges the last output. */
const farewellMs = 5000;
const normalClosure = 1000;
const policyViolation = 1008;

const environment = [
  { name: "TERM", value: "xterm-256color" },
  { name: "LANG", value: "C.UTF-8" },
];

export function startSession(needs: SessionNeeds, facts: SessionFacts): Session {
  const { clock, ids, logger, runtime, store } = needs;
  const halt = new AbortController();
  const joined = Promise.withResolvers<void>();
  const answers = new Map<number, PromiseWithResolvers<Uint8Array>>();
  let connection: SessionConnection | undefined;
  let cipher: SessionCipher = plainCipher;
  let exec: RunningExec | undefined;
  let extent: TerminalExtent | undefined;
  let ticking: Timer | undefined;
  let drained = Promise.withResolvers<void>();
  let activeAt = clock.now();

  const channel = createChannel({
    stream: "output_stream_data",
    transmit: (bytes) => connection?.send(bytes),
    deliver: (message) => take(message),
    control: () => {},
    drained: () => drained.resolve(),
    digest: sha256,
    newId: () => ids.uuid(),
    now: () => clock.wall(),
  });

  const send = (payloadType: number, payload: Uint8Array): void => {
    channel.send(payloadType, payload);
    scheduleTick();
  };
  const scheduleTick = (): void => {
    if (ticking || !connection || channel.pending() === 0) return;
    ticking = clock.wallAfter(tickMs, () => {
      ticking = undefined;
      if (channel.tick()) scheduleTick();
      else end(errorOutput("The client does not acknowledge what it is sent."));
    });
  };

  /** Looks at the clock now and then, and not at each key. */
  const watchIdleness = (): Timer =>
    clock.after(activeAt + idleTimeoutMs - clock.now(), () => {
      if (clock.now() - activeAt < idleTimeoutMs) idling = watchIdleness();
      else end("Session timed out due to inactivity.");
    });
  let idling = watchIdleness();

  const end = (why: string): void => halt.abort(new SessionRefused(why));

  const take = ({ payloadType, payload }: AgentMessage): void => {
    switch (payloadType) {
      case payloadTypes.output: {
        const bytes = cipher.open(payload);
        activeAt = clock.now();
        if (bytes) keyboard.type(bytes);
        else end(errorOutput("Input cannot be decrypted."));
        return;
      }
      case payloadTypes.size: {
        const size = readSize(payload);
        if (size) resize({ columns: size.cols, rows: size.rows });
        return;
      }
      case payloadTypes.flag:
        if (readNumber(payload) === sessionFlags.terminateSession) end("");
        return;
      default:
        answers.get(payloadType)?.resolve(payload);
    }
  };

  const announcePublication = (): void =>
    channel.sendControl(keyboard.isPaused() ? "pause_publication" : "start_publication", {
      SessionId: facts.sessionId,
    });
  const keyboard = createKeyboard(announcePublication);
  const resize = (next: TerminalExtent): void => {
    extent = next;
    exec?.resize(next).catch((error: unknown) => {
      logger.warn("exec: a terminal could not be resized", { session: facts.sessionId, error });
    });
  };

  const answer = async (payloadType: number): Promise<Uint8Array> => {
    const awaited = Promise.withResolvers<Uint8Array>();
    answers.set(payloadType, awaited);
    const late = clock.wallAfter(handshakeTimeoutMs, () =>
      awaited.reject(new SessionRefused(lateClient)),
    );
    try {
      return await orAborted(awaited.promise, halt.signal);
    } finally {
      late.cancel();
    }
  };

  const room = async (most: number): Promise<void> => {
    while (channel.pending() > most) {
      drained = Promise.withResolvers();
      await orAborted(drained.promise, halt.signal);
    }
  };

  const openLog = () => {
    const { log } = facts;
    if (!log) return noSessionLog;
    const opened = openSessionLog(needs, log);
    if (!opened) logger.warn("exec: a session is not logged, the log group is gone", { ...log });
    return opened ?? noSessionLog;
  };

  const showAll = async (running: RunningExec): Promise<void> => {
    const log = openLog();
    try {
      for await (const chunk of running.output) {
        activeAt = clock.now();
        log.write(chunk);
        for (let at = 0; at < chunk.length; at += pieceLength) {
          await room(mostPending);
          send(payloadTypes.output, cipher.seal(chunk.subarray(at, at + pieceLength)));
        }
      }
    } finally {
      await log.end();
    }
  };

  /** Gives the exit code. The record of the command is there for as long as it may run. */
  const runCommand = async (): Promise<number> => {
    const { sessionId, taskArn, scope, containerId, command } = facts;
    const execId = await runtime.prepareExec({ containerId, command, environment });
    store.write((tx) => tx.table(execProcesses).put({ ...scope, sessionId, taskArn, execId }));
    let showing = Promise.resolve();
    try {
      halt.signal.throwIfAborted();
      const running = await runtime.startExec(execId, extent);
      exec = running;
      keyboard.plugIn(running);
      if (extent) resize(extent);
      showing = showAll(running);
      await orAborted(showing, halt.signal);
      return await running.exitCode();
    } finally {
      await runtime.endExec(execId);
      // The output ends with the command.
      await showing.catch(() => {});
      store.write((tx) => tx.table(execProcesses).delete(scope, sessionId));
    }
  };

  const live = async (): Promise<void> => {
    await orAborted(joined.promise, halt.signal);
    if (facts.refusal !== undefined) throw new SessionRefused(facts.refusal);
    const agreed = await shakeHands({
      send,
      answer,
      kmsKeyId: facts.kmsKeyId,
      openDataKey: facts.openDataKey,
      monotonic: () => clock.monotonic(),
    });
    cipher = agreed.cipher;
    const code = await runCommand();
    if (agreed.takesExitCode) send(payloadTypes.exitCode, cipher.seal(Buffer.from(String(code))));
  };

  const farewell = async (why: string): Promise<void> => {
    const late = new AbortController();
    const timer = clock.wallAfter(farewellMs, () => late.abort());
    const isHeard = async (): Promise<void> => {
      while (connection && channel.pending() > 0) {
        drained = Promise.withResolvers();
        await orAborted(drained.promise, late.signal);
      }
    };
    await isHeard().catch(() => {});
    timer.cancel();
    channel.sendControl(
      "channel_closed",
      closedContent(facts.sessionId, ids.uuid(), clock.wall(), why),
    );
    connection?.close(normalClosure, "");
    connection = undefined;
  };

  const run = async (): Promise<void> => {
    let why = "";
    try {
      await live();
    } catch (error) {
      why = explainEnd(error);
      if (!(error instanceof SessionRefused) && !(error instanceof DriverError)) {
        logger.error("exec: a session failed", { session: facts.sessionId, error });
      }
    }
    idling.cancel();
    await farewell(why);
    ticking?.cancel();
  };

  return {
    join(next) {
      connection?.close(policyViolation, "the session was taken over by another connection");
      connection = next;
      activeAt = clock.now();
      announcePublication();
      channel.resume();
      scheduleTick();
      joined.resolve();
    },
    leave(gone) {
      if (connection !== gone) return;
      connection = undefined;
      ticking?.cancel();
      ticking = undefined;
      // Whoever waits for acknowledgements of this connection looks again.
      drained.resolve();
    },
    receive(bytes) {
      const problem = channel.receive(bytes);
      if (problem !== undefined) {
        logger.warn("exec: a message is malformed", { session: facts.sessionId, problem });
      }
    },
    end,
    over: run(),
  };
}
