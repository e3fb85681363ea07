/** Sends answers that go on, for as long as the client listens, and lets no client hold one for ever. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Clock } from "../seams/clock.ts";
import type { ApiResponse } from "./request.ts";

// A client on this machine takes an answer at once; what the network holds meanwhile does not count.
const takingMs = 30_000;

/** Cuts a client off that does not take what was written to the end. */
export function limitTaking(response: ServerResponse, clock: Clock): void {
  if (response.writableFinished || !response.socket?.writableLength) return;
  const timer = clock.wallAfter(takingMs, () => response.destroy());
  response.once("close", () => timer.cancel());
}

/** Resolves when the messages of an answer have ended or the client has left. */
export async function sendMessages(
  response: ServerResponse,
  { status, headers }: Pick<ApiResponse, "status" | "headers">,
  messages: AsyncIterable<Uint8Array>,
  clock: Clock,
): Promise<void> {
  response.writeHead(status, headers);
  const source = messages[Symbol.asyncIterator]();
  // Ends the wait for a message, too: nobody else would.
  let hasLeft = false;
  const leave = (): void => {
    if (!hasLeft) release(messages, source);
    hasLeft = true;
  };
  response.once("close", leave);
  const promised = headers["content-length"];
  let sent = 0;
  try {
    for (;;) {
      const { done, value } = await source.next().catch((error: unknown) => {
        if (hasLeft) return { done: true as const, value: undefined };
        throw error;
      });
      if (done || response.destroyed) break;
      sent += value.byteLength;
      if (!response.write(value)) await drained(response, clock);
    }
    // Fewer bytes than promised: only the end of the connection tells the client.
    if (promised !== undefined && sent !== Number(promised)) response.destroy();
    response.end();
    limitTaking(response, clock);
  } finally {
    response.off("close", leave);
    leave();
  }
}

/** The iterator of a stream would end it only after the bytes that it waits for. */
function release(messages: AsyncIterable<Uint8Array>, source: AsyncIterator<Uint8Array>): void {
  if (messages instanceof Readable) messages.destroy();
  else source.return?.().catch(() => {});
}

const drained = (response: ServerResponse, clock: Clock): Promise<void> =>
  new Promise((resolve) => {
    const timer = clock.wallAfter(takingMs, () => response.destroy());
    const go = (): void => {
      timer.cancel();
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.once("drain", go).once("close", go);
  });
