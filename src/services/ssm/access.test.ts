import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  DescribeParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
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
  return { cloud, root, session, allow, read, [Symbol.asyncDispose]: () => cloud.close() };
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

  it("by path: the path that is asked for, with its last slash or without", async () => {
    await using at = await start();
    await at.root.send(new PutParameterCommand({ Name: "/app/db", Value: "v", Type: "String" }));
    const parameters = "arn:aws:ssm:ap-northeast-1:000000000000:parameter";
    const list = (Path: string) => at.session.send(new GetParametersByPathCommand({ Path }));
    const allowOn = (Resource: string) =>
      at.allow({ Effect: "Allow", Action: "ssm:GetParametersByPath", Resource });
    await allowOn(`${parameters}/app/*`);
    expect((await list("/app/")).Parameters).toHaveLength(1);
    await expect(list("/app")).rejects.toMatchObject({
      ...denied,
      message: expect.stringContaining(` on resource: ${parameters}/app because `),
    });
    await allowOn(`${parameters}/app`);
    expect((await list("/app")).Parameters).toHaveLength(1);
    await expect(list("/app/")).rejects.toMatchObject(denied);
  });

  it("a version of it, by name and by ARN: who may read the parameter", async () => {
    await using at = await start();
    await at.root.send(new PutParameterCommand({ Name: "/app/db", Value: "v", Type: "String" }));
    const arn = "arn:aws:ssm:ap-northeast-1:000000000000:parameter/app/db";
    await at.allow({ Effect: "Allow", Action: "ssm:GetParameter", Resource: arn });
    for (const name of ["/app/db", "/app/db:1", arn, `${arn}:1`]) {
      expect((await at.read(name)).Parameter?.Value, name).toBe("v");
    }
  });

  it("a public one: an ARN without an account", async () => {
    await using at = await start();
    const path = "/aws/service/ecs/optimized-ami/amazon-linux-2023";
    const allowOn = (account: string) =>
      at.allow({
        Effect: "Allow",
        Action: "ssm:GetParameter*",
        Resource: `arn:aws:ssm:ap-northeast-1:${account}:parameter/aws/service/ecs/*`,
      });
    await allowOn("000000000000");
    await expect(at.read(`${path}/recommended`)).rejects.toMatchObject(denied);
    for (const account of ["", "*"]) {
      await allowOn(account);
      expect((await at.read(`${path}/recommended`)).Parameter?.Value).toContain("ami-");
      const listed = await at.session.send(new GetParametersByPathCommand({ Path: path }));
      expect(listed.Parameters).toBeDefined();
    }
  });

  it("described: by who may see all of the account and the region", async () => {
    await using at = await start();
    const describeAll = () => at.session.send(new DescribeParametersCommand({}));
    const action = { Effect: "Allow", Action: "ssm:DescribeParameters" };
    await at.allow({ ...action, Resource: "arn:aws:ssm:us-east-1:000000000000:*" });
    await expect(describeAll()).rejects.toMatchObject(denied);
    await at.allow({ ...action, Resource: "arn:aws:ssm:ap-northeast-1:000000000000:*" });
    expect((await describeAll()).Parameters).toEqual([]);
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
      Condition: {
        StringEquals: { "kms:ViaService": "ssm.ap-northeast-1.amazonaws.com" },
        Bool: { "aws:ViaAWSService": "true" },
      },
    });
    expect((await at.read("/own")).Parameter?.Value).toBe("v");
  });
});
