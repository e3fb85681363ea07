/** What metric and subscription filters have in common: a name and a pattern in a group, and how many there may be. */
import type { WriteContext } from "../../gateway/service.ts";
import type { LogFilter } from "../../model/logs.ts";
import type { TableDefinition } from "../../state/table.ts";
import { logFilterKey } from "../../state/tables/logs.ts";
import { filterNotFound, limitExceeded } from "./errors.ts";
import { toPattern } from "./filter-pattern.ts";
import { requireGroup, requireStandardGroup, validateFilterName } from "./lookup.ts";

export type LogFilterKind<T extends LogFilter> = {
  readonly name: "metric" | "subscription";
  readonly table: TableDefinition<T, "group">;
  readonly mostPerGroup: number;
};

type Input = {
  readonly logGroupName?: string | undefined;
  readonly filterName?: string | undefined;
  readonly filterPattern?: string | undefined;
};

/** Makes a filter or replaces the one of that name; `complete` adds what its kind has, and may refuse. */
export function putLogFilter<T extends LogFilter>(
  { tx, scope, now }: WriteContext,
  kind: LogFilterKind<T>,
  input: Input,
  complete: (filter: LogFilter) => T,
): void {
  const group = requireStandardGroup({ tx, scope }, input.logGroupName);
  const name = validateFilterName(input.filterName);
  const pattern = input.filterPattern ?? "";
  toPattern(pattern, `Invalid ${kind.name} filter pattern`);
  const table = tx.table(kind.table);
  const known = table.get(scope, logFilterKey(group.name, name));
  const { account, region } = scope;
  const createdAt = known?.createdAt ?? now;
  const filter = complete({ account, region, group: group.name, name, pattern, createdAt });
  if (!known && table.by("group", scope, group.name).length >= kind.mostPerGroup) {
    throw limitExceeded();
  }
  table.put(filter);
}

export function deleteLogFilter<T extends LogFilter>(
  { tx, scope }: WriteContext,
  kind: LogFilterKind<T>,
  input: Input,
): void {
  const group = requireGroup({ tx, scope }, input.logGroupName);
  const key = logFilterKey(group.name, validateFilterName(input.filterName));
  if (!tx.table(kind.table).get(scope, key)) throw filterNotFound(kind.name);
  tx.table(kind.table).delete(scope, key);
}
