/**
 * Delivery in order and once over a connection that may break: what has been sent is kept until it is
 * acknowledged and sent again when that takes too long; what comes is put in order, and what came
 * before is dropped. Times are milliseconds of wall time and come from the caller.
 */
import type { AgentMessage } from "./agent-message.ts";

export type Sent = { readonly sequenceNumber: number; readonly bytes: Uint8Array };

export type SendWindow = {
  /** The number that the next message has. */
  nextSequence(): number;
  /** Notes a message that goes out now. */
  sent(message: Sent, now: number): void;
  acknowledged(sequenceNumber: number, now: number): void;
  /** What must go out again now. */
  overdue(now: number): Overdue;
  /** All that is not acknowledged, for a new connection. */
  unacknowledged(): readonly Sent[];
};

export type Overdue =
  | { readonly type: "nothing" }
  | { readonly type: "again"; readonly message: Sent }
  /** The other end has not acknowledged it for minutes. */
  | { readonly type: "given-up" };

const firstTimeoutMs = 200;
const longestTimeoutMs = 1000;
const granularityMs = 10;
/** 5 minutes of a look every 100 ms. */
const mostTries = 3000;

type Kept = Sent & { sentAt: number; tries: number };

export function createSendWindow(): SendWindow {
  const kept = new Map<number, Kept>();
  let next = 0;
  let roundTripMs = 100;
  let variationMs = 0;
  let timeoutMs = firstTimeoutMs;

  /** As TCP reckons it. */
  const measure = (tookMs: number): void => {
    variationMs = 0.75 * variationMs + 0.25 * Math.abs(roundTripMs - tookMs);
    roundTripMs = 0.875 * roundTripMs + 0.125 * tookMs;
    const patience = roundTripMs + Math.max(granularityMs, 4 * variationMs);
    timeoutMs = Math.min(longestTimeoutMs, patience);
  };

  return {
    nextSequence: () => next,
    sent(message, now) {
      next = message.sequenceNumber + 1;
      kept.set(message.sequenceNumber, { ...message, sentAt: now, tries: 0 });
    },
    acknowledged(sequenceNumber, now) {
      const found = kept.get(sequenceNumber);
      if (!found) return;
      kept.delete(sequenceNumber);
      // Of one sent twice nobody knows which of them was acknowledged.
      if (found.tries === 0) measure(now - found.sentAt);
    },
    overdue(now) {
      const [first] = kept.values();
      if (!first || now - first.sentAt <= timeoutMs) return { type: "nothing" };
      if (first.tries >= mostTries) return { type: "given-up" };
      first.tries += 1;
      first.sentAt = now;
      return { type: "again", message: first };
    },
    unacknowledged: () => [...kept.values()],
  };
}

export type ReceiveWindow = {
  /** What to do with a message of a stream. */
  take(message: AgentMessage): Taken;
};

export type Taken = {
  /** Not when there is no room for it: it will come again. */
  readonly acknowledge: boolean;
  /** In order; none of them was delivered before. */
  readonly deliver: readonly AgentMessage[];
};

/** Messages that may wait for an earlier one. */
const mostWaiting = 10_000;

export function createReceiveWindow(): ReceiveWindow {
  const waiting = new Map<number, AgentMessage>();
  let expected = 0;

  const inOrder = (): AgentMessage[] => {
    const ready: AgentMessage[] = [];
    for (let next = waiting.get(expected); next; next = waiting.get(expected)) {
      waiting.delete(expected);
      ready.push(next);
      expected += 1;
    }
    return ready;
  };

  return {
    take(message) {
      const { sequenceNumber } = message;
      // The acknowledgement of the first time may have been lost.
      if (sequenceNumber < expected) return { acknowledge: sequenceNumber >= 0, deliver: [] };
      const isKnown = waiting.has(sequenceNumber);
      const isNext = sequenceNumber === expected;
      const hasRoom = waiting.size < mostWaiting && sequenceNumber < expected + mostWaiting;
      if (!isKnown && !isNext && !hasRoom) return { acknowledge: false, deliver: [] };
      if (!isKnown) waiting.set(sequenceNumber, message);
      return { acknowledge: true, deliver: inOrder() };
    },
  };
}
