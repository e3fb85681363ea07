import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { recordedSessions } from "../../dataplane/sessions/testing.ts";
import { startTestGateway } from "../../gateway/testing.ts";
import { manualClock, realClock } from "../../seams/clock.ts";
import { memorySealing } from "../../seams/sealing.ts";
import { iamService } from "../iam/service.ts";
import { kmsService } from "../kms/service.ts";
import { stsService } from "../sts/service.ts";
import { ssmService } from "./service.ts";

const assumable = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::000000000000:root" },
      Action: "sts:AssumeRole",
    },
  ],
});

/** A gateway with a role, and Parameter Store as its root and as a session of that role. */
async function start() {
  const sealing = memorySealing();
  const cloud = await startTestGateway(
    [
      ssmService({ sealing, sessions: recordedSessions() }),
      kmsService({ sealing }),
      iamService(),
      stsService({ sealing } as never),
    ],
    { sealing, clock: manualClock(realClock().wall()) },
  );
  const iam = cloud.client(IAMClient);
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: "app", AssumeRolePolicyDocument: assumable }),
  );
  const { Credentials } = await cloud
    .client(STSClient)
    .send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: "one" }));
  const session = cloud.client(
    SSMClient,
    {},
    {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    },
  );
  const allow = (...Statement: object[]) =>
    iam.send(
      new PutRolePolicyCommand({
        RoleName: "app",
        PolicyName: "p",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      }),
    );
  const root = cloud.client(SSMClient);
  const read = (Name: string) =>
    session.send(new GetParameterCommand({ Name, WithDecryption: true }));
  return { cloud, root, allow, read, [Symbol.asyncDispose]: () => cloud.close() };
}

const denied = { name: "AccessDeniedException" };

describe("who may read a parameter", () => {
  it("by a tag of the parameter: those that have it", async () => {
    await using at = await start();
    const put = { Value: "v", Type: "String" as const };
    await at.root.send(
      new PutParameterCommand({ ...put, Name: "/web", Tags: [{ Key: "team", Value: "web" }] }),
    );
    await at.root.send(new PutParameterCommand({ ...put, Name: "/other" }));
    await expect(at.read("/web")).rejects.toMatchObject(denied);
    await at.allow({
      Effect: "Allow",
      Action: "ssm:GetParameter",
      Resource: "*",
      Condition: { StringEquals: { "aws:ResourceTag/team": "web" } },
    });
    expect((await at.read("/web")).Parameter?.Value).toBe("v");
    await expect(at.read("/other")).rejects.toMatchObject(denied);
  });

  it("a SecureString: its key asks too, unless it is AWS's own", async () => {
    await using at = await start();
    const { KeyMetadata } = await at.cloud.client(KMSClient).send(new CreateKeyCommand({}));
    const put = { Value: "v", Type: "SecureString" as const };
    await at.root.send(new PutParameterCommand({ ...put, Name: "/managed" }));
    await at.root.send(
      new PutParameterCommand({ ...put, Name: "/own", KeyId: KeyMetadata?.KeyId }),
    );
    const reading = { Effect: "Allow", Action: "ssm:GetParameter", Resource: "*" };
    await at.allow(reading);
    expect((await at.read("/managed")).Parameter?.Value).toBe("v");
    await expect(at.read("/own")).rejects.toMatchObject({
      ...denied,
      message: expect.stringContaining("kms:Decrypt"),
    });
    await at.allow(reading, {
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: "*",
      Condition: { StringEquals: { "kms:ViaService": "ssm.ap-northeast-1.amazonaws.com" } },
    });
    expect((await at.read("/own")).Parameter?.Value).toBe("v");
  });
});
