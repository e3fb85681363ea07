/** Tables of Systems Manager Parameter Store. */
import type { Parameter, ParameterVersion, ServiceSetting } from "../../model/ssm.ts";
import { defineTable } from "../table.ts";

export const parameters = defineTable<Parameter>({
  name: "ssm-parameters",
  key: (parameter) => parameter.name,
});

export const parameterVersions = defineTable<ParameterVersion, "name">({
  name: "ssm-parameter-versions",
  key: (version) => parameterVersionKey(version.name, version.version),
  indexes: { name: (version) => [version.name] },
});

/** Names hold no colon, so that no two versions share a key. */
export const parameterVersionKey = (name: string, version: number): string => `${name}:${version}`;

export const serviceSettings = defineTable<ServiceSetting>({
  name: "ssm-service-settings",
  key: (setting) => setting.id,
});
