/** Log events in SQLite. Synchronous; runs in a worker thread, see `sqlite-store.ts`. */
import type { DatabaseSync } from "node:sqlite";
import { type AnalysisStep, createAnalyses } from "./event-analyses.ts";
import { trimOldest } from "./event-limit.ts";
import { createEventReader } from "./event-reader.ts";
import { inTransaction, openEventFile } from "./event-schema.ts";
import { encodePage, find, type RowPage, search } from "./event-search.ts";
import { createStreamTable } from "./event-streams.ts";
import type {
  EncodedBatch,
  EncodedPage,
  LogAnalysis,
  LogEvaluators,
  LogEvent,
  LogQuery,
  PageForm,
  StoredLogEvent,
  StreamSummary,
  WriterProgress,
} from "./port.ts";
import { eventOverheadBytes } from "./positions.ts";

export type Append = {
  readonly streamKey: string;
  readonly ingestionTime: number;
  readonly content: readonly LogEvent[] | EncodedBatch;
  /** Whether the events of an encoded batch are to be told. */
  readonly isWatched: boolean;
  readonly progress?: WriterProgress | undefined;
};

export type AppendAnswer = {
  /** How many of the oldest events had to go for these. */
  readonly lost: number;
  /** Of each append: whether it was stored, and its events where they were to be told. */
  readonly stored: readonly (boolean | readonly LogEvent[])[];
};

/** The store's methods without the waiting; several appends make one transaction. */
export type EventDatabase = {
  append(batch: readonly Append[]): AppendAnswer;
  progressOf(writer: string): string | undefined;
  forgetWriters(writers: readonly string[]): void;
  query(query: LogQuery): RowPage;
  queryEncoded(query: LogQuery, form: PageForm): EncodedPage;
  find(streamKeys: readonly string[], position: string): StoredLogEvent | undefined;
  openAnalysis(analysis: LogAnalysis): number;
  /** Goes through the next piece. The one that ends it gives the rows, and forgets it. */
  advanceAnalysis(id: number): AnalysisStep;
  closeAnalysis(id: number): void;
  describe(streamKeys: readonly string[]): Map<string, StreamSummary>;
  streams(): string[];
  deleteStream(streamKey: string): void;
  deleteBefore(streamKeys: readonly string[], timestamp: number): void;
  clear(): void;
  close(): void;
};

export type EventDatabaseOptions = {
  readonly file: string;
  /** What the file may take on disk, its journal aside. */
  readonly limitBytes: number;
  readonly evaluators: LogEvaluators;
};

export function openEventDatabase(options: EventDatabaseOptions): EventDatabase {
  const { evaluators, limitBytes } = options;
  const database = openEventFile(options.file);
  const streams = createStreamTable(database);
  const read = createEventReader(database);
  const analyses = createAnalyses(evaluators, read);
  const append = createAppend(database);
  return {
    append(batch) {
      const contents = batch.map((one) => readContent(one, evaluators));
      inTransaction(database, () => append(batch, contents));
      return {
        lost: trimOldest({ database, streams, read, limitBytes }),
        stored: contents.map((events, at) =>
          events && batch[at]?.isWatched ? events : events !== undefined,
        ),
      };
    },
    progressOf: (writer) => {
      const row = database.prepare("SELECT place FROM writers WHERE writer = ?").get(writer);
      return row && String(row["place"]);
    },
    forgetWriters(writers) {
      const forget = database.prepare("DELETE FROM writers WHERE writer = ?");
      inTransaction(database, () => {
        for (const writer of writers) forget.run(writer);
      });
    },
    query: (query) => search(query, streams.find(query.streamKeys), read, evaluators),
    queryEncoded: (query, form) =>
      encodePage(search(query, streams.find(query.streamKeys), read, evaluators), form, evaluators),
    find: (streamKeys, position) => find(position, streams.find(streamKeys), read),
    openAnalysis: (analysis) => analyses.open(analysis, streams.find(analysis.streamKeys)),
    advanceAnalysis: analyses.advance,
    closeAnalysis: analyses.close,
    describe: (streamKeys) =>
      new Map(
        streams
          .find(streamKeys)
          .flatMap(({ key, first, last, ingestion, bytes }) =>
            bytes === 0 ? [] : [[key, { first, last, lastIngestion: ingestion, bytes }]],
          ),
      ),
    streams: () => streams.all().map((stream) => stream.key),
    deleteStream(streamKey) {
      const [stream] = streams.find([streamKey]);
      if (!stream) return;
      inTransaction(database, () => {
        database.prepare("DELETE FROM events WHERE stream = ?").run(stream.id);
        database.prepare("DELETE FROM streams WHERE id = ?").run(stream.id);
      });
      giveBack(database);
    },
    deleteBefore(streamKeys, timestamp) {
      inTransaction(database, () => {
        for (const stream of streams.find(streamKeys)) {
          if (stream.bytes > 0 && stream.first < timestamp) {
            streams.cut(stream, { timestamp, sequence: -1 });
          }
        }
      });
      giveBack(database);
    },
    clear() {
      inTransaction(database, () =>
        database.exec("DELETE FROM events; DELETE FROM streams; DELETE FROM writers;"),
      );
      giveBack(database);
    },
    close: () => database.close(),
  };
}

/** Hands pages that hold nothing back to the file system. */
const giveBack = (database: DatabaseSync): void => database.exec("PRAGMA incremental_vacuum;");

/** Undefined for an encoded batch that is not to be stored as it is. */
function readContent(
  { content }: Append,
  evaluators: LogEvaluators,
): readonly LogEvent[] | undefined {
  if (!("body" in content)) return content;
  return evaluators.readBatch(Buffer.from(content.body).toString("utf8"), content);
}

type AppendAll = (
  batch: readonly Append[],
  contents: readonly (readonly LogEvent[] | undefined)[],
) => void;

function createAppend(database: DatabaseSync): AppendAll {
  const insertStream = database.prepare("INSERT OR IGNORE INTO streams (key) VALUES (?)");
  const addToStream = database.prepare(
    `UPDATE streams SET ingestion = max(ingestion, :ingestion), bytes = bytes + :bytes,
       first = iif(bytes = 0, :first, min(first, :first)),
       last = iif(bytes = 0, :last, max(last, :last))
     WHERE key = :key RETURNING id`,
  );
  const insertEvent = database.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)");
  const setPlace = database.prepare("INSERT OR REPLACE INTO writers VALUES (?, ?)");
  const setSequence = database.prepare("UPDATE counters SET value = ? WHERE name = 'sequence'");
  const counter = database.prepare("SELECT value FROM counters WHERE name = 'sequence'").get();
  let sequence = Number(counter?.["value"]);

  const appendOne = (
    { streamKey, ingestionTime, progress }: Append,
    events: readonly LogEvent[] | undefined = [],
  ): void => {
    if (progress) setPlace.run(progress.writer, progress.place);
    const [firstEvent] = events;
    if (!firstEvent) return;
    const sizes = events.map(({ message }) => Buffer.byteLength(message) + eventOverheadBytes);
    let { timestamp: first, timestamp: last } = firstEvent;
    for (const { timestamp } of events) {
      first = Math.min(first, timestamp);
      last = Math.max(last, timestamp);
    }
    insertStream.run(streamKey);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const row = addToStream.get({ ingestion: ingestionTime, bytes, first, last, key: streamKey });
    const stream = Number(row?.["id"]);
    for (const [at, { timestamp, message }] of events.entries()) {
      insertEvent.run(stream, timestamp, ++sequence, ingestionTime, sizes[at] ?? 0, message);
    }
  };
  return (batch, contents) => {
    for (const [at, one] of batch.entries()) appendOne(one, contents[at]);
    setSequence.run(sequence);
  };
}
