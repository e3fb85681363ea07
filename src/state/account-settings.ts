/** ECS's account settings, for everyone who acts on one: what holds where nobody has set anything. */
import type { Scope } from "../model/scope.ts";
import type { ReadTransaction } from "./store.ts";
import { ecsAccountSettings } from "./tables/ecs.ts";

const onOff = ["enabled", "disabled"];

/** Every setting there is, with AWS's default and what it can be set to. */
export const accountSettingKinds = {
  awsvpcTrunking: { initial: "disabled", values: onOff },
  containerInsights: { initial: "disabled", values: ["enabled", "disabled", "enhanced"] },
  containerInstanceLongArnFormat: { initial: "enabled", values: onOff },
  defaultLogDriverMode: { initial: "non-blocking", values: ["blocking", "non-blocking"] },
  fargateEventWindows: { initial: "disabled", values: onOff },
  fargateFIPSMode: { initial: "disabled", values: onOff },
  fargateTaskRetirementWaitPeriod: { initial: "7", values: ["0", "7", "14"] },
  guardDutyActivate: { initial: "off", values: [] },
  serviceLongArnFormat: { initial: "enabled", values: onOff },
  tagResourceAuthorization: { initial: "on", values: ["on", "off"] },
  taskLongArnFormat: { initial: "enabled", values: onOff },
} satisfies Readonly<Record<string, { initial: string; values: readonly string[] }>>;

export type AccountSettingName = keyof typeof accountSettingKinds;

/** The root user's settings are the account's. */
export const accountRoot = ({ account }: Scope): string => `arn:aws:iam::${account}:root`;

/** What a principal has set for itself. */
export const ownSetting = (
  tx: ReadTransaction,
  scope: Scope,
  principalArn: string,
  name: AccountSettingName,
): string | undefined => tx.table(ecsAccountSettings).get(scope, `${principalArn}|${name}`)?.value;

/** The value that holds for a principal: its own, else the account's, else AWS's. */
export const effectiveSetting = (
  tx: ReadTransaction,
  scope: Scope,
  principalArn: string,
  name: AccountSettingName,
): string =>
  ownSetting(tx, scope, principalArn, name) ??
  ownSetting(tx, scope, accountRoot(scope), name) ??
  accountSettingKinds[name].initial;
