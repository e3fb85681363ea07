/** Log events in memory: for engines without a state directory, and for tests. */
import { formatLogPointer } from "../../model/logs.ts";
import { withinTime } from "../../seams/time-limit.ts";
import { pieceLimitMs } from "./event-analyses.ts";
import {
  type AppendListener,
  type LogEvaluators,
  type LogEvent,
  type LogPage,
  type LogQuery,
  type LogRange,
  type LogStore,
  positionOf,
  type StoredLogEvent,
  scanBudget,
} from "./port.ts";
import { eventOverheadBytes } from "./positions.ts";

export function memoryLogStore(evaluators: LogEvaluators): LogStore {
  const streams = new Map<string, StoredLogEvent[]>();
  const listeners = new Set<{ tell: AppendListener; isWanted: (streamKey: string) => boolean }>();
  const places = new Map<string, string>();
  let sequence = 0;
  const eventsOf = (range: LogRange): StoredLogEvent[] =>
    [...new Set(range.streamKeys)]
      .flatMap((key) => streams.get(key) ?? [])
      .filter((event) => isWithin(range, event))
      .toSorted(byPosition);
  const append = (streamKey: string, events: readonly LogEvent[], ingestionTime: number): void => {
    if (events.length === 0) return;
    const stream = streams.get(streamKey) ?? [];
    for (const { timestamp, message } of events) {
      sequence += 1;
      stream.push({ timestamp, message, streamKey, ingestionTime, sequence });
    }
    streams.set(streamKey, stream.toSorted(byPosition));
    for (const { tell, isWanted } of listeners) {
      if (isWanted(streamKey)) tell(streamKey, events, ingestionTime);
    }
  };
  const search = (query: LogQuery): LogPage => {
    const forward = query.direction === "forward";
    const inOrder = eventsOf(query).filter((event) => isAfter(query, event));
    const { events, next } = cut(forward ? inOrder : inOrder.toReversed(), query, evaluators);
    return { events: forward ? events : events.toReversed(), next };
  };
  return {
    async append(streamKey, events, ingestionTime, progress) {
      if (progress) places.set(progress.writer, progress.place);
      append(streamKey, events, ingestionTime);
    },
    async appendEncoded(batch) {
      const events = evaluators.readBatch(Buffer.from(batch.body).toString("utf8"), batch);
      if (events) append(batch.streamKey, events, batch.ingestionTime);
      return events !== undefined;
    },
    progressOf: async (writer) => places.get(writer),
    async forgetWriters(writers) {
      for (const writer of writers) places.delete(writer);
    },
    watch(tell, isWanted) {
      const listener = { tell, isWanted };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    query: async (query) => search(query),
    async queryEncoded(query, form) {
      const { events, next } = search(query);
      const shown = events.map((event) => ({
        ...event,
        streamName: form?.names[event.streamKey],
        eventId: form && positionOf(event),
      }));
      const [first, last] = [events[0], events.at(-1)];
      return {
        events: Buffer.from(evaluators.writePage(shown)),
        first: first && positionOf(first),
        last: last && positionOf(last),
        next,
      };
    },
    find: async (streamKeys, position) =>
      streamKeys
        .flatMap((key) => streams.get(key) ?? [])
        .find((event) => positionOf(event) === position),
    async analyse(analysis, report, signal) {
      const running = evaluators.query(analysis.query, analysis);
      let scanned = 0;
      let bytes = 0;
      withinTime(pieceLimitMs, () => {
        for (const event of eventsOf(analysis).toReversed()) {
          const { streamKey, message } = event;
          const { log = "", stream = "" } = analysis.names[streamKey] ?? {};
          const pointer = formatLogPointer({ streamKey, position: positionOf(event) });
          scanned += 1;
          bytes += Buffer.byteLength(message);
          if (!running.add({ ...event, log, logStream: stream, pointer })) break;
        }
      });
      signal.throwIfAborted();
      report({ scanned, bytes, matched: running.matched() });
      return running.results();
    },
    async describe(streamKeys) {
      return new Map(
        streamKeys.flatMap((key) => {
          const stream = streams.get(key);
          const [first, last] = [stream?.[0], stream?.at(-1)];
          if (!stream || !first || !last) return [];
          const lastIngestion = Math.max(...stream.map((event) => event.ingestionTime));
          const bytes = stream.reduce((sum, { message }) => sum + sizeOf(message), 0);
          return [[key, { first: first.timestamp, last: last.timestamp, lastIngestion, bytes }]];
        }),
      );
    },
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
    async clear() {
      streams.clear();
      places.clear();
    },
    close: async () => {},
  };
}

const sizeOf = (message: string): number => Buffer.byteLength(message) + eventOverheadBytes;

const byPosition = (a: StoredLogEvent, b: StoredLogEvent): number =>
  a.timestamp - b.timestamp || a.sequence - b.sequence;

const isWithin = ({ startTime, endTimeExclusive }: LogRange, { timestamp }: StoredLogEvent) =>
  (startTime === undefined || timestamp >= startTime) &&
  (endTimeExclusive === undefined || timestamp < endTimeExclusive);

function isAfter({ from, direction }: LogQuery, event: StoredLogEvent): boolean {
  if (from === undefined) return true;
  const position = positionOf(event);
  return direction === "forward" ? position > from : position < from;
}

/** What matches, up to the first limit that is reached. */
function cut(events: readonly StoredLogEvent[], query: LogQuery, evaluators: LogEvaluators) {
  const passes = query.filter === undefined ? undefined : evaluators.filter(query.filter);
  const found: StoredLogEvent[] = [];
  let bytes = 0;
  let last: string | undefined;
  for (const [at, event] of events.entries()) {
    if (found.length >= query.limit || at >= scanBudget) return { events: found, next: last };
    if (!passes || passes(event.message)) {
      bytes += Buffer.byteLength(event.message);
      if (bytes > query.maxBytes && found.length > 0) return { events: found, next: last };
      found.push(event);
    }
    last = positionOf(event);
  }
  return { events: found, next: undefined };
}
