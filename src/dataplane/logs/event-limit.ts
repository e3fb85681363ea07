/** Keeps the file within its share of the disk: of all streams together, the oldest events go first. */
import type { DatabaseSync } from "node:sqlite";
import type { EventReader, StoredRow } from "./event-reader.ts";
import { inTransaction, pragma } from "./event-schema.ts";
import type { createStreamTable } from "./event-streams.ts";

export type TrimInput = {
  readonly database: DatabaseSync;
  readonly streams: ReturnType<typeof createStreamTable>;
  readonly read: EventReader;
  readonly limitBytes: number;
};

/** The rest is for the journal. */
const shareOfFile = 0.9;
/** What is freed beyond the need, so that not every append has to. */
const spareShare = 0.02;
const mostSpareBytes = 8 * 1024 * 1024;
/** What an event takes beside its text. */
const rowBytes = 24;

/** Gives how many events were deleted. */
export function trimOldest({ database, streams, read, limitBytes }: TrimInput): number {
  const limit = limitBytes * shareOfFile;
  const pageSize = pragma(database, "page_size");
  const pages = pragma(database, "page_count");
  const excess = (pages - pragma(database, "freelist_count")) * pageSize - limit;
  if (excess <= 0) return 0;
  const known = streams.all();
  const last = lastToGo(read, known, excess + Math.min(limit * spareShare, mostSpareBytes));
  if (!last) return 0;
  const end = { timestamp: last.timestamp, sequence: last.sequence + 1 };
  let deleted = 0;
  inTransaction(database, () => {
    for (const stream of known) {
      if (stream.first <= end.timestamp) deleted += streams.cut(stream, end);
    }
  });
  // After the setting was lowered the file itself is too large, too.
  if (pages * pageSize > limitBytes) database.exec("PRAGMA incremental_vacuum;");
  return deleted;
}

function lastToGo(
  read: EventReader,
  streams: ReturnType<TrimInput["streams"]["all"]>,
  bytes: number,
): StoredRow | undefined {
  let found = 0;
  let last: StoredRow | undefined;
  const range = { startTime: undefined, endTimeExclusive: undefined, from: undefined };
  for (const row of read({ ...range, streams, direction: "forward", expected: 10_000 })) {
    if (found >= bytes) break;
    found += Buffer.byteLength(row.message) + rowBytes;
    last = row;
  }
  return last;
}
