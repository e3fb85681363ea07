/**
 * What a table is: a name, how its records are keyed, and which of their fields are looked up.
 *
 * Records are plain JSON values, replaced and never changed in place. A key is unique within the
 * record's scope (account and region), as on AWS, where `vpc-1` of one region is unknown in another.
 */
import type { Scope } from "../model/scope.ts";

/** A change of the value needs a new version and a migration; see `migrations.ts`. */
export type TableDefinition<T extends Scope, Index extends string = string> = {
  readonly name: string;
  readonly key: (record: T) => string;
  /** Named lookups across the scope: each gives the values under which a record is found. */
  readonly indexes: { readonly [name in Index]: (record: T) => readonly string[] };
};

export function defineTable<T extends Scope, Index extends string = never>(definition: {
  name: string;
  key: (record: T) => string;
  indexes?: { [name in Index]: (record: T) => readonly string[] };
}): TableDefinition<T, Index> {
  return {
    name: definition.name,
    key: definition.key,
    indexes: definition.indexes ?? ({} as { [name in Index]: (record: T) => readonly string[] }),
  };
}

/** Reading a table. Everything returned is frozen in tests and shared: copy before changing. */
export type TableReader<T extends Scope, Index extends string> = {
  get(scope: Scope, key: string): T | undefined;
  /** All records of a scope, in order of creation. */
  list(scope: Scope): T[];
  /** All records of every account and region, in order of creation. For loops. */
  all(): T[];
  /** Records of a scope whose index holds `value`, in order of creation. */
  by(index: Index, scope: Scope, value: string): T[];
};

export type TableWriter<T extends Scope, Index extends string> = TableReader<T, Index> & {
  put(record: T): void;
  delete(scope: Scope, key: string): void;
};

/** One record that a transaction changed. `before` is absent on creation, `after` on deletion. */
export type Change = {
  readonly table: string;
  readonly before?: Scope;
  readonly after?: Scope;
};
