/** Sends an answer that goes on, message by message, for as long as the client listens. */
import type { ServerResponse } from "node:http";

/** Resolves when the messages have ended or the client has left. */
export async function sendMessages(
  response: ServerResponse,
  messages: AsyncIterable<Uint8Array>,
): Promise<void> {
  const source = messages[Symbol.asyncIterator]();
  // Ends the wait for a message, too: nobody else would.
  let hasLeft = false;
  const leave = (): void => {
    if (!hasLeft) source.return?.().catch(() => {});
    hasLeft = true;
  };
  response.once("close", leave);
  try {
    for (;;) {
      const { done, value } = await source.next();
      if (done || response.destroyed) break;
      if (!response.write(value)) await drained(response);
    }
    response.end();
  } finally {
    response.off("close", leave);
    leave();
  }
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.once("drain", go).once("close", go);
  });
