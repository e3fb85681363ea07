import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  GetAccountSummaryCommand,
  GetGroupCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  PutGroupPolicyCommand,
  RemoveUserFromGroupCommand,
  UpdateGroupCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { refusalOf, startIam } from "./testing.ts";

const UserName = "ann";
const GroupName = "team";
const adminArn = "arn:aws:iam::aws:policy/AdministratorAccess";

async function startWithUser() {
  const at = await startIam();
  await at.iam.send(new CreateUserCommand({ UserName, Path: "/people/" }));
  return at;
}

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

  it("more groups than an account may have: LimitExceeded, as the summary of the account says", async () => {
    await using at = await startIam();
    const { SummaryMap = {} } = await at.iam.send(new GetAccountSummaryCommand({}));
    const most = SummaryMap.GroupsQuota ?? 0;
    expect(most).toBe(300);
    const create = (number: number) =>
      at.iam.send(new CreateGroupCommand({ GroupName: `group-${number}` }));
    for (let number = 0; number < most; number++) await create(number);
    expect(await refusalOf(create(most))).toBe(
      "LimitExceeded: Cannot exceed quota for GroupsPerAccount: 300",
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
