import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateKeyCommand,
  DisableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, it } from "vitest";
import { recordedSessions } from "../../dataplane/sessions/testing.ts";
import { startTestGateway } from "../../gateway/testing.ts";
import { memorySealing } from "../../seams/sealing.ts";
import { readSecretReference } from "../../state/task-secrets.ts";
import { iamService } from "../iam/service.ts";
import { kmsService } from "../kms/service.ts";
import { ssmService } from "../ssm/service.ts";
import { secretsmanagerService } from "./service.ts";

const prefix = "arn:aws:ssm:ap-northeast-1:000000000000:parameter";

async function start() {
  const sealing = memorySealing();
  const made = [kmsService, ssmService, secretsmanagerService].map((make) =>
    make({ sealing, sessions: recordedSessions() }),
  );
  const cloud = await startTestGateway([...made, iamService()], { sealing });
  const secrets = cloud.client(SecretsManagerClient);
  const { ARN = "" } = await secrets.send(
    new CreateSecretCommand({
      Name: "app/db",
      SecretString: JSON.stringify({ user: "app", port: 5432 }),
      ClientRequestToken: "a".repeat(32),
    }),
  );
  const ssm = cloud.client(SSMClient);
  const put = (Name: string, Type: "String" | "SecureString", KeyId?: string) =>
    ssm.send(new PutParameterCommand({ Name, Type, Value: "v", ...(KeyId && { KeyId }) }));
  await put("/app/name", "String");
  await put("/app/secure", "SecureString");
  const read = (valueFrom: string, roleArn?: string) =>
    cloud.store.read((tx) =>
      readSecretReference(
        {
          tx,
          sealing,
          scope: cloud.scope,
          role: roleArn === undefined ? undefined : { roleArn, sessionName: "task1" },
          now: 0,
          origin: undefined,
        },
        valueFrom,
      ),
    );
  const kms = cloud.client(KMSClient);
  const newKey = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
  return {
    cloud,
    secrets,
    kms,
    newKey,
    put,
    ARN,
    read,
    [Symbol.asyncDispose]: () => cloud.close(),
  };
}

describe("readSecretReference", () => {
  it("parameters by name and by ARN, plain and secure: their values", async () => {
    await using at = await start();
    for (const reference of ["/app/name", "/app/secure", `${prefix}/app/secure`, "/app/name:1"]) {
      expect(at.read(reference), reference).toEqual({ type: "value", value: "v" });
    }
    expect(at.read("/app/none")).toEqual({
      type: "invalid-parameter",
      name: "/app/none",
      region: "ap-northeast-1",
    });
  });

  it("secrets whole and by JSON key, stage and version: their values", async () => {
    await using at = await start();
    await at.secrets.send(
      new PutSecretValueCommand({ SecretId: "app/db", SecretString: '{"user":"new"}' }),
    );
    const value = (text: string) => ({ type: "value", value: text });
    expect(at.read(at.ARN)).toEqual(value('{"user":"new"}'));
    expect(at.read(`${at.ARN}:user::`)).toEqual(value("new"));
    expect(at.read(`${at.ARN}:user:AWSPREVIOUS:`)).toEqual(value("app"));
    expect(at.read(`${at.ARN}:port::${"a".repeat(32)}`)).toEqual(value("5432"));
    expect(at.read(`${at.ARN}:none::`)).toEqual({
      type: "missing-json-key",
      arn: at.ARN,
      key: "none",
    });
    expect(at.read(`${at.ARN}:__proto__::`)).toMatchObject({ type: "missing-json-key" });
    expect(at.read(`${at.ARN}::NOSTAGE:`)).toMatchObject({
      type: "secret-unavailable",
      code: "ResourceNotFoundException",
      message: "Secrets Manager can't find the specified secret value for staging label: NOSTAGE",
    });
  });

  it("a secret that is not there or is marked for deletion: told in the service's words", async () => {
    await using at = await start();
    expect(at.read(at.ARN.replace("app/db", "app/no"))).toMatchObject({
      type: "secret-unavailable",
      message: "Secrets Manager can't find the specified secret.",
    });
    await at.secrets.send(new DeleteSecretCommand({ SecretId: "app/db" }));
    expect(at.read(at.ARN)).toMatchObject({
      type: "secret-unavailable",
      code: "InvalidRequestException",
    });
  });

  it("a key that is disabled or on its way out: told by KMS's code", async () => {
    await using at = await start();
    const [one, other] = [await at.newKey(), await at.newKey()];
    await at.put("/one", "SecureString", one);
    await at.put("/other", "SecureString", other);
    await at.kms.send(new DisableKeyCommand({ KeyId: one }));
    await at.kms.send(new ScheduleKeyDeletionCommand({ KeyId: other }));
    expect(at.read("/one")).toMatchObject({ type: "key-unusable", code: "DisabledException" });
    expect(at.read("/other")).toMatchObject({
      type: "key-unusable",
      code: "KMSInvalidStateException",
    });
  });

  it("by an execution role: only what its policies let it read, and decrypt", async () => {
    await using at = await start();
    const iam = at.cloud.client(IAMClient);
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: "exec",
        AssumeRolePolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "ecs-tasks.amazonaws.com" },
              Action: "sts:AssumeRole",
            },
          ],
        }),
      }),
    );
    const role = Role?.Arn ?? "";
    const allow = (...Action: string[]) =>
      iam.send(
        new PutRolePolicyCommand({
          RoleName: "exec",
          PolicyName: "read",
          PolicyDocument: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action, Resource: "*" }],
          }),
        }),
      );
    await at.put("/own-key", "SecureString", await at.newKey());
    const words = "is not authorized to perform: ssm:GetParameters on resource";
    expect(at.read("/app/secure", role)).toMatchObject({
      type: "denied",
      source: "ssm",
      message: expect.stringContaining(words),
    });
    expect(at.read(at.ARN, role)).toMatchObject({ type: "denied", source: "secretsmanager" });
    await allow("ssm:GetParameters", "secretsmanager:GetSecretValue");
    expect(at.read("/app/secure", role)).toEqual({ type: "value", value: "v" });
    expect(at.read(at.ARN, role)).toMatchObject({ type: "value" });
    // A customer's key asks for more; AWS's own lets everybody in who may use the service.
    expect(at.read("/own-key", role)).toMatchObject({
      type: "denied",
      message: expect.stringContaining("kms:Decrypt"),
    });
    await allow("ssm:GetParameters", "kms:Decrypt");
    expect(at.read("/own-key", role)).toEqual({ type: "value", value: "v" });
  });
});
