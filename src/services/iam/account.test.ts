import {
  AddClientIDToOpenIDConnectProviderCommand,
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccountAliasCommand,
  DeleteOpenIDConnectProviderCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  GetOpenIDConnectProviderCommand,
  ListAccountAliasesCommand,
  ListOpenIDConnectProvidersCommand,
  ListOpenIDConnectProviderTagsCommand,
  PutUserPolicyCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  TagOpenIDConnectProviderCommand,
  UntagOpenIDConnectProviderCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { allow, refusalOf, startIam, trust } from "./testing.ts";

const RoleName = "task";
const GroupName = "team";
const UserName = "ann";
const adminArn = "arn:aws:iam::aws:policy/AdministratorAccess";

async function startWithAll() {
  const at = await startIam();
  await at.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  await at.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: adminArn }));
  await at.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "nodes" }));
  await at.iam.send(
    new AddRoleToInstanceProfileCommand({ InstanceProfileName: "nodes", RoleName }),
  );
  const own = { PolicyName: "own", PolicyDocument: allow("s3:*") };
  const { Policy } = await at.iam.send(new CreatePolicyCommand(own));
  await at.iam.send(new CreateGroupCommand({ GroupName }));
  await at.iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn: Policy?.Arn }));
  await at.iam.send(new CreateUserCommand({ UserName }));
  await at.iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
  await at.iam.send(new PutUserPolicyCommand({ UserName, ...own }));
  return at;
}

describe("an account", () => {
  it("its authorisation details: who holds what, all in one", async () => {
    await using at = await startWithAll();
    const details = await at.iam.send(new GetAccountAuthorizationDetailsCommand({}));
    expect(details.UserDetailList).toMatchObject([
      { UserName, GroupList: [GroupName], UserPolicyList: [{ PolicyName: "own" }] },
    ]);
    expect(details.GroupDetailList).toMatchObject([
      { GroupName, AttachedManagedPolicies: [{ PolicyName: "own" }] },
    ]);
    expect(details.RoleDetailList).toMatchObject([
      {
        RoleName,
        InstanceProfileList: [{ InstanceProfileName: "nodes" }],
        AttachedManagedPolicies: [{ PolicyArn: adminArn }],
      },
    ]);
    const policies = details.Policies?.map((policy) => [policy.PolicyName, policy.AttachmentCount]);
    expect(policies).toEqual([
      ["AdministratorAccess", 1],
      ["own", 1],
    ]);
    const [admin] = details.Policies ?? [];
    expect(decodeURIComponent(admin?.PolicyVersionList?.[0]?.Document ?? "")).toContain('"*"');
  });

  it("its details by kind and page by page: the same things", async () => {
    await using at = await startWithAll();
    const users = await at.iam.send(
      new GetAccountAuthorizationDetailsCommand({ Filter: ["User"] }),
    );
    expect(users).toMatchObject({ RoleDetailList: [], Policies: [], IsTruncated: false });
    expect(users.UserDetailList).toHaveLength(1);
    let seen = 0;
    let Marker: string | undefined;
    do {
      const page = await at.iam.send(
        new GetAccountAuthorizationDetailsCommand({ MaxItems: 1, Marker }),
      );
      const lists = [page.UserDetailList, page.GroupDetailList, page.RoleDetailList, page.Policies];
      expect(lists.flat()).toHaveLength(1);
      seen += 1;
      Marker = page.Marker;
    } while (Marker);
    expect(seen).toBe(5);
    const odd = new GetAccountAuthorizationDetailsCommand({ Filter: ["Cat" as never] });
    expect(await refusalOf(at.iam.send(odd))).toContain("ValidationError");
  });

  it("its summary: as many as there are", async () => {
    await using at = await startWithAll();
    const { SummaryMap } = await at.iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({
      Users: 1,
      Groups: 1,
      Roles: 1,
      Policies: 1,
      InstanceProfiles: 1,
      Providers: 0,
      AccessKeysPerUserQuota: 2,
    });
  });

  it("its alias: one at a time, deleted by its name", async () => {
    await using at = await startIam();
    const aliases = async () =>
      (await at.iam.send(new ListAccountAliasesCommand({}))).AccountAliases;
    await at.iam.send(new CreateAccountAliasCommand({ AccountAlias: "blue-team" }));
    await at.iam.send(new CreateAccountAliasCommand({ AccountAlias: "red-team" }));
    expect(await aliases()).toEqual(["red-team"]);
    const remove = (AccountAlias: string) =>
      refusalOf(at.iam.send(new DeleteAccountAliasCommand({ AccountAlias })));
    expect(await remove("blue-team")).toContain("NoSuchEntity");
    expect(await remove("red-team")).toBe("done");
    expect(await aliases()).toEqual([]);
  });

  it.each(["ab", "Big", "-a-", "a--b", "123456789012"])("the alias %s: refused", async (alias) => {
    await using at = await startIam();
    const create = new CreateAccountAliasCommand({ AccountAlias: alias });
    expect(await refusalOf(at.iam.send(create))).toContain("ValidationError");
  });
});

describe("providers of OpenID Connect", () => {
  const Url = "https://token.actions.githubusercontent.com";
  const OpenIDConnectProviderArn =
    "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com";
  const thumbprint = "6938fd4d98bab03faadb97b34396831e3780aea1";

  it("made, changed in every part and deleted, twice without an error", async () => {
    await using at = await startIam();
    const created = await at.iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url,
        ClientIDList: ["sts.amazonaws.com"],
        ThumbprintList: [thumbprint],
        Tags: [{ Key: "a", Value: "1" }],
      }),
    );
    expect(created.OpenIDConnectProviderArn).toBe(OpenIDConnectProviderArn);
    const of = { OpenIDConnectProviderArn };
    await at.iam.send(new AddClientIDToOpenIDConnectProviderCommand({ ...of, ClientID: "b" }));
    await at.iam.send(new AddClientIDToOpenIDConnectProviderCommand({ ...of, ClientID: "b" }));
    const first = "sts.amazonaws.com";
    await at.iam.send(
      new RemoveClientIDFromOpenIDConnectProviderCommand({ ...of, ClientID: first }),
    );
    const ThumbprintList = ["0".repeat(40)];
    await at.iam.send(new UpdateOpenIDConnectProviderThumbprintCommand({ ...of, ThumbprintList }));
    await at.iam.send(
      new TagOpenIDConnectProviderCommand({ ...of, Tags: [{ Key: "b", Value: "2" }] }),
    );
    await at.iam.send(new UntagOpenIDConnectProviderCommand({ ...of, TagKeys: ["a"] }));
    expect(await at.iam.send(new GetOpenIDConnectProviderCommand(of))).toMatchObject({
      Url: "token.actions.githubusercontent.com",
      ClientIDList: ["b"],
      ThumbprintList,
      Tags: [{ Key: "b", Value: "2" }],
    });
    const tags = await at.iam.send(new ListOpenIDConnectProviderTagsCommand(of));
    expect(tags.Tags).toEqual([{ Key: "b", Value: "2" }]);
    const list = async () =>
      (await at.iam.send(new ListOpenIDConnectProvidersCommand({}))).OpenIDConnectProviderList;
    expect(await list()).toEqual([{ Arn: OpenIDConnectProviderArn }]);
    await at.iam.send(new DeleteOpenIDConnectProviderCommand(of));
    await at.iam.send(new DeleteOpenIDConnectProviderCommand(of));
    expect(await list()).toEqual([]);
    expect(await refusalOf(at.iam.send(new GetOpenIDConnectProviderCommand(of)))).toContain(
      "NoSuchEntity",
    );
  });

  it.each([
    [{ Url: "http://plain.example.com" }, "Invalid Open ID Connect Provider URL"],
    [{ Url: "https://a.example.com?x=1" }, "Invalid Open ID Connect Provider URL"],
    [{ Url: "https://a.example.com:8443" }, "Invalid Open ID Connect Provider URL"],
    [{ Url, ThumbprintList: ["short"] }, "ValidationError"],
    [{ Url, ThumbprintList: Array.from({ length: 6 }, () => thumbprint) }, "InvalidInput"],
    [{ Url, ClientIDList: ["x".repeat(256)] }, "length less than or equal to 255"],
    [{ Url: "https://taken.example.com/a/" }, "EntityAlreadyExists"],
  ])("made with %j: refused", async (input, refusal) => {
    await using at = await startIam();
    const taken = { Url: "https://taken.example.com/a" };
    await at.iam.send(new CreateOpenIDConnectProviderCommand(taken));
    const create = new CreateOpenIDConnectProviderCommand(input);
    expect(await refusalOf(at.iam.send(create))).toContain(refusal);
  });
});
