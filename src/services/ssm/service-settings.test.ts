import {
  GetServiceSettingCommand,
  PutParameterCommand,
  ResetServiceSettingCommand,
  type SSMClient,
  UpdateServiceSettingCommand,
} from "@aws-sdk/client-ssm";
import { describe, expect, it } from "vitest";
import { startTestSsm } from "./testing.ts";

const SettingId = "/ssm/parameter-store/default-parameter-tier";
const arn = `arn:aws:ssm:ap-northeast-1:000000000000:servicesetting${SettingId}`;

const set = (ssm: SSMClient, SettingValue: string, id = SettingId) =>
  ssm.send(new UpdateServiceSettingCommand({ SettingId: id, SettingValue }));

describe("service settings", () => {
  it("never set, set by ARN, set back: each is shown", async () => {
    await using at = await startTestSsm();
    const get = async () =>
      (await at.ssm.send(new GetServiceSettingCommand({ SettingId }))).ServiceSetting;
    const initial = {
      SettingId,
      SettingValue: "Standard",
      ARN: arn,
      Status: "Default",
      LastModifiedUser: "System",
    };
    expect(await get()).toMatchObject(initial);
    await set(at.ssm, "Advanced", arn);
    expect(await get()).toEqual({
      ...initial,
      SettingValue: "Advanced",
      Status: "Customized",
      LastModifiedDate: new Date(at.cloud.clock.now()),
      LastModifiedUser: "arn:aws:iam::000000000000:root",
    });
    const reset = await at.ssm.send(new ResetServiceSettingCommand({ SettingId: arn }));
    expect(reset.ServiceSetting).toMatchObject(initial);
    expect(await get()).toMatchObject(initial);
  });

  it("a default tier: taken by parameters for which no tier is asked", async () => {
    await using at = await startTestSsm();
    const put = async (Name: string, more = {}) => {
      const input = { Name, Value: "v", Type: "String" as const, ...more };
      return (await at.ssm.send(new PutParameterCommand(input))).Tier;
    };
    expect(await put("before")).toBe("Standard");
    await set(at.ssm, "Advanced");
    expect(await put("advanced")).toBe("Advanced");
    expect(await put("asked", { Tier: "Standard" })).toBe("Standard");
    await set(at.ssm, "Intelligent-Tiering");
    expect(await put("short")).toBe("Standard");
    expect(await put("long", { Value: "x".repeat(5000) })).toBe("Advanced");
    await set(at.ssm, "Standard");
    expect(await put("advanced", { Overwrite: true })).toBe("Advanced");
    expect(await put("after")).toBe("Standard");
  });

  it.each([
    ["a value that it cannot have", SettingId, "ValidationException"],
    ["no such setting", "/ssm/nope", "ServiceSettingNotFound"],
    [
      "one of a service that is not here",
      "/ssm/managed-instance/activation-tier",
      "UnknownOperationException",
    ],
  ])("%s: refused", async (_, id, name) => {
    await using at = await startTestSsm();
    await expect(set(at.ssm, "Colour", id)).rejects.toMatchObject({ name });
  });
});
