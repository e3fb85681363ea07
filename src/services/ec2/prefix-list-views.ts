/** Prefix lists as they are shown, and what they can be filtered by. */
import type { ManagedPrefixList, PrefixList as PrefixListView } from "@aws-sdk/client-ec2";
import { formatArn } from "../../model/arn.ts";
import type { AwsPrefixList } from "../../model/aws-prefix-lists.ts";
import type { PrefixList } from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import type { FilterTable } from "./filters.ts";
import { toTagViews } from "./tags.ts";

export const managedPrefixListFilters: FilterTable<ManagedPrefixList> = {
  "owner-id": (list) => list.OwnerId,
  "prefix-list-id": (list) => list.PrefixListId,
  "prefix-list-name": (list) => list.PrefixListName,
};

export const prefixListFilters: FilterTable<PrefixListView> = {
  "prefix-list-id": (list) => list.PrefixListId,
  "prefix-list-name": (list) => list.PrefixListName,
};

const deleteFailed = "delete-failed";

/** `state` is that of a change that is under way; otherwise the last one is complete. */
export const toManagedListView = (
  list: PrefixList,
  state: string = list.deletionFailed ? deleteFailed : `${list.lastChange ?? "create"}-complete`,
): ManagedPrefixList => {
  return {
    PrefixListId: list.prefixListId,
    PrefixListArn: formatArn("ec2", list, `prefix-list/${list.prefixListId}`),
    PrefixListName: list.prefixListName,
    AddressFamily: list.addressFamily,
    State: state as ManagedPrefixList["State"],
    StateMessage:
      state === deleteFailed
        ? `The prefix list '${list.prefixListId}' is referenced by other resources and cannot be deleted.`
        : undefined,
    MaxEntries: list.maxEntries,
    Version: list.versions.at(-1)?.version ?? 1,
    OwnerId: list.account,
    Tags: toTagViews(list.tags),
  };
};

/** Those of AWS have neither versions nor a size. */
export const toAwsListView = ({ region }: Scope, list: AwsPrefixList): ManagedPrefixList => ({
  PrefixListId: list.prefixListId,
  PrefixListArn: `arn:aws:ec2:${region}:aws:prefix-list/${list.prefixListId}`,
  PrefixListName: list.prefixListName,
  AddressFamily: "IPv4",
  State: "create-complete",
  OwnerId: "AWS",
  Tags: [],
});
