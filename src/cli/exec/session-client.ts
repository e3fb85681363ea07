/**
 * The client's end of an ECS Exec session, written from what is public of Session Manager's protocol:
 * the token, the handshake, then what is typed one way and what is shown the other.
 */
import type { AgentMessage } from "../../model/session/agent-message.ts";
import { type Channel, createChannel } from "../../model/session/channel.ts";
import {
  actionStatuses,
  type HandshakeResponse,
  jsonBytes,
  numberBytes,
  type OpenDataChannelInput,
  type ProcessedAction,
  payloadTypes,
  readJson,
  sessionFlags,
  type TerminalSize,
} from "../../model/session/payloads.ts";
import type { Clock, Timer } from "../../seams/clock.ts";
import { openGcm, sealGcm, sha256 } from "../../seams/crypto.ts";
import type { Ids } from "../../seams/ids.ts";

/** What people see and type, a terminal or not. */
export type LocalTerminal = {
  /** Undefined when it is none. */
  size(): TerminalSize | undefined;
  /** Resolves when more can be shown. */
  show(bytes: Uint8Array): Promise<void>;
  /** Calls the listeners from now on, until the function it gives is called. */
  listen(listeners: {
    typed: (bytes: Uint8Array) => void;
    resized: () => void;
    interrupted: () => void;
  }): () => void;
  pauseTyping(isPaused: boolean): void;
};

/** The two forms of a data key, as KMS makes it. */
export type DataKey = { readonly plaintext: Uint8Array; readonly ciphertext: string };

export type SessionClientInput = {
  readonly streamUrl: string;
  readonly token: string;
  readonly terminal: LocalTerminal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly makeDataKey: (kmsKeyId: string) => Promise<DataKey>;
};

export type SessionEnd =
  /** `says` is empty when all went well. */
  | { readonly type: "closed"; readonly exitCode: number | undefined; readonly says: string }
  /** The connection broke, or was refused. */
  | { readonly type: "lost"; readonly reason: string };

const clientVersion = "neargate";
const tickMs = 100;
const pieceLength = 1024;

export function runSession(input: SessionClientInput): Promise<SessionEnd> {
  const { clock, ids, terminal } = input;
  const socket = new WebSocket(input.streamUrl);
  socket.binaryType = "arraybuffer";
  const ended = Promise.withResolvers<SessionEnd>();
  let keys: Keys | undefined;
  let exitCode: number | undefined;
  let stopListening = (): void => {};
  let ticking: Timer | undefined;
  let inbox = Promise.resolve();
  /** What a message of the agent's leads to; the next one waits for it. */
  let work: Promise<void> | undefined;

  const isOpen = (): boolean => socket.readyState === WebSocket.OPEN;
  const channel: Channel = createChannel({
    stream: "input_stream_data",
    transmit: (bytes) => {
      if (isOpen()) socket.send(bytes);
    },
    deliver: (message) => {
      work = (work ?? Promise.resolve()).then(() => take(message));
    },
    control: (message) => takeControl(message),
    drained: () => {},
    digest: sha256,
    newId: () => ids.uuid(),
    now: () => clock.wall(),
  });

  const tick = (): void => {
    channel.tick();
    ticking = clock.wallAfter(tickMs, tick);
  };
  const send = (payloadType: number, bytes: Uint8Array): void => channel.send(payloadType, bytes);
  const sendSize = (): void => {
    const size = terminal.size();
    if (size) send(payloadTypes.size, jsonBytes(size));
  };
  const type = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at += pieceLength) {
      const piece = bytes.subarray(at, at + pieceLength);
      send(payloadTypes.output, keys ? sealGcm(keys.seals, piece) : piece);
    }
  };
  const open = (bytes: Uint8Array): Uint8Array => {
    const opened = keys ? openGcm(keys.opens, bytes) : bytes;
    if (!opened) throw new Error("what the agent sent cannot be decrypted");
    return opened;
  };

  const take = async ({ payloadType, payload }: AgentMessage): Promise<void> => {
    switch (payloadType) {
      case payloadTypes.handshakeRequest:
        // Before the answer, so that the command starts on a terminal of that size.
        sendSize();
        return answerHandshake(payload);
      case payloadTypes.challengeRequest: {
        const { Challenge: sealed } = readJson(payload) ?? {};
        const secret = open(Buffer.from(String(sealed), "base64"));
        const answer = keys ? sealGcm(keys.seals, secret) : secret;
        const Challenge = Buffer.from(answer).toString("base64");
        return send(payloadTypes.challengeResponse, jsonBytes({ Challenge }));
      }
      case payloadTypes.handshakeComplete:
        stopListening = terminal.listen({
          typed: type,
          resized: sendSize,
          interrupted: () => send(payloadTypes.flag, numberBytes(sessionFlags.terminateSession)),
        });
        return;
      case payloadTypes.output:
      case payloadTypes.stderr:
        return terminal.show(open(payload));
      case payloadTypes.exitCode:
        exitCode = Number(Buffer.from(open(payload)).toString("utf8"));
        return;
      default:
        return;
    }
  };

  const answerHandshake = async (request: Uint8Array): Promise<void> => {
    const actions = readJson(request)?.["RequestedClientActions"];
    const processed: ProcessedAction[] = [];
    for (const action of Array.isArray(actions) ? actions : []) {
      processed.push(await processAction(action as Record<string, unknown>));
    }
    const response: HandshakeResponse = {
      ClientVersion: clientVersion,
      ProcessedClientActions: processed,
      Errors: processed.flatMap(({ Error: error }) => (error === "" ? [] : [error])),
    };
    send(payloadTypes.handshakeResponse, jsonBytes(response));
  };

  const processAction = async ({
    ActionType,
    ActionParameters,
  }: Record<string, unknown>): Promise<ProcessedAction> => {
    const action = String(ActionType);
    const parameters = (ActionParameters ?? {}) as Record<string, unknown>;
    if (action === "SessionType") return processedAction(action, actionStatuses.success);
    if (action !== "KMSEncryption") {
      return processedAction(action, actionStatuses.unsupported, `Unsupported action ${action}`);
    }
    try {
      const made = await input.makeDataKey(String(parameters["KMSKeyId"]));
      keys = clientKeys(made.plaintext);
      const result = { KMSCipherTextKey: made.ciphertext };
      return { ...processedAction(action, actionStatuses.success), ActionResult: result };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const sentence = `Failed to process action ${action}: ${reason}`;
      return processedAction(action, actionStatuses.failed, sentence);
    }
  };

  const takeControl = ({ messageType, payload }: AgentMessage): void => {
    if (messageType === "pause_publication") terminal.pauseTyping(true);
    if (messageType === "start_publication") terminal.pauseTyping(false);
    if (messageType !== "channel_closed") return;
    const says = String(readJson(payload)?.["Output"] ?? "");
    const close = (): void => ended.resolve({ type: "closed", exitCode, says });
    work = (work ?? Promise.resolve()).then(close);
  };

  const receive = async (bytes: Uint8Array): Promise<void> => {
    channel.receive(bytes);
    const following = work;
    work = undefined;
    await following;
  };

  socket.addEventListener("open", () => {
    socket.send(JSON.stringify(openInput(input.token, ids)));
    tick();
  });
  socket.addEventListener("message", ({ data }) => {
    const bytes = new Uint8Array(data as ArrayBuffer);
    inbox = inbox.then(() => receive(bytes)).catch((error: unknown) => lose(String(error)));
  });
  const lose = (reason: string): void => ended.resolve({ type: "lost", reason });
  socket.addEventListener("error", () => {});
  socket.addEventListener("close", ({ reason }) => {
    inbox = inbox.then(() => lose(reason || "the engine is gone"));
  });

  return ended.promise.finally(() => {
    stopListening();
    ticking?.cancel();
    socket.close();
  });
}

type Keys = { readonly opens: Uint8Array; readonly seals: Uint8Array };

/** The client opens with the half that the agent seals with. */
function clientKeys(dataKey: Uint8Array): Keys {
  const half = dataKey.length / 2;
  return { opens: dataKey.subarray(0, half), seals: dataKey.subarray(half) };
}

const processedAction = (action: string, status: number, error = ""): ProcessedAction => ({
  ActionType: action,
  ActionStatus: status,
  ActionResult: null,
  Error: error,
});

const openInput = (token: string, ids: Ids): OpenDataChannelInput => ({
  MessageSchemaVersion: "1.0",
  RequestId: ids.uuid(),
  TokenValue: token,
  ClientId: ids.uuid(),
  ClientVersion: clientVersion,
});
