/** Giving tags to what one makes needs a permission of its own, in every service that has tags. */
import { CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  ECSClient,
  PutAccountSettingDefaultCommand,
} from "@aws-sdk/client-ecs";
import {
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  CreateGroupCommand,
  CreateRoleCommand,
  DeleteGroupCommand,
  GetRoleCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import {
  type Account,
  allowing,
  type Keys,
  openAccount,
  refusal,
  trusting,
} from "./support/account.ts";

const Tags = [{ Key: "team", Value: "a" }];
const tags = [{ key: "team", value: "a" }];

type Case = {
  readonly create: string;
  readonly tag: string;
  /** What the denial names. */
  readonly resource: string;
  readonly call: (cloud: Account, keys: Keys, isTagged: boolean) => Promise<unknown>;
};

const cases: Case[] = [
  {
    create: "ecs:CreateCluster",
    tag: "ecs:TagResource",
    resource: ":cluster/c",
    call: (cloud, keys, isTagged) =>
      cloud
        .client(ECSClient, {}, keys)
        .send(new CreateClusterCommand({ clusterName: "c", ...(isTagged && { tags }) })),
  },
  {
    create: "ec2:CreateVpc",
    tag: "ec2:CreateTags",
    resource: ":vpc/*",
    call: (cloud, keys, isTagged) =>
      cloud.client(EC2Client, {}, keys).send(
        new CreateVpcCommand({
          CidrBlock: "10.9.0.0/16",
          ...(isTagged && { TagSpecifications: [{ ResourceType: "vpc", Tags }] }),
        }),
      ),
  },
  {
    create: "elasticloadbalancing:CreateTargetGroup",
    tag: "elasticloadbalancing:AddTags",
    resource: ":targetgroup/g/*",
    call: (cloud, keys, isTagged) =>
      cloud
        .client(ElasticLoadBalancingV2Client, {}, keys)
        .send(new CreateTargetGroupCommand({ Name: "g", ...(isTagged && { Tags }) })),
  },
  {
    create: "iam:CreateRole",
    tag: "iam:TagRole",
    resource: ":role/teams/r",
    call: (cloud, keys, isTagged) =>
      cloud.client(IAMClient, {}, keys).send(
        new CreateRoleCommand({
          RoleName: "r",
          Path: "/teams/",
          AssumeRolePolicyDocument: trusting({ Service: "ecs-tasks.amazonaws.com" }),
          ...(isTagged && { Tags }),
        }),
      ),
  },
];

describe.each(cases)("$create with tags", ({ create, tag, resource, call }) => {
  it(`a caller who may not ${tag}: denied, and may without tags`, async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({ Action: create }));
    const { message } = await refusal(call(cloud, keys, true));
    expect(message).toContain(`is not authorized to perform: ${tag} on resource: arn:aws:`);
    expect(message).toContain(`${resource} because no identity-based policy allows`);
    const rest = await refusal(call(cloud, keys, false)).catch(() => undefined);
    expect(rest?.message ?? "").not.toContain("not authorized");
  });

  it("a caller who may tag what this operation makes, by its tags: let through", async () => {
    await using cloud = await openAccount();
    const service = tag.split(":")[0];
    const ifMade = (name: string | undefined, value = "a") => ({
      Action: tag,
      Condition: {
        StringEquals: { [`${service}:CreateAction`]: name, "aws:RequestTag/team": value },
      },
    });
    const action = create.split(":")[1];
    const may = await cloud.user("may", allowing({ Action: create }, ifMade(action)));
    const others = await cloud.user("others", allowing({ Action: create }, ifMade("Other")));
    const value = await cloud.user("value", allowing({ Action: create }, ifMade(action, "b")));
    for (const keys of [others, value]) {
      expect((await refusal(call(cloud, keys, true))).message).toContain(tag);
    }
    const outcome = await refusal(call(cloud, may, true)).catch(() => undefined);
    expect(outcome?.message ?? "").not.toContain("not authorized");
  });
});

it("ECS, an account that has switched the question off: tags need nothing", async () => {
  await using cloud = await openAccount();
  await cloud
    .client(ECSClient)
    .send(new PutAccountSettingDefaultCommand({ name: "tagResourceAuthorization", value: "off" }));
  const keys = await cloud.user("alice", allowing({ Action: "ecs:CreateCluster" }));
  const { cluster } = await cloud
    .client(ECSClient, {}, keys)
    .send(new CreateClusterCommand({ clusterName: "c", tags }));
  expect(cluster?.status).toBe("ACTIVE");
});

it("a denial: 400 in AWS JSON, 403 in query and EC2", async () => {
  await using cloud = await openAccount();
  const keys = await cloud.user("alice", allowing({ Action: "sts:GetCallerIdentity" }));
  const refused = await Promise.all(cases.map(({ call }) => refusal(call(cloud, keys, false))));
  expect(refused.map(({ status, code }) => `${status} ${code}`)).toEqual([
    "400 AccessDeniedException",
    "403 UnauthorizedOperation",
    "403 AccessDenied",
    "403 AccessDenied",
  ]);
});

it("IAM, what has a path: allowed and denied by it, before it is made and after", async () => {
  await using cloud = await openAccount();
  const Resource = ["role", "group"].map((kind) => `arn:aws:iam::*:${kind}/teams/*`);
  const keys = await cloud.user("alice", allowing({ Action: "iam:*", Resource }));
  const iam = cloud.client(IAMClient, {}, keys);
  const AssumeRolePolicyDocument = trusting({ Service: "ecs-tasks.amazonaws.com" });
  const role = (Path: string) =>
    iam.send(new CreateRoleCommand({ RoleName: "r", Path, AssumeRolePolicyDocument }));
  const group = (Path: string) => iam.send(new CreateGroupCommand({ GroupName: "g", Path }));
  for (const make of [role, group]) {
    expect((await refusal(make("/other/"))).message).toContain("not authorized");
    await make("/teams/");
  }
  await iam.send(new GetRoleCommand({ RoleName: "r" }));
  await iam.send(new DeleteGroupCommand({ GroupName: "g" }));
});
