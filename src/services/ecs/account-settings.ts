/** Account settings. None can be changed yet, so every account has AWS's defaults. */
import type {
  ListAccountSettingsRequest,
  ListAccountSettingsResponse,
  SettingName,
} from "@aws-sdk/client-ecs";
import { read } from "../../gateway/service.ts";
import { checkEnum } from "./checks.ts";
import { page } from "./pages.ts";

const defaults: Readonly<Record<SettingName, string>> = {
  awsvpcTrunking: "disabled",
  containerInsights: "disabled",
  containerInstanceLongArnFormat: "enabled",
  defaultLogDriverMode: "non-blocking",
  fargateEventWindows: "disabled",
  fargateFIPSMode: "disabled",
  fargateTaskRetirementWaitPeriod: "7",
  guardDutyActivate: "off",
  serviceLongArnFormat: "enabled",
  tagResourceAuthorization: "off",
  taskLongArnFormat: "enabled",
};

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
  run: ({ scope }, input) => {
    const names = Object.keys(defaults) as SettingName[];
    checkEnum("name", input.name, names);
    // Without effectiveSettings only what somebody has set is listed.
    const listed = names
      .filter(() => input.effectiveSettings)
      .filter((name) => !input.name || name === input.name)
      .filter((name) => !input.value || defaults[name] === input.value);
    const { items, nextToken } = page(listed, input, 10);
    const principalArn = input.principalArn ?? `arn:aws:iam::${scope.account}:root`;
    const settings = items.map((item) => {
      const name = item as SettingName;
      return { name, value: defaults[name], principalArn, type: "user" as const };
    });
    return { settings, nextToken };
  },
});
