/**
 * One end of a data channel, which both ends are alike: numbers and keeps what it sends, acknowledges
 * what comes, delivers it in order. It does nothing by itself: bytes, time and ids come and go through
 * what it is made with, and `tick` is to be called while anything is unacknowledged.
 */
import {
  type AgentMessage,
  type Digest,
  decodeAgentMessage,
  encodeAgentMessage,
} from "./agent-message.ts";
import { type AcknowledgeContent, jsonBytes, readJson } from "./payloads.ts";
import { createReceiveWindow, createSendWindow } from "./reliable-stream.ts";

export type ChannelParts = {
  /** What this end sends; the other end's is the other. */
  readonly stream: "input_stream_data" | "output_stream_data";
  readonly transmit: (bytes: Uint8Array) => void;
  /** A message of the other end's stream, in order and once. */
  readonly deliver: (message: AgentMessage) => void;
  /** A message of neither stream: the channel's own state. */
  readonly control: (message: AgentMessage) => void;
  /** Something was acknowledged. */
  readonly drained: () => void;
  readonly digest: Digest;
  readonly newId: () => string;
  /** Wall time in milliseconds. */
  readonly now: () => number;
};

export type Channel = {
  send(payloadType: number, payload: Uint8Array): void;
  sendControl(messageType: string, content: unknown): void;
  /** Takes what came in; gives why it is not a message, or undefined. */
  receive(bytes: Uint8Array): string | undefined;
  /** Sends again what is overdue. False when the other end is to be given up. */
  tick(): boolean;
  /** Sends everything again that is not acknowledged: the connection is a new one. */
  resume(): void;
  /** How many messages wait for their acknowledgement. */
  pending(): number;
};

const schemaVersion = 1;
const acknowledgeFlags = 3;
const firstFlag = 1;

export function createChannel(parts: ChannelParts): Channel {
  const { transmit, digest, now } = parts;
  const sending = createSendWindow();
  const receiving = createReceiveWindow();
  const incoming =
    parts.stream === "input_stream_data" ? "output_stream_data" : "input_stream_data";

  const encode = (message: Partial<AgentMessage> & { messageType: string }): Uint8Array =>
    encodeAgentMessage(
      {
        schemaVersion,
        createdDate: now(),
        sequenceNumber: 0,
        flags: 0,
        messageId: parts.newId(),
        payloadType: 0,
        payload: new Uint8Array(),
        ...message,
      },
      digest,
    );

  const acknowledge = ({ messageType, messageId, sequenceNumber }: AgentMessage): void => {
    const content: AcknowledgeContent = {
      AcknowledgedMessageType: messageType,
      AcknowledgedMessageId: messageId,
      AcknowledgedMessageSequenceNumber: sequenceNumber,
      IsSequentialMessage: true,
    };
    const payload = jsonBytes(content);
    transmit(encode({ messageType: "acknowledge", flags: acknowledgeFlags, payload }));
  };

  const noteAcknowledged = (message: AgentMessage): void => {
    const { AcknowledgedMessageSequenceNumber: sequence } = readJson(message.payload) ?? {};
    if (typeof sequence !== "number") return;
    sending.acknowledged(sequence, now());
    parts.drained();
  };

  const takeStream = (message: AgentMessage): void => {
    const { acknowledge: isTaken, deliver } = receiving.take(message);
    if (isTaken) acknowledge(message);
    for (const one of deliver) parts.deliver(one);
  };

  return {
    send(payloadType, payload) {
      const sequenceNumber = sending.nextSequence();
      const flags = sequenceNumber === 0 ? firstFlag : 0;
      const bytes = encode({
        messageType: parts.stream,
        sequenceNumber,
        flags,
        payloadType,
        payload,
      });
      sending.sent({ sequenceNumber, bytes }, now());
      transmit(bytes);
    },
    sendControl: (messageType, content) =>
      transmit(encode({ messageType, payload: jsonBytes(content) })),
    receive(bytes) {
      const decoded = decodeAgentMessage(bytes, digest);
      if (decoded.type === "malformed") return decoded.reason;
      const { message } = decoded;
      if (message.messageType === "acknowledge") noteAcknowledged(message);
      else if (message.messageType === incoming) takeStream(message);
      else parts.control(message);
      return undefined;
    },
    tick() {
      const overdue = sending.overdue(now());
      if (overdue.type === "again") transmit(overdue.message.bytes);
      return overdue.type !== "given-up";
    },
    resume() {
      for (const { bytes } of sending.unacknowledged()) transmit(bytes);
    },
    pending: () => sending.unacknowledged().length,
  };
}
