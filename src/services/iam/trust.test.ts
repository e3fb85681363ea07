import {
  CreateRoleCommand,
  CreateUserCommand,
  GetRoleCommand,
  PutRolePermissionsBoundaryCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleDescriptionCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { refusalOf, startIam, trust, trustOf } from "./testing.ts";

const RoleName = "task";
const userArn = "arn:aws:iam::000000000000:user/people/ann";

describe("who a role trusts", () => {
  it.each([
    [{ AWS: userArn }, `"AWS":"${userArn}"`],
    [{ AWS: "arn:aws:iam::000000000000:role/task" }, "Invalid principal in policy"],
    [{ AWS: "ann" }, `"AWS":"ann"`],
    [{ Service: "ecs-tasks" }, `"SERVICE":"ecs-tasks"`],
  ])("%j, which is not there: MalformedPolicyDocument, and no role", async (principal, words) => {
    await using at = await startIam();
    const create = { RoleName, AssumeRolePolicyDocument: trustOf(principal) };
    const refusal = await refusalOf(at.iam.send(new CreateRoleCommand(create)));
    expect(refusal).toContain("MalformedPolicyDocument: Invalid principal in policy");
    expect(refusal).toContain(words);
    expect(await refusalOf(at.iam.send(new GetRoleCommand({ RoleName })))).toContain("NoSuch");
  });

  it("a user that is there, an account, somebody of another account: taken", async () => {
    await using at = await startIam();
    await at.iam.send(new CreateUserCommand({ UserName: "ann", Path: "/people/" }));
    const others = ["111111111111", "arn:aws:iam::111111111111:role/theirs"];
    const document = trustOf({ AWS: [userArn, ...others] });
    await at.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document }));
    const nobody = { RoleName, PolicyDocument: trustOf({ AWS: `${userArn}2` }) };
    expect(await refusalOf(at.iam.send(new UpdateAssumeRolePolicyCommand(nobody)))).toContain(
      "MalformedPolicyDocument",
    );
  });

  it("more than 2048 characters without white space: LimitExceeded; with it: taken", async () => {
    await using at = await startIam();
    const create = (document: string) =>
      at.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document }));
    const many = Array.from({ length: 200 }, (_, at) => String(100_000_000_000 + at));
    expect(await refusalOf(create(trustOf({ AWS: many })))).toBe(
      "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048",
    );
    expect(await refusalOf(create(trust + " ".repeat(3000)))).toBe("done");
  });
});

describe("roles", () => {
  it("a boundary put and a description changed: shown", async () => {
    await using at = await startIam();
    await at.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
    const PermissionsBoundary = "arn:aws:iam::aws:policy/PowerUserAccess";
    await at.iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
    const { Role } = await at.iam.send(
      new UpdateRoleDescriptionCommand({ RoleName, Description: "runs tasks" }),
    );
    expect(Role).toMatchObject({
      Description: "runs tasks",
      PermissionsBoundary: { PermissionsBoundaryArn: PermissionsBoundary },
    });
    const shown = await at.iam.send(new GetRoleCommand({ RoleName }));
    expect(shown.Role).toEqual({ ...Role, RoleLastUsed: {} });
  });
});
