import { describe, expect, it } from "vitest";
import { refusal, startTestEcs } from "./testing.ts";

const root = "arn:aws:iam::000000000000:root";
const user = "arn:aws:iam::000000000000:user/ann";

describe("account settings", () => {
  it("an own setting goes before the account's, and that before AWS's", async () => {
    await using cloud = await startTestEcs();
    const valueFor = async (principalArn: string): Promise<string | undefined> => {
      const input = { name: "containerInsights", effectiveSettings: true, principalArn } as const;
      return (await cloud.ecs.listAccountSettings(input)).settings?.[0]?.value;
    };
    expect(await valueFor(user)).toBe("disabled");
    await cloud.ecs.putAccountSettingDefault({ name: "containerInsights", value: "enabled" });
    expect(await valueFor(user)).toBe("enabled");
    const own = { name: "containerInsights", principalArn: user } as const;
    const { setting } = await cloud.ecs.putAccountSetting({ ...own, value: "enhanced" });
    expect(setting).toEqual({ ...own, value: "enhanced", type: "user" });
    expect([await valueFor(user), await valueFor(root)]).toEqual(["enhanced", "enabled"]);
    await cloud.ecs.deleteAccountSetting(own);
    expect(await valueFor(user)).toBe("enabled");
  });

  it("pages of more than ten: refused", async () => {
    await using cloud = await startTestEcs();
    const list = (maxResults: number) => cloud.ecs.listAccountSettings({ maxResults });
    expect((await list(10)).settings).toEqual([]);
    expect(await refusal(list(11))).toBe(
      "InvalidParameterException: maxResults must be between 1 and 10.",
    );
  });

  it("container insights by default: clusters have them unless they say otherwise", async () => {
    await using cloud = await startTestEcs();
    await cloud.ecs.putAccountSettingDefault({ name: "containerInsights", value: "enabled" });
    const settingsOf = async (clusterName: string, value?: string) => {
      const settings = value ? [{ name: "containerInsights" as const, value }] : undefined;
      return (await cloud.ecs.createCluster({ clusterName, settings })).cluster?.settings;
    };
    expect(await settingsOf("a")).toEqual([{ name: "containerInsights", value: "enabled" }]);
    expect(await settingsOf("b", "disabled")).toEqual([
      { name: "containerInsights", value: "disabled" },
    ]);
  });

  it.each([
    ["taskLongArnFormat", "disabled", "You can no longer disable Long Arn settings."],
    ["awsvpcTrunking", "maybe", "Invalid setting 'value'"],
    ["guardDutyActivate", "on", "Invalid setting 'value'"],
  ] as const)("%s as %s: refused", async (name, value, message) => {
    await using cloud = await startTestEcs();
    expect(await refusal(cloud.ecs.putAccountSetting({ name, value }))).toBe(
      `InvalidParameterException: ${message}`,
    );
    expect((await cloud.ecs.listAccountSettings({ principalArn: root })).settings).toEqual([]);
  });
});
