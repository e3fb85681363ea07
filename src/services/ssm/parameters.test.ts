import { CreateKeyCommand, DisableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  type DescribeParametersCommandInput,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  paginateGetParametersByPath,
  RemoveTagsFromResourceCommand,
  type SSMClient,
  UnlabelParameterVersionCommand,
} from "@aws-sdk/client-ssm";
import { describe, expect, it } from "vitest";
import { kmsService } from "../kms/service.ts";
import { startTestSsm } from "./testing.ts";

const prefix = "arn:aws:ssm:ap-northeast-1:000000000000:parameter";
const dayMs = 86_400_000;

const put = (ssm: SSMClient, Name: string, more: Partial<PutParameterCommandInput> = {}) =>
  ssm.send(new PutParameterCommand({ Name, Value: "v", Type: "String", ...more }));

const get = async (ssm: SSMClient, Name: string, WithDecryption = false) =>
  (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;

const names = (list: readonly { Name?: string | undefined }[] | undefined): unknown[] =>
  (list ?? []).map(({ Name }) => Name);

describe("a parameter", () => {
  it("put and got: shown as AWS does", async () => {
    await using at = await startTestSsm();
    const answer = await put(at.ssm, "/app/name");
    expect(answer).toMatchObject({ Version: 1, Tier: "Standard" });
    expect(await get(at.ssm, "/app/name")).toEqual({
      Name: "/app/name",
      Type: "String",
      Value: "v",
      Version: 1,
      LastModifiedDate: new Date(at.cloud.clock.now()),
      ARN: `${prefix}/app/name`,
      DataType: "text",
    });
  });

  it.each([
    ["/plain", "plain"],
    ["plain", "/plain"],
  ])("made as %s outside of a hierarchy, named as %s: the same one", async (made, named) => {
    await using at = await startTestSsm();
    const { ssm } = at;
    await put(ssm, made);
    expect(await get(ssm, named)).toMatchObject({ Name: made, ARN: `${prefix}/plain` });
    for (const Overwrite of [false, true]) {
      await expect(put(ssm, named, { Overwrite })).rejects.toMatchObject({
        name: "ParameterAlreadyExists",
      });
    }
    expect(await put(ssm, made, { Overwrite: true })).toMatchObject({ Version: 2 });
    const resource = { ResourceType: "Parameter", ResourceId: named } as const;
    const Tags = [{ Key: "team", Value: "web" }];
    await ssm.send(new AddTagsToResourceCommand({ ...resource, Tags }));
    const held = { ...resource, ResourceId: made };
    expect((await ssm.send(new ListTagsForResourceCommand(held))).TagList).toEqual(Tags);
    const gone = await ssm.send(new DeleteParametersCommand({ Names: [named] }));
    expect(gone.DeletedParameters).toEqual([named]);
    await expect(get(ssm, made)).rejects.toMatchObject({ name: "ParameterNotFound" });
    await put(ssm, "/in/plain");
    await expect(get(ssm, "in/plain")).rejects.toMatchObject({ name: "ParameterNotFound" });
  });

  it("by ARN, with and without a leading slash in its name: found", async () => {
    await using at = await startTestSsm();
    await put(at.ssm, "/app/name");
    await put(at.ssm, "plain");
    expect((await get(at.ssm, `${prefix}/app/name`))?.Name).toBe("/app/name");
    expect((await get(at.ssm, `${prefix}/plain`))?.Name).toBe("plain");
    for (const Name of [`${prefix.replace("000000000000", "111111111111")}/plain`, "plan"]) {
      await expect(get(at.ssm, Name)).rejects.toMatchObject({ name: "ParameterNotFound" });
    }
  });

  it("overwritten: the next version, the older ones by number and by label", async () => {
    await using at = await startTestSsm();
    await put(at.ssm, "/a", { Value: "one", Description: "of the app" });
    await expect(put(at.ssm, "/a")).rejects.toMatchObject({
      name: "ParameterAlreadyExists",
      message:
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    });
    await put(at.ssm, "/a", { Value: "two", Overwrite: true });
    await at.ssm.send(
      new LabelParameterVersionCommand({ Name: "/a", ParameterVersion: 1, Labels: ["prod"] }),
    );
    expect(await get(at.ssm, "/a")).toMatchObject({ Value: "two", Version: 2 });
    expect(await get(at.ssm, "/a:1")).toMatchObject({ Value: "one", Selector: ":1" });
    expect(await get(at.ssm, "/a:prod")).toMatchObject({ Value: "one", Selector: ":prod" });
    expect(await get(at.ssm, `${prefix}/a:1`)).toMatchObject({ Value: "one", Version: 1 });
    await expect(get(at.ssm, "/a:9")).rejects.toMatchObject({
      name: "ParameterVersionNotFound",
      message: "Systems Manager could not find version 9 of /a. Verify the version and try again.",
    });
    const history = await at.ssm.send(new GetParameterHistoryCommand({ Name: "/a" }));
    expect(history.Parameters).toMatchObject([
      { Version: 1, Value: "one", Labels: ["prod"], Description: "of the app" },
      { Version: 2, Value: "two", Labels: [], LastModifiedUser: "arn:aws:iam::000000000000:root" },
    ]);
  });

  it("the 101st version: takes the place of the oldest, unless that has a label", async () => {
    await using at = await startTestSsm();
    await put(at.ssm, "/a");
    for (let turn = 2; turn <= 100; turn++) await put(at.ssm, "/a", { Overwrite: true });
    await at.ssm.send(
      new LabelParameterVersionCommand({ Name: "/a", ParameterVersion: 1, Labels: ["kept"] }),
    );
    await expect(put(at.ssm, "/a", { Overwrite: true })).rejects.toMatchObject({
      name: "ParameterMaxVersionLimitExceeded",
      message: expect.stringContaining("Version 1, the oldest version, can't be deleted"),
    });
    await at.ssm.send(
      new UnlabelParameterVersionCommand({ Name: "/a", ParameterVersion: 1, Labels: ["kept"] }),
    );
    expect((await put(at.ssm, "/a", { Overwrite: true })).Version).toBe(101);
    const first = await at.ssm.send(new GetParameterHistoryCommand({ Name: "/a", MaxResults: 50 }));
    const second = await at.ssm.send(
      new GetParameterHistoryCommand({ Name: "/a", MaxResults: 50, NextToken: first.NextToken }),
    );
    const seen = [...(first.Parameters ?? []), ...(second.Parameters ?? [])];
    expect(seen.map(({ Version }) => Version)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 2),
    );
    expect(second.NextToken).toBeUndefined();
  });

  it("several at once: unknown names and odd ones are told, not thrown", async () => {
    await using at = await startTestSsm();
    await put(at.ssm, "/a");
    const got = await at.ssm.send(new GetParametersCommand({ Names: ["/a", "/none", "/a:1:2"] }));
    expect(names(got.Parameters)).toEqual(["/a"]);
    expect(got.InvalidParameters).toEqual(["/none", "/a:1:2"]);
    const eleven = Array.from({ length: 11 }, (_, index) => `/p${index}`);
    await expect(at.ssm.send(new GetParametersCommand({ Names: eleven }))).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("Member must have length less than or equal to 10"),
    });
  });

  it("deleted: gone with its versions, and made anew as version 1", async () => {
    await using at = await startTestSsm();
    await put(at.ssm, "/a");
    await put(at.ssm, "/a", { Overwrite: true });
    await at.ssm.send(new DeleteParameterCommand({ Name: "/a" }));
    await expect(get(at.ssm, "/a")).rejects.toMatchObject({ name: "ParameterNotFound" });
    await expect(at.ssm.send(new DeleteParameterCommand({ Name: "/a" }))).rejects.toMatchObject({
      name: "ParameterNotFound",
    });
    expect((await put(at.ssm, "/a")).Version).toBe(1);
    const answer = await at.ssm.send(new DeleteParametersCommand({ Names: ["/a", "/none"] }));
    expect(answer).toMatchObject({ DeletedParameters: ["/a"], InvalidParameters: ["/none"] });
  });

  it("tagged: tags are listed, and filtered by", async () => {
    await using at = await startTestSsm();
    await put(at.ssm, "/a", { Tags: [{ Key: "team", Value: "web" }] });
    const ResourceType = "Parameter";
    const ResourceId = "/a";
    await at.ssm.send(
      new AddTagsToResourceCommand({ ResourceType, ResourceId, Tags: [{ Key: "b", Value: "2" }] }),
    );
    await at.ssm.send(
      new RemoveTagsFromResourceCommand({ ResourceType, ResourceId, TagKeys: ["team"] }),
    );
    const { TagList } = await at.ssm.send(
      new ListTagsForResourceCommand({ ResourceType, ResourceId }),
    );
    expect(TagList).toEqual([{ Key: "b", Value: "2" }]);
    await expect(
      at.ssm.send(new ListTagsForResourceCommand({ ResourceType, ResourceId: "/none" })),
    ).rejects.toMatchObject({ name: "InvalidResourceId" });
  });
});

describe("SecureString", () => {
  it("encrypted under alias/aws/ssm: plain only when it is asked for", async () => {
    await using at = await startTestSsm();
    await put(at.ssm, "/s", { Type: "SecureString", Value: "hunter2" });
    expect((await get(at.ssm, "/s"))?.Value).not.toContain("hunter2");
    expect((await get(at.ssm, "/s", true))?.Value).toBe("hunter2");
    const { Parameters } = await at.ssm.send(new DescribeParametersCommand({}));
    expect(Parameters).toMatchObject([{ Name: "/s", KeyId: "alias/aws/ssm" }]);
  });

  it("its key disabled: InvalidKeyId with KMS's reason, in putting and in getting", async () => {
    await using at = await startTestSsm([kmsService]);
    const kms = at.cloud.client(KMSClient);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId ?? "";
    const secure = { Type: "SecureString", KeyId } as const;
    await put(at.ssm, "/s", { ...secure, Value: "hunter2" });
    await kms.send(new DisableKeyCommand({ KeyId }));
    const error = { name: "InvalidKeyId", message: expect.stringContaining("DisabledException") };
    await expect(get(at.ssm, "/s", true)).rejects.toMatchObject(error);
    await expect(put(at.ssm, "/t", secure)).rejects.toMatchObject(error);
    expect((await get(at.ssm, "/s"))?.Type).toBe("SecureString");
  });

  it("a key that is not there: InvalidKeyId, and nothing is put", async () => {
    await using at = await startTestSsm();
    const putting = put(at.ssm, "/s", { Type: "SecureString", KeyId: "alias/none" });
    await expect(putting).rejects.toMatchObject({ name: "InvalidKeyId" });
    await expect(get(at.ssm, "/s")).rejects.toMatchObject({ name: "ParameterNotFound" });
  });
});

describe("bad input to PutParameter", () => {
  const policy = (Type: string, Attributes: object): string =>
    JSON.stringify([{ Type, Version: "1.0", Attributes }]);
  const past = policy("Expiration", { Timestamp: "2020-01-01T00:00:00.000Z" });

  it.each<[string, Partial<PutParameterCommandInput>, string, string]>([
    [
      "no leading slash",
      { Name: "a/b" },
      "ValidationException",
      "Parameter name must be a fully qualified name.",
    ],
    [
      "a reserved root",
      { Name: "aws-x" },
      "ValidationException",
      `can't be prefixed with "aws" or "ssm"`,
    ],
    ["a reserved path", { Name: "/ssm/x" }, "ValidationException", `can't be prefixed with "ssm"`],
    [
      "AWS's own tree",
      { Name: "/aws/service/x" },
      "AccessDeniedException",
      "No access to reserved parameter name: /aws/service/x.",
    ],
    [
      "a space",
      { Name: "/a b" },
      "ValidationException",
      "letters, numbers and the following 3 symbols",
    ],
    ["an empty level", { Name: "/a//b" }, "ValidationException", "sub-path"],
    [
      "16 levels",
      { Name: `/${Array(16).fill("a").join("/")}` },
      "HierarchyLevelLimitExceededException",
      "15 levels",
    ],
    [
      "no value",
      { Value: "" },
      "ValidationException",
      "Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      "4097 bytes",
      { Value: "x".repeat(4097) },
      "ValidationException",
      "maximum parameter value of 4096 characters",
    ],
    [
      "8193 bytes",
      { Value: "x".repeat(8193), Tier: "Advanced" },
      "ValidationException",
      "8192 characters",
    ],
    [
      "an unknown type",
      { Type: "Secret" as "String" },
      "ValidationException",
      "Member must satisfy enum value set: [String, StringList, SecureString]",
    ],
    [
      "an unknown data type",
      { DataType: "Text" },
      "ValidationException",
      "The following data type is not supported: Text",
    ],
    ["an image that is none", { DataType: "aws:ec2:image" }, "ValidationException", "AMI"],
    [
      "a value that does not match",
      { AllowedPattern: "^\\d+$" },
      "ParameterPatternMismatchException",
      "cannot be validated against allowedPattern: ^\\d+$",
    ],
    ["a pattern that is none", { AllowedPattern: "(" }, "InvalidAllowedPatternException", "("],
    ["a key of a String", { KeyId: "alias/x" }, "ValidationException", "SecureString"],
    [
      "tags with overwrite",
      { Overwrite: true, Tags: [{ Key: "a", Value: "b" }] },
      "ValidationException",
      "tags and overwrite can't be used together",
    ],
    [
      "policies of a standard one",
      { Policies: policy("NoChangeNotification", { After: "1", Unit: "Days" }) },
      "ValidationException",
      "advanced-parameter tier",
    ],
    [
      "an unknown policy",
      { Tier: "Advanced", Policies: policy("Explode", {}) },
      "InvalidPolicyTypeException",
      "Explode",
    ],
    [
      "an expiration in the past",
      { Tier: "Advanced", Policies: past },
      "InvalidPolicyAttributeException",
      "lie ahead",
    ],
    [
      "a notice of no expiration",
      {
        Tier: "Advanced",
        Policies: policy("ExpirationNotification", { Before: "1", Unit: "Days" }),
      },
      "IncompatiblePolicyException",
      "needs an Expiration",
    ],
    [
      "a tag twice",
      {
        Tags: [
          { Key: "a", Value: "b" },
          { Key: "a", Value: "c" },
        ],
      },
      "ValidationException",
      "Duplicate",
    ],
  ])("%s: refused, and nothing is put", async (_, input, name, words) => {
    await using at = await startTestSsm();
    await expect(put(at.ssm, "/a", input)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(words),
    });
    const { Parameters } = await at.ssm.send(new DescribeParametersCommand({}));
    expect(Parameters).toEqual([]);
  });

  it("no type: refused at first, kept when overwriting; another type: refused", async () => {
    await using at = await startTestSsm();
    const untyped = (Overwrite: boolean) =>
      at.ssm.send(new PutParameterCommand({ Name: "/a", Value: "a,b", Overwrite }));
    await expect(untyped(false)).rejects.toMatchObject({
      message: "A parameter type is required when you create a parameter.",
    });
    await put(at.ssm, "/a", { Type: "StringList" });
    await untyped(true);
    expect(await get(at.ssm, "/a")).toMatchObject({ Type: "StringList", Value: "a,b" });
    await expect(put(at.ssm, "/a", { Overwrite: true })).rejects.toMatchObject({
      name: "HierarchyTypeMismatchException",
    });
  });

  it("an allowed pattern: held to; one that would never end does not keep the others waiting", async () => {
    await using at = await startTestSsm();
    const mismatch = { name: "ParameterPatternMismatchException" };
    await put(at.ssm, "/digits", { AllowedPattern: "^\\d+$", Value: "12" });
    await expect(
      put(at.ssm, "/digits", { AllowedPattern: "^\\d+$", Value: "x", Overwrite: true }),
    ).rejects.toMatchObject(mismatch);
    await put(at.ssm, "/letters", { AllowedPattern: "(?i)^[a-z]+$", Value: "ABC" });
    const hostile = { AllowedPattern: "^(?=a)(a+)+$", Value: `${"a".repeat(100)}!` };
    await expect(put(at.ssm, "/hostile", hostile)).rejects.toMatchObject(mismatch);
    await expect(put(at.ssm, "/odd", { AllowedPattern: "(" })).rejects.toMatchObject({
      name: "InvalidAllowedPatternException",
    });
  });

  it("tiers: intelligent takes what is needed, and none goes back", async () => {
    await using at = await startTestSsm();
    const Tier = "Intelligent-Tiering";
    expect((await put(at.ssm, "/a", { Tier })).Tier).toBe("Standard");
    const big = { Tier, Value: "x".repeat(5000), Overwrite: true } as const;
    expect((await put(at.ssm, "/a", big)).Tier).toBe("Advanced");
    await expect(put(at.ssm, "/a", { Tier: "Standard", Overwrite: true })).rejects.toMatchObject({
      message: expect.stringContaining("You can't downgrade"),
    });
    expect((await put(at.ssm, "/a", { Overwrite: true })).Tier).toBe("Advanced");
  });
});

describe("policies", () => {
  it("an expiration: the notice is given, then the parameter goes, on the engine's clock", async () => {
    await using at = await startTestSsm();
    const Timestamp = new Date(at.cloud.clock.now() + 10 * dayMs).toISOString();
    const Policies = JSON.stringify([
      { Type: "Expiration", Version: "1.0", Attributes: { Timestamp } },
      { Type: "ExpirationNotification", Version: "1.0", Attributes: { Before: "4", Unit: "Days" } },
    ]);
    await put(at.ssm, "/a", { Tier: "Advanced", Policies });
    const statuses = async (): Promise<unknown> => {
      const { Parameters } = await at.ssm.send(new DescribeParametersCommand({}));
      return Parameters?.[0]?.Policies?.map(({ PolicyType, PolicyStatus }) => [
        PolicyType,
        PolicyStatus,
      ]);
    };
    await at.cloud.clock.advance(5 * dayMs);
    expect(await statuses()).toEqual([
      ["Expiration", "Pending"],
      ["ExpirationNotification", "Pending"],
    ]);
    await at.cloud.clock.advance(1 * dayMs);
    expect(await statuses()).toEqual([
      ["Expiration", "Pending"],
      ["ExpirationNotification", "Finished"],
    ]);
    await at.cloud.clock.advance(4 * dayMs);
    await expect(get(at.ssm, "/a")).rejects.toMatchObject({ name: "ParameterNotFound" });
  });

  it("no change for a while: the notice counts from the latest version", async () => {
    await using at = await startTestSsm();
    const Policies = JSON.stringify([
      { Type: "NoChangeNotification", Version: "1.0", Attributes: { After: "3", Unit: "Days" } },
    ]);
    const status = async (): Promise<unknown> => {
      const { Parameters } = await at.ssm.send(new DescribeParametersCommand({}));
      return Parameters?.[0]?.Policies?.map(({ PolicyStatus }) => PolicyStatus);
    };
    await put(at.ssm, "/a", { Tier: "Advanced", Policies });
    await at.cloud.clock.advance(2 * dayMs);
    await put(at.ssm, "/a", { Overwrite: true });
    await at.cloud.clock.advance(2 * dayMs);
    expect(await status()).toEqual(["Pending"]);
    await at.cloud.clock.advance(1 * dayMs);
    expect(await status()).toEqual(["Finished"]);
    await put(at.ssm, "/a", { Overwrite: true, Policies: "[{}]" });
    expect(await status()).toEqual([]);
  });
});

describe("GetParametersByPath", () => {
  async function tree(ssm: SSMClient): Promise<void> {
    for (const Name of ["/a/b", "/a/b/c", "/a/d", "/ab/c", "plain"]) await put(ssm, Name);
    await put(ssm, "/a/s", { Type: "SecureString", Value: "hidden" });
  }

  it("one level and all levels: what lies there", async () => {
    await using at = await startTestSsm();
    await tree(at.ssm);
    const under = async (Path: string, Recursive = false) =>
      names((await at.ssm.send(new GetParametersByPathCommand({ Path, Recursive }))).Parameters);
    expect(await under("/a")).toEqual(["/a/b", "/a/d", "/a/s"]);
    expect(await under("/a/", true)).toEqual(["/a/b", "/a/b/c", "/a/d", "/a/s"]);
    expect(await under("/")).toEqual(["plain"]);
    expect(await under("/none")).toEqual([]);
  });

  it("filters and pages: as asked", async () => {
    await using at = await startTestSsm();
    await tree(at.ssm);
    const Path = "/a";
    const secure = await at.ssm.send(
      new GetParametersByPathCommand({
        Path,
        WithDecryption: true,
        ParameterFilters: [{ Key: "Type", Values: ["SecureString"] }],
      }),
    );
    expect(secure.Parameters?.map(({ Value }) => Value)).toEqual(["hidden"]);
    const first = await at.ssm.send(new GetParametersByPathCommand({ Path, MaxResults: 2 }));
    const rest = await at.ssm.send(
      new GetParametersByPathCommand({ Path, MaxResults: 2, NextToken: first.NextToken }),
    );
    expect([names(first.Parameters), names(rest.Parameters), rest.NextToken]).toEqual([
      ["/a/b", "/a/d"],
      ["/a/s"],
      undefined,
    ]);
  });

  it.each([
    ["no slash", { Path: "a" }, "ValidationException"],
    ["eleven a page", { Path: "/a", MaxResults: 11 }, "ValidationException"],
    [
      "a filter by name",
      { Path: "/a", ParameterFilters: [{ Key: "Name", Values: ["a"] }] },
      "InvalidFilterKey",
    ],
    ["a token of nobody", { Path: "/a", NextToken: "x" }, "InvalidNextToken"],
  ])("%s: refused", async (_, input, name) => {
    await using at = await startTestSsm();
    await expect(at.ssm.send(new GetParametersByPathCommand(input))).rejects.toMatchObject({
      name,
    });
  });
});

describe("DescribeParameters", () => {
  type Filters = DescribeParametersCommandInput["ParameterFilters"];
  async function world(ssm: SSMClient): Promise<void> {
    await put(ssm, "/app/one", { Tags: [{ Key: "team", Value: "web" }] });
    await put(ssm, "/app/two/deep", { Type: "StringList" });
    await put(ssm, "other", { Type: "SecureString" });
    await put(ssm, "big", { Tier: "Advanced" });
  }

  it.each<[string, Filters, string[]]>([
    ["a name", [{ Key: "Name", Values: ["/app/one"] }], ["/app/one"]],
    [
      "the beginning of a name",
      [{ Key: "Name", Option: "BeginsWith", Values: ["/app"] }],
      ["/app/one", "/app/two/deep"],
    ],
    [
      "a part of a name",
      [{ Key: "Name", Option: "Contains", Values: ["o"] }],
      ["/app/one", "/app/two/deep", "other"],
    ],
    [
      "types",
      [{ Key: "Type", Values: ["SecureString", "StringList"] }],
      ["/app/two/deep", "other"],
    ],
    ["a key", [{ Key: "KeyId", Values: ["alias/aws/ssm"] }], ["other"]],
    ["a path", [{ Key: "Path", Values: ["/app"] }], ["/app/one"]],
    [
      "a path and below",
      [{ Key: "Path", Option: "Recursive", Values: ["/app"] }],
      ["/app/one", "/app/two/deep"],
    ],
    ["a tier", [{ Key: "Tier", Values: ["Advanced"] }], ["big"]],
    ["a data type", [{ Key: "DataType", Values: ["aws:ec2:image"] }], []],
    ["a tag", [{ Key: "tag:team", Values: ["web"] }], ["/app/one"]],
    ["a tag of any value", [{ Key: "tag:team" }], ["/app/one"]],
    [
      "two at once",
      [
        { Key: "Type", Values: ["String"] },
        { Key: "Tier", Values: ["Standard"] },
      ],
      ["/app/one"],
    ],
  ])("by %s: those that have it", async (_, ParameterFilters, found) => {
    await using at = await startTestSsm();
    await world(at.ssm);
    const answer = await at.ssm.send(new DescribeParametersCommand({ ParameterFilters }));
    expect(names(answer.Parameters)).toEqual(found);
  });

  it.each<[string, Filters, string, string]>([
    [
      "an unknown key",
      [{ Key: "Colour", Values: ["red"] }],
      "ValidationException",
      "parameterFilters.1.member.key",
    ],
    [
      "a label, which is for GetParametersByPath",
      [{ Key: "Label", Values: ["prod"] }],
      "InvalidFilterKey",
      "The following filter key is not valid: Label. Valid filter keys include: [Path, Name, Type, KeyId, Tier",
    ],
    [
      "an unknown option",
      [{ Key: "Type", Option: "Contains", Values: ["String"] }],
      "InvalidFilterOption",
      "Valid options include: [BeginsWith, Equals]",
    ],
    [
      "no values",
      [{ Key: "Name" }],
      "InvalidFilterValue",
      "The following filter values are missing : null for filter key Name.",
    ],
    ["an unknown type", [{ Key: "Type", Values: ["Text"] }], "InvalidFilterValue", "Text"],
    [
      "one key twice",
      [
        { Key: "Name", Values: ["a"] },
        { Key: "Name", Values: ["b"] },
      ],
      "InvalidFilterKey",
      "duplicated",
    ],
    [
      "a path without a slash",
      [{ Key: "Path", Values: ["a"] }],
      "ValidationException",
      "must begin with a forward slash",
    ],
  ])("%s: refused in AWS's words", async (_, ParameterFilters, name, words) => {
    await using at = await startTestSsm();
    await expect(
      at.ssm.send(new DescribeParametersCommand({ ParameterFilters })),
    ).rejects.toMatchObject({ name, message: expect.stringContaining(words) });
  });

  it("the older filters: a name is a beginning; both kinds at once are refused", async () => {
    await using at = await startTestSsm();
    await world(at.ssm);
    const Filters = [{ Key: "Name", Values: ["/app"] }] as const;
    const answer = await at.ssm.send(
      new DescribeParametersCommand({ Filters: [...Filters] as never }),
    );
    expect(names(answer.Parameters)).toEqual(["/app/one", "/app/two/deep"]);
    const both = {
      Filters: [...Filters] as never,
      ParameterFilters: [{ Key: "Tier", Values: ["x"] }],
    };
    await expect(at.ssm.send(new DescribeParametersCommand(both))).rejects.toMatchObject({
      message: "You can use either Filters or ParameterFilters in a single request.",
    });
  });
});

describe("labels", () => {
  it("moved to another version: on one version at a time; odd ones are told", async () => {
    await using at = await startTestSsm();
    await put(at.ssm, "/a", { Value: "one" });
    await put(at.ssm, "/a", { Value: "two", Overwrite: true });
    const label = (ParameterVersion: number, ...Labels: string[]) =>
      at.ssm.send(new LabelParameterVersionCommand({ Name: "/a", ParameterVersion, Labels }));
    await label(1, "prod");
    await label(2, "prod");
    expect(await get(at.ssm, "/a:prod")).toMatchObject({ Value: "two" });
    const odd = await label(1, "1st", "aws-x", "good");
    expect(odd.InvalidLabels).toEqual(["1st", "aws-x"]);
    await expect(label(3, "x")).rejects.toMatchObject({ name: "ParameterVersionNotFound" });
    const ten = Array.from({ length: 10 }, (_, index) => `l${index}`);
    await expect(label(2, ...ten)).rejects.toMatchObject({
      name: "ParameterVersionLabelLimitExceeded",
    });
    const removed = await at.ssm.send(
      new UnlabelParameterVersionCommand({
        Name: "/a",
        ParameterVersion: 2,
        Labels: ["prod", "none"],
      }),
    );
    expect(removed).toMatchObject({ RemovedLabels: ["prod"], InvalidLabels: ["none"] });
  });
});

describe("what AWS publishes", () => {
  const base = "/aws/service/ecs/optimized-ami/amazon-linux-2023";

  it("the recommended image: the same by its JSON and by its id, another one in another region", async () => {
    await using at = await startTestSsm();
    const whole = await get(at.ssm, `${base}/recommended`);
    const id = await get(at.ssm, `${base}/recommended/image_id`);
    expect(JSON.parse(whole?.Value ?? "")).toMatchObject({ image_id: id?.Value });
    expect(id?.Value).toMatch(/^ami-0[0-9a-f]{16}$/);
    expect(id?.ARN).toBe(`arn:aws:ssm:ap-northeast-1::parameter${base}/recommended/image_id`);
    const Client = at.ssm.constructor as never;
    const elsewhere: SSMClient = at.cloud.client(Client, { region: "us-east-1" });
    const other = await get(elsewhere, `${base}/recommended/image_id`);
    expect(other?.Value).not.toBe(id?.Value);
    const arm = await get(at.ssm, `${base}/arm64/recommended/image_id`);
    expect(arm?.Value).not.toBe(id?.Value);
  });

  it("every kind of image: an id of its own, its facts together and one by one", async () => {
    await using at = await startTestSsm();
    const base = "/aws/service/ecs/optimized-ami";
    const facts = JSON.parse(
      (await get(at.ssm, `${base}/amazon-linux-2/gpu/recommended`))?.Value ?? "",
    );
    for (const [fact, value] of Object.entries(facts)) {
      if (fact === "schema_version") continue;
      const found = await get(at.ssm, `${base}/amazon-linux-2/gpu/recommended/${fact}`);
      expect(found?.Value).toBe(value);
    }
    const named = await get(at.ssm, `${base}/amazon-linux-2/${facts.image_name}/image_id`);
    expect(named?.Value).toBe(facts.image_id);
    const bottlerocket = "/aws/service/bottlerocket/aws-ecs-2/arm64/latest";
    const ids = [
      facts.image_id,
      (await get(at.ssm, `${base}/amazon-linux-2023/neuron/recommended/image_id`))?.Value,
      (await get(at.ssm, `${bottlerocket}/image_id`))?.Value,
    ];
    expect(ids).toEqual(ids.map(() => expect.stringMatching(/^ami-0[0-9a-f]{16}$/)));
    expect(new Set(ids).size).toBe(3);
    expect((await get(at.ssm, `${bottlerocket}/image_version`))?.Value).toMatch(/^1\./);
  });

  it("Windows with ECS: its facts together and one by one", async () => {
    await using at = await startTestSsm();
    const name = "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-ECS_Optimized";
    const facts = JSON.parse((await get(at.ssm, name))?.Value ?? "");
    expect(facts.image_id).toMatch(/^ami-0[0-9a-f]{16}$/);
    for (const [fact, value] of Object.entries(facts)) {
      expect((await get(at.ssm, `${name}/${fact}`))?.Value).toBe(value);
    }
  });

  it("by path: listed; to be deleted or put: not there for that", async () => {
    await using at = await startTestSsm();
    const listed: unknown[] = [];
    const asked = { client: at.ssm };
    for await (const page of paginateGetParametersByPath(asked, { Path: base, Recursive: true })) {
      listed.push(...names(page.Parameters));
    }
    expect(listed).toContain(`${base}/recommended/image_id`);
    await expect(
      at.ssm.send(new DeleteParameterCommand({ Name: `${base}/recommended` })),
    ).rejects.toMatchObject({ name: "ParameterNotFound" });
    await expect(get(at.ssm, "/aws/service/none")).rejects.toMatchObject({
      name: "ParameterNotFound",
    });
  });
});
