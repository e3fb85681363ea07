/** The versions of managed prefix lists: new ones, old ones again, and what each has and who uses it. */
import type {
  GetManagedPrefixListAssociationsRequest,
  GetManagedPrefixListAssociationsResult,
  GetManagedPrefixListEntriesRequest,
  GetManagedPrefixListEntriesResult,
  ModifyManagedPrefixListRequest,
  ModifyManagedPrefixListResult,
  RestoreManagedPrefixListVersionRequest,
  RestoreManagedPrefixListVersionResult,
} from "@aws-sdk/client-ec2";
import type { PrefixList, PrefixListEntry } from "../../model/network.ts";
import { prefixLists } from "../../state/tables/network.ts";
import { describePage } from "./describe.ts";
import { invalidParameterCombination, invalidParameterValue, missingParameter } from "./errors.ts";
import { versionMismatch, versionNotFound } from "./link-errors.ts";
import { arnOf, operation } from "./operation.ts";
import { nextEntries } from "./prefix-list-entries.ts";
import { entriesOf, findCustomerList, findPrefixList, usersOf } from "./prefix-list-lookup.ts";
import { toManagedListView } from "./prefix-list-views.ts";
import { checkListName, checkSize } from "./prefix-lists.ts";
import type { Context } from "./resources.ts";

type ListInput = { PrefixListId: string | undefined };

const listArn = ({ PrefixListId }: ListInput, scope: Context["scope"]): string[] => [
  arnOf(scope, "prefix-list", PrefixListId),
];

function requireId({ PrefixListId }: ListInput): string {
  if (!PrefixListId) throw missingParameter("PrefixListId");
  return PrefixListId;
}

export const modifyManagedPrefixList = operation<
  ModifyManagedPrefixListRequest,
  ModifyManagedPrefixListResult
>({
  name: "ModifyManagedPrefixList",
  resources: listArn,
  accepts: {
    PrefixListId: true,
    CurrentVersion: true,
    PrefixListName: true,
    AddEntries: true,
    RemoveEntries: true,
    MaxEntries: true,
  },
  run(context, input) {
    const list = findCustomerList(context, requireId(input));
    const changed: PrefixList = {
      ...list,
      ...changesOf(list, input),
      lastChange: "modify",
      deletionFailed: false,
    };
    context.tx.table(prefixLists).put(changed);
    return { PrefixList: toManagedListView(changed, "modify-in-progress") };
  },
});

function changesOf(list: PrefixList, input: ModifyManagedPrefixListRequest): Partial<PrefixList> {
  const { AddEntries = [], RemoveEntries = [], MaxEntries, PrefixListName } = input;
  const name = PrefixListName ? { prefixListName: checkListName(PrefixListName) } : {};
  if (AddEntries.length + RemoveEntries.length > 0) {
    if (MaxEntries !== undefined) {
      throw invalidParameterCombination(
        "You cannot modify the entries and the maximum number of entries for the prefix list in the same request.",
      );
    }
    checkVersion(list, input.CurrentVersion);
    const entries = nextEntries(list, entriesOf(list), AddEntries, RemoveEntries);
    return { ...name, versions: withVersion(list, entries) };
  }
  if (MaxEntries === undefined) return name;
  const maxEntries = checkSize(MaxEntries);
  if (entriesOf(list).length > maxEntries) {
    throw invalidParameterValue(
      "The maximum number of entries cannot be less than the number of entries in the prefix list.",
    );
  }
  return { ...name, maxEntries };
}

function checkVersion(list: PrefixList, given: number | undefined): void {
  if (given === undefined) throw missingParameter("CurrentVersion");
  if (given !== currentVersion(list)) throw versionMismatch();
}

const currentVersion = (list: PrefixList): number => list.versions.at(-1)?.version ?? 1;

const withVersion = (
  list: PrefixList,
  entries: readonly PrefixListEntry[],
): PrefixList["versions"] => [...list.versions, { version: currentVersion(list) + 1, entries }];

export const restoreManagedPrefixListVersion = operation<
  RestoreManagedPrefixListVersionRequest,
  RestoreManagedPrefixListVersionResult
>({
  name: "RestoreManagedPrefixListVersion",
  resources: listArn,
  accepts: { PrefixListId: true, PreviousVersion: true, CurrentVersion: true },
  run(context, input) {
    const list = findCustomerList(context, requireId(input));
    checkVersion(list, input.CurrentVersion);
    if (input.PreviousVersion === undefined) throw missingParameter("PreviousVersion");
    const entries = entriesOfVersion(list, input.PreviousVersion);
    const changed: PrefixList = {
      ...list,
      versions: withVersion(list, entries),
      lastChange: "restore",
      deletionFailed: false,
    };
    context.tx.table(prefixLists).put(changed);
    return { PrefixList: toManagedListView(changed, "restore-in-progress") };
  },
});

function entriesOfVersion(list: PrefixList, version: number): readonly PrefixListEntry[] {
  const found = list.versions.find((candidate) => candidate.version === version);
  if (found) return found.entries;
  throw versionNotFound(version);
}

export const getManagedPrefixListEntries = operation<
  GetManagedPrefixListEntriesRequest,
  GetManagedPrefixListEntriesResult
>({
  name: "GetManagedPrefixListEntries",
  resources: listArn,
  accepts: { PrefixListId: true, TargetVersion: true, MaxResults: true, NextToken: true },
  run(context, input) {
    const known = findPrefixList(context, requireId(input));
    const entries: readonly PrefixListEntry[] =
      known.owner === "aws"
        ? known.cidrs.map((cidr) => ({ cidr, description: undefined }))
        : input.TargetVersion === undefined
          ? entriesOf(known.list)
          : entriesOfVersion(known.list, input.TargetVersion);
    const views = entries.map(({ cidr, description }) => ({
      Cidr: cidr,
      Description: description,
    }));
    const { items, NextToken } = describePage(views, input, {
      operation: "GetManagedPrefixListEntries",
      keyOf: (entry) => entry.Cidr,
      filters: {},
    });
    return { Entries: items, NextToken };
  },
});

export const getManagedPrefixListAssociations = operation<
  GetManagedPrefixListAssociationsRequest,
  GetManagedPrefixListAssociationsResult
>({
  name: "GetManagedPrefixListAssociations",
  resources: listArn,
  accepts: { PrefixListId: true, MaxResults: true, NextToken: true },
  run(context, input) {
    const { prefixListId } = findCustomerList(context, requireId(input));
    const views = usersOf(context, prefixListId).map((ResourceId) => ({
      ResourceId,
      ResourceOwner: context.scope.account,
    }));
    const { items, NextToken } = describePage(views, input, {
      operation: "GetManagedPrefixListAssociations",
      keyOf: (association) => association.ResourceId,
      filters: {},
    });
    return { PrefixListAssociations: items, NextToken };
  },
});
