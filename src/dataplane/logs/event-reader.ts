/**
 * Events of several streams as one sequence. Within a stream they lie in order, so the streams are
 * merged; a stream is opened when the sequence comes to its first event, and read in pieces that grow.
 */
import type { DatabaseSync } from "node:sqlite";
import type { StreamRow } from "./event-streams.ts";
import type { LogRange, StoredLogEvent } from "./port.ts";
import { type Place, parsePosition } from "./positions.ts";

export type StoredRow = Place & {
  readonly stream: number;
  readonly ingestion: number;
  readonly message: string;
};

export type ReadInput = Omit<LogRange, "streamKeys"> & {
  readonly streams: readonly StreamRow[];
  readonly from: string | undefined;
  readonly direction: "forward" | "backward";
  /** About as many are wanted. */
  readonly expected: number;
};

export type EventReader = (input: ReadInput) => Generator<StoredRow, void>;

type Cursor = { head: StoredRow; advance(): StoredRow | undefined };

const columns = "timestamp, sequence, ingestion, message";
const smallestPiece = 16;
const largestPiece = 1_024;

export function createEventReader(database: DatabaseSync): EventReader {
  const statements = {
    forward: database.prepare(
      `SELECT ${columns} FROM events WHERE stream = ? AND (timestamp, sequence) > (?, ?)
         AND timestamp < ? ORDER BY timestamp, sequence LIMIT ?`,
    ),
    backward: database.prepare(
      `SELECT ${columns} FROM events WHERE stream = ? AND (timestamp, sequence) < (?, ?)
         AND timestamp >= ? ORDER BY timestamp DESC, sequence DESC LIMIT ?`,
    ),
  };
  for (const statement of Object.values(statements)) statement.setReturnArrays(true);

  const open = (stream: StreamRow, plan: Plan, piece: number): Cursor | undefined => {
    let size = piece;
    let at = plan.start;
    let rows: StoredRow[] = [];
    let next = 0;
    const advance = (): StoredRow | undefined => {
      const known = rows[next++];
      if (known) return known;
      const found = statements[plan.direction].all(
        stream.id,
        at.timestamp,
        at.sequence,
        plan.bound,
        size,
      ) as unknown as [number, number, number, string][];
      rows = found.map(([timestamp, sequence, ingestion, message]) => ({
        stream: stream.id,
        timestamp,
        sequence,
        ingestion,
        message,
      }));
      at = rows.at(-1) ?? at;
      size = Math.min(largestPiece, size * 4);
      next = 1;
      return rows[0];
    };
    const head = advance();
    return head && { head, advance };
  };

  return function* read(input) {
    const plan = toPlan(input);
    const waiting = input.streams.filter((stream) => hasPart(stream, plan)).toSorted(plan.opens);
    const share = Math.ceil(input.expected / Math.max(1, waiting.length));
    const piece = Math.min(largestPiece, Math.max(smallestPiece, share + 1));
    const isBefore = (a: Cursor, b: Cursor): boolean => plan.isBefore(a.head, b.head);
    const cursors = heap(isBefore);
    let opened = 0;
    for (;;) {
      for (;;) {
        const stream = waiting[opened];
        const least = cursors.least();
        if (!stream || (least && !plan.mayPrecede(stream, least.head))) break;
        opened += 1;
        const cursor = open(stream, plan, piece);
        if (cursor) cursors.add(cursor);
      }
      const cursor = cursors.least();
      if (!cursor) return;
      yield cursor.head;
      const next = cursor.advance();
      if (next) cursor.head = next;
      cursors.settle(next !== undefined);
    }
  };
}

type Plan = {
  readonly direction: "forward" | "backward";
  /** Events after it (forward) or before it (backward). */
  readonly start: Place;
  /** Exclusive upper (forward) or inclusive lower (backward) bound of time. */
  readonly bound: number;
  readonly opens: (a: StreamRow, b: StreamRow) => number;
  readonly isBefore: (a: Place, b: Place) => boolean;
  readonly mayPrecede: (stream: StreamRow, place: Place) => boolean;
};

const endOfTime = Number.MAX_SAFE_INTEGER;

function toPlan({ direction, from, startTime, endTimeExclusive }: ReadInput): Plan {
  const place = from === undefined ? undefined : parsePosition(from);
  const lower = { timestamp: startTime ?? 0, sequence: -1 };
  const upper = { timestamp: endTimeExclusive ?? endOfTime, sequence: -1 };
  if (direction === "forward") {
    return {
      direction,
      start: place && isEarlier(lower, place) ? place : lower,
      bound: upper.timestamp,
      opens: (a, b) => a.first - b.first,
      isBefore: isEarlier,
      mayPrecede: (stream, { timestamp }) => stream.first <= timestamp,
    };
  }
  return {
    direction,
    start: place && isEarlier(place, upper) ? place : upper,
    bound: lower.timestamp,
    opens: (a, b) => b.last - a.last,
    isBefore: (a, b) => isEarlier(b, a),
    mayPrecede: (stream, { timestamp }) => stream.last >= timestamp,
  };
}

const isEarlier = (a: Place, b: Place): boolean =>
  a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.sequence < b.sequence);

const hasPart = ({ bytes, first, last }: StreamRow, { direction, start, bound }: Plan): boolean => {
  if (bytes === 0) return false;
  return direction === "forward"
    ? last >= start.timestamp && first < bound
    : first <= start.timestamp && last >= bound;
};

/** A heap of cursors; only the head of the least one changes. */
function heap(isBefore: (a: Cursor, b: Cursor) => boolean) {
  const items: Cursor[] = [];
  const swapIfBefore = (at: number, other: number): boolean => {
    const [a, b] = [items[at], items[other]];
    if (!a || !b || !isBefore(a, b)) return false;
    items[at] = b;
    items[other] = a;
    return true;
  };
  const sink = (): void => {
    for (let at = 0; ; ) {
      const [left, right] = [items[2 * at + 1], items[2 * at + 2]];
      if (!left) return;
      const child = right && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
      if (!swapIfBefore(child, at)) return;
      at = child;
    }
  };
  return {
    least: (): Cursor | undefined => items[0],
    add(cursor: Cursor): void {
      items.push(cursor);
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (!swapIfBefore(at, parent)) return;
        at = parent;
      }
    },
    /** After the least cursor's head changed, or when it has none any more. */
    settle(goesOn: boolean): void {
      if (!goesOn) {
        const last = items.pop();
        if (last && items.length > 0) items[0] = last;
      }
      sink();
    },
  };
}

export const toStoredEvent = (row: StoredRow, streamKey: string): StoredLogEvent => ({
  timestamp: row.timestamp,
  message: row.message,
  streamKey,
  ingestionTime: row.ingestion,
  sequence: row.sequence,
});
