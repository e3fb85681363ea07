/**
 * The binary message of a Session Manager data channel, which both ends send in WebSocket messages:
 * a header of 116 bytes, the payload's length, the payload. Numbers are big-endian.
 *
 *     0  header length      4     56  flags              8
 *     4  message type      32     64  message id        16  (its two halves swapped)
 *    36  schema version     4     80  payload's SHA-256 32
 *    40  created date       8    112  payload type       4
 *    48  sequence number    8    116  payload length     4
 */

export const messageTypes = [
  "input_stream_data",
  "output_stream_data",
  "acknowledge",
  "start_publication",
  "pause_publication",
  "channel_closed",
] as const;
export type MessageType = (typeof messageTypes)[number];

export type AgentMessage = {
  /** Of a type that is not known: its name, which a reader passes over. */
  readonly messageType: string;
  readonly schemaVersion: number;
  /** Milliseconds since the epoch. */
  readonly createdDate: number;
  readonly sequenceNumber: number;
  /** Bit 0: the first of its stream; bit 1: the last. */
  readonly flags: number;
  /** A UUID. */
  readonly messageId: string;
  /** 0 where the message type says it all. */
  readonly payloadType: number;
  readonly payload: Uint8Array;
};

/** The 32 bytes of a SHA-256. */
export type Digest = (payload: Uint8Array) => Uint8Array;

export type Decoded =
  | { readonly type: "message"; readonly message: AgentMessage }
  | { readonly type: "malformed"; readonly reason: string };

const headerLength = 116;
const payloadAt = headerLength + 4;
const typeAt = 4;
const typeLength = 32;
const idAt = 64;
const digestAt = 80;
const digestLength = 32;

export function encodeAgentMessage(message: AgentMessage, digest: Digest): Uint8Array {
  const { payload } = message;
  const bytes = new Uint8Array(payloadAt + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headerLength);
  bytes.set(typeBytes(message.messageType), typeAt);
  view.setUint32(36, message.schemaVersion);
  view.setBigUint64(40, BigInt(message.createdDate));
  view.setBigInt64(48, BigInt(message.sequenceNumber));
  view.setBigUint64(56, BigInt(message.flags));
  bytes.set(idBytes(message.messageId), idAt);
  bytes.set(digest(payload), digestAt);
  view.setUint32(112, message.payloadType);
  view.setUint32(headerLength, payload.length);
  bytes.set(payload, payloadAt);
  return bytes;
}

/** Never throws: whoever connects may send anything. */
export function decodeAgentMessage(bytes: Uint8Array, digest: Digest): Decoded {
  if (bytes.length < payloadAt) return malformed("it is shorter than a header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getUint32(0) + 4;
  // A header that has grown keeps what is known where it is.
  if (start < payloadAt || start > bytes.length) return malformed("its header has no such length");
  const length = view.getUint32(start - 4);
  if (length !== bytes.length - start) return malformed("its payload is not as long as it says");
  const payload = bytes.slice(start);
  if (!isSame(bytes.subarray(digestAt, digestAt + digestLength), digest(payload))) {
    return malformed("its payload is not the one that was digested");
  }
  const numbers = [view.getBigUint64(40), view.getBigInt64(48), view.getBigUint64(56)].map(Number);
  const [createdDate = 0, sequenceNumber = 0, flags = 0] = numbers;
  if (!numbers.every(Number.isSafeInteger)) return malformed("a number in it is too large");
  const message = {
    messageType: typeOf(bytes.subarray(typeAt, typeAt + typeLength)),
    schemaVersion: view.getUint32(36),
    createdDate,
    sequenceNumber,
    flags,
    messageId: idOf(bytes.subarray(idAt, idAt + 16)),
    payloadType: view.getUint32(112),
    payload,
  };
  return { type: "message", message };
}

const malformed = (reason: string): Decoded => ({ type: "malformed", reason });

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

/** Padded with spaces. */
const typeBytes = (messageType: string): Uint8Array =>
  new TextEncoder().encode(messageType.padEnd(typeLength)).subarray(0, typeLength);

/** Some writers pad with zeros. */
const typeOf = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes).replaceAll("\0", " ").trim();

/** The less significant half comes first. */
function idBytes(uuid: string): Uint8Array {
  const digits = uuid.replaceAll("-", "").padEnd(32, "0");
  const swapped = digits.slice(16, 32) + digits.slice(0, 16);
  return Uint8Array.from({ length: 16 }, (_, at) =>
    Number.parseInt(swapped.slice(at * 2, at * 2 + 2), 16),
  );
}

function idOf(bytes: Uint8Array): string {
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const hex = digits.slice(16) + digits.slice(0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
