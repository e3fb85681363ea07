/** Log events in memory: for engines without a state directory, and for tests. */
import type { LogQuery, LogStore, StoredLogEvent } from "./port.ts";
import { eventOverheadBytes, formatPosition } from "./positions.ts";

export function memoryLogStore(): LogStore {
  const streams = new Map<string, StoredLogEvent[]>();
  let sequence = 0;
  const eventsOf = (keys: readonly string[]): StoredLogEvent[] =>
    [...new Set(keys)].flatMap((key) => streams.get(key) ?? []);
  return {
    async append(streamKey, events, ingestionTime) {
      if (events.length === 0) return;
      const stream = streams.get(streamKey) ?? [];
      for (const { timestamp, message } of events) {
        const position = formatPosition({ timestamp, sequence: ++sequence });
        const eventId = position;
        stream.push({ timestamp, message, eventId, streamKey, ingestionTime, position });
      }
      streams.set(streamKey, stream.toSorted(byPosition));
    },
    async query(query) {
      const found = eventsOf(query.streamKeys)
        .filter((event) => matches(query, event))
        .toSorted(byPosition);
      const wanted = query.direction === "forward" ? found : found.toReversed();
      const page = cut(wanted.slice(0, query.limit), query.maxBytes);
      return query.direction === "forward" ? page : page.toReversed();
    },
    async describe(streamKey) {
      const stream = streams.get(streamKey);
      const [first, last] = [stream?.[0], stream?.at(-1)];
      if (!stream || !first || !last) return undefined;
      return {
        first: first.timestamp,
        last: last.timestamp,
        lastIngestion: Math.max(...stream.map((event) => event.ingestionTime)),
        bytes: bytesOf(stream),
      };
    },
    storedBytes: async (streamKeys) => bytesOf(eventsOf(streamKeys)),
    streams: async () => [...streams.keys()],
    async deleteStream(streamKey) {
      streams.delete(streamKey);
    },
    async deleteBefore(streamKeys, timestamp) {
      for (const key of streamKeys) {
        const kept = (streams.get(key) ?? []).filter((event) => event.timestamp >= timestamp);
        if (kept.length > 0) streams.set(key, kept);
        else streams.delete(key);
      }
    },
    clear: async () => streams.clear(),
    close: async () => {},
  };
}

const byPosition = (a: StoredLogEvent, b: StoredLogEvent): number =>
  a.position < b.position ? -1 : 1;

function matches(query: LogQuery, { timestamp, message, position }: StoredLogEvent): boolean {
  if (query.startTime !== undefined && timestamp < query.startTime) return false;
  if (query.endTimeExclusive !== undefined && timestamp >= query.endTimeExclusive) return false;
  if (query.from !== undefined) {
    if (query.direction === "forward" ? position <= query.from : position >= query.from) {
      return false;
    }
  }
  return query.contains.every((text) => message.includes(text));
}

/** The events up to the one that passes the limit; at least one. */
function cut(events: readonly StoredLogEvent[], maxBytes: number): StoredLogEvent[] {
  let bytes = 0;
  const end = events.findIndex((event, at) => {
    bytes += Buffer.byteLength(event.message);
    return bytes > maxBytes && at > 0;
  });
  return end < 0 ? [...events] : events.slice(0, end);
}

const bytesOf = (events: readonly StoredLogEvent[]): number =>
  events.reduce((sum, event) => sum + Buffer.byteLength(event.message) + eventOverheadBytes, 0);
