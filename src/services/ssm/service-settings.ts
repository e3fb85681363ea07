/** Service settings: of Parameter Store, the tier of parameters for which none is asked. */
import type * as Ssm from "@aws-sdk/client-ssm";
import {
  defaultTierSetting,
  isForeignSetting,
  settingIdOf,
  settingKinds,
} from "../../engine/ssm/service-settings.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { read, write } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { Scope } from "../../model/scope.ts";
import type { ServiceSetting } from "../../model/ssm.ts";
import { serviceSettings } from "../../state/tables/ssm.ts";
import { validation } from "./errors.ts";
import type { Reading } from "./lookup.ts";

type SettingInput = { readonly SettingId: string | undefined };

const settingArn = (scope: Scope, id: string): string =>
  formatArn("ssm", scope, `servicesetting${id}`);

const settingArns = (
  { SettingId }: SettingInput,
  { scope }: { readonly scope: Scope },
): string[] => [settingArn(scope, settingIdOf(SettingId ?? "/*"))];

export const getServiceSetting = read<Ssm.GetServiceSettingRequest, Ssm.GetServiceSettingResult>({
  action: "ssm:GetServiceSetting",
  resources: settingArns,
  accepts: { SettingId: true },
  run(context, input) {
    const id = requireSetting(input);
    const set = context.tx.table(serviceSettings).get(context.scope, id);
    return { ServiceSetting: toView(context.scope, id, set) };
  },
});

export const updateServiceSetting = write<
  Ssm.UpdateServiceSettingRequest,
  Ssm.UpdateServiceSettingResult
>({
  action: "ssm:UpdateServiceSetting",
  resources: settingArns,
  accepts: { SettingId: true, SettingValue: true },
  run({ tx, scope, now, caller }, input) {
    const id = requireSetting(input);
    const value = input.SettingValue ?? "";
    checkConstraints([["settingValue", value, { length: [1, 4096] }]]);
    const values = settingKinds[id]?.values ?? [];
    if (!values.includes(value)) {
      throw validation(`Invalid setting value, allowed value pattern: ${values.join("|")}`);
    }
    const { account, region } = scope;
    const modified = { modifiedAt: now, modifiedBy: caller.arn };
    tx.table(serviceSettings).put({ account, region, id, value, ...modified });
    return {};
  },
});

export const resetServiceSetting = write<
  Ssm.ResetServiceSettingRequest,
  Ssm.ResetServiceSettingResult
>({
  action: "ssm:ResetServiceSetting",
  resources: settingArns,
  accepts: { SettingId: true },
  run({ tx, scope }, input) {
    const id = requireSetting(input);
    tx.table(serviceSettings).delete(scope, id);
    return { ServiceSetting: toView(scope, id, undefined) };
  },
});

/** The tier of a parameter for which none is asked; undefined where AWS's own choice stands. */
export function defaultTier({ tx, scope }: Reading): string | undefined {
  const value = tx.table(serviceSettings).get(scope, defaultTierSetting)?.value;
  return value === settingKinds[defaultTierSetting]?.initial ? undefined : value;
}

function requireSetting({ SettingId = "" }: SettingInput): string {
  checkConstraints([["settingId", SettingId, { length: [1, 1000] }]]);
  const id = settingIdOf(SettingId);
  if (Object.hasOwn(settingKinds, id)) return id;
  if (isForeignSetting(id)) {
    const message = `Neargate does not have the service setting ${id} yet`;
    throw new ApiError("UnknownOperationException", message, { status: 501 });
  }
  throw new ApiError("ServiceSettingNotFound", `Setting ${SettingId} not found`);
}

function toView(scope: Scope, id: string, set: ServiceSetting | undefined): Ssm.ServiceSetting {
  return {
    SettingId: id,
    SettingValue: set?.value ?? settingKinds[id]?.initial,
    LastModifiedDate: new Date(set?.modifiedAt ?? 0),
    LastModifiedUser: set?.modifiedBy ?? "System",
    ARN: settingArn(scope, id),
    Status: set ? "Customized" : "Default",
  };
}
