/** Which tokens the global endpoint of STS issues: those of version 2 are taken in every region. */
import type * as Iam from "@aws-sdk/client-iam";
import { write } from "../../gateway/service.ts";
import { putSettings } from "./account-settings.ts";
import { validateChoice } from "./validate.ts";

export const setSecurityTokenServicePreferences = write<
  Iam.SetSecurityTokenServicePreferencesRequest,
  Record<string, never>
>({
  action: "iam:SetSecurityTokenServicePreferences",
  resources: () => ["*"],
  accepts: { GlobalEndpointTokenVersion: true },
  // Every region is enabled here, and in those tokens of both versions are taken.
  stored: ["GlobalEndpointTokenVersion"],
  run(context, input) {
    const version = validateChoice(input.GlobalEndpointTokenVersion, "globalEndpointTokenVersion", [
      "v1Token",
      "v2Token",
    ]);
    putSettings(context, { globalTokenVersion: version === "v2Token" ? 2 : 1 });
    return {};
  },
});
