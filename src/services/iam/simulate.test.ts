import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  GetContextKeysForCustomPolicyCommand,
  GetContextKeysForPrincipalPolicyCommand,
  PutGroupPolicyCommand,
  PutUserPermissionsBoundaryCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { allow, refusalOf, startIam } from "./testing.ts";

const UserName = "ann";
const PolicySourceArn = "arn:aws:iam::000000000000:user/ann";
const statement = (more: object): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*", ...more }],
  });

async function startWithUser() {
  const at = await startIam();
  await at.iam.send(new CreateUserCommand({ UserName }));
  const PolicyArn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
  await at.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
  await at.iam.send(new CreateGroupCommand({ GroupName: "team" }));
  await at.iam.send(new AddUserToGroupCommand({ UserName, GroupName: "team" }));
  const group = { GroupName: "team", PolicyName: "run" };
  await at.iam.send(new PutGroupPolicyCommand({ ...group, PolicyDocument: allow("ecs:RunTask") }));
  return at;
}

describe("SimulatePrincipalPolicy", () => {
  it("a user: by its own policies and its groups', named with each answer", async () => {
    await using at = await startWithUser();
    const ActionNames = ["s3:GetObject", "ecs:RunTask", "iam:CreateUser"];
    const { EvaluationResults } = await at.iam.send(
      new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames }),
    );
    expect(EvaluationResults).toMatchObject([
      {
        EvalActionName: "s3:GetObject",
        EvalResourceName: "*",
        EvalDecision: "allowed",
        MatchedStatements: [
          { SourcePolicyId: "AmazonS3ReadOnlyAccess", SourcePolicyType: "IAM Policy" },
        ],
      },
      {
        EvalDecision: "allowed",
        MatchedStatements: [{ SourcePolicyId: "group_team_run", SourcePolicyType: "IAM Policy" }],
      },
      { EvalDecision: "implicitDeny", MatchedStatements: [] },
    ]);
  });

  it("with a boundary: what is beyond it is denied, and the answer says so", async () => {
    await using at = await startWithUser();
    const PermissionsBoundary = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
    await at.iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary }));
    const ActionNames = ["s3:GetObject", "ecs:RunTask"];
    const { EvaluationResults } = await at.iam.send(
      new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames }),
    );
    expect(EvaluationResults).toMatchObject([
      {
        EvalDecision: "allowed",
        PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: true },
      },
      {
        EvalDecision: "implicitDeny",
        PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
      },
    ]);
  });

  it.each([
    ["arn:aws:iam::000000000000:user/nobody", "NoSuchEntity"],
    ["arn:aws:iam::000000000000:role/nobody", "NoSuchEntity"],
    ["arn:aws:iam::000000000000:user/wrong-path/ann", "NoSuchEntity"],
    ["arn:aws:iam::111111111111:user/ann", "InvalidInput"],
    ["arn:aws:s3:::bucket/of/nothing", "InvalidInput"],
  ])("of %s: %s", async (arn, code) => {
    await using at = await startWithUser();
    const ask = { PolicySourceArn: arn, ActionNames: ["s3:GetObject"] };
    expect(await refusalOf(at.iam.send(new SimulatePrincipalPolicyCommand(ask)))).toContain(code);
  });
});

describe("SimulateCustomPolicy", () => {
  it("a denial beside an allowance: explicitDeny, by the policy that denies", async () => {
    await using at = await startIam();
    const deny = statement({ Effect: "Deny", Action: "s3:*", Resource: "arn:aws:s3:::b/secret/*" });
    const { EvaluationResults } = await at.iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [allow("s3:*"), deny],
        ActionNames: ["s3:GetObject"],
        ResourceArns: ["arn:aws:s3:::b/open", "arn:aws:s3:::b/secret/1"],
      }),
    );
    const places = {
      StartPosition: { Line: 1, Column: deny.indexOf("[") + 2 },
      EndPosition: { Line: 1, Column: deny.length - 1 },
    };
    const MatchedStatements = [{ SourcePolicyId: "PolicyInputList.2", ...places }];
    expect(EvaluationResults).toMatchObject([
      { EvalDecision: "allowed", MatchedStatements: [{ SourcePolicyId: "PolicyInputList.1" }] },
      {
        EvalDecision: "explicitDeny",
        MatchedStatements,
        ResourceSpecificResults: [
          {
            EvalResourceName: "arn:aws:s3:::b/secret/1",
            EvalResourceDecision: "explicitDeny",
            MatchedStatements,
          },
        ],
      },
    ]);
  });

  it("a resource's own policy: its statement is named where it decides", async () => {
    await using at = await startIam();
    const ResourcePolicy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { AWS: PolicySourceArn }, Action: "s3:Get*", Resource: "*" },
        { Effect: "Deny", Principal: "*", Action: "s3:GetObjectAcl", Resource: "*" },
      ],
    });
    const { EvaluationResults } = await at.iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [allow("ecs:RunTask")],
        ActionNames: ["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject"],
        ResourceArns: ["arn:aws:s3:::b/k"],
        ResourcePolicy,
        CallerArn: PolicySourceArn,
      }),
    );
    const own = { SourcePolicyId: "ResourcePolicy", SourcePolicyType: "Resource Policy" };
    expect(EvaluationResults).toMatchObject([
      { EvalDecision: "allowed", MatchedStatements: [own] },
      { EvalDecision: "explicitDeny", MatchedStatements: [own] },
      { EvalDecision: "implicitDeny", MatchedStatements: [] },
    ]);
  });

  it("a condition: decided by the given context; without it, the key is told to be missing", async () => {
    await using at = await startIam();
    const PolicyInputList = [statement({ Condition: { StringEquals: { "aws:SourceVpc": "v" } } })];
    const ask = (ContextKeyValues: string[] | undefined) =>
      at.iam.send(
        new SimulateCustomPolicyCommand({
          PolicyInputList,
          ActionNames: ["s3:GetObject"],
          ...(ContextKeyValues && {
            ContextEntries: [
              { ContextKeyName: "aws:sourcevpc", ContextKeyValues, ContextKeyType: "string" },
            ],
          }),
        }),
      );
    expect((await ask(["v"])).EvaluationResults).toMatchObject([
      { EvalDecision: "allowed", MissingContextValues: [] },
    ]);
    expect((await ask(["w"])).EvaluationResults).toMatchObject([{ EvalDecision: "implicitDeny" }]);
    expect((await ask(undefined)).EvaluationResults).toMatchObject([
      { EvalDecision: "implicitDeny", MissingContextValues: ["aws:SourceVpc"] },
    ]);
  });

  it("more answers than a page holds: the rest by the marker", async () => {
    await using at = await startIam();
    const ActionNames = ["s3:A", "s3:B", "s3:C"];
    const question = { PolicyInputList: [allow("s3:A")], ActionNames, MaxItems: 2 };
    const first = await at.iam.send(new SimulateCustomPolicyCommand(question));
    expect(first.IsTruncated).toBe(true);
    const second = await at.iam.send(
      new SimulateCustomPolicyCommand({ ...question, Marker: first.Marker }),
    );
    const answers = [...(first.EvaluationResults ?? []), ...(second.EvaluationResults ?? [])];
    expect(answers.map((answer) => answer.EvalActionName)).toEqual(ActionNames);
  });

  it.each([
    [{ PolicyInputList: ["{"] }, "MalformedPolicyDocument"],
    [{ ActionNames: ["GetObject"] }, "InvalidInput"],
    [{ CallerArn: "arn:aws:iam::000000000000:role/r" }, "InvalidInput"],
    [{ ResourceHandlingOption: "EC2-Classic-EBS" }, "ResourceHandlingOption"],
  ])("asked with %j: refused", async (changes, code) => {
    await using at = await startIam();
    const ask = { PolicyInputList: [allow("s3:*")], ActionNames: ["s3:GetObject"], ...changes };
    expect(await refusalOf(at.iam.send(new SimulateCustomPolicyCommand(ask)))).toContain(code);
  });
});

describe("context keys", () => {
  it("of given policies and of a principal's: each once", async () => {
    await using at = await startWithUser();
    const PolicyInputList = [statement({ Condition: { Bool: { "aws:SecureTransport": "true" } } })];
    const custom = await at.iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList }));
    expect(custom.ContextKeyNames).toEqual(["aws:SecureTransport"]);
    const held = await at.iam.send(
      new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn, PolicyInputList }),
    );
    expect(held.ContextKeyNames).toEqual(["aws:SecureTransport"]);
  });
});
