/** The streams that have events, with what is known of each without looking at them. */
import type { DatabaseSync } from "node:sqlite";
import type { Place } from "./positions.ts";

export type StreamRow = {
  readonly id: number;
  readonly key: string;
  readonly bytes: number;
  readonly ingestion: number;
  readonly first: number;
  readonly last: number;
};

export type StreamTable = {
  find(keys: readonly string[]): StreamRow[];
  /** Those that hold events. */
  all(): StreamRow[];
  /** Deletes a stream's events before a place and puts its ends right. In a transaction. */
  cut(stream: StreamRow, place: Place): number;
};

export function createStreamTable(database: DatabaseSync): StreamTable {
  const byKeys = database.prepare(
    "SELECT * FROM streams WHERE key IN (SELECT value FROM json_each(?))",
  );
  const withEvents = database.prepare("SELECT * FROM streams WHERE bytes > 0");
  const old = "FROM events WHERE stream = ? AND (timestamp, sequence) < (?, ?)";
  const sumOld = database.prepare(`SELECT sum(bytes) AS bytes, count(*) AS events ${old}`);
  const deleteOld = database.prepare(`DELETE ${old}`);
  const putRight = database.prepare(
    `UPDATE streams SET bytes = bytes - ?, first = coalesce(
       (SELECT timestamp FROM events WHERE stream = id ORDER BY timestamp LIMIT 1), 0)
     WHERE id = ?`,
  );
  return {
    find: (keys) => byKeys.all(JSON.stringify(keys)) as unknown as StreamRow[],
    all: () => withEvents.all() as unknown as StreamRow[],
    cut({ id }, { timestamp, sequence }) {
      const { bytes, events } = sumOld.get(id, timestamp, sequence) ?? {};
      if (!events) return 0;
      deleteOld.run(id, timestamp, sequence);
      putRight.run(Number(bytes), id);
      return Number(events);
    },
  };
}
