/** The file of log events: its tables and how an older file becomes one of today's. */
import { DatabaseSync } from "node:sqlite";

const streamsAndEvents = `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL DEFAULT 0, ingestion INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE events (
    stream INTEGER NOT NULL, timestamp INTEGER NOT NULL, sequence INTEGER NOT NULL,
    ingestion INTEGER NOT NULL, bytes INTEGER NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (stream, timestamp, sequence)
  ) WITHOUT ROWID;`;

/** The times of a stream's ends, so that a search opens only streams that have a part in it. */
const endsOfStreams = `
  ALTER TABLE streams ADD COLUMN first INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE streams ADD COLUMN last INTEGER NOT NULL DEFAULT 0;
  UPDATE streams SET
    first = coalesce((SELECT min(timestamp) FROM events WHERE stream = id), 0),
    last = coalesce((SELECT max(timestamp) FROM events WHERE stream = id), 0);
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO counters SELECT 'sequence', coalesce(max(sequence), 0) FROM events;`;

const progressOfWriters = `
  CREATE TABLE writers (writer TEXT PRIMARY KEY, place TEXT NOT NULL) WITHOUT ROWID;`;

const steps = [streamsAndEvents, endsOfStreams, progressOfWriters];

/** Opens the file, which is made when it is missing. */
export function openEventFile(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  // Takes effect on a new file only, or when it is written anew.
  database.exec("PRAGMA auto_vacuum = INCREMENTAL;");
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  database.exec("PRAGMA journal_size_limit = 8388608;");
  const version = pragma(database, "user_version");
  for (let at = version; at < steps.length; at++) {
    database.exec(`BEGIN; ${steps[at]} PRAGMA user_version = ${at + 1}; COMMIT;`);
  }
  const isIncremental = 2;
  if (pragma(database, "auto_vacuum") !== isIncremental) {
    database.exec("PRAGMA auto_vacuum = INCREMENTAL; VACUUM;");
  }
  return database;
}

/** The value of a pragma that is a number. */
export const pragma = (database: DatabaseSync, name: string): number =>
  Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);

export function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    // SQLite has rolled back itself when the disk failed.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
