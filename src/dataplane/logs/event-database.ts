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
  CREATE TABLE IF NOT EXISTS streams (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS events (
    stream INTEGER NOT NULL, timestamp INTEGER NOT NULL, sequence INTEGER NOT NULL,
    ingestion INTEGER NOT NULL, bytes INTEGER NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (stream, timestamp, sequence)
  ) WITHOUT ROWID;
  PRAGMA user_version = 1;`;

const streamsOf =
  "stream IN (SELECT id FROM streams WHERE key IN (SELECT value FROM json_each(?)))";

export function openEventDatabase(file: string): EventDatabase {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database.exec(schema);
  const insertStream = database.prepare("INSERT OR IGNORE INTO streams (key) VALUES (?)");
  const selectStream = database.prepare("SELECT id FROM streams WHERE key = ?");
  const insertEvent = database.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)");
  const numberOf = (sql: string, ...values: SQLInputValue[]): number =>
    Number(database.prepare(sql).get(...values)?.["value"] ?? 0);
  let sequence = numberOf("SELECT max(sequence) AS value FROM events");

  const appendOne = ({ streamKey, events, ingestionTime }: Append): void => {
    if (events.length === 0) return;
    insertStream.run(streamKey);
    const stream = selectStream.get(streamKey)?.["id"] as number;
    for (const { timestamp, message } of events) {
      const bytes = Buffer.byteLength(message) + eventOverheadBytes;
      insertEvent.run(stream, timestamp, ++sequence, ingestionTime, bytes, message);
    }
  };

  return {
    append(batch) {
      inTransaction(database, () => batch.forEach(appendOne));
    },
    query(query) {
      const { sql, values } = toSql(query);
      const found: StoredLogEvent[] = [];
      let bytes = 0;
      for (const row of database.prepare(sql).iterate(...values)) {
        const event = toEvent(row);
        bytes += Buffer.byteLength(event.message);
        if (bytes > query.maxBytes && found.length > 0) break;
        found.push(event);
      }
      return query.direction === "forward" ? found : found.reverse();
    },
    describe(streamKey) {
      const row = database
        .prepare(
          "SELECT min(timestamp) AS first, max(timestamp) AS last, max(ingestion) AS ingestion, " +
            "sum(bytes) AS bytes FROM events WHERE stream = (SELECT id FROM streams WHERE key = ?)",
        )
        .get(streamKey);
      if (!row || row["first"] === null) return undefined;
      return {
        first: Number(row["first"]),
        last: Number(row["last"]),
        lastIngestion: Number(row["ingestion"]),
        bytes: Number(row["bytes"]),
      };
    },
    storedBytes: (streamKeys) =>
      numberOf(
        `SELECT sum(bytes) AS value FROM events WHERE ${streamsOf}`,
        JSON.stringify(streamKeys),
      ),
    streams: () =>
      database
        .prepare("SELECT key FROM streams")
        .all()
        .map((row) => String(row["key"])),
    deleteStream(streamKey) {
      inTransaction(database, () => {
        database
          .prepare("DELETE FROM events WHERE stream = (SELECT id FROM streams WHERE key = ?)")
          .run(streamKey);
        database.prepare("DELETE FROM streams WHERE key = ?").run(streamKey);
      });
    },
    deleteBefore(streamKeys, timestamp) {
      database
        .prepare(`DELETE FROM events WHERE ${streamsOf} AND timestamp < ?`)
        .run(JSON.stringify(streamKeys), timestamp);
    },
    clear() {
      inTransaction(database, () => database.exec("DELETE FROM events; DELETE FROM streams;"));
    },
    close: () => database.close(),
  };
}

function toSql(query: LogQuery): { sql: string; values: SQLInputValue[] } {
  const conditions = [streamsOf];
  const values: SQLInputValue[] = [JSON.stringify(query.streamKeys)];
  const where = (condition: string, ...more: SQLInputValue[]): void => {
    conditions.push(condition);
    values.push(...more);
  };
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
    "SELECT events.*, streams.key FROM events JOIN streams ON streams.id = events.stream " +
    `WHERE ${conditions.join(" AND ")} ` +
    `ORDER BY timestamp ${order}, sequence ${order} LIMIT ?`;
  return { sql, values: [...values, query.limit] };
}

function toEvent(row: Readonly<Record<string, unknown>>): StoredLogEvent {
  const timestamp = Number(row["timestamp"]);
  const position = formatPosition({ timestamp, sequence: Number(row["sequence"]) });
  return {
    timestamp,
    message: String(row["message"]),
    eventId: position,
    streamKey: String(row["key"]),
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
