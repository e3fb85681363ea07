import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateLoginProfileCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteGroupCommand,
  DeleteLoginProfileCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetGroupCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListMFADevicesCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListUserPoliciesCommand,
  ListUsersCommand,
  ListUserTagsCommand,
  ListVirtualMFADevicesCommand,
  PutGroupPolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateAccessKeyCommand,
  UpdateGroupCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { accountOfAccessKeyId } from "../../model/access-key-id.ts";
import { findAccessKey, noteAccessKeyUse } from "../../state/iam-principals.ts";
import { allow, refusalOf, startIam } from "./testing.ts";

const UserName = "ann";
const GroupName = "team";
const adminArn = "arn:aws:iam::aws:policy/AdministratorAccess";

async function startWithUser() {
  const at = await startIam();
  await at.iam.send(new CreateUserCommand({ UserName, Path: "/people/" }));
  return at;
}

describe("users", () => {
  it("created with path, tags and boundary: shown so, found by name and by path", async () => {
    await using at = await startIam();
    const Tags = [{ Key: "team", Value: "blue" }];
    const { User } = await at.iam.send(
      new CreateUserCommand({ UserName, Path: "/people/", Tags, PermissionsBoundary: adminArn }),
    );
    expect(User).toEqual({
      Path: "/people/",
      UserName,
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Arn: "arn:aws:iam::000000000000:user/people/ann",
      CreateDate: new Date(at.cloud.clock.now()),
      PermissionsBoundary: {
        PermissionsBoundaryType: "PermissionsBoundaryPolicy",
        PermissionsBoundaryArn: adminArn,
      },
      Tags,
    });
    expect((await at.iam.send(new GetUserCommand({ UserName }))).User).toEqual(User);
    const listed = async (PathPrefix: string) =>
      (await at.iam.send(new ListUsersCommand({ PathPrefix }))).Users?.map((one) => one.UserName);
    expect(await listed("/people/")).toEqual([UserName]);
    expect(await listed("/other/")).toEqual([]);
  });

  it.each([
    [{ UserName: "a b" }, "ValidationError: The specified value for userName is invalid."],
    [{ UserName: "" }, "ValidationError: 1 validation error detected: Value '' at 'userName'"],
    [{ UserName: "x".repeat(65) }, "length less than or equal to 64"],
    [{ UserName, Path: "people" }, "ValidationError: The specified value for path is invalid."],
    [{ UserName, PermissionsBoundary: "nope" }, "length greater than or equal to 20"],
    [
      { UserName, PermissionsBoundary: "arn:aws:iam::aws:policy/service-role/AdministratorAccess" },
      "NoSuchEntity: Scope ARN:",
    ],
    [{ UserName, Tags: [{ Key: "aws:x", Value: "" }] }, "InvalidInput"],
    [
      {
        UserName,
        Tags: [
          { Key: "A", Value: "" },
          { Key: "a", Value: "" },
        ],
      },
      "InvalidInput: Duplicate tag keys found.",
    ],
    [{ UserName: "ANN" }, "EntityAlreadyExists: User with name ANN already exists."],
  ])("created with %j: %s, and none appears", async (input, refusal) => {
    await using at = await startWithUser();
    expect(await refusalOf(at.iam.send(new CreateUserCommand(input)))).toContain(refusal);
    expect((await at.iam.send(new ListUsersCommand({}))).Users).toHaveLength(1);
  });

  it("asked for without a name by the account's root: the root itself", async () => {
    await using at = await startIam();
    const { User } = await at.iam.send(new GetUserCommand({}));
    expect(User).toMatchObject({
      UserId: "000000000000",
      Arn: "arn:aws:iam::000000000000:root",
    });
    expect(await refusalOf(at.iam.send(new CreateAccessKeyCommand({})))).toBe(
      "ValidationError: Must specify userName when calling with non-User credentials",
    );
  });

  it("renamed: keeps its id, keys, groups and policies under the new name", async () => {
    await using at = await startWithUser();
    await at.iam.send(new CreateGroupCommand({ GroupName }));
    await at.iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    await at.iam.send(new CreateAccessKeyCommand({ UserName }));
    await at.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: adminArn }));
    const before = await at.iam.send(new GetUserCommand({ UserName }));
    const renamed = { UserName: "bea" };
    await at.iam.send(new UpdateUserCommand({ UserName, NewUserName: "bea", NewPath: "/" }));
    const after = await at.iam.send(new GetUserCommand(renamed));
    expect(after.User).toMatchObject({
      UserId: before.User?.UserId,
      Arn: "arn:aws:iam::000000000000:user/bea",
    });
    expect(await refusalOf(at.iam.send(new GetUserCommand({ UserName })))).toContain(
      "NoSuchEntity: The user with name ann cannot be found.",
    );
    const keys = await at.iam.send(new ListAccessKeysCommand(renamed));
    expect(keys.AccessKeyMetadata).toMatchObject([{ UserName: "bea", Status: "Active" }]);
    const { Users } = await at.iam.send(new GetGroupCommand({ GroupName }));
    expect(Users?.map((user) => user.UserName)).toEqual(["bea"]);
    const held = await at.iam.send(new ListAttachedUserPoliciesCommand(renamed));
    expect(held.AttachedPolicies).toHaveLength(1);
  });

  it("renamed to a name that another has: EntityAlreadyExists; to its own in capitals: done", async () => {
    await using at = await startWithUser();
    await at.iam.send(new CreateUserCommand({ UserName: "bea" }));
    const rename = (NewUserName: string) =>
      refusalOf(at.iam.send(new UpdateUserCommand({ UserName, NewUserName })));
    expect(await rename("BEA")).toContain("EntityAlreadyExists");
    expect(await rename("ANN")).toBe("done");
  });

  it("deleted: what is still held is named, one after the other", async () => {
    await using at = await startWithUser();
    await at.iam.send(new CreateGroupCommand({ GroupName }));
    await at.iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    await at.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: adminArn }));
    const PolicyName = "p";
    const PolicyDocument = allow("s3:*");
    await at.iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
    await at.iam.send(new CreateLoginProfileCommand({ UserName, Password: "secret" }));
    const { AccessKey } = await at.iam.send(new CreateAccessKeyCommand({ UserName }));
    const refusal = () => refusalOf(at.iam.send(new DeleteUserCommand({ UserName })));
    const conflict = (what: string) => `DeleteConflict: Cannot delete entity, must ${what} first.`;
    expect(await refusal()).toBe(conflict("delete access keys"));
    const AccessKeyId = AccessKey?.AccessKeyId;
    await at.iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    expect(await refusal()).toBe(conflict("delete login profile"));
    await at.iam.send(new DeleteLoginProfileCommand({ UserName }));
    expect(await refusal()).toBe(conflict("remove users from group"));
    await at.iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName }));
    expect(await refusal()).toBe(conflict("detach all policies"));
    await at.iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn: adminArn }));
    expect(await refusal()).toBe(conflict("delete policies"));
    await at.iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
    expect(await refusal()).toBe("done");
    expect(await refusal()).toContain("NoSuchEntity");
  });

  it("tags and boundary: put, seen and taken off", async () => {
    await using at = await startWithUser();
    const Tags = [{ Key: "a", Value: "1" }];
    await at.iam.send(new TagUserCommand({ UserName, Tags }));
    expect((await at.iam.send(new ListUserTagsCommand({ UserName }))).Tags).toEqual(Tags);
    await at.iam.send(new UntagUserCommand({ UserName, TagKeys: ["A"] }));
    expect((await at.iam.send(new ListUserTagsCommand({ UserName }))).Tags).toEqual([]);
    const boundary = async () =>
      (await at.iam.send(new GetUserCommand({ UserName }))).User?.PermissionsBoundary;
    await at.iam.send(
      new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: adminArn }),
    );
    expect(await boundary()).toMatchObject({ PermissionsBoundaryArn: adminArn });
    await at.iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName }));
    expect(await boundary()).toBeUndefined();
  });

  it("keys and devices that cannot be made here: none, of a user that is there", async () => {
    await using at = await startWithUser();
    expect(await at.iam.send(new ListSSHPublicKeysCommand({ UserName }))).toMatchObject({
      SSHPublicKeys: [],
      IsTruncated: false,
    });
    const certificates = await at.iam.send(new ListSigningCertificatesCommand({ UserName }));
    expect(certificates.Certificates).toEqual([]);
    expect((await at.iam.send(new ListMFADevicesCommand({ UserName }))).MFADevices).toEqual([]);
    const devices = await at.iam.send(new ListVirtualMFADevicesCommand({}));
    expect(devices.VirtualMFADevices).toEqual([]);
    const unknown = new ListMFADevicesCommand({ UserName: "nobody" });
    expect(await refusalOf(at.iam.send(unknown))).toContain("NoSuchEntity");
  });

  it("more policies than a user may have: LimitExceeded, and none is added", async () => {
    await using at = await startWithUser();
    const attach = async (number: number) => {
      const { Policy } = await at.iam.send(
        new CreatePolicyCommand({ PolicyName: `p${number}`, PolicyDocument: allow("s3:*") }),
      );
      return at.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: Policy?.Arn }));
    };
    for (let number = 0; number < 10; number++) await attach(number);
    expect(await refusalOf(attach(10))).toBe(
      "LimitExceeded: Cannot exceed quota for PoliciesPerUser: 10",
    );
    const big = { UserName, PolicyName: "big", PolicyDocument: allow(`s3:${"x".repeat(2048)}`) };
    expect(await refusalOf(at.iam.send(new PutUserPolicyCommand(big)))).toBe(
      "LimitExceeded: Maximum policy size of 2048 bytes exceeded for user ann",
    );
    const { PolicyNames } = await at.iam.send(new ListUserPoliciesCommand({ UserName }));
    expect(PolicyNames).toEqual([]);
  });

  it("a policy of AWS's without a document here: attached, with a warning", async () => {
    await using at = await startWithUser();
    const PolicyArn = "arn:aws:iam::aws:policy/AmazonKinesisFullAccess";
    await at.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    await at.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    const warnings = at.cloud.logger.lines.filter(({ level }) => level === "warn");
    expect(warnings).toMatchObject([{ fields: { policy: PolicyArn } }]);
    await at.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: adminArn }));
    expect(at.cloud.logger.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  });
});

describe("access keys", () => {
  it("two of a user: the secret once, the account in the id; a third: LimitExceeded", async () => {
    await using at = await startWithUser();
    const create = () => at.iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKey } = await create();
    expect(AccessKey).toMatchObject({
      UserName,
      Status: "Active",
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.stringMatching(/^[\w+/]{40}$/),
    });
    expect(accountOfAccessKeyId(AccessKey?.AccessKeyId ?? "")).toBe("000000000000");
    await create();
    expect(await refusalOf(create())).toBe(
      "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2",
    );
    const { AccessKeyMetadata } = await at.iam.send(new ListAccessKeysCommand({ UserName }));
    expect(AccessKeyMetadata).toHaveLength(2);
    expect(AccessKeyMetadata?.[0]).not.toHaveProperty("SecretAccessKey");
  });

  it("set inactive, used, deleted: told so each time", async () => {
    await using at = await startWithUser();
    const { AccessKey } = await at.iam.send(new CreateAccessKeyCommand({ UserName }));
    const AccessKeyId = AccessKey?.AccessKeyId ?? "";
    const lastUse = async () =>
      (await at.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).AccessKeyLastUsed;
    expect(await lastUse()).toEqual({ ServiceName: "N/A", Region: "N/A" });
    const use = { at: at.cloud.clock.now(), region: "us-east-1", service: "ecs" };
    at.cloud.store.write((tx) => noteAccessKeyUse(tx, AccessKeyId, use));
    expect(await lastUse()).toMatchObject({ ServiceName: "ecs", Region: "us-east-1" });
    const update = (Status: "Inactive" | "Active") =>
      at.iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));
    await update("Inactive");
    const found = () => at.cloud.store.read((tx) => findAccessKey(tx, AccessKeyId));
    expect(found()).toMatchObject({ key: { isActive: false }, user: { name: UserName } });
    expect(await refusalOf(update("Off" as never))).toContain(
      "at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]",
    );
    await at.iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    expect(found()).toBeUndefined();
    expect(await refusalOf(update("Active"))).toBe(
      `NoSuchEntity: The Access Key with id ${AccessKeyId} cannot be found.`,
    );
  });

  it("of another user or account: not to be changed or seen", async () => {
    await using at = await startWithUser();
    await at.iam.send(new CreateUserCommand({ UserName: "bea" }));
    const { AccessKey } = await at.iam.send(new CreateAccessKeyCommand({ UserName }));
    const AccessKeyId = AccessKey?.AccessKeyId ?? "";
    const remove = new DeleteAccessKeyCommand({ UserName: "bea", AccessKeyId });
    expect(await refusalOf(at.iam.send(remove))).toContain("NoSuchEntity");
    const other = at.cloud.client(at.iam.constructor as never, { account: "111111111111" });
    const ask = new GetAccessKeyLastUsedCommand({ AccessKeyId });
    expect(await refusalOf((other as typeof at.iam).send(ask))).toContain("NoSuchEntity");
  });
});

describe("groups", () => {
  it("users in and out of one: seen from both sides, twice is no error", async () => {
    await using at = await startWithUser();
    const { Group } = await at.iam.send(new CreateGroupCommand({ GroupName, Path: "/org/" }));
    expect(Group).toMatchObject({
      Arn: "arn:aws:iam::000000000000:group/org/team",
      GroupId: expect.stringMatching(/^AGPA[A-Z2-7]{17}$/),
    });
    const add = new AddUserToGroupCommand({ GroupName, UserName });
    await at.iam.send(add);
    await at.iam.send(add);
    const users = async () =>
      (await at.iam.send(new GetGroupCommand({ GroupName }))).Users?.map((user) => user.UserName);
    expect(await users()).toEqual([UserName]);
    const { Groups } = await at.iam.send(new ListGroupsForUserCommand({ UserName }));
    expect(Groups).toEqual([Group]);
    await at.iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName }));
    expect(await users()).toEqual([]);
  });

  it("renamed: its users stay in it", async () => {
    await using at = await startWithUser();
    await at.iam.send(new CreateGroupCommand({ GroupName }));
    await at.iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    await at.iam.send(new UpdateGroupCommand({ GroupName, NewGroupName: "crew" }));
    const { Groups } = await at.iam.send(new ListGroupsForUserCommand({ UserName }));
    expect(Groups?.map((group) => group.GroupName)).toEqual(["crew"]);
    expect((await at.iam.send(new ListGroupsCommand({}))).Groups).toHaveLength(1);
  });

  it("deleted with a user or a policy in it: DeleteConflict", async () => {
    await using at = await startWithUser();
    await at.iam.send(new CreateGroupCommand({ GroupName }));
    const refusal = () => refusalOf(at.iam.send(new DeleteGroupCommand({ GroupName })));
    await at.iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn: adminArn }));
    expect(await refusal()).toContain("must detach all policies first");
    await at.iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    expect(await refusal()).toContain("must remove users from group first");
  });

  it.each([
    [{ GroupName: "nope", UserName }, "The group with name nope cannot be found."],
    [{ GroupName, UserName: "nope" }, "The user with name nope cannot be found."],
  ])("%j joined: NoSuchEntity", async (input, message) => {
    await using at = await startWithUser();
    await at.iam.send(new CreateGroupCommand({ GroupName }));
    expect(await refusalOf(at.iam.send(new AddUserToGroupCommand(input)))).toBe(
      `NoSuchEntity: ${message}`,
    );
  });

  it("an eleventh of a user: LimitExceeded; a document that is none: MalformedPolicyDocument", async () => {
    await using at = await startWithUser();
    const join = async (name: string) => {
      await at.iam.send(new CreateGroupCommand({ GroupName: name }));
      return at.iam.send(new AddUserToGroupCommand({ GroupName: name, UserName }));
    };
    for (let number = 0; number < 10; number++) await join(`g${number}`);
    expect(await refusalOf(join("g10"))).toBe(
      "LimitExceeded: Cannot exceed quota for GroupsPerUser: 10",
    );
    const put = { GroupName: "g1", PolicyName: "p", PolicyDocument: "{" };
    expect(await refusalOf(at.iam.send(new PutGroupPolicyCommand(put)))).toContain(
      "MalformedPolicyDocument",
    );
  });
});
