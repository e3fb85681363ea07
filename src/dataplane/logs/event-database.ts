/** Log events in SQLite. Synchronous; runs in a worker thread, see `sqlite-store.ts`. */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { LogEvent, LogQuery, LogStore, StoredLogEvent } from "./port.ts";
import { eventOverheadBytes, formatPosition, parsePosition } from "./positions.ts";

export type Append = {
  readonly streamKey: string;
  readonly events: readonly LogEvent[];
  readonly ingestionTime: number;
};

type Synchronous<Method> = Method extends (...args: infer Args) => Promise<infer Result>
  ? (...args: Args) => Result
  : never;

/** The store's own methods without the waiting; several appends make one transaction. */
export type EventDatabase = {
  readonly [Name in Exclude<keyof LogStore, "append">]: Synchronous<LogStore[Name]>;
} & { append(batch: readonly Append[]): void };

/** The schema's version is kept in the file; there is one so far. */
const schema = `
  CREATE TABLE IF NOT EXISTS streams (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL DEFAULT 0, ingestion INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS events (
    stream INTEGER NOT NULL, timestamp INTEGER NOT NULL, sequence INTEGER NOT NULL,
    ingestion INTEGER NOT NULL, bytes INTEGER NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (stream, timestamp, sequence)
  ) WITHOUT ROWID;
  PRAGMA user_version = 1;`;

export function openEventDatabase(file: string): EventDatabase {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database.exec(schema);
  const insertStream = database.prepare("INSERT OR IGNORE INTO streams (key) VALUES (?)");
  const addToStream = database.prepare(
    "UPDATE streams SET bytes = bytes + ?, ingestion = max(ingestion, ?) WHERE key = ? RETURNING id",
  );
  const selectStreams = database.prepare(
    "SELECT * FROM streams WHERE key IN (SELECT value FROM json_each(?))",
  );
  const findStreams = (keys: readonly string[]): StreamRow[] =>
    selectStreams.all(JSON.stringify(keys)).map(toStreamRow);
  const insertEvent = database.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)");
  const numberOf = (sql: string, ...values: SQLInputValue[]): number =>
    Number(database.prepare(sql).get(...values)?.["value"] ?? 0);
  let sequence = numberOf("SELECT max(sequence) AS value FROM events");

  const appendOne = ({ streamKey, events, ingestionTime }: Append): void => {
    if (events.length === 0) return;
    const sizes = events.map(({ message }) => Buffer.byteLength(message) + eventOverheadBytes);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    insertStream.run(streamKey);
    const stream = Number(addToStream.get(total, ingestionTime, streamKey)?.["id"]);
    for (const [at, { timestamp, message }] of events.entries()) {
      insertEvent.run(stream, timestamp, ++sequence, ingestionTime, sizes[at] ?? 0, message);
    }
  };

  return {
    append(batch) {
      inTransaction(database, () => batch.forEach(appendOne));
    },
    query(query) {
      const streams = findStreams(query.streamKeys);
      const keys = new Map(streams.map(({ id, key }) => [id, key]));
      const { sql, values } = toSql(query, [...keys.keys()]);
      const found: StoredLogEvent[] = [];
      let bytes = 0;
      for (const row of database.prepare(sql).iterate(...values)) {
        const event = toEvent(row, keys.get(Number(row["stream"])) ?? "");
        bytes += Buffer.byteLength(event.message);
        if (bytes > query.maxBytes && found.length > 0) break;
        found.push(event);
      }
      return query.direction === "forward" ? found : found.reverse();
    },
    describe(streamKey) {
      const [stream] = findStreams([streamKey]);
      const edge = (order: "ASC" | "DESC"): number =>
        numberOf(
          `SELECT timestamp AS value FROM events WHERE stream = ? ORDER BY timestamp ${order} LIMIT 1`,
          stream?.id ?? 0,
        );
      if (!stream || stream.bytes === 0) return undefined;
      const { ingestion, bytes } = stream;
      return { first: edge("ASC"), last: edge("DESC"), lastIngestion: ingestion, bytes };
    },
    storedBytes: (streamKeys) =>
      findStreams(streamKeys).reduce((sum, stream) => sum + stream.bytes, 0),
    streams: () =>
      database
        .prepare("SELECT * FROM streams WHERE bytes > 0")
        .all()
        .map((row) => toStreamRow(row).key),
    deleteStream(streamKey) {
      const [stream] = findStreams([streamKey]);
      if (!stream) return;
      inTransaction(database, () => {
        database.prepare("DELETE FROM events WHERE stream = ?").run(stream.id);
        database.prepare("DELETE FROM streams WHERE id = ?").run(stream.id);
      });
    },
    deleteBefore(streamKeys, timestamp) {
      inTransaction(database, () => {
        for (const { id } of findStreams(streamKeys)) {
          const old = "FROM events WHERE stream = ? AND timestamp < ?";
          const bytes = numberOf(`SELECT sum(bytes) AS value ${old}`, id, timestamp);
          if (bytes === 0) continue;
          database.prepare(`DELETE ${old}`).run(id, timestamp);
          database.prepare("UPDATE streams SET bytes = bytes - ? WHERE id = ?").run(bytes, id);
        }
      });
    },
    clear() {
      inTransaction(database, () => database.exec("DELETE FROM events; DELETE FROM streams;"));
    },
    close: () => database.close(),
  };
}

type StreamRow = {
  readonly id: number;
  readonly key: string;
  readonly bytes: number;
  readonly ingestion: number;
};

const toStreamRow = (row: Readonly<Record<string, unknown>>): StreamRow => ({
  id: Number(row["id"]),
  key: String(row["key"]),
  bytes: Number(row["bytes"]),
  ingestion: Number(row["ingestion"]),
});

function toSql(
  query: LogQuery,
  streamIds: readonly number[],
): { sql: string; values: SQLInputValue[] } {
  const [only] = streamIds;
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const where = (condition: string, ...more: SQLInputValue[]): void => {
    conditions.push(condition);
    values.push(...more);
  };
  // Of one stream the events lie in the order asked for; those of several have to be sorted.
  if (only !== undefined && streamIds.length === 1) where("stream = ?", only);
  else where("stream IN (SELECT value FROM json_each(?))", JSON.stringify(streamIds));
  if (query.startTime !== undefined) where("timestamp >= ?", query.startTime);
  if (query.endTimeExclusive !== undefined) where("timestamp < ?", query.endTimeExclusive);
  const forward = query.direction === "forward";
  if (query.from !== undefined) {
    const { timestamp, sequence } = parsePosition(query.from);
    where(`(timestamp, sequence) ${forward ? ">" : "<"} (?, ?)`, timestamp, sequence);
  }
  for (const text of query.contains) where("instr(message, ?) > 0", text);
  const order = forward ? "ASC" : "DESC";
  const sql =
    `SELECT * FROM events WHERE ${conditions.join(" AND ")} ` +
    `ORDER BY timestamp ${order}, sequence ${order} LIMIT ?`;
  return { sql, values: [...values, query.limit] };
}

function toEvent(row: Readonly<Record<string, unknown>>, streamKey: string): StoredLogEvent {
  const timestamp = Number(row["timestamp"]);
  const position = formatPosition({ timestamp, sequence: Number(row["sequence"]) });
  return {
    timestamp,
    message: String(row["message"]),
    eventId: position,
    streamKey,
    ingestionTime: Number(row["ingestion"]),
    position,
  };
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
