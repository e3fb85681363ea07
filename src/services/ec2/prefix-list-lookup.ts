/** Prefix lists by id, those of AWS and those of customers alike, and who uses them. */
import { type AwsPrefixList, awsPrefixLists } from "../../model/aws-prefix-lists.ts";
import type { PrefixList, PrefixListEntry } from "../../model/network.ts";
import { prefixLists, routeTables, securityGroups } from "../../state/tables/network.ts";
import { prefixListNotFound } from "./errors.ts";
import { prefixListOfAws } from "./link-errors.ts";
import { type Context, find, prefixListKind } from "./resources.ts";

export type KnownPrefixList =
  | { readonly owner: "customer"; readonly list: PrefixList }
  | ({ readonly owner: "aws" } & AwsPrefixList);

type Reader = Pick<Context, "tx" | "scope">;

/** Throws InvalidPrefixListID.NotFound. */
export function findPrefixList(context: Reader, id: string): KnownPrefixList {
  const ours = awsPrefixLists(context.scope.region).find((list) => list.prefixListId === id);
  if (ours) return { owner: "aws", ...ours };
  // A rule or a route says only that there is no such list.
  const list = context.tx.table(prefixLists).get(context.scope, id);
  if (!list) throw prefixListNotFound(id);
  return { owner: "customer", list };
}

/** A list that its caller may change. */
export function findCustomerList(context: Reader, id: string): PrefixList {
  const known = awsPrefixLists(context.scope.region).some((list) => list.prefixListId === id);
  if (known) throw prefixListOfAws(id);
  return find(context, prefixListKind, id);
}

/** How many rules a rule that names the list counts for. */
export function weightOf(context: Reader, id: string): number {
  const known = findPrefixList(context, id);
  return known.owner === "aws" ? known.weight : known.list.maxEntries;
}

export const entriesOf = (list: PrefixList): readonly PrefixListEntry[] =>
  list.versions.at(-1)?.entries ?? [];

/** The ids of the security groups and route tables that name the list. */
export function usersOf({ tx, scope }: Reader, id: string): string[] {
  const groups = tx
    .table(securityGroups)
    .list(scope)
    .filter(({ rules }) =>
      rules.some(({ peer }) => peer.type === "prefix-list" && peer.prefixListId === id),
    );
  const tables = tx
    .table(routeTables)
    .list(scope)
    .filter(({ routes }) => routes.some((route) => route.destinationPrefixListId === id));
  return [...groups.map((group) => group.groupId), ...tables.map((table) => table.routeTableId)];
}
