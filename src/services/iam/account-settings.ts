/** What an account has once: read and changed in part. */
import type { WriteContext } from "../../gateway/service.ts";
import type { AccountSettings } from "../../model/iam.ts";
import { accountSettings } from "../../state/tables/iam.ts";
import { globalScope, type Place } from "./lookup.ts";

export const settingsOf = (place: Place): AccountSettings | undefined =>
  place.tx.table(accountSettings).get(globalScope(place), "settings");

export function putSettings(
  context: WriteContext,
  changed: Partial<Pick<AccountSettings, "alias" | "globalTokenVersion" | "passwordPolicy">>,
): void {
  const before = settingsOf(context) ?? { ...globalScope(context), alias: undefined };
  context.tx.table(accountSettings).put({ ...before, ...changed });
}
