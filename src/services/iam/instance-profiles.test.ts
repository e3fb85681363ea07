import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  GetInstanceProfileCommand,
  ListInstanceProfilesCommand,
  ListInstanceProfilesForRoleCommand,
  ListInstanceProfileTagsCommand,
  ListUserTagsCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  TagUserCommand,
  UntagInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { refusalOf, startIam, trust } from "./testing.ts";

const InstanceProfileName = "nodes";
const RoleName = "node";

async function startWithProfile() {
  const at = await startIam();
  await at.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  await at.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Path: "/ecs/" }));
  return at;
}

describe("instance profiles", () => {
  it("a role in one: seen from both sides, and neither can be deleted before it is out", async () => {
    await using at = await startWithProfile();
    const input = { InstanceProfileName, RoleName };
    await at.iam.send(new AddRoleToInstanceProfileCommand(input));
    const { InstanceProfile } = await at.iam.send(
      new GetInstanceProfileCommand({ InstanceProfileName }),
    );
    expect(InstanceProfile).toMatchObject({
      Path: "/ecs/",
      Arn: "arn:aws:iam::000000000000:instance-profile/ecs/nodes",
      InstanceProfileId: expect.stringMatching(/^AIPA[A-Z2-7]{17}$/),
      Roles: [{ RoleName, Arn: "arn:aws:iam::000000000000:role/node" }],
    });
    const of = await at.iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
    expect(of.InstanceProfiles).toMatchObject([{ InstanceProfileName }]);
    const conflict =
      "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.";
    const remove = new DeleteInstanceProfileCommand({ InstanceProfileName });
    expect(await refusalOf(at.iam.send(remove))).toBe(conflict);
    expect(await refusalOf(at.iam.send(new DeleteRoleCommand({ RoleName })))).toBe(conflict);
    await at.iam.send(new RemoveRoleFromInstanceProfileCommand(input));
    await at.iam.send(remove);
    await at.iam.send(new DeleteRoleCommand({ RoleName }));
    expect(await refusalOf(at.iam.send(remove))).toBe(
      "NoSuchEntity: Instance Profile nodes cannot be found.",
    );
  });

  it("a second role, one that is not in it, one of a service, one that is not there: refused", async () => {
    await using at = await startWithProfile();
    await at.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
    await at.iam.send(
      new CreateRoleCommand({ RoleName: "second", AssumeRolePolicyDocument: trust }),
    );
    await at.iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: "ecs.amazonaws.com" }));
    const add = (name: string) =>
      refusalOf(
        at.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: name })),
      );
    expect(await add("second")).toBe(
      "LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
    );
    expect(await add("AWSServiceRoleForECS")).toContain("UnmodifiableEntity");
    expect(await add("nope")).toContain("NoSuchEntity");
    const remove = { InstanceProfileName, RoleName: "second" };
    expect(
      await refusalOf(at.iam.send(new RemoveRoleFromInstanceProfileCommand(remove))),
    ).toContain("NoSuchEntity");
  });

  it("tags: put on creation and later, taken off by key", async () => {
    await using at = await startIam();
    const Tags = [{ Key: "a", Value: "1" }];
    await at.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Tags }));
    const more = [{ Key: "b", Value: "" }];
    await at.iam.send(new TagInstanceProfileCommand({ InstanceProfileName, Tags: more }));
    await at.iam.send(new UntagInstanceProfileCommand({ InstanceProfileName, TagKeys: ["a"] }));
    const listed = await at.iam.send(new ListInstanceProfileTagsCommand({ InstanceProfileName }));
    expect(listed.Tags).toEqual(more);
  });

  it("tags whose keys differ in case: two, while of a user they are one", async () => {
    await using at = await startIam();
    const { iam } = at;
    const [upper, lower] = [
      { Key: "Team", Value: "1" },
      { Key: "team", Value: "2" },
    ];
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Tags: [upper] }));
    await iam.send(new TagInstanceProfileCommand({ InstanceProfileName, Tags: [lower] }));
    const list = async () =>
      (await iam.send(new ListInstanceProfileTagsCommand({ InstanceProfileName }))).Tags;
    expect(await list()).toEqual(expect.arrayContaining([upper, lower]));
    await iam.send(new UntagInstanceProfileCommand({ InstanceProfileName, TagKeys: ["Team"] }));
    expect(await list()).toEqual([lower]);
    await iam.send(new CreateUserCommand({ UserName: "ann", Tags: [upper] }));
    await iam.send(new TagUserCommand({ UserName: "ann", Tags: [lower] }));
    const { Tags } = await iam.send(new ListUserTagsCommand({ UserName: "ann" }));
    expect(Tags).toEqual([lower]);
  });

  it.each([
    [{ InstanceProfileName: "NODES" }, "Instance Profile NODES already exists."],
    [{ InstanceProfileName: "x".repeat(129) }, "length less than or equal to 128"],
    [{ InstanceProfileName: "new", Path: "/a" }, "The specified value for path is invalid."],
  ])("created with %j: refused, and none appears", async (input, refusal) => {
    await using at = await startWithProfile();
    expect(await refusalOf(at.iam.send(new CreateInstanceProfileCommand(input)))).toContain(
      refusal,
    );
    const { InstanceProfiles } = await at.iam.send(new ListInstanceProfilesCommand({}));
    expect(InstanceProfiles).toHaveLength(1);
  });
});
