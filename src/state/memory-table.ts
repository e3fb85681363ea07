/** One table in memory, with its indexes. Knows nothing of transactions or disk. */
import type { Scope } from "../model/scope.ts";
import type { TableDefinition } from "./table.ts";

const scopeKey = (scope: Scope): string => `${scope.account}/${scope.region}`;

type Entry<T> = { record: T; sequence: number };

export class MemoryTable<T extends Scope> {
  readonly name: string;
  readonly #definition: TableDefinition<T>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #scopes = new Map<string, Set<string>>();
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  constructor(definition: TableDefinition<T>) {
    this.name = definition.name;
    this.#definition = definition;
    for (const index of Object.keys(definition.indexes)) this.#indexes.set(index, new Map());
  }

  /** The record's key across all scopes. */
  keyOf(record: T): string {
    return `${scopeKey(record)}/${this.#definition.key(record)}`;
  }

  get(scope: Scope, key: string): T | undefined {
    return this.#entries.get(`${scopeKey(scope)}/${key}`)?.record;
  }

  getByKey(key: string): T | undefined {
    return this.#entries.get(key)?.record;
  }

  sequenceOf(key: string): number {
    return this.#entries.get(key)?.sequence ?? 0;
  }

  list(scope: Scope): T[] {
    return this.#collect(this.#scopes.get(scopeKey(scope)));
  }

  all(): T[] {
    return this.#collect(this.#entries.keys());
  }

  by(index: string, scope: Scope, value: string): T[] {
    const values = this.#indexes.get(index);
    if (!values) throw new Error(`table ${this.name} has no index ${index}`);
    return this.#collect(values.get(`${scopeKey(scope)}/${value}`));
  }

  /** Puts a record; `sequence` orders a new one and is undefined for one that was there before. */
  set(record: T, sequence: number | undefined): void {
    const key = this.keyOf(record);
    const old = this.#entries.get(key);
    if (old) this.#unindex(key, old.record);
    this.#entries.set(key, { record, sequence: old?.sequence ?? sequence ?? 0 });
    addTo(this.#scopes, scopeKey(record), key);
    for (const [index, valuesOf] of Object.entries(this.#definition.indexes)) {
      const values = this.#indexes.get(index);
      if (!values) continue;
      for (const value of valuesOf(record)) addTo(values, `${scopeKey(record)}/${value}`, key);
    }
  }

  remove(key: string): void {
    const old = this.#entries.get(key);
    if (!old) return;
    this.#unindex(key, old.record);
    this.#entries.delete(key);
    removeFrom(this.#scopes, scopeKey(old.record), key);
  }

  #unindex(key: string, record: T): void {
    for (const [index, valuesOf] of Object.entries(this.#definition.indexes)) {
      const values = this.#indexes.get(index);
      if (!values) continue;
      for (const value of valuesOf(record)) removeFrom(values, `${scopeKey(record)}/${value}`, key);
    }
  }

  #collect(keys: Iterable<string> | undefined): T[] {
    if (!keys) return [];
    const entries: Entry<T>[] = [];
    for (const key of keys) {
      const entry = this.#entries.get(key);
      if (entry) entries.push(entry);
    }
    // A rolled-back deletion puts a key at the end of its sets, so the order is taken from the
    // sequence and not from insertion.
    entries.sort((a, b) => a.sequence - b.sequence);
    return entries.map((entry) => entry.record);
  }
}

function addTo(sets: Map<string, Set<string>>, name: string, key: string): void {
  const set = sets.get(name);
  if (set) set.add(key);
  else sets.set(name, new Set([key]));
}

function removeFrom(sets: Map<string, Set<string>>, name: string, key: string): void {
  const set = sets.get(name);
  if (!set?.delete(key)) return;
  if (set.size === 0) sets.delete(name);
}
