import {
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  GenerateCredentialReportCommand,
  GetCredentialReportCommand,
  type IAMClient,
  UpdateAccessKeyCommand,
  UpdateAccountPasswordPolicyCommand,
  UpdateLoginProfileCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { refusalOf, startIam } from "./testing.ts";

const UserName = "ann";
const Password = "Long-enough-1";
const hourMs = 3_600_000;

async function rowsOf(iam: IAMClient): Promise<Record<string, string>[]> {
  const { Content } = await iam.send(new GetCredentialReportCommand({}));
  const [head = "", ...lines] = new TextDecoder().decode(Content).split("\n");
  const names = head.split(",");
  return lines.map((line) =>
    Object.fromEntries(line.split(",").map((cell, at) => [names[at] ?? "", cell])),
  );
}

describe("the report of credentials", () => {
  it("never asked for: not present", async () => {
    await using at = await startIam();
    const refusal = await refusalOf(at.iam.send(new GetCredentialReportCommand({})));
    expect(refusal).toContain("ReportNotPresent");
  });

  it("asked for: started, then complete; the root and each user with what they have", async () => {
    await using at = await startIam();
    const { iam } = at;
    await iam.send(new UpdateAccountPasswordPolicyCommand({ MaxPasswordAge: 2 }));
    await iam.send(new CreateUserCommand({ UserName }));
    await iam.send(new CreateUserCommand({ UserName: "bob" }));
    await iam.send(new CreateLoginProfileCommand({ UserName, Password }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKeyId } = AccessKey ?? {};
    await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" }));
    await at.cloud.clock.advance(hourMs);
    await iam.send(new CreateAccessKeyCommand({ UserName }));
    await iam.send(new UpdateLoginProfileCommand({ UserName, Password }));
    expect(await iam.send(new GenerateCredentialReportCommand({}))).toMatchObject({
      State: "STARTED",
    });
    expect(await iam.send(new GenerateCredentialReportCommand({}))).toMatchObject({
      State: "COMPLETE",
    });
    const changedAt = at.cloud.clock.now();
    const time = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z/, "+00:00");
    const [root, ann, bob] = await rowsOf(iam);
    expect(root).toMatchObject({
      user: "<root_account>",
      arn: "arn:aws:iam::000000000000:root",
      password_enabled: "not_supported",
      cert_2_last_rotated: "N/A",
    });
    expect(ann).toMatchObject({
      user: UserName,
      arn: "arn:aws:iam::000000000000:user/ann",
      password_enabled: "true",
      password_last_changed: time(changedAt),
      password_next_rotation: time(changedAt + 48 * hourMs),
      mfa_active: "false",
      access_key_1_active: "false",
      access_key_1_last_rotated: time(changedAt - hourMs),
      access_key_2_active: "true",
      access_key_2_last_used_service: "N/A",
      cert_1_active: "false",
    });
    expect(bob).toMatchObject({ password_enabled: "false", access_key_1_active: "false" });
  });

  it("within four hours: the same report; then it expires and another one is started", async () => {
    await using at = await startIam();
    await at.iam.send(new GenerateCredentialReportCommand({}));
    await at.iam.send(new CreateUserCommand({ UserName }));
    await at.cloud.clock.advance(4 * hourMs - 1);
    await at.iam.send(new GenerateCredentialReportCommand({}));
    expect(await rowsOf(at.iam)).toHaveLength(1);
    await at.cloud.clock.advance(1);
    const refusal = await refusalOf(at.iam.send(new GetCredentialReportCommand({})));
    expect(refusal).toContain("ReportExpired");
    expect(await at.iam.send(new GenerateCredentialReportCommand({}))).toMatchObject({
      State: "STARTED",
    });
    expect(await rowsOf(at.iam)).toHaveLength(2);
  });
});
