/** The settings that an account has with Parameter Store, and what AWS begins with. */

export const defaultTierSetting = "/ssm/parameter-store/default-parameter-tier";

type SettingKind = { readonly initial: string; readonly values: readonly string[] };

/** Of throughput there is no end here, so that `high-throughput-enabled` is kept and nothing more. */
export const settingKinds: Readonly<Record<string, SettingKind>> = {
  [defaultTierSetting]: {
    initial: "Standard",
    values: ["Standard", "Advanced", "Intelligent-Tiering"],
  },
  "/ssm/parameter-store/high-throughput-enabled": { initial: "false", values: ["true", "false"] },
};

/** AWS has these besides, of services that are not here. */
export const isForeignSetting = (id: string): boolean =>
  /^\/ssm\/(?:appmanager|automation|documents|managed-instance|opsitem|opsdata)\/[a-z0-9-]+$/.test(
    id,
  );

/** The id of a setting in its id or its ARN. */
export const settingIdOf = (reference: string): string =>
  reference.replace(/^arn:[^:]*:ssm:[^:]*:[^:]*:servicesetting(?=\/)/, "");
