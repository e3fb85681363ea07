/**
 * The engine's memory: typed tables, written through to SQLite.
 *
 * Every table is held in memory and read from there; a write transaction is one SQLite transaction,
 * committed before `write` returns, so what has been acknowledged survives the death of the process.
 * Listeners hear of a commit once, with all its changes, after it is durable. A transaction is
 * synchronous: JavaScript runs one at a time, which is all the isolation there is to have.
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Scope } from "../model/scope.ts";
import { MemoryTable } from "./memory-table.ts";
import { migrate } from "./migrations.ts";
import type { Change, TableDefinition, TableReader, TableWriter } from "./table.ts";

export type ReadTransaction = {
  table<T extends Scope, Index extends string>(
    definition: TableDefinition<T, Index>,
  ): TableReader<T, Index>;
};

export type WriteTransaction = {
  table<T extends Scope, Index extends string>(
    definition: TableDefinition<T, Index>,
  ): TableWriter<T, Index>;
};

export type Unwatch = () => void;

/** The disk took no write: what the transaction wanted has not happened. */
export class UnwritableStateError extends Error {
  constructor(cause: Error) {
    super(`the state directory cannot be written to: ${cause.message}`, { cause });
    this.name = "UnwritableStateError";
  }
}

export type Store = {
  /** Runs `work` on the present state. It must not keep the transaction. */
  read<R>(work: (tx: ReadTransaction) => R): R;
  /**
   * Runs `work` and commits what it wrote; if it throws, nothing has happened and the error goes on.
   * Nested calls are a mistake and throw.
   */
  write<R>(work: (tx: WriteTransaction) => R): R;
  /** Calls `listener` after each commit that changed anything. */
  watch(listener: (changes: readonly Change[]) => void): Unwatch;
  /** A value of the store itself (not of an account), such as the engine's identity. */
  getMeta(key: string): string | undefined;
  setMeta(key: string, value: string): void;
  /** Deletes every record; meta values stay. */
  clear(): void;
  close(): void;
};

type Undo = {
  table: MemoryTable<Scope>;
  key: string;
  before: Scope | undefined;
  sequence: number;
};

/** Opens the state in `directory` (created when missing), or in memory when it is undefined. */
export function openStore(directory: string | undefined): Store {
  if (directory !== undefined) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(
    directory === undefined ? ":memory:" : path.join(directory, "state.db"),
  );
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  migrate(database);

  const upsert = database.prepare(
    "INSERT INTO records (collection, key, body, seq) VALUES (?, ?, ?, ?) " +
      "ON CONFLICT (collection, key) DO UPDATE SET body = excluded.body, seq = excluded.seq",
  );
  const remove = database.prepare("DELETE FROM records WHERE collection = ? AND key = ?");
  const selectCollection = database.prepare(
    "SELECT body, seq FROM records WHERE collection = ? ORDER BY seq",
  );
  const tables = new Map<string, MemoryTable<Scope>>();
  const readers = new Map<string, TableReader<Scope, string>>();
  const writers = new Map<string, TableWriter<Scope, string>>();
  const listeners = new Set<(changes: readonly Change[]) => void>();
  let sequence = readSequence(database);
  let writing = false;

  const tableOf = <T extends Scope>(definition: TableDefinition<T>): MemoryTable<T> => {
    const known = tables.get(definition.name);
    if (known) return known as unknown as MemoryTable<T>;
    const table = new MemoryTable<T>(definition);
    for (const row of selectCollection.iterate(definition.name)) {
      table.set(JSON.parse(row["body"] as string) as T, row["seq"] as number);
    }
    tables.set(definition.name, table as unknown as MemoryTable<Scope>);
    return table;
  };

  const readerFor = <T extends Scope>(definition: TableDefinition<T>): TableReader<T, string> => {
    const known = readers.get(definition.name);
    if (known) return known as unknown as TableReader<T, string>;
    const reader = readerOf(tableOf(definition));
    readers.set(definition.name, reader as unknown as TableReader<Scope, string>);
    return reader;
  };
  const reading: ReadTransaction = { table: readerFor };

  // Of the transaction that is going on: there is one at a time, so writers can be made once.
  let undo: Undo[] = [];
  const makeWriter = <T extends Scope>(definition: TableDefinition<T>): TableWriter<T, string> => {
    const table = tableOf(definition);
    const note = (key: string, before: T | undefined): void => {
      undo.push({
        table: table as unknown as MemoryTable<Scope>,
        key,
        before,
        sequence: table.sequenceOf(key),
      });
    };
    const { get, list, all, by } = readerFor(definition);
    return {
      get,
      list,
      all,
      by,
      put(record) {
        const key = table.keyOf(record);
        const before = table.getByKey(key);
        note(key, before);
        table.set(record, before ? undefined : ++sequence);
      },
      delete(scope, localKey) {
        const before = table.get(scope, localKey);
        if (!before) return;
        const key = table.keyOf(before);
        note(key, before);
        table.remove(key);
      },
    };
  };

  const writerFor = <T extends Scope>(definition: TableDefinition<T>): TableWriter<T, string> => {
    const known = writers.get(definition.name);
    if (known) return known as unknown as TableWriter<T, string>;
    const writer = makeWriter(definition);
    writers.set(definition.name, writer as unknown as TableWriter<Scope, string>);
    return writer;
  };
  const changing: WriteTransaction = { table: writerFor };

  const rollBack = (): void => {
    for (const { table, key, before, sequence } of undo.toReversed()) {
      if (before) table.set(before, sequence);
      else table.remove(key);
    }
  };

  const persist = (): Change[] => {
    const changes: Change[] = [];
    const seen = new Set<string>();
    for (const { table, key, before } of undo) {
      const name = `${table.name}\0${key}`;
      if (seen.has(name)) continue;
      seen.add(name);
      const after = table.getByKey(key);
      if (after === before) continue;
      if (after) upsert.run(table.name, key, JSON.stringify(after), table.sequenceOf(key));
      else remove.run(table.name, key);
      changes.push({ table: table.name, ...(before && { before }), ...(after && { after }) });
    }
    return changes;
  };

  return {
    read: (work) => work(reading),
    write(work) {
      if (writing) throw new Error("a transaction was opened inside another");
      writing = true;
      undo = [];
      let changes: Change[];
      let result: ReturnType<typeof work>;
      try {
        result = work(changing);
        changes = undo.length === 0 ? [] : inTransaction(database, persist);
      } catch (error) {
        rollBack();
        throw error;
      } finally {
        writing = false;
      }
      if (changes.length > 0) for (const listener of [...listeners]) listener(changes);
      return result;
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getMeta: (key) => readMeta(database, key),
    setMeta: (key, value) => {
      database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)").run(key, value);
    },
    clear() {
      const changes: Change[] = [];
      for (const table of tables.values()) {
        for (const before of table.all()) changes.push({ table: table.name, before });
      }
      database.exec("DELETE FROM records");
      tables.clear();
      readers.clear();
      writers.clear();
      for (const listener of [...listeners]) listener(changes);
    },
    close: () => database.close(),
  };
}

function readerOf<T extends Scope>(table: MemoryTable<T>): TableReader<T, string> {
  return {
    get: (scope, key) => table.get(scope, key),
    list: (scope) => table.list(scope),
    all: () => table.all(),
    by: (index, scope, value) => table.by(index, scope, value),
  };
}

function inTransaction<R>(database: DatabaseSync, work: () => R): R {
  try {
    database.exec("BEGIN IMMEDIATE");
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite has rolled back itself when the disk failed.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw isOfDisk(error) ? new UnwritableStateError(error) : error;
  }
}

/** Read-only, input or output error, full, cannot be opened; the low byte of a result code. */
const diskCodes = new Set([8, 10, 13, 14]);

const isOfDisk = (error: unknown): error is Error =>
  error instanceof Error && diskCodes.has(((error as { errcode?: number }).errcode ?? 0) & 0xff);

function readSequence(database: DatabaseSync): number {
  const row = database.prepare("SELECT max(seq) AS top FROM records").get();
  return (row?.["top"] as number | null) ?? 0;
}

function readMeta(database: DatabaseSync, key: string): string | undefined {
  const statement: StatementSync = database.prepare("SELECT value FROM meta WHERE key = ?");
  return statement.get(key)?.["value"] as string | undefined;
}
