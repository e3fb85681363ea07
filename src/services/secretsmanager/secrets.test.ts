import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
} from "@aws-sdk/client-kms";
import {
  BatchGetSecretValueCommand,
  CancelRotateSecretCommand,
  CreateSecretCommand,
  type CreateSecretCommandInput,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  ListSecretsCommand,
  type ListSecretsCommandInput,
  ListSecretVersionIdsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  ReplicateSecretToRegionsCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
  ValidateResourcePolicyCommand,
} from "@aws-sdk/client-secrets-manager";
import { describe, expect, it } from "vitest";
import { kmsService } from "../kms/service.ts";
import { startTestSecrets } from "./testing.ts";

const dayMs = 86_400_000;
const token = (letter: string): string => letter.repeat(32);

const create = (
  client: SecretsManagerClient,
  Name: string,
  more: Partial<CreateSecretCommandInput> = {},
) => client.send(new CreateSecretCommand({ Name, SecretString: "v1", ...more }));

const get = (
  client: SecretsManagerClient,
  SecretId: string,
  more: Partial<GetSecretValueCommandInput> = {},
) => client.send(new GetSecretValueCommand({ SecretId, ...more }));

const put = (client: SecretsManagerClient, SecretString: string, ClientRequestToken: string) =>
  client.send(new PutSecretValueCommand({ SecretId: "app/db", SecretString, ClientRequestToken }));

describe("a secret", () => {
  it("made: its ARN ends with six random characters; found by name, ARN and ARN without them", async () => {
    await using at = await startTestSecrets();
    const { ARN = "" } = await create(at.client, "app/db", { ClientRequestToken: token("a") });
    expect(ARN).toMatch(
      /^arn:aws:secretsmanager:ap-northeast-1:000000000000:secret:app\/db-[A-Za-z0-9]{6}$/,
    );
    for (const id of ["app/db", ARN, ARN.slice(0, -7)]) {
      expect(await get(at.client, id)).toMatchObject({
        ARN,
        Name: "app/db",
        VersionId: token("a"),
        SecretString: "v1",
        VersionStages: ["AWSCURRENT"],
      });
    }
    for (const id of ["app", `${ARN.slice(0, -1)}!`, ARN.replace("000000000000", "111111111111")]) {
      await expect(get(at.client, id)).rejects.toMatchObject({
        name: "ResourceNotFoundException",
        message: "Secrets Manager can't find the specified secret.",
      });
    }
  });

  it("binary and without a value: given back so; asked for nothing, told so", async () => {
    await using at = await startTestSecrets();
    const SecretBinary = Uint8Array.of(0, 255, 7);
    await at.client.send(new CreateSecretCommand({ Name: "b", SecretBinary }));
    expect((await get(at.client, "b")).SecretBinary).toEqual(SecretBinary);
    await at.client.send(new CreateSecretCommand({ Name: "empty" }));
    await expect(get(at.client, "empty")).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message:
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
  });

  it("the same request twice: one secret; another with its name: refused", async () => {
    await using at = await startTestSecrets();
    const first = await create(at.client, "app/db", { ClientRequestToken: token("a") });
    const again = await create(at.client, "app/db", { ClientRequestToken: token("a") });
    expect([again.ARN, again.VersionId]).toEqual([first.ARN, first.VersionId]);
    await expect(create(at.client, "app/db")).rejects.toMatchObject({
      name: "ResourceExistsException",
      message: "The operation failed because the secret app/db already exists.",
    });
    await expect(
      create(at.client, "app/db", { ClientRequestToken: token("a"), SecretString: "other" }),
    ).rejects.toMatchObject({ name: "ResourceExistsException" });
  });

  it.each<[string, CreateSecretCommandInput, string]>([
    ["a space in its name", { Name: "a b" }, "ValidationException"],
    ["513 characters", { Name: "x".repeat(513) }, "ValidationException"],
    [
      "two values",
      { Name: "a", SecretString: "x", SecretBinary: Uint8Array.of(1) },
      "InvalidParameterException",
    ],
    ["65537 bytes", { Name: "a", SecretString: "x".repeat(65_537) }, "ValidationException"],
    ["a short token", { Name: "a", ClientRequestToken: "short" }, "InvalidParameterException"],
    [
      "a reserved tag",
      { Name: "a", Tags: [{ Key: "aws:x", Value: "" }] },
      "InvalidRequestException",
    ],
    [
      "a key that is not there",
      { Name: "a", SecretString: "x", KmsKeyId: "alias/none" },
      "EncryptionFailure",
    ],
  ])("%s: refused, and nothing is made", async (_, input, name) => {
    await using at = await startTestSecrets();
    await expect(at.client.send(new CreateSecretCommand(input))).rejects.toMatchObject({ name });
    expect((await at.client.send(new ListSecretsCommand({}))).SecretList).toEqual([]);
  });

  it("described: with its dates, tags and versions; reading stamps the day", async () => {
    await using at = await startTestSecrets();
    const { ARN } = await create(at.client, "app/db", {
      ClientRequestToken: token("a"),
      Description: "of the app",
      Tags: [{ Key: "team", Value: "web" }],
    });
    await at.client.send(
      new TagResourceCommand({ SecretId: "app/db", Tags: [{ Key: "b", Value: "2" }] }),
    );
    await at.client.send(new UntagResourceCommand({ SecretId: "app/db", TagKeys: ["team"] }));
    await at.cloud.clock.advance(dayMs / 2);
    await get(at.client, "app/db");
    const shown = await at.client.send(new DescribeSecretCommand({ SecretId: "app/db" }));
    expect(shown).toMatchObject({
      ARN,
      Name: "app/db",
      Description: "of the app",
      LastAccessedDate: new Date(at.cloud.clock.now() - dayMs / 2),
      Tags: [{ Key: "b", Value: "2" }],
      VersionIdsToStages: { [token("a")]: ["AWSCURRENT"] },
    });
  });
});

describe("versions", () => {
  it("a new value: current, the one before is previous, the one before that deprecated", async () => {
    await using at = await startTestSecrets();
    await create(at.client, "app/db", { ClientRequestToken: token("a") });
    await put(at.client, "v2", token("b"));
    await put(at.client, "v3", token("c"));
    const value = async (more: object) => (await get(at.client, "app/db", more)).SecretString;
    expect(await value({})).toBe("v3");
    expect(await value({ VersionStage: "AWSPREVIOUS" })).toBe("v2");
    expect(await value({ VersionId: token("a") })).toBe("v1");
    const { Versions } = await at.client.send(
      new ListSecretVersionIdsCommand({ SecretId: "app/db" }),
    );
    expect(Versions?.map(({ VersionId, VersionStages }) => [VersionId, VersionStages])).toEqual([
      [token("b"), ["AWSPREVIOUS"]],
      [token("c"), ["AWSCURRENT"]],
    ]);
    const all = await at.client.send(
      new ListSecretVersionIdsCommand({ SecretId: "app/db", IncludeDeprecated: true }),
    );
    expect(all.Versions?.length).toBe(3);
    await expect(value({ VersionId: token("z") })).rejects.toMatchObject({
      message: `Secrets Manager can't find the specified secret value for VersionId: ${token("z")}`,
    });
    await expect(
      value({ VersionId: token("a"), VersionStage: "AWSCURRENT" }),
    ).rejects.toMatchObject({ name: "InvalidRequestException" });
  });

  it("a token again: the same value is the same version, another is refused", async () => {
    await using at = await startTestSecrets();
    await create(at.client, "app/db");
    await put(at.client, "v2", token("b"));
    expect((await put(at.client, "v2", token("b"))).VersionId).toBe(token("b"));
    await expect(put(at.client, "v3", token("b"))).rejects.toMatchObject({
      name: "ResourceExistsException",
      message: expect.stringContaining(`You can't use ClientRequestToken ${token("b")}`),
    });
  });

  it("a pending value made current: labels move as a rotation moves them", async () => {
    await using at = await startTestSecrets();
    const SecretId = "app/db";
    await create(at.client, SecretId, { ClientRequestToken: token("a") });
    await at.client.send(
      new PutSecretValueCommand({
        SecretId,
        SecretString: "v2",
        ClientRequestToken: token("b"),
        VersionStages: ["AWSPENDING"],
      }),
    );
    expect((await get(at.client, SecretId)).SecretString).toBe("v1");
    const move = { SecretId, VersionStage: "AWSCURRENT", MoveToVersionId: token("b") };
    await expect(at.client.send(new UpdateSecretVersionStageCommand(move))).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining(`currently attached to version ${token("a")}`),
    });
    await at.client.send(
      new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: token("a") }),
    );
    expect((await get(at.client, SecretId)).SecretString).toBe("v2");
    expect((await get(at.client, SecretId, { VersionStage: "AWSPREVIOUS" })).SecretString).toBe(
      "v1",
    );
    await expect(
      at.client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: "AWSCURRENT",
          RemoveFromVersionId: token("b"),
        }),
      ),
    ).rejects.toMatchObject({ name: "InvalidRequestException" });
  });

  it("150 values: deprecated ones make way, those with labels stay", async () => {
    await using at = await startTestSecrets();
    await create(at.client, "app/db");
    for (let turn = 0; turn < 150; turn++) {
      await put(at.client, `v${turn}`, `token-${String(turn).padStart(30, "0")}`);
    }
    const all = await at.client.send(
      new ListSecretVersionIdsCommand({ SecretId: "app/db", IncludeDeprecated: true }),
    );
    expect(all.Versions?.length).toBe(100);
    expect((await get(at.client, "app/db", { VersionStage: "AWSPREVIOUS" })).SecretString).toBe(
      "v148",
    );
  });
});

describe("keys of secrets", () => {
  it("disabled: DecryptionFailure; another key set meanwhile enabled: values move to it", async () => {
    await using at = await startTestSecrets([kmsService]);
    const kms = at.cloud.client(KMSClient);
    const newKey = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
    const [one, other] = [await newKey(), await newKey()];
    await create(at.client, "app/db", { KmsKeyId: one });
    await kms.send(new DisableKeyCommand({ KeyId: one }));
    await expect(get(at.client, "app/db")).rejects.toMatchObject({ name: "DecryptionFailure" });
    await expect(put(at.client, "v2", token("b"))).rejects.toMatchObject({
      name: "EncryptionFailure",
    });
    await kms.send(new EnableKeyCommand({ KeyId: one }));
    await at.client.send(new UpdateSecretCommand({ SecretId: "app/db", KmsKeyId: other }));
    await kms.send(new DisableKeyCommand({ KeyId: one }));
    expect((await get(at.client, "app/db")).SecretString).toBe("v1");
  });
});

describe("deletion", () => {
  it("marked: unreadable, restorable, its name taken; gone when the window has passed", async () => {
    await using at = await startTestSecrets();
    await create(at.client, "app/db");
    const mark = () =>
      at.client.send(new DeleteSecretCommand({ SecretId: "app/db", RecoveryWindowInDays: 7 }));
    const { DeletionDate } = await mark();
    expect(DeletionDate).toEqual(new Date(at.cloud.clock.now() + 7 * dayMs));
    await expect(get(at.client, "app/db")).rejects.toMatchObject({
      name: "InvalidRequestException",
      message: "You can't perform this operation on the secret because it was marked for deletion.",
    });
    await expect(create(at.client, "app/db")).rejects.toMatchObject({
      message:
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
    expect((await at.client.send(new ListSecretsCommand({}))).SecretList).toEqual([]);
    const planned = await at.client.send(new ListSecretsCommand({ IncludePlannedDeletion: true }));
    expect(planned.SecretList?.[0]?.DeletedDate).toBeDefined();
    await at.client.send(new RestoreSecretCommand({ SecretId: "app/db" }));
    expect((await get(at.client, "app/db")).SecretString).toBe("v1");
    await mark();
    await at.cloud.clock.advance(7 * dayMs);
    await expect(get(at.client, "app/db")).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await expect(create(at.client, "app/db")).resolves.toBeDefined();
  });

  it.each<[string, object, string]>([
    ["6 days", { RecoveryWindowInDays: 6 }, "between 7 and 30 days"],
    ["31 days", { RecoveryWindowInDays: 31 }, "between 7 and 30 days"],
    [
      "both ways",
      { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
      "in conjunction with RecoveryWindowInDays",
    ],
  ])("%s: refused", async (_, input, words) => {
    await using at = await startTestSecrets();
    await create(at.client, "app/db");
    await expect(
      at.client.send(new DeleteSecretCommand({ SecretId: "app/db", ...input })),
    ).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining(words),
    });
  });

  it("by force: gone at once, and its name is free", async () => {
    await using at = await startTestSecrets();
    const { ARN } = await create(at.client, "app/db");
    await at.client.send(
      new DeleteSecretCommand({ SecretId: "app/db", ForceDeleteWithoutRecovery: true }),
    );
    const again = await create(at.client, "app/db");
    expect(again.ARN).not.toBe(ARN);
  });

  it("put without a value: an invalid request, whether the secret is there or not", async () => {
    await using at = await startTestSecrets();
    await expect(
      at.client.send(new PutSecretValueCommand({ SecretId: "none" })),
    ).rejects.toMatchObject({
      name: "InvalidRequestException",
      message: "You must provide either SecretString or SecretBinary.",
    });
  });

  it("at once, though it is not there: nothing to refuse; with a window it is", async () => {
    await using at = await startTestSecrets();
    const gone = await at.client.send(
      new DeleteSecretCommand({ SecretId: "none", ForceDeleteWithoutRecovery: true }),
    );
    expect(gone).toMatchObject({ Name: "none", ARN: expect.stringMatching(/:secret:none-\w{6}$/) });
    await expect(
      at.client.send(new DeleteSecretCommand({ SecretId: "none" })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe("lists of secrets", () => {
  async function world(client: SecretsManagerClient): Promise<void> {
    await create(client, "app/db", { Description: "Database of the app" });
    await create(client, "app/api", { Tags: [{ Key: "team", Value: "web" }] });
    await create(client, "other");
  }

  it.each<[string, ListSecretsCommandInput["Filters"], string[]]>([
    ["name", [{ Key: "name", Values: ["app/"] }], ["app/api", "app/db"]],
    ["name turned round", [{ Key: "name", Values: ["!app/"] }], ["other"]],
    ["description in any case", [{ Key: "description", Values: ["database"] }], ["app/db"]],
    ["tag-key", [{ Key: "tag-key", Values: ["team"] }], ["app/api"]],
    ["tag-value", [{ Key: "tag-value", Values: ["web"] }], ["app/api"]],
    ["all", [{ Key: "all", Values: ["DATABASE"] }], ["app/db"]],
    [
      "two",
      [
        { Key: "name", Values: ["app"] },
        { Key: "tag-key", Values: ["t"] },
      ],
      ["app/api"],
    ],
  ])("by %s: those that match", async (_, Filters, names) => {
    await using at = await startTestSecrets();
    await world(at.client);
    const { SecretList } = await at.client.send(new ListSecretsCommand({ Filters }));
    expect(SecretList?.map(({ Name }) => Name)).toEqual(names);
    const { SecretValues } = await at.client.send(new BatchGetSecretValueCommand({ Filters }));
    expect(SecretValues?.map(({ Name }) => Name)).toEqual(names);
  });

  it("the oldest first, the newest when it is asked for so", async () => {
    await using at = await startTestSecrets();
    for (const name of ["b", "a", "c"]) {
      await create(at.client, name);
      await at.cloud.clock.advance(1_000);
    }
    const list = async (input: ListSecretsCommandInput): Promise<unknown> =>
      (await at.client.send(new ListSecretsCommand(input))).SecretList?.map(({ Name }) => Name);
    expect(await list({})).toEqual(["b", "a", "c"]);
    expect(await list({ SortOrder: "desc" })).toEqual(["c", "a", "b"]);
  });

  it.each<[key: "all" | "description", wanted: string[], names: string[]]>([
    ["all", ["beta"], ["prod/AppBeta"]],
    ["all", ["AppBeta", "none"], ["prod/AppBeta"]],
    ["all", ["eta"], []],
    ["all", ["company"], ["uat/COMPANY"]],
    ["all", ["Ythings"], ["uat/COMPANYthings"]],
    ["all", ["things"], []],
    ["all", ["N"], []],
    ["all", ["/"], []],
    ["all", ["d t"], ["uat/COMPANY"]],
    ["all", ["web"], ["prod/AppBeta"]],
    ["description", ["TWO"], ["uat/COMPANY", "uat/COMPANYthings"]],
    ["description", ["one two"], ["uat/COMPANYthings"]],
    ["description", ["o t"], ["uat/COMPANYthings"]],
    ["description", ["wo"], []],
  ])(
    "%s %j: judged word by word, of which all of a value must begin one",
    async (Key, Values, found) => {
      await using at = await startTestSecrets();
      await create(at.client, "prod/AppBeta", { Tags: [{ Key: "team", Value: "WebShop" }] });
      await create(at.client, "uat/COMPANY", { Description: "DescTwo" });
      await create(at.client, "uat/COMPANYthings", { Description: "one and two" });
      const { SecretList } = await at.client.send(
        new ListSecretsCommand({ Filters: [{ Key, Values }] }),
      );
      expect(SecretList?.map(({ Name }) => Name)).toEqual(found);
    },
  );

  it("filters of the same key: each must match", async () => {
    await using at = await startTestSecrets();
    await create(at.client, "foo", { Description: "one two" });
    await create(at.client, "bar", { Description: "one" });
    const Filters = ["one", "two"].map((value) => ({
      Key: "description" as const,
      Values: [value],
    }));
    const { SecretList } = await at.client.send(new ListSecretsCommand({ Filters }));
    expect(SecretList?.map(({ Name }) => Name)).toEqual(["foo"]);
  });

  it("in pages, and an unknown filter: the whole list once; refused", async () => {
    await using at = await startTestSecrets();
    await world(at.client);
    const first = await at.client.send(new ListSecretsCommand({ MaxResults: 2 }));
    const rest = await at.client.send(
      new ListSecretsCommand({ MaxResults: 2, NextToken: first.NextToken }),
    );
    const names = [...(first.SecretList ?? []), ...(rest.SecretList ?? [])].map((one) => one.Name);
    expect(names.toSorted()).toEqual(["app/api", "app/db", "other"]);
    const odd = { Filters: [{ Key: "colour" as "name", Values: ["red"] }] };
    await expect(at.client.send(new ListSecretsCommand(odd))).rejects.toMatchObject({
      name: "ValidationException",
    });
  });

  it("sorted by name and by dates, both ways and in pages: as asked", async () => {
    await using at = await startTestSecrets();
    for (const Name of ["b", "a", "ab"]) {
      await at.client.send(new CreateSecretCommand({ Name, SecretString: "1" }));
      await at.cloud.clock.advance(1_000);
    }
    await at.client.send(new UpdateSecretCommand({ SecretId: "b", Description: "changed" }));
    const names = async (input: ListSecretsCommandInput): Promise<(string | undefined)[]> => {
      const first = await at.client.send(new ListSecretsCommand({ ...input, MaxResults: 2 }));
      const { NextToken } = first;
      const second = await at.client.send(
        new ListSecretsCommand({ ...input, MaxResults: 2, NextToken }),
      );
      return [...(first.SecretList ?? []), ...(second.SecretList ?? [])].map((one) => one.Name);
    };
    const desc = { SortOrder: "desc" } as const;
    expect(await names({ SortBy: "name" })).toEqual(["a", "ab", "b"]);
    expect(await names({ SortBy: "name", ...desc })).toEqual(["b", "ab", "a"]);
    expect(await names({})).toEqual(["b", "a", "ab"]);
    expect(await names({ SortBy: "created-date", ...desc })).toEqual(["ab", "a", "b"]);
    expect(await names({ SortBy: "last-changed-date", ...desc })).toEqual(["b", "ab", "a"]);
    await expect(
      at.client.send(new ListSecretsCommand({ SortBy: "colour" as "name" })),
    ).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("several values at once: what fails is told beside the rest", async () => {
    await using at = await startTestSecrets();
    await world(at.client);
    const answer = await at.client.send(
      new BatchGetSecretValueCommand({ SecretIdList: ["app/db", "none"] }),
    );
    expect(answer.SecretValues?.map(({ SecretString }) => SecretString)).toEqual(["v1"]);
    expect(answer.Errors).toMatchObject([
      { SecretId: "none", ErrorCode: "ResourceNotFoundException" },
    ]);
  });
});

describe("resource policies", () => {
  const policy = (statement: object): string =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::111111111111:root" },
          Action: "secretsmanager:GetSecretValue",
          Resource: "*",
          ...statement,
        },
      ],
    });

  it("put, got, deleted: another account comes in only while it is there", async () => {
    await using at = await startTestSecrets();
    const { ARN = "" } = await create(at.client, "app/db");
    const other = at.cloud.client(SecretsManagerClient, { account: "111111111111" });
    const look = () => other.send(new DescribeSecretCommand({ SecretId: ARN }));
    await expect(look()).rejects.toMatchObject({ name: "AccessDeniedException" });
    const ResourcePolicy = policy({ Action: "secretsmanager:DescribeSecret" });
    await at.client.send(new PutResourcePolicyCommand({ SecretId: ARN, ResourcePolicy }));
    const kept = await at.client.send(new GetResourcePolicyCommand({ SecretId: ARN }));
    expect(kept.ResourcePolicy).toBe(ResourcePolicy);
    expect((await look()).Name).toBe("app/db");
    await expect(get(other, ARN)).rejects.toMatchObject({ name: "AccessDeniedException" });
    await at.client.send(new DeleteResourcePolicyCommand({ SecretId: ARN }));
    await expect(look()).rejects.toMatchObject({ name: "AccessDeniedException" });
    const gone = await at.client.send(new GetResourcePolicyCommand({ SecretId: ARN }));
    expect(gone.ResourcePolicy).toBeUndefined();
  });

  it("a denial: refuses even the account's own root", async () => {
    await using at = await startTestSecrets();
    await create(at.client, "app/db");
    const ResourcePolicy = policy({ Effect: "Deny", Principal: "*" });
    await at.client.send(new PutResourcePolicyCommand({ SecretId: "app/db", ResourcePolicy }));
    await expect(get(at.client, "app/db")).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("explicit deny in a resource-based policy"),
    });
  });

  it.each([
    ["not JSON", "{", false],
    ["no statement", "{}", false],
    ["no principal", policy({ Principal: undefined }), false],
    ["everybody", policy({ Principal: "*" }), true],
  ])("%s: refused, and validation says so", async (_, ResourcePolicy, isPublic) => {
    await using at = await startTestSecrets();
    await create(at.client, "app/db");
    await expect(
      at.client.send(
        new PutResourcePolicyCommand({
          SecretId: "app/db",
          ResourcePolicy,
          BlockPublicPolicy: true,
        }),
      ),
    ).rejects.toMatchObject({
      name: isPublic ? "PublicPolicyException" : "MalformedPolicyDocumentException",
    });
    const judged = await at.client.send(new ValidateResourcePolicyCommand({ ResourcePolicy }));
    expect(judged.PolicyValidationPassed).toBe(false);
    expect(judged.ValidationErrors?.length).toBe(1);
  });
});

describe("rotation", () => {
  const RotationLambdaARN = "arn:aws:lambda:ap-northeast-1:000000000000:function:rotate";
  const RotationRules = { AutomaticallyAfterDays: 30 };

  it("settings without rotating now: kept and shown; now: refused in clear words", async () => {
    await using at = await startTestSecrets();
    const SecretId = "app/db";
    await create(at.client, SecretId);
    await expect(at.client.send(new RotateSecretCommand({ SecretId }))).rejects.toMatchObject({
      message: "No Lambda rotation function ARN is associated with this secret.",
    });
    const rotate = { SecretId, RotationLambdaARN, RotationRules };
    await expect(at.client.send(new RotateSecretCommand(rotate))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("Neargate has no Lambda"),
    });
    await at.client.send(new RotateSecretCommand({ ...rotate, RotateImmediately: false }));
    const shown = await at.client.send(new DescribeSecretCommand({ SecretId }));
    expect(shown).toMatchObject({
      RotationEnabled: true,
      RotationLambdaARN,
      RotationRules,
      NextRotationDate: new Date(at.cloud.clock.now() + 30 * dayMs),
    });
    await at.client.send(new CancelRotateSecretCommand({ SecretId }));
    const after = await at.client.send(new DescribeSecretCommand({ SecretId }));
    expect([after.RotationEnabled, after.NextRotationDate]).toEqual([false, undefined]);
    const odd = { ...rotate, RotationRules: { AutomaticallyAfterDays: 1001 } };
    await expect(at.client.send(new RotateSecretCommand(odd))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });

  it("replication: refused by name", async () => {
    await using at = await startTestSecrets();
    const replicating = at.client.send(
      new ReplicateSecretToRegionsCommand({
        SecretId: "x",
        AddReplicaRegions: [{ Region: "us-east-1" }],
      }),
    );
    await expect(replicating).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  });
});

describe("random passwords", () => {
  it("of every kind, of the length asked for, without what is excluded", async () => {
    await using at = await startTestSecrets();
    const make = async (input: object) =>
      (await at.client.send(new GetRandomPasswordCommand(input))).RandomPassword ?? "";
    for (let turn = 0; turn < 50; turn++) {
      const password = await make({ PasswordLength: 4 });
      for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/])
        expect(password).toMatch(kind);
    }
    expect(await make({})).toHaveLength(32);
    expect(await make({ PasswordLength: 4, IncludeSpace: true })).toHaveLength(4);
    expect(await make({ ExcludePunctuation: true, ExcludeCharacters: "abc" })).toMatch(
      /^[d-zA-Z0-9]{32}$/,
    );
    expect(await make({ ExcludeNumbers: true, ExcludePunctuation: true })).toMatch(
      /^[a-zA-Z]{32}$/,
    );
    const impossible = { PasswordLength: 3 };
    await expect(make(impossible)).rejects.toMatchObject({ name: "InvalidParameterException" });
    await expect(make({ ...impossible, RequireEachIncludedType: false })).resolves.toHaveLength(3);
    const nothing = {
      ExcludeNumbers: true,
      ExcludePunctuation: true,
      ExcludeLowercase: true,
      ExcludeUppercase: true,
    };
    await expect(make(nothing)).rejects.toMatchObject({ name: "InvalidParameterException" });
  });
});
