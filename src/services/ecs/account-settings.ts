/**
 * Account settings: what a principal has set for itself goes before what is set for the account, and
 * that before AWS's defaults. `containerInsights` acts on clusters that are made, `defaultLogDriverMode` on
 * tasks that are, `tagResourceAuthorization` on whoever makes something with tags; the others are kept.
 */
import type {
  DeleteAccountSettingRequest,
  DeleteAccountSettingResponse,
  ListAccountSettingsRequest,
  ListAccountSettingsResponse,
  PutAccountSettingDefaultRequest,
  PutAccountSettingDefaultResponse,
  PutAccountSettingRequest,
  PutAccountSettingResponse,
  Setting,
  SettingName,
} from "@aws-sdk/client-ecs";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import { parseArn } from "../../model/arn.ts";
import {
  accountRoot,
  accountSettingKinds,
  effectiveSetting,
  ownSetting,
} from "../../state/account-settings.ts";
import { ecsAccountSettings } from "../../state/tables/ecs.ts";
import { checkEnum } from "./checks.ts";
import { invalidParameter } from "./errors.ts";
import { page } from "./pages.ts";
import { settingCondition } from "./permissions.ts";

const kinds: Readonly<Record<SettingName, { readonly values: readonly string[] }>> =
  accountSettingKinds;
const names = Object.keys(accountSettingKinds) as SettingName[];

/** Whose setting it is: the caller's own, or that of a user, role or root of the same account. */
function principalOf(
  { caller, scope }: Pick<WriteContext, "caller" | "scope">,
  { principalArn }: { readonly principalArn?: string | undefined },
): string {
  if (!principalArn) return caller.arn;
  const arn = parseArn(principalArn);
  const isPrincipal = arn?.service === "iam" && /^(root$|user\/|role\/)/.test(arn.resource);
  if (isPrincipal && arn.account === scope.account) return principalArn;
  throw invalidParameter(`The principal ARN ${principalArn} is invalid.`);
}

export const ListAccountSettings = read<ListAccountSettingsRequest, ListAccountSettingsResponse>({
  action: "ecs:ListAccountSettings",
  resources: () => ["*"],
  accepts: {
    name: true,
    value: true,
    principalArn: true,
    effectiveSettings: true,
    maxResults: true,
    nextToken: true,
  },
  run: (context, input) => {
    checkEnum("name", input.name, names);
    const principalArn = principalOf(context, input);
    // Without effectiveSettings only what somebody has set is listed.
    const settingOf = (name: SettingName): string | undefined =>
      input.effectiveSettings
        ? effectiveSetting(context.tx, context.scope, principalArn, name)
        : ownSetting(context.tx, context.scope, principalArn, name);
    const listed = names
      .filter((name) => !input.name || name === input.name)
      .filter((name) => settingOf(name) !== undefined)
      .filter((name) => !input.value || settingOf(name) === input.value);
    const { items, nextToken } = page("ListAccountSettings", listed, input, { most: 10 });
    const settings = items.map((item) => {
      const name = item as SettingName;
      return toSetting(name, settingOf(name), principalArn);
    });
    return { settings, nextToken };
  },
});

export const PutAccountSetting = write<PutAccountSettingRequest, PutAccountSettingResponse>({
  action: "ecs:PutAccountSetting",
  resources: () => ["*"],
  conditions: settingCondition,
  accepts: { name: true, value: true, principalArn: true },
  stored: ["value"],
  run: (context, input) => ({
    setting: putSetting(context, principalOf(context, input), input),
  }),
});

export const PutAccountSettingDefault = write<
  PutAccountSettingDefaultRequest,
  PutAccountSettingDefaultResponse
>({
  action: "ecs:PutAccountSettingDefault",
  resources: () => ["*"],
  conditions: settingCondition,
  accepts: { name: true, value: true },
  stored: ["value"],
  run: (context, input) => ({ setting: putSetting(context, accountRoot(context.scope), input) }),
});

export const DeleteAccountSetting = write<
  DeleteAccountSettingRequest,
  DeleteAccountSettingResponse
>({
  action: "ecs:DeleteAccountSetting",
  resources: () => ["*"],
  conditions: settingCondition,
  accepts: { name: true, principalArn: true },
  run: (context, input) => {
    const name = readName(input.name);
    const principalArn = principalOf(context, input);
    context.tx.table(ecsAccountSettings).delete(context.scope, `${principalArn}|${name}`);
    return {
      setting: toSetting(
        name,
        effectiveSetting(context.tx, context.scope, principalArn, name),
        principalArn,
      ),
    };
  },
});

function putSetting(
  { tx, scope }: WriteContext,
  principalArn: string,
  input: { readonly name: string | undefined; readonly value: string | undefined },
): Setting {
  const name = readName(input.name);
  const { value = "" } = input;
  if (name.endsWith("LongArnFormat") && value === "disabled") {
    throw invalidParameter("You can no longer disable Long Arn settings.");
  }
  if (!kinds[name].values.includes(value)) {
    // The word stands for itself, in AWS's answer.
    throw invalidParameter("Invalid setting 'value'");
  }
  const { account, region } = scope;
  tx.table(ecsAccountSettings).put({ account, region, principalArn, name, value });
  return toSetting(name, value, principalArn);
}

function readName(name: string | undefined): SettingName {
  if (!name) throw invalidParameter("Setting name should not be null or empty.");
  checkEnum("name", name, names);
  return name as SettingName;
}

const toSetting = (
  name: SettingName,
  value: string | undefined,
  principalArn: string,
): Setting => ({
  name,
  value,
  principalArn,
  type: name === "guardDutyActivate" ? "aws_managed" : "user",
});
