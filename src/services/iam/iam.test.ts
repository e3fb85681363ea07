import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListInstanceProfilesForRoleCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { startTestGateway } from "../../gateway/testing.ts";
import { iamService } from "./service.ts";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "ecs-tasks.amazonaws.com" },
      Action: "sts:AssumeRole",
    },
  ],
});
const document = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" }],
});
const executionPolicy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
const RoleName = "execution";

async function start() {
  const cloud = await startTestGateway([iamService()]);
  const iam = cloud.client(IAMClient);
  const create = (name = RoleName) =>
    iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));
  return { cloud, iam, create, [Symbol.asyncDispose]: () => cloud.close() };
}

describe("roles", () => {
  it("created: AWS's ids, the document percent-encoded, the same from every region", async () => {
    await using at = await start();
    const { Role } = await at.create();
    expect(Role).toMatchObject({
      Path: "/",
      RoleName,
      Arn: "arn:aws:iam::000000000000:role/execution",
      CreateDate: new Date(at.cloud.clock.now()),
      MaxSessionDuration: 3600,
    });
    expect(Role?.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
    expect(Role?.AssumeRolePolicyDocument).toContain("%7B%22Version%22%3A%222012-10-17%22");
    const elsewhere = at.cloud.client(IAMClient, { region: "us-east-1" });
    const got = await elsewhere.send(new GetRoleCommand({ RoleName }));
    expect(decodeURIComponent(got.Role?.AssumeRolePolicyDocument ?? "")).toBe(trust);
    const other = at.cloud.client(IAMClient, { account: "111111111111" });
    await expect(other.send(new GetRoleCommand({ RoleName }))).rejects.toMatchObject({
      name: expect.stringContaining("NoSuchEntity"),
    });
  });

  it("created twice, in another case too: EntityAlreadyExists", async () => {
    await using at = await start();
    await at.create();
    await expect(at.create("EXECUTION")).rejects.toMatchObject({
      name: expect.stringContaining("EntityAlreadyExists"),
      message: "Role with name EXECUTION already exists.",
      $metadata: { httpStatusCode: 409 },
    });
  });

  it("an unknown one: NoSuchEntity, 404", async () => {
    await using at = await start();
    await expect(at.iam.send(new GetRoleCommand({ RoleName: "nope" }))).rejects.toMatchObject({
      name: expect.stringContaining("NoSuchEntity"),
      message: "The role with name nope cannot be found.",
      $metadata: { httpStatusCode: 404 },
    });
  });

  it.each([
    [{ AssumeRolePolicyDocument: "{" }, "MalformedPolicyDocument"],
    [{ AssumeRolePolicyDocument: document }, "MalformedPolicyDocument"],
    [{ RoleName: "a b" }, "ValidationError"],
    [{ RoleName: "x".repeat(65) }, "ValidationError"],
    [{ Path: "no-slash" }, "ValidationError"],
    [{ MaxSessionDuration: 60 }, "ValidationError"],
    [{ PermissionsBoundary: "arn:aws:iam::000000000000:policy/nope" }, "NoSuchEntity"],
  ])("created with %j: %s, and no role appears", async (changes, name) => {
    await using at = await start();
    const input = { RoleName, AssumeRolePolicyDocument: trust, ...changes };
    await expect(at.iam.send(new CreateRoleCommand(input))).rejects.toMatchObject({
      name: expect.stringContaining(name),
    });
    expect((await at.iam.send(new ListRolesCommand({}))).Roles).toEqual([]);
  });

  it("changed: description, session, trust and tags are shown as they are then", async () => {
    await using at = await start();
    await at.create();
    await at.iam.send(
      new UpdateRoleCommand({ RoleName, Description: "runs tasks", MaxSessionDuration: 7200 }),
    );
    const PolicyDocument = trust.replace("ecs-tasks", "ecs");
    await at.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    const Tags = [
      { Key: "a", Value: "1" },
      { Key: "b", Value: "2" },
    ];
    await at.iam.send(new TagRoleCommand({ RoleName, Tags }));
    await at.iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: "A", Value: "3" }] }));
    await at.iam.send(new UntagRoleCommand({ RoleName, TagKeys: ["b"] }));
    const { Role } = await at.iam.send(new GetRoleCommand({ RoleName }));
    expect(Role).toMatchObject({ Description: "runs tasks", MaxSessionDuration: 7200 });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toBe(PolicyDocument);
    const listed = await at.iam.send(new ListRoleTagsCommand({ RoleName }));
    expect(listed.Tags).toEqual([{ Key: "A", Value: "3" }]);
  });

  it("listed in pages: by name, with a marker until the end", async () => {
    await using at = await start();
    for (const name of ["c", "a", "b"]) await at.create(name);
    const first = await at.iam.send(new ListRolesCommand({ MaxItems: 2 }));
    expect(first.Roles?.map((role) => role.RoleName)).toEqual(["a", "b"]);
    expect(first.IsTruncated).toBe(true);
    const second = await at.iam.send(new ListRolesCommand({ Marker: first.Marker }));
    expect(second.Roles?.map((role) => role.RoleName)).toEqual(["c"]);
    expect(second).toMatchObject({ IsTruncated: false });
  });

  it("as Terraform destroys one: conflict until policies are off, then gone", async () => {
    await using at = await start();
    await at.create();
    await at.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: executionPolicy }));
    const input = { RoleName, PolicyName: "inline", PolicyDocument: document };
    await at.iam.send(new PutRolePolicyCommand(input));
    const remove = () => at.iam.send(new DeleteRoleCommand({ RoleName }));
    await expect(remove()).rejects.toThrow("must detach all policies first");
    await at.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: executionPolicy }));
    await expect(remove()).rejects.toThrow("must delete policies first");
    await at.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "inline" }));
    const profiles = await at.iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
    expect(profiles.InstanceProfiles).toEqual([]);
    await remove();
    await expect(remove()).rejects.toMatchObject({ name: expect.stringContaining("NoSuchEntity") });
  });

  it("a service's own role: made once, not to be changed", async () => {
    await using at = await start();
    const make = () =>
      at.iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: "ecs.amazonaws.com" }));
    const { Role } = await make();
    expect(Role?.Arn).toBe(
      "arn:aws:iam::000000000000:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    );
    await expect(make()).rejects.toThrow("has been taken in this account");
    const change = new DeleteRoleCommand({ RoleName: "AWSServiceRoleForECS" });
    await expect(at.iam.send(change)).rejects.toMatchObject({
      name: expect.stringContaining("UnmodifiableEntity"),
    });
  });
});

describe("policies of a role", () => {
  it("attached twice: listed once; detached twice: NoSuchEntity", async () => {
    await using at = await start();
    await at.create();
    const attach = new AttachRolePolicyCommand({ RoleName, PolicyArn: executionPolicy });
    await at.iam.send(attach);
    await at.iam.send(attach);
    const listed = await at.iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    expect(listed.AttachedPolicies).toEqual([
      { PolicyName: "AmazonECSTaskExecutionRolePolicy", PolicyArn: executionPolicy },
    ]);
    const detach = new DetachRolePolicyCommand({ RoleName, PolicyArn: executionPolicy });
    await at.iam.send(detach);
    await expect(at.iam.send(detach)).rejects.toThrow(`Policy ${executionPolicy} was not found.`);
  });

  it("a policy that is not there attached: NoSuchEntity in AWS's words", async () => {
    await using at = await start();
    await at.create();
    const PolicyArn = "arn:aws:iam::000000000000:policy/nope";
    await expect(at.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }))).rejects.toThrow(
      `Policy ${PolicyArn} does not exist or is not attachable.`,
    );
  });

  it("an inline policy: put over, got percent-encoded, listed", async () => {
    await using at = await start();
    await at.create();
    const put = (PolicyDocument: string) =>
      at.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "p", PolicyDocument }));
    await put(document);
    await put(document.replace("s3:GetObject", "s3:PutObject"));
    await expect(put(trust)).rejects.toMatchObject({
      name: expect.stringContaining("MalformedPolicyDocument"),
    });
    const got = await at.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: "p" }));
    expect(decodeURIComponent(got.PolicyDocument ?? "")).toContain("s3:PutObject");
    expect(got.PolicyDocument).not.toContain("*");
    const listed = await at.iam.send(new ListRolePoliciesCommand({ RoleName }));
    expect(listed.PolicyNames).toEqual(["p"]);
  });
});

describe("managed policies", () => {
  it("AWS's execution policy: its document, found by listing", async () => {
    await using at = await start();
    const version = await at.iam.send(
      new GetPolicyVersionCommand({ PolicyArn: executionPolicy, VersionId: "v1" }),
    );
    const text = decodeURIComponent(version.PolicyVersion?.Document ?? "");
    expect(JSON.parse(text)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: [
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchGetImage",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
          ],
          Resource: "*",
        },
      ],
    });
    const listed = await at.iam.send(
      new ListPoliciesCommand({ Scope: "AWS", PathPrefix: "/service-role/", MaxItems: 1000 }),
    );
    expect(listed.Policies?.map((policy) => policy.Arn)).toContain(executionPolicy);
    const PolicyDocument = document;
    const change = new CreatePolicyVersionCommand({ PolicyArn: executionPolicy, PolicyDocument });
    await expect(at.iam.send(change)).rejects.toMatchObject({
      name: expect.stringContaining("NoSuchEntity"),
    });
  });

  it("an account's own: created, versioned, attached, and deleted when nothing holds it", async () => {
    await using at = await start();
    await at.create();
    const { Policy } = await at.iam.send(
      new CreatePolicyCommand({ PolicyName: "read", PolicyDocument: document, Path: "/app/" }),
    );
    const PolicyArn = "arn:aws:iam::000000000000:policy/app/read";
    expect(Policy).toMatchObject({ Arn: PolicyArn, DefaultVersionId: "v1", AttachmentCount: 0 });
    expect(Policy?.PolicyId).toMatch(/^ANPA[A-Z2-7]{17}$/);
    await at.iam.send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document, SetAsDefault: true }),
    );
    await at.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    const got = await at.iam.send(new GetPolicyCommand({ PolicyArn }));
    expect(got.Policy).toMatchObject({ DefaultVersionId: "v2", AttachmentCount: 1 });
    const holders = await at.iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }));
    expect(holders.PolicyRoles?.map((role) => role.RoleName)).toEqual([RoleName]);

    const remove = () => at.iam.send(new DeletePolicyCommand({ PolicyArn }));
    await expect(remove()).rejects.toThrow("Cannot delete a policy attached to entities.");
    await at.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    await expect(remove()).rejects.toThrow("more than one version");
    const drop = (VersionId: string) =>
      at.iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    await expect(drop("v2")).rejects.toThrow("default version");
    await drop("v1");
    const versions = await at.iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    expect(versions.Versions?.map((version) => version.VersionId)).toEqual(["v2"]);
    await remove();
    await expect(at.iam.send(new GetPolicyCommand({ PolicyArn }))).rejects.toThrow("was not found");
  });

  it("a sixth version: LimitExceeded", async () => {
    await using at = await start();
    await at.iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: document }));
    const PolicyArn = "arn:aws:iam::000000000000:policy/p";
    const add = () =>
      at.iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document }));
    for (let version = 2; version <= 5; version++) await add();
    await expect(add()).rejects.toMatchObject({ name: expect.stringContaining("LimitExceeded") });
  });
});
