import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogStreamsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  EncryptCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
  TagResourceCommand as TagKeyCommand,
} from "@aws-sdk/client-kms";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
  TagResourceCommand as TagSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { memoryLogStore } from "../../dataplane/logs/memory-store.ts";
import { logEvaluators } from "../../engine/log-evaluation.ts";
import { startTestGateway } from "../../gateway/testing.ts";
import { manualClock, realClock } from "../../seams/clock.ts";
import { memorySealing } from "../../seams/sealing.ts";
import { iamService } from "../iam/service.ts";
import { logsService } from "../logs/service.ts";
import { secretsmanagerService } from "../secretsmanager/service.ts";
import { stsService } from "../sts/service.ts";
import { kmsService } from "./service.ts";

const anybody = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::000000000000:root" },
      Action: "sts:AssumeRole",
    },
  ],
});

type Sender = { readonly send: (command: never) => Promise<unknown> };

/** All four services, as their root and as a role's session that may do what `allow` says. */
async function start() {
  const sealing = memorySealing();
  const clock = manualClock(realClock().wall());
  const cloud = await startTestGateway(
    [
      kmsService({ sealing }),
      secretsmanagerService({ sealing }),
      logsService({ logs: memoryLogStore(logEvaluators), clock }),
      iamService(),
      stsService({ sealing } as never),
    ],
    { sealing, clock },
  );
  const iam = cloud.client(IAMClient);
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: "app", AssumeRolePolicyDocument: anybody }),
  );
  const { Credentials } = await cloud
    .client(STSClient)
    .send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: "one" }));
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
  return {
    root: {
      kms: cloud.client(KMSClient),
      secrets: cloud.client(SecretsManagerClient),
      logs: cloud.client(CloudWatchLogsClient),
    },
    app: {
      kms: cloud.client(KMSClient, {}, credentials),
      secrets: cloud.client(SecretsManagerClient, {}, credentials),
      logs: cloud.client(CloudWatchLogsClient, {}, credentials),
    },
    roleArn: Role?.Arn ?? "",
    allow: (Action: string, Condition: object) =>
      iam.send(
        new PutRolePolicyCommand({
          RoleName: "app",
          PolicyName: "p",
          PolicyDocument: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action, Resource: "*", Condition }],
          }),
        }),
      ),
    [Symbol.asyncDispose]: () => cloud.close(),
  };
}

type Started = Awaited<ReturnType<typeof start>>;
const denied = { name: "AccessDeniedException" };
const sendTo = (client: Sender, command: unknown) => client.send(command as never);

describe("conditions on what a request says", () => {
  const isDenied = (work: Promise<unknown>) => expect(work).rejects.toMatchObject(denied);
  const key = async ({ root }: Started, more: object = {}): Promise<string> =>
    (await root.kms.send(new CreateKeyCommand(more))).KeyMetadata?.KeyId ?? "";
  const grant = (KeyId: string, roleArn: string) =>
    new CreateGrantCommand({ KeyId, GranteePrincipal: roleArn, Operations: ["Decrypt"] });
  const Plaintext = Buffer.from("x");

  it("a grant only for AWS's own resources: not for a caller of his own", async () => {
    await using at = await start();
    const KeyId = await key(at);
    await at.allow("kms:CreateGrant", { Bool: { "kms:GrantIsForAWSResource": "true" } });
    await isDenied(sendTo(at.app.kms, grant(KeyId, at.roleArn)));
    await at.allow("kms:CreateGrant", {
      Bool: { "kms:GrantIsForAWSResource": "false" },
      "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt"] },
    });
    await sendTo(at.app.kms, grant(KeyId, at.roleArn));
  });

  it("a key through a service only: not by KMS itself, whose context may be asked for", async () => {
    await using at = await start();
    const KeyId = await key(at);
    const command = (EncryptionContext: Record<string, string>) =>
      new EncryptCommand({ KeyId, Plaintext, EncryptionContext });
    await at.allow("kms:Encrypt", {
      StringLike: { "kms:ViaService": "*.amazonaws.com" },
    });
    await isDenied(sendTo(at.app.kms, command({ app: "web" })));
    await at.allow("kms:Encrypt", {
      StringEquals: {
        "kms:EncryptionContext:app": "web",
        "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
      },
      Bool: { "aws:ViaAWSService": "false" },
    });
    await sendTo(at.app.kms, command({ app: "web" }));
    await isDenied(sendTo(at.app.kms, command({ app: "db" })));
  });

  it("by the alias that is named, and by any alias that the key has", async () => {
    await using at = await start();
    const KeyId = await key(at);
    await at.root.kms.send(new CreateAliasCommand({ AliasName: "alias/app", TargetKeyId: KeyId }));
    await at.allow("kms:Encrypt", { StringEquals: { "kms:RequestAlias": "alias/app" } });
    await isDenied(sendTo(at.app.kms, new EncryptCommand({ KeyId, Plaintext })));
    await sendTo(at.app.kms, new EncryptCommand({ KeyId: "alias/app", Plaintext }));
    await at.allow("kms:Encrypt", {
      "ForAnyValue:StringLike": { "kms:ResourceAliases": "alias/a*" },
    });
    await sendTo(at.app.kms, new EncryptCommand({ KeyId, Plaintext }));
  });

  it("keys of a kind, and their deletion after long only", async () => {
    await using at = await start();
    await at.allow("kms:CreateKey", { StringEquals: { "kms:KeySpec": "SYMMETRIC_DEFAULT" } });
    await sendTo(at.app.kms, new CreateKeyCommand({}));
    const signing = { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" } as const;
    await isDenied(sendTo(at.app.kms, new CreateKeyCommand(signing)));
    const KeyId = await key(at);
    await at.allow("kms:ScheduleKeyDeletion", {
      NumericGreaterThanEquals: { "kms:ScheduleKeyDeletionPendingWindowInDays": "14" },
    });
    const inDays = (PendingWindowInDays: number) =>
      new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays });
    await isDenied(sendTo(at.app.kms, inDays(7)));
    await sendTo(at.app.kms, inDays(14));
  });

  it("a stage of a secret only, and deletion with a window only", async () => {
    await using at = await start();
    await at.root.secrets.send(new CreateSecretCommand({ Name: "s", SecretString: "x" }));
    await at.allow("*", { StringEquals: { "secretsmanager:VersionStage": "AWSPREVIOUS" } });
    await isDenied(sendTo(at.app.secrets, new GetSecretValueCommand({ SecretId: "s" })));
    await at.allow("*", { StringEquals: { "secretsmanager:VersionStage": "AWSCURRENT" } });
    await sendTo(at.app.secrets, new GetSecretValueCommand({ SecretId: "s" }));
    await at.allow("*", { Bool: { "secretsmanager:ForceDeleteWithoutRecovery": "false" } });
    const remove = (ForceDeleteWithoutRecovery: boolean) =>
      new DeleteSecretCommand({ SecretId: "s", ForceDeleteWithoutRecovery });
    await isDenied(sendTo(at.app.secrets, remove(true)));
    await sendTo(at.app.secrets, remove(false));
  });

  it("tags that a request gives: of keys and of secrets, made and tagged", async () => {
    await using at = await start();
    const wanted = { StringEquals: { "aws:RequestTag/team": "web" } };
    const KeyId = await key(at);
    const { ARN: SecretId } = await at.root.secrets.send(new CreateSecretCommand({ Name: "s" }));
    await at.allow("*", wanted);
    for (const team of ["web", "db"]) {
      const tag = { Key: "team", Value: team };
      const keyTag = { TagKey: "team", TagValue: team };
      const sent: [Sender, object][] = [
        [at.app.kms, new CreateKeyCommand({ Tags: [keyTag] })],
        [at.app.kms, new TagKeyCommand({ KeyId, Tags: [keyTag] })],
        [at.app.secrets, new CreateSecretCommand({ Name: `of-${team}`, Tags: [tag] })],
        [at.app.secrets, new TagSecretCommand({ SecretId, Tags: [tag] })],
        [at.app.logs, new CreateLogGroupCommand({ logGroupName: `of-${team}`, tags: { team } })],
      ];
      for (const [client, command] of sent) {
        if (team === "web") await sendTo(client, command);
        else await isDenied(sendTo(client, command));
      }
    }
  });

  it("tags that a resource has: keys, secrets and groups of one's own", async () => {
    await using at = await start();
    const made = async (team: string) => {
      const KeyId = await key(at, { Tags: [{ TagKey: "team", TagValue: team }] });
      const { ARN: SecretId } = await at.root.secrets.send(
        new CreateSecretCommand({
          Name: team,
          SecretString: "x",
          Tags: [{ Key: "team", Value: team }],
        }),
      );
      await at.root.logs.send(new CreateLogGroupCommand({ logGroupName: team, tags: { team } }));
      return [
        [at.app.kms, new EncryptCommand({ KeyId, Plaintext })],
        [at.app.secrets, new GetSecretValueCommand({ SecretId })],
        [at.app.secrets, new DeleteSecretCommand({ SecretId })],
        [at.app.logs, new DescribeLogStreamsCommand({ logGroupName: team })],
      ] as const;
    };
    const [own, others] = [await made("web"), await made("db")];
    await at.allow("*", { StringEquals: { "aws:ResourceTag/team": "web" } });
    for (const [client, command] of own) await sendTo(client, command);
    for (const [client, command] of others) await isDenied(sendTo(client, command));
  });
});
