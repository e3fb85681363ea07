/** What the messages of a Session Manager data channel carry. */

/** Numbers of the payloads of `input_stream_data` and `output_stream_data`. */
export const payloadTypes = {
  /** Bytes of the terminal, in both directions. */
  output: 1,
  size: 3,
  handshakeRequest: 5,
  handshakeResponse: 6,
  handshakeComplete: 7,
  challengeRequest: 8,
  challengeResponse: 9,
  flag: 10,
  stderr: 11,
  exitCode: 12,
} as const;

/** Numbers of flags, each the payload of a message of its own: 4 bytes, big-endian. */
export const sessionFlags = { terminateSession: 2 } as const;

/** The first message of a client, as text: what lets it in. */
export type OpenDataChannelInput = {
  readonly MessageSchemaVersion: string;
  readonly RequestId: string;
  readonly TokenValue: string;
  readonly ClientId: string;
  readonly ClientVersion: string;
};

export type TerminalSize = { readonly cols: number; readonly rows: number };

export type AcknowledgeContent = {
  readonly AcknowledgedMessageType: string;
  readonly AcknowledgedMessageId: string;
  readonly AcknowledgedMessageSequenceNumber: number;
  readonly IsSequentialMessage: boolean;
};

export type RequestedAction =
  | {
      readonly ActionType: "SessionType";
      readonly ActionParameters: {
        readonly SessionType: string;
        readonly Properties: Readonly<Record<string, unknown>> | null;
      };
    }
  | {
      readonly ActionType: "KMSEncryption";
      readonly ActionParameters: { readonly KMSKeyId: string };
    };

export type HandshakeRequest = {
  readonly AgentVersion: string;
  readonly RequestedClientActions: readonly RequestedAction[];
};

export const actionStatuses = { success: 1, failed: 2, unsupported: 3 } as const;

export type ProcessedAction = {
  readonly ActionType: string;
  readonly ActionStatus: number;
  readonly ActionResult: unknown;
  readonly Error: string;
};

export type HandshakeResponse = {
  readonly ClientVersion: string;
  readonly ProcessedClientActions: readonly ProcessedAction[];
  readonly Errors: readonly string[] | null;
};

export type HandshakeComplete = {
  /** Nanoseconds. */
  readonly HandshakeTimeToComplete: number;
  readonly CustomerMessage: string;
};

export type ChannelClosed = {
  readonly MessageId: string;
  readonly CreatedDate: string;
  readonly DestinationId: string;
  readonly SessionId: string;
  readonly MessageType: "channel_closed";
  readonly SchemaVersion: number;
  /** Why it did not go well; empty when the command came to its end. */
  readonly Output: string;
};

/** What KMS ties a session's data key to. */
export const sessionKeyContext = (
  sessionId: string,
  targetId: string,
): Readonly<Record<string, string>> => ({
  "aws:ssm:SessionId": sessionId,
  "aws:ssm:TargetId": targetId,
});

/** `ecs:<cluster>_<task>_<runtime id>` */
export const targetIdOf = (cluster: string, taskId: string, runtimeId: string): string =>
  `ecs:${cluster}_${taskId}_${runtimeId}`;

export const jsonBytes = (content: unknown): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(content));

/** The members of a JSON object; undefined for anything else. */
export function readJson(
  bytes: Uint8Array | string,
): Readonly<Record<string, unknown>> | undefined {
  try {
    const text = typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
    const content: unknown = JSON.parse(text);
    const isObject = typeof content === "object" && content !== null && !Array.isArray(content);
    return isObject ? (content as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** Columns and rows that a terminal may have; undefined for anything else. */
export function readSize(payload: Uint8Array): TerminalSize | undefined {
  const { cols, rows } = readJson(payload) ?? {};
  return isExtent(cols) && isExtent(rows) ? { cols, rows } : undefined;
}

const isExtent = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff;

export const numberBytes = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};

export const readNumber = (payload: Uint8Array): number | undefined =>
  payload.length === 4
    ? new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0)
    : undefined;
