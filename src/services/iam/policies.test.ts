import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyTagsCommand,
  ListPolicyVersionsCommand,
  PutRolePermissionsBoundaryCommand,
  SetDefaultPolicyVersionCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { allow, refusalOf, startIam, trust } from "./testing.ts";

const PolicyName = "read";
const PolicyArn = "arn:aws:iam::000000000000:policy/read";
const PolicyDocument = allow("s3:Get*");
const adminArn = "arn:aws:iam::aws:policy/AdministratorAccess";

async function startWithPolicy() {
  const at = await startIam();
  await at.iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
  return at;
}

describe("managed policies", () => {
  it("another version as the default: told by the policy, newest listed first, and not deletable", async () => {
    await using at = await startWithPolicy();
    await at.iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument }));
    const isDefault = async () =>
      (await at.iam.send(new ListPolicyVersionsCommand({ PolicyArn }))).Versions?.map((one) => [
        one.VersionId,
        one.IsDefaultVersion,
      ]);
    expect(await isDefault()).toEqual([
      ["v2", false],
      ["v1", true],
    ]);
    await at.iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v2" }));
    const { Policy } = await at.iam.send(new GetPolicyCommand({ PolicyArn }));
    expect(Policy?.DefaultVersionId).toBe("v2");
    const remove = (VersionId: string) =>
      refusalOf(at.iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId })));
    expect(await remove("v2")).toContain("DeleteConflict: Cannot delete the default version");
    expect(await remove("v1")).toBe("done");
    const missing = new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v1" });
    expect(await refusalOf(at.iam.send(missing))).toContain(
      `NoSuchEntity: Policy ${PolicyArn} version v1 does not exist`,
    );
  });

  it("tags of one's own: put and taken off; of AWS's: refused", async () => {
    await using at = await startWithPolicy();
    const Tags = [
      { Key: "a", Value: "1" },
      { Key: "b", Value: "2" },
    ];
    await at.iam.send(new TagPolicyCommand({ PolicyArn, Tags }));
    await at.iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys: ["a"] }));
    const listed = await at.iam.send(new ListPolicyTagsCommand({ PolicyArn }));
    expect(listed.Tags).toEqual([{ Key: "b", Value: "2" }]);
    const change = new TagPolicyCommand({ PolicyArn: adminArn, Tags });
    expect(await refusalOf(at.iam.send(change))).toContain("InvalidInput");
  });

  it("who uses one: users, groups and roles, by kind, path and usage", async () => {
    await using at = await startWithPolicy();
    const { iam } = at;
    await iam.send(new CreateUserCommand({ UserName: "ann", Path: "/people/" }));
    await iam.send(new AttachUserPolicyCommand({ UserName: "ann", PolicyArn }));
    await iam.send(new CreateGroupCommand({ GroupName: "team" }));
    await iam.send(new AttachGroupPolicyCommand({ GroupName: "team", PolicyArn }));
    for (const RoleName of ["one", "two"]) {
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
    }
    await iam.send(new AttachRolePolicyCommand({ RoleName: "one", PolicyArn }));
    const bound = { RoleName: "two", PermissionsBoundary: PolicyArn };
    await iam.send(new PutRolePermissionsBoundaryCommand(bound));
    const users = async (input: object) => {
      const found = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, ...input }));
      return [
        found.PolicyUsers?.map((one) => one.UserName),
        found.PolicyGroups?.map((one) => one.GroupName),
        found.PolicyRoles?.map((one) => one.RoleName),
      ];
    };
    expect(await users({})).toEqual([["ann"], ["team"], ["one", "two"]]);
    expect(await users({ EntityFilter: "Role" })).toEqual([[], [], ["one", "two"]]);
    expect(await users({ PathPrefix: "/people/" })).toEqual([["ann"], [], []]);
    expect(await users({ PolicyUsageFilter: "PermissionsBoundary" })).toEqual([[], [], ["two"]]);
    expect(await users({ PolicyUsageFilter: "PermissionsPolicy" })).toEqual([
      ["ann"],
      ["team"],
      ["one"],
    ]);
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
    expect(Policy).toMatchObject({ AttachmentCount: 3, PermissionsBoundaryUsageCount: 1 });
    expect(await refusalOf(iam.send(new DeletePolicyCommand({ PolicyArn })))).toContain(
      "DeleteConflict",
    );
  });

  it("listed over all pages: every one once, also while others come and go", async () => {
    await using at = await startWithPolicy();
    const arns: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await at.iam.send(new ListPoliciesCommand({ MaxItems: 500, Marker }));
      arns.push(...(page.Policies ?? []).map((policy) => policy.Arn));
      Marker = page.Marker;
      // It would be on the first page, which is over.
      if (arns.length === 500) {
        const other = { PolicyName: "another", PolicyDocument };
        await at.iam.send(new CreatePolicyCommand(other));
      }
    } while (Marker);
    expect(new Set(arns).size).toBe(arns.length);
    expect(arns.length).toBeGreaterThan(1000);
    expect(arns).toContain(PolicyArn);
    expect(arns).toContain("arn:aws:iam::aws:policy/job-function/SystemAdministrator");
  });

  it("listed by scope, path and use: only those", async () => {
    await using at = await startWithPolicy();
    await at.iam.send(new CreateUserCommand({ UserName: "ann" }));
    await at.iam.send(new AttachUserPolicyCommand({ UserName: "ann", PolicyArn: adminArn }));
    const names = async (input: object) =>
      (await at.iam.send(new ListPoliciesCommand(input))).Policies?.map((one) => one.PolicyName);
    expect(await names({ Scope: "Local" })).toEqual([PolicyName]);
    expect(await names({ OnlyAttached: true })).toEqual(["AdministratorAccess"]);
    expect(await names({ Scope: "AWS", PolicyUsageFilter: "PermissionsPolicy" })).toEqual([
      "AdministratorAccess",
    ]);
    expect(await names({ PathPrefix: "/job-function/" })).toContain("Billing");
  });

  it.each([
    [{ Scope: "Mine" as never }, "at 'scope' failed to satisfy constraint"],
    [{ MaxItems: 0 }, "value greater than or equal to 1"],
    [{ MaxItems: 1001 }, "value less than or equal to 1000"],
    [{ Marker: "nonsense" }, "Invalid Marker"],
    [{ PathPrefix: "x" }, "The specified value for pathPrefix is invalid."],
  ])("listed with %j: refused", async (input, refusal) => {
    await using at = await startIam();
    expect(await refusalOf(at.iam.send(new ListPoliciesCommand(input)))).toContain(refusal);
  });

  it.each([
    [{ PolicyName: "READ" }, "EntityAlreadyExists: A policy called READ already exists."],
    [{ PolicyName: "x".repeat(129) }, "length less than or equal to 128"],
    [{ Description: "x".repeat(1001) }, "length less than or equal to 1000"],
    [{ PolicyDocument: allow(`s3:${"x".repeat(6144)}`) }, "quota for PolicySize: 6144"],
    [{ PolicyDocument: trust }, "MalformedPolicyDocument: Policy document should not specify"],
  ])("made with %j: refused, and none appears", async (changes, refusal) => {
    await using at = await startWithPolicy();
    const input = { PolicyName: "new", PolicyDocument, ...changes };
    expect(await refusalOf(at.iam.send(new CreatePolicyCommand(input)))).toContain(refusal);
    const { Policies } = await at.iam.send(new ListPoliciesCommand({ Scope: "Local" }));
    expect(Policies).toHaveLength(1);
  });
});
