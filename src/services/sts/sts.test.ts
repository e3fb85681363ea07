import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { startTestGateway } from "../../gateway/testing.ts";
import { memorySealing } from "../../seams/sealing.ts";
import { stsService } from "./service.ts";

it.each(["1e3", "3600.0", "abc", ""])(
  "a duration of '%s': MalformedInput, as no whole number",
  async (seconds) => {
    await using cloud = await startTestGateway([stsService({ sealing: memorySealing() })]);
    const response = await fetch(cloud.url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `Action=GetSessionToken&Version=2011-06-15&DurationSeconds=${seconds}`,
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("<Code>MalformedInput</Code>");
  },
);

describe("GetCallerIdentity", () => {
  it("an access key that was not issued here: the root of the default account", async () => {
    await using cloud = await startTestGateway([stsService({ sealing: memorySealing() })]);
    const sts = new STSClient({
      endpoint: cloud.url,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const answer = await sts.send(new GetCallerIdentityCommand({}));
    expect(answer).toMatchObject({
      Account: "000000000000",
      Arn: "arn:aws:iam::000000000000:root",
      UserId: "000000000000",
    });
    sts.destroy();
  });

  it("an access key of twelve digits: the root of that account", async () => {
    await using cloud = await startTestGateway([stsService({ sealing: memorySealing() })]);
    const sts = cloud.client(STSClient, { account: "123456789012" });
    const answer = await sts.send(new GetCallerIdentityCommand({}));
    expect(answer).toMatchObject({
      Account: "123456789012",
      Arn: "arn:aws:iam::123456789012:root",
    });
  });
});
