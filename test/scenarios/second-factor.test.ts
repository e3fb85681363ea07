/** MFA devices in what they are for: credentials, trust policies and conditions that ask for a second factor. */
import { ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import {
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
  ListMFADevicesCommand,
  ListUsersCommand,
  ResyncMFADeviceCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { codeAt } from "../../src/state/totp.ts";
import {
  type Account,
  account,
  allowing,
  type Keys,
  openAccount,
  refusal,
  trusting,
} from "./support/account.ts";

const withFactor = { Bool: { "aws:MultiFactorAuthPresent": "true" } };

type Attempt = { age?: number; TokenCode?: string | undefined; SerialNumber?: string };

/** A user with a device, and the code that it shows at a time from now. */
async function openWithDevice(policy: string) {
  const cloud = await openAccount();
  const keys = await cloud.user("alice", policy);
  const made = await cloud.iam.send(
    new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: "phone" }),
  );
  const seed = Buffer.from(made.VirtualMFADevice?.Base32StringSeed ?? []).toString();
  const SerialNumber = made.VirtualMFADevice?.SerialNumber ?? "";
  const code = (later = 0): string => codeAt(seed, cloud.clock.wall() + later);
  await cloud.iam.send(
    new EnableMFADeviceCommand({
      UserName: "alice",
      SerialNumber,
      AuthenticationCode1: code(-30_000),
      AuthenticationCode2: code(),
    }),
  );
  return { cloud, keys, SerialNumber, code };
}

async function sessionOf(cloud: Account, keys: Keys, factor: object): Promise<Keys> {
  const { Credentials } = await cloud
    .client(STSClient, {}, keys)
    .send(new GetSessionTokenCommand(factor));
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
}

describe("GetSessionToken", () => {
  it("with a code: IAM opens, and conditions find the second factor; without: neither", async () => {
    const young = { NumericLessThan: { "aws:MultiFactorAuthAge": "300" } };
    const at = await openWithDevice(
      allowing(
        { Action: "iam:*" },
        { Action: "ecs:ListClusters", Condition: { ...withFactor, ...young } },
      ),
    );
    await using cloud = at.cloud;
    const proven = await sessionOf(cloud, at.keys, {
      SerialNumber: at.SerialNumber,
      TokenCode: at.code(),
    });
    const plain = await sessionOf(cloud, at.keys, {});
    const clusters = (keys: Keys) =>
      cloud.client(ECSClient, {}, keys).send(new ListClustersCommand({}));
    const users = (keys: Keys) => cloud.client(IAMClient, {}, keys).send(new ListUsersCommand({}));
    await users(proven);
    await clusters(proven);
    expect(await refusal(users(plain))).toMatchObject({ code: "InvalidClientTokenId" });
    for (const keys of [plain, at.keys]) {
      expect(await refusal(clusters(keys))).toMatchObject({ code: "AccessDeniedException" });
    }
  });

  it.each([
    ["a wrong code", { TokenCode: "000000" }, "failed with invalid MFA one time pass code. "],
    ["an old code", { age: 300_000 }, "failed with invalid MFA one time pass code. "],
    [
      "a device of nobody's",
      { SerialNumber: `arn:aws:iam::${account}:mfa/other` },
      "failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
    ],
    [
      "no code",
      { TokenCode: undefined },
      "failed, must provide both MFA serial number and one time pass code.",
    ],
  ])("%s: AccessDenied", async (_, { age = 0, ...given }: Attempt, words) => {
    const { cloud, keys, SerialNumber, code } = await openWithDevice(allowing({}));
    const factor = { SerialNumber, TokenCode: code(-age), ...given };
    expect(await refusal(sessionOf(cloud, keys, factor))).toEqual({
      code: "AccessDenied",
      status: 403,
      message: `MultiFactorAuthentication ${words}`,
    });
    await cloud.close();
  });
});

describe("AssumeRole", () => {
  it("a role whose trust asks for a second factor: with a code only, and its session has none", async () => {
    const at = await openWithDevice(allowing({ Action: "sts:AssumeRole" }));
    await using cloud = at.cloud;
    const user = { AWS: `arn:aws:iam::${account}:user/alice` };
    const arn = await cloud.role(
      "guarded",
      trusting(user, { Condition: withFactor }),
      allowing({ Action: "ecs:ListClusters", Condition: withFactor }),
    );
    expect(await refusal(cloud.assume(arn, {}, at.keys))).toMatchObject({ code: "AccessDenied" });
    const factor = { SerialNumber: at.SerialNumber, TokenCode: at.code() };
    const { keys } = await cloud.assume(arn, factor, at.keys);
    // As on AWS, where a role's credentials do not say how they were come by.
    const call = cloud.client(ECSClient, {}, keys).send(new ListClustersCommand({}));
    expect(await refusal(call)).toMatchObject({ code: "AccessDeniedException" });
    const session = await sessionOf(cloud, at.keys, factor);
    await cloud.assume(arn, {}, session);
    const other = await cloud.user("bob", allowing({ Action: "sts:AssumeRole" }));
    const sts = cloud.client(STSClient, {}, other);
    const asBob = sts.send(
      new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "run", ...factor }),
    );
    expect((await refusal(asBob)).message).toContain("unable to validate MFA code");
  });
});

describe("a device whose clock is off", () => {
  it("compared again: its codes are taken, and those of the right time are not", async () => {
    const { cloud, keys, SerialNumber, code } = await openWithDevice(allowing({}));
    await using _ = cloud;
    const fast = 20 * 60_000;
    const session = (later: number) =>
      sessionOf(cloud, keys, { SerialNumber, TokenCode: code(later) });
    expect(await refusal(session(fast))).toMatchObject({ code: "AccessDenied" });
    await cloud.iam.send(
      new ResyncMFADeviceCommand({
        UserName: "alice",
        SerialNumber,
        AuthenticationCode1: code(fast - 30_000),
        AuthenticationCode2: code(fast),
      }),
    );
    await session(fast);
    expect(await refusal(session(0))).toMatchObject({ code: "AccessDenied" });
    const { MFADevices } = await cloud.iam.send(new ListMFADevicesCommand({ UserName: "alice" }));
    expect(MFADevices).toMatchObject([{ SerialNumber }]);
  });
});
