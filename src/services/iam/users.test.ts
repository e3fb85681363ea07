import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateLoginProfileCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetGroupCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListMFADevicesCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListUserPoliciesCommand,
  ListUsersCommand,
  ListUserTagsCommand,
  ListVirtualMFADevicesCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
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

  it("keys and devices of a user that has none: none; of nobody: NoSuchEntity", async () => {
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
