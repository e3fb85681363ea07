/** How sessions end, in the words of AWS's agent. */
import type { ChannelClosed } from "../../model/session/payloads.ts";
import { SessionRefused } from "./handshake.ts";

/** What a client is shown when a session did not go well. */
export const errorOutput = (message: string): string => `----------ERROR-------\n${message}\n`;

export const lateClient =
  "Encountered error while initiating handshake. Handshake timed out. Please ensure that you have " +
  "the latest version of the session manager plugin.";

/** What the client is shown: nothing when it or the engine simply ended the session. */
export function explainEnd(error: unknown): string {
  if (error instanceof SessionRefused) {
    const { message } = error;
    return /^(?:Encountered|Unable|We couldn't)/.test(message) ? errorOutput(message) : message;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return errorOutput(`Unable to start command: Failed to start pty: ${reason}`);
}

export const closedContent = (
  sessionId: string,
  messageId: string,
  wall: number,
  output: string,
): ChannelClosed => ({
  MessageId: messageId,
  CreatedDate: new Date(wall).toISOString(),
  DestinationId: sessionId,
  SessionId: sessionId,
  MessageType: "channel_closed",
  SchemaVersion: 1,
  Output: output,
});
