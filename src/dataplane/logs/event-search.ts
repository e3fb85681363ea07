/**
 * Pages of events: those of a range that match, within the limits of one call. They go to the other
 * thread as rows, which are a third of the whole.
 */
import { type EventReader, type StoredRow, toStoredEvent } from "./event-reader.ts";
import type { StreamRow } from "./event-streams.ts";
import {
  type EncodedPage,
  type LogEvaluators,
  type LogQuery,
  type PageForm,
  type StoredLogEvent,
  scanBudget,
} from "./port.ts";
import { formatPosition, parsePosition } from "./positions.ts";

export type RowPage = {
  readonly rows: readonly StoredRow[];
  /** Of the streams, by id. */
  readonly keys: ReadonlyMap<number, string>;
  readonly next: string | undefined;
};

export function search(
  query: LogQuery,
  streams: readonly StreamRow[],
  read: EventReader,
  evaluators: LogEvaluators,
): RowPage {
  const keys = new Map(streams.map(({ id, key }) => [id, key]));
  const passes = query.filter === undefined ? undefined : evaluators.filter(query.filter);
  const rows: StoredRow[] = [];
  let bytes = 0;
  let scanned = 0;
  let last: StoredRow | undefined;
  const toPage = (end: StoredRow | undefined): RowPage => ({
    rows: query.direction === "forward" ? rows : rows.toReversed(),
    keys,
    next: end && formatPosition(end),
  });
  const expected = passes ? scanBudget : query.limit;
  for (const row of read({ ...query, streams, expected })) {
    if (rows.length >= query.limit || scanned >= scanBudget) return toPage(last);
    scanned += 1;
    if (!passes || passes(row.message)) {
      bytes += Buffer.byteLength(row.message);
      if (bytes > query.maxBytes && rows.length > 0) return toPage(last);
      rows.push(row);
    }
    last = row;
  }
  return toPage(undefined);
}

const utf8 = new TextEncoder();

export function encodePage(
  { rows, keys, next }: RowPage,
  form: PageForm,
  evaluators: LogEvaluators,
): EncodedPage {
  const names = form && new Map([...keys].map(([id, key]) => [id, form.names[key]]));
  function* shown() {
    for (const row of rows) {
      yield {
        timestamp: row.timestamp,
        message: row.message,
        ingestionTime: row.ingestion,
        streamName: names?.get(row.stream),
        eventId: names && formatPosition(row),
      };
    }
  }
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    events: utf8.encode(evaluators.writePage(shown())),
    first: first && formatPosition(first),
    last: last && formatPosition(last),
    next,
  };
}

export function find(
  position: string,
  streams: readonly StreamRow[],
  read: EventReader,
): StoredLogEvent | undefined {
  const { timestamp, sequence } = parsePosition(position);
  const [row] = read({
    streams,
    from: formatPosition({ timestamp, sequence: Math.max(0, sequence - 1) }),
    startTime: timestamp,
    endTimeExclusive: timestamp + 1,
    direction: "forward",
    expected: 1,
  });
  const key = streams.find((stream) => stream.id === row?.stream)?.key;
  return row?.sequence === sequence ? toStoredEvent(row, key ?? "") : undefined;
}
