/** Managed prefix lists: making, showing and ending them. */
import type {
  CreateManagedPrefixListRequest,
  CreateManagedPrefixListResult,
  DeleteManagedPrefixListRequest,
  DeleteManagedPrefixListResult,
  DescribeManagedPrefixListsRequest,
  DescribeManagedPrefixListsResult,
  DescribePrefixListsRequest,
  DescribePrefixListsResult,
} from "@aws-sdk/client-ec2";
import { awsPrefixLists } from "../../model/aws-prefix-lists.ts";
import type { PrefixList } from "../../model/network.ts";
import { prefixLists } from "../../state/tables/network.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import {
  invalidParameterValue,
  invalidValue,
  missingParameter,
  prefixListNotFound,
} from "./errors.ts";
import { madeBefore, rememberToken } from "./idempotency.ts";
import { tooManyEntries } from "./link-errors.ts";
import { birth } from "./make-vpc.ts";
import { arnOf, operation } from "./operation.ts";
import { checkEntries } from "./prefix-list-entries.ts";
import { findCustomerList, findPrefixList, usersOf } from "./prefix-list-lookup.ts";
import {
  managedPrefixListFilters,
  prefixListFilters,
  toAwsListView,
  toManagedListView,
} from "./prefix-list-views.ts";
import { type Context, find, newId, prefixListKind } from "./resources.ts";
import { tagsFrom } from "./tags.ts";

const mostEntries = 1000;
const longestName = 255;

export const createManagedPrefixList = operation<
  CreateManagedPrefixListRequest,
  CreateManagedPrefixListResult
>({
  name: "CreateManagedPrefixList",
  resources: (_, scope) => [arnOf(scope, "prefix-list", undefined)],
  accepts: {
    PrefixListName: true,
    Entries: true,
    MaxEntries: true,
    AddressFamily: true,
    ClientToken: true,
    TagSpecifications: true,
  },
  run(context, input) {
    const name = "CreateManagedPrefixList";
    const known = madeBefore(context, name, input.ClientToken, input);
    const list = known ? find(context, prefixListKind, known) : makeList(context, input);
    if (!known) rememberToken(context, name, input.ClientToken, input, list.prefixListId);
    return { PrefixList: toManagedListView(list) };
  },
});

function makeList(context: Context, input: CreateManagedPrefixListRequest): PrefixList {
  const addressFamily = familyOf(input.AddressFamily);
  const maxEntries = checkSize(input.MaxEntries);
  const entries = checkEntries(addressFamily, input.Entries ?? []);
  if (entries.length > maxEntries) throw tooManyEntries(maxEntries);
  const list: PrefixList = {
    ...birth(context, tagsFrom(input.TagSpecifications, "prefix-list")),
    prefixListId: newId(context, "pl-"),
    prefixListName: checkListName(input.PrefixListName),
    addressFamily,
    maxEntries,
    versions: [{ version: 1, entries }],
  };
  context.tx.table(prefixLists).put(list);
  return list;
}

export function checkListName(name: string | undefined): string {
  if (!name) throw missingParameter("PrefixListName");
  if (name.length > longestName) {
    throw invalidParameterValue(
      `The prefix list name cannot be longer than ${longestName} characters.`,
    );
  }
  if (name.startsWith("com.amazonaws")) {
    throw invalidValue("PrefixListName", name, "The name cannot start with com.amazonaws.");
  }
  return name;
}

function familyOf(family: string | undefined): PrefixList["addressFamily"] {
  if (!family) throw missingParameter("AddressFamily");
  if (family === "IPv4" || family === "IPv6") return family;
  throw invalidValue("AddressFamily", family, "Expecting IPv4 or IPv6.");
}

export function checkSize(maxEntries: number | undefined): number {
  if (maxEntries === undefined) throw missingParameter("MaxEntries");
  if (maxEntries >= 1 && maxEntries <= mostEntries) return maxEntries;
  throw invalidValue("MaxEntries", maxEntries, `Expecting a value from 1 to ${mostEntries}.`);
}

export const deleteManagedPrefixList = operation<
  DeleteManagedPrefixListRequest,
  DeleteManagedPrefixListResult
>({
  name: "DeleteManagedPrefixList",
  resources: (input, scope) => [arnOf(scope, "prefix-list", input.PrefixListId)],
  accepts: { PrefixListId: true },
  run(context, input) {
    if (!input.PrefixListId) throw missingParameter("PrefixListId");
    const list = findCustomerList(context, input.PrefixListId);
    const table = context.tx.table(prefixLists);
    // As on AWS the call itself succeeds: what became of it is told by the list's state.
    if (usersOf(context, list.prefixListId).length > 0)
      table.put({ ...list, deletionFailed: true });
    else table.delete(context.scope, list.prefixListId);
    return { PrefixList: toManagedListView(list, "delete-in-progress") };
  },
});

export const describeManagedPrefixLists = operation<
  DescribeManagedPrefixListsRequest,
  DescribeManagedPrefixListsResult
>({
  name: "DescribeManagedPrefixLists",
  accepts: { PrefixListIds: true, ...acceptsDescribe },
  run(context, input) {
    const { tx, scope } = context;
    const views = chosen(
      input.PrefixListIds,
      () => [
        ...awsPrefixLists(scope.region).map((list) => toAwsListView(scope, list)),
        ...tx
          .table(prefixLists)
          .list(scope)
          .map((list) => toManagedListView(list)),
      ],
      (id) => {
        const known = findPrefixList(context, id);
        return known.owner === "aws" ? toAwsListView(scope, known) : toManagedListView(known.list);
      },
    );
    const { items, NextToken } = describePage(views, input, {
      operation: "DescribeManagedPrefixLists",
      keyOf: (list) => list.PrefixListId,
      filters: managedPrefixListFilters,
    });
    return { PrefixLists: items, NextToken };
  },
});

/** Only those of AWS, with their blocks. */
export const describePrefixLists = operation<DescribePrefixListsRequest, DescribePrefixListsResult>(
  {
    name: "DescribePrefixLists",
    accepts: { PrefixListIds: true, ...acceptsDescribe },
    run({ scope }, input) {
      const all = awsPrefixLists(scope.region);
      const records = chosen(
        input.PrefixListIds,
        () => all,
        (id) => {
          const list = all.find((candidate) => candidate.prefixListId === id);
          if (!list) throw prefixListNotFound(id);
          return list;
        },
      );
      const views = records.map((list) => ({
        PrefixListId: list.prefixListId,
        PrefixListName: list.prefixListName,
        Cidrs: [...list.cidrs],
      }));
      const { items, NextToken } = describePage(views, input, {
        operation: "DescribePrefixLists",
        keyOf: (list) => list.PrefixListId,
        filters: prefixListFilters,
      });
      return { PrefixLists: items, NextToken };
    },
  },
);
